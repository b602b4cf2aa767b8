//! What really left: the bytes as the connection took them.
//!
//! Takes: every write of a connection, above TLS. Gives: the [`Head`] of each request.
//! Never: derives a head from what a client was asked to send, or changes a byte.
//!
//! A raw exchange has a [`Tap`] to itself, so that its heads need no matching with the requests that
//! are in flight at the same time; what left on the client's connections is [`super::overheard`].

use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};

/// The start of a message: its first line and its headers, in the letters and order of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub line: String,
    pub headers: Vec<(String, String)>,
}

/// What was written to one connection. Clones see the same connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire(Arc<Mutex<Written>>);

/// The bytes of one connection, cut into messages.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The head that is being written.
    head: Vec<u8>,
    /// Bytes of the body that are still to come.
    body: u64,
    heads: Vec<Head>,
}

impl Wire {
    /// The heads that left since the last call.
    pub(super) fn take(&self) -> Vec<Head> {
        self.written().take()
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    /// The heads that are complete since the last call.
    pub(super) fn take(&mut self) -> Vec<Head> {
        std::mem::take(&mut self.heads)
    }

    /// Whether nothing of a message is still to come.
    pub(super) fn is_between_messages(&self) -> bool {
        self.head.is_empty() && self.body == 0
    }

    /// What the connection took, in order.
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
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
    /// A new connection to this scheme, host and port, whose writes go to `wire` as well.
    pub(super) async fn connect(
        &self,
        to: http::Uri,
        wire: Wire,
    ) -> Result<Tap<C::Response>, BoxError> {
        let mut connector = self.0.clone();
        std::future::poll_fn(|context| connector.poll_ready(context)).await?;
        Ok(Tap {
            stream: connector.call(to).await?,
            wire,
        })
    }
}

/// A connection that remembers what was written to it.
#[derive(Debug)]
pub(super) struct Tap<S> {
    stream: S,
    wire: Wire,
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

    fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
        headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
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
