//! One round trip as data: what was sent, what came back.

mod body;
mod cookie;
mod delivery;
mod location;

pub use body::Body;
pub use delivery::Defect;

use std::time::Duration;

use serde_json::{Map, Value, json};

/// A request with every value rendered; header names as the author wrote them.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: String,
    /// Absolute URL, query included; its path and query leave as they are written here.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// True when it leaves as it is written although HTTP forbids it: a path that is no URL, headers
    /// that are none. It has a connection to itself.
    pub exact: bool,
    /// No `Host` is added, although HTTP/1.1 demands one.
    pub hostless: bool,
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

    /// The request as later steps of its test case name it: `{"headers": {name: value}, "body": JSON}`; the
    /// body is `null` where it is not JSON.
    #[must_use]
    pub fn as_binding(&self) -> Value {
        let headers = self.headers.iter();
        let headers: Map<String, Value> = headers
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        let body = self.body.as_deref().unwrap_or_default();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        json!({ "headers": headers, "body": body })
    }
}

/// An answer. Header names in the letters of the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    /// What is wrong with its delivery, apart from what [`Body::json_defects`] tells.
    pub defects: Vec<Defect>,
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
    pub fn json(&self) -> Option<&Value> {
        self.body.json()
    }

    /// The body as JSON, and `null` if it is none.
    #[must_use]
    pub fn json_or_null(&self) -> &Value {
        self.json().unwrap_or(&Value::Null)
    }

    /// Whether the body was longer than what is read of one.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        let cut = |defect: &Defect| matches!(defect, Defect::CutAtBound { .. });
        self.defects.iter().any(cut)
    }
}

/// Why there is no answer to go by, with the cause chain in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing can be sent: the request as its author wrote it, or anything at all.
    #[error("{0}")]
    Unsendable(String),
    /// No answer came, or not all of it.
    #[error("{0}")]
    Lost(String),
    /// The target answered, and that is no HTTP that could be read.
    #[error("{0}")]
    Malformed(String),
    /// The target sent what nobody asked for, so that no answer on that connection is surely the
    /// answer to its request.
    #[error("{0}")]
    Desync(String),
    /// The system gives this process no further connection.
    #[error("{0}")]
    TooManyFiles(String),
}

/// Why the same request was sent again after an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// There was no answer, or not all of it.
    Lost,
    /// The answer was to come again later.
    TurnedAway,
}

/// The bytes of one exchange, as its connection took and gave them, above TLS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tape {
    /// The number of the connection, from 1, and of this exchange on it, from 1; both 0 when there was
    /// no connection.
    pub connection: u64,
    pub turn: usize,
    pub sent: Vec<u8>,
    /// The first bytes of what came, and all of it but for an answer that is longer than what is read.
    pub received: Vec<u8>,
}

/// A round trip: the request, what was seen to leave and to come, and the answer or the trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    pub request: Request,
    /// The request line that was seen to leave; empty when none was.
    pub sent_line: String,
    /// The headers that were seen to leave, in the letters and order of the wire.
    pub sent_headers: Vec<(String, String)>,
    pub tape: Tape,
    /// How what left differs from the request: a mistake of the harness, which makes the answer no
    /// evidence.
    pub fault: Option<String>,
    pub outcome: Result<Response, TransportError>,
    /// Why the request was sent again after this one.
    pub again: Option<Again>,
    pub elapsed: Duration,
    /// Milliseconds since 1970 when the answer was complete.
    pub at_ms: i64,
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
                hostless: false,
            };
            assert_eq!(request.target(), target);
        }
    }
}
