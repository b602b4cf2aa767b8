//! What really left: the bytes as the connection took them, and whether they are what was meant.
//!
//! Takes: every write of a connection, above TLS. Gives: the [`Head`] of each request, and the
//! sentence that tells how it differs from its [`Request`].
//! Never: derives a head from what a client was asked to send, or changes a byte.
//!
//! An exchange owns its connection from the first byte to the last, so that the heads on a
//! connection need no matching with the requests that are in flight at the same time.

use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};

use crate::exchange::Request;

/// The start of a message: its first line and its headers, in the letters and order of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub line: String,
    pub headers: Vec<(String, String)>,
}

/// Headers that the transport may send although no row declares them.
const ADDED: [&str; 3] = [
    // Without it, HTTP/1.1 makes the request invalid.
    "host",
    // The server could not find the end of the body.
    "content-length",
    // The raw transport says that it sends one request a connection.
    "connection",
];

/// What was written to one connection. Clones see the same connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire(Arc<Mutex<Written>>);

#[derive(Debug, Default)]
struct Written {
    /// The head that is being written.
    head: Vec<u8>,
    /// Bytes of the body that are still to come.
    body: u64,
    heads: Vec<Head>,
}

impl Wire {
    /// The heads that left since the last call.
    pub(super) fn take(&self) -> Vec<Head> {
        std::mem::take(&mut self.written().heads)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let body = usize::try_from(self.body).map_or(bytes.len(), |left| left.min(bytes.len()));
            self.body -= body as u64;
            bytes = &bytes[body..];
            let Some(at) = bytes.iter().position(|byte| *byte == b'\n') else {
                self.head.extend_from_slice(bytes);
                return;
            };
            self.head.extend_from_slice(&bytes[..=at]);
            bytes = &bytes[at + 1..];
            if self.head.ends_with(b"\r\n\r\n") {
                let head = parse(&self.head);
                self.head.clear();
                self.body = length(&head);
                self.heads.push(head);
            }
        }
    }
}

/// Reads a head without mending it: a line without a colon is a header without a value.
fn parse(bytes: &[u8]) -> Head {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split("\r\n").take_while(|line| !line.is_empty());
    let line = lines.next().unwrap_or_default().to_owned();
    let headers = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            (name.to_owned(), value.to_owned())
        })
        .collect();
    Head { line, headers }
}

fn length(head: &Head) -> u64 {
    head.headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

/// How what left differs from what was meant, in one sentence without values; `None` when it does
/// not. `answered` says that an answer came, so that a head must have left.
pub(super) fn fault(request: &Request, departed: &[Head], answered: bool) -> Option<String> {
    let head = match departed {
        [] => return answered.then(|| "an answer came, but no head was seen to leave".to_owned()),
        [head] => head,
        _ => return Some(format!("the request left {} times", departed.len())),
    };
    if head.line != format!("{} {} HTTP/1.1", request.method, request.target()) {
        return Some(format!("the request line left as `{}`", head.line));
    }
    let declared = |name: &str| request.header(name).is_some();
    let (own, added): (Vec<_>, Vec<_>) = head.headers.iter().partition(|(name, _)| declared(name));
    for (at, (name, value)) in added.iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        // Ordinary connections are kept open, and that is what HTTP/1.1 means by silence.
        let closes = lower == "connection" && !request.exact;
        if closes || !ADDED.contains(&lower.as_str()) {
            return Some(format!("header `{name}` left, but it is not declared"));
        }
        let twice = added[..at]
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name));
        if twice || *value != expected(request, &lower) {
            return Some(format!(
                "header `{name}`, which the transport adds, does not say what it should"
            ));
        }
    }
    if request.exact {
        // Letters and order are part of what is meant.
        return (!own.iter().copied().eq(&request.headers)).then(|| {
            let at = own.iter().zip(&request.headers).find(|(l, d)| *l != d);
            let name = at.map_or("", |(_, (name, _))| name.as_str());
            format!("the declared headers left in other letters, values or order, from `{name}` on")
        });
    }
    request.headers.iter().find_map(|(name, _)| {
        let left = values(own.iter().copied(), name);
        let meant = values(request.headers.iter(), name);
        (left != meant).then(|| {
            format!(
                "header `{name}` is declared {} and left {}, or with another value",
                times(meant.len()),
                times(left.len())
            )
        })
    })
}

fn values<'h>(headers: impl Iterator<Item = &'h (String, String)>, name: &str) -> Vec<&'h str> {
    headers
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect()
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

/// What a header that the transport adds must say.
fn expected(request: &Request, name: &str) -> String {
    match name {
        "host" => url::Url::parse(&request.url)
            .map(|url| authority(&url))
            .unwrap_or_default(),
        "content-length" => request
            .body
            .as_deref()
            .unwrap_or_default()
            .len()
            .to_string(),
        _ => "close".to_owned(),
    }
}

