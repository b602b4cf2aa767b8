//! One round trip as data: what was sent, what came back.

use std::time::Duration;

use serde_json::Value;

/// A request with every value rendered; header names as the author wrote them.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: String,
    /// Absolute URL, query included.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// True when the bytes of the head matter (header case, no `Accept`): the raw transport sends it.
    pub exact: bool,
}

impl Request {
    /// The first header of that name, case ignored.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// An answer. Header names as the transport delivered them.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body was longer than the limit and was cut.
    pub truncated: bool,
}

impl Response {
    /// The first header of that name, case ignored.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The body as JSON, if it is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Why no answer came, with its cause chain in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    pub message: String,
}

/// A round trip: the request, the head as it left, and the answer or the trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    pub request: Request,
    /// The headers that left the transport, in order, with those it had to add.
    pub sent_headers: Vec<(String, String)>,
    pub outcome: Result<Response, TransportError>,
    pub elapsed: Duration,
    /// Seconds since 1970 when the answer was complete.
    pub at: i64,
}

fn find<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
