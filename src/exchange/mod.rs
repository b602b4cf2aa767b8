//! One round trip as data: what was sent, what came back.

mod cookie;
mod location;

use std::time::Duration;

use serde_json::{Map, Value};

/// A request with every value rendered; header names as the author wrote them.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: String,
    /// Absolute URL, query included; its path and query leave as they are written here.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// True when the bytes of the head matter (letters and order of headers, a path that is no URL):
    /// the raw transport sends it.
    pub exact: bool,
}

impl Request {
    /// The first header of that name, case ignored.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The path and the query as they are written in the URL: nothing encoded, no `..` resolved.
    #[must_use]
    pub fn target(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        rest.find(['/', '?', '#']).map_or("/", |at| &rest[at..])
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

    /// Every value of that name, in order.
    pub fn headers<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The redirect's parts, as `location::parts` gives them; `asked` is the request's address.
    #[must_use]
    pub fn location(&self, asked: &str) -> Option<Value> {
        location::parts(self.header("location")?, asked)
    }

    /// The cookies that are set, as `cookie::cookies` gives them.
    #[must_use]
    pub fn cookies(&self) -> Map<String, Value> {
        cookie::cookies(self.headers("set-cookie"))
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

/// A round trip: the request, the head as it was seen to leave, and the answer or the trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    pub request: Request,
    /// The request line that was seen to leave; empty when none was.
    pub sent_line: String,
    /// The headers that were seen to leave, in the letters and order of the wire.
    pub sent_headers: Vec<(String, String)>,
    /// How the head that left differs from the request: a mistake of the harness, which makes the
    /// answer no evidence.
    pub fault: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_the_path_as_it_is_written() {
        for (url, target) in [
            ("http://host", "/"),
            ("http://host:1/a/../b/./c?d=/e", "/a/../b/./c?d=/e"),
            ("https://host//a%2e b", "//a%2e b"),
        ] {
            let request = Request {
                method: "GET".into(),
                url: url.into(),
                headers: Vec::new(),
                body: None,
                exact: true,
            };
            assert_eq!(request.target(), target);
        }
    }
}