/// `host:port`, the port only when it is not the scheme's own.
pub(super) fn authority(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A connector whose connections remember what is written to them.
#[derive(Debug, Clone)]
pub(super) struct Tapped<C>(pub C);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<C> Tapped<C>
where
    C: tower_service::Service<http::Uri, Error = BoxError> + Clone,
    C::Future: Future<Output = Result<C::Response, BoxError>>,
{
    /// A new connection to this scheme, host and port.
    pub(super) async fn connect(&self, to: http::Uri) -> Result<Tap<C::Response>, BoxError> {
        let mut connector = self.0.clone();
        std::future::poll_fn(|context| connector.poll_ready(context)).await?;
        Ok(Tap {
            stream: connector.call(to).await?,
            wire: Wire::default(),
        })
    }
}

/// A connection that remembers what was written to it.
#[derive(Debug)]
pub(super) struct Tap<S> {
    stream: S,
    wire: Wire,
}

impl<S> Tap<S> {
    pub(super) fn wire(&self) -> Wire {
        self.wire.clone()
    }
}

impl<S: Read + Unpin> Read for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for Tap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = outcome {
            self.wire.written().add(&bytes[..count]);
        }
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        if let Poll::Ready(Ok(mut left)) = outcome {
            let mut written = self.wire.written();
            for part in parts {
                let count = left.min(part.len());
                written.add(&part[..count]);
                left -= count;
            }
        }
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(exact: bool, headers: &[(&str, &str)], body: Option<&str>) -> Request {
        Request {
            method: "POST".into(),
            url: "http://127.0.0.1:8080/a/../b?c=d".into(),
            headers: owned(headers),
            body: body.map(|body| body.as_bytes().to_vec()),
            exact,
        }
    }

    fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
        headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn left(headers: &[(&str, &str)]) -> Head {
        Head {
            line: "POST /a/../b?c=d HTTP/1.1".into(),
            headers: owned(headers),
        }
    }

    #[test]
    fn a_head_that_says_what_was_meant_is_no_fault() {
        let host = ("host", "127.0.0.1:8080");
        for (exact, declared, body, observed) in [
            (false, &[][..], None, &[host][..]),
            (false, &[("X-A", "1")], None, &[("x-a", "1"), host]),
            (false, &[("X-A", "")], None, &[host, ("x-a", "")]),
            (
                false,
                &[("X-A", "1"), ("X-B", "2"), ("x-a", "3")],
                Some("four"),
                &[
                    ("x-a", "1"),
                    ("x-a", "3"),
                    ("x-b", "2"),
                    ("content-length", "4"),
                ],
            ),
            (
                true,
                &[("X-A", "1"), ("x-a", "2")],
                None,
                &[host, ("X-A", "1"), ("x-a", "2"), ("Connection", "close")],
            ),
            (
                true,
                &[("HOST", "elsewhere"), ("Content-Length", "x")],
                Some("four"),
                &[("HOST", "elsewhere"), ("Content-Length", "x")],
            ),
        ] {
            let request = request(exact, declared, body);
            assert_eq!(
                fault(&request, &[left(observed)], true),
                None,
                "{observed:?}"
            );
        }
    }

    #[test]
    fn every_difference_between_meant_and_left_is_told_with_the_header() {
        let (declared, both) = (&[("X-A", "1"), ("X-B", "2")][..], ("x-b", "2"));
        for (exact, observed, told) in [
            (false, &[both][..], "X-A"),
            (false, &[("x-a", "9"), both], "X-A"),
            (false, &[("x-a", ""), both], "X-A"),
            (false, &[("x-a", "1 "), both], "X-A"),
            (false, &[("x-a", "1"), ("x-a", "1"), both], "2 times"),
            (false, &[("x-a", "1"), both, ("x-c", "")], "x-c"),
            (false, &[("x-a", "1"), both, ("accept", "*/*")], "accept"),
            (false, &[("x-a", "1"), both, ("host", "other")], "host"),
            (
                false,
                &[("x-a", "1"), both, ("content-length", "7")],
                "length",
            ),
            (
                false,
                &[
                    ("x-a", "1"),
                    both,
                    ("content-length", "0"),
                    ("Content-Length", "0"),
                ],
                "Length",
            ),
            (
                false,
                &[("x-a", "1"), both, ("connection", "close")],
                "connection",
            ),
            (true, &[("X-A", "1"), both], "X-B"),
            (true, &[("X-B", "2"), ("X-A", "1")], "X-A"),
            (true, &[("X-A", "1")], "letters"),
            (
                true,
                &[("X-A", "1"), ("X-B", "2"), ("Accept", "*/*")],
                "Accept",
            ),
        ] {
            let request = request(exact, declared, None);
            let fault = fault(&request, &[left(observed)], true);
            assert!(
                fault.as_ref().is_some_and(|fault| fault.contains(told)),
                "{observed:?}: {fault:?}"
            );
        }
    }

    #[test]
    fn values_are_compared_in_the_order_of_the_declaration() {
        let request = request(false, &[("X-A", "1"), ("X-A", "2")], None);
        assert_eq!(
            fault(&request, &[left(&[("x-a", "1"), ("x-a", "2")])], true),
            None
        );
        assert!(fault(&request, &[left(&[("x-a", "2"), ("x-a", "1")])], true).is_some());
    }

    #[test]
    fn exactly_one_head_leaves_for_an_answer() {
        let request = request(false, &[], None);
        assert!(fault(&request, &[], true).is_some());
        assert_eq!(fault(&request, &[], false), None);
        assert!(fault(&request, &[left(&[]), left(&[])], false).is_some());
    }

    #[test]
    fn another_target_than_the_row_says_is_a_fault() {
        let mut head = left(&[]);
        head.line = "POST /b?c=d HTTP/1.1".into();
        assert!(fault(&request(false, &[], None), &[head], true).is_some());
    }

    #[test]
    fn heads_are_cut_out_of_the_bytes_however_these_were_split() {
        let bytes = b"POST /a HTTP/1.1\r\nContent-Length: 6\r\nX-A: \r\n\r\n\r\n\r\nabGET /b HTTP/1.1\r\nx: y\r\n\r\n";
        for size in 1..bytes.len() {
            let wire = Wire::default();
            for part in bytes.chunks(size) {
                wire.written().add(part);
            }
            let heads = wire.take();
            assert_eq!(heads.len(), 2, "in parts of {size}: {heads:?}");
            assert_eq!(
                heads[0].headers,
                owned(&[("Content-Length", "6"), ("X-A", "")])
            );
            assert_eq!(heads[1].line, "GET /b HTTP/1.1");
            assert_eq!(wire.take(), []);
        }
    }
}
