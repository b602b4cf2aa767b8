//! The HTTP client: the only sender, with [`raw`]. Redirects are recorded and never followed; sizes
//! and times are bounded.
//!
//! It works on hyper's connections and not on a client above them: such a client shares its
//! connections out itself, and then nobody can say which of the bytes on a connection belong to
//! which exchange. Here an exchange has a connection to itself until its answer is complete.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};

use super::{
    declared, raw,
    tls::{self, Connector, Trust},
    wire::{self, Departed, Tap, Tapped, Wire},
};
use crate::{
    clock::{Stopwatch, unix_seconds},
    exchange::{Exchange, Request, Response, TransportError},
};

/// A connection that was idle for so long may have been dropped on the way without a word.
const STALE: Duration = Duration::from_secs(30);

type Connection = Tap<<Connector as tower_service::Service<Uri>>::Response>;

/// Sends requests and records what left and what came back.
#[derive(Debug)]
pub(crate) struct Transport {
    connector: Tapped<Connector>,
    idle: Arc<Idle>,
    timeout: Duration,
    max_body: usize,
    /// What a faulty client would add to every request behind our back.
    #[cfg(test)]
    pub(crate) stray: Option<(String, String)>,
}

/// Connections that wait for their next exchange, by scheme, host and port.
#[derive(Debug, Default)]
struct Idle(Mutex<HashMap<String, Vec<Line>>>);

/// One open connection.
#[derive(Debug)]
struct Line {
    sender: SendRequest<Full<Bytes>>,
    wire: Wire,
    since: Stopwatch,
}

impl Idle {
    /// A connection that is ready; those that are closed or stale are dropped.
    fn take(&self, origin: &str) -> Option<Line> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = lines.get_mut(origin)?;
        lines.retain(|line| line.sender.is_ready() && line.since.elapsed() < STALE);
        lines.pop()
    }

    fn put(&self, origin: String, line: Line) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(origin).or_default().push(line);
    }
}

impl Transport {
    /// One for the whole run, so that connections are used again.
    ///
    /// # Errors
    /// When the certificates to trust cannot be loaded.
    pub(crate) fn new(
        timeout: Duration,
        max_body: usize,
        trust: Trust<'_>,
    ) -> Result<Self, TransportError> {
        Ok(Self {
            connector: Tapped(tls::connector(trust)?),
            idle: Arc::default(),
            timeout,
            max_body,
            #[cfg(test)]
            stray: None,
        })
    }

    /// Sends one request. Trouble is part of the exchange, never an error of this function.
    pub(crate) async fn send(&self, request: Request) -> Exchange {
        let watch = Stopwatch::start();
        // It outlives the exchange, because one that was given up has left a head too.
        let mut departed = Departed::default();
        let limited = tokio::time::timeout(self.timeout, self.exchange(&request, &mut departed));
        let outcome = match limited.await {
            Ok(outcome) => outcome,
            Err(_) => Err(TransportError {
                message: "no answer in time".to_owned(),
            }),
        };
        let elapsed = watch.elapsed();
        let heads = departed.settle();
        let fault = declared::fault(&request, heads, outcome.is_ok());
        let (sent_line, sent_headers) = heads
            .first()
            .map(|head| (head.line.clone(), head.headers.clone()))
            .unwrap_or_default();
        Exchange {
            request,
            sent_line,
            sent_headers,
            fault,
            outcome,
            elapsed,
            at: unix_seconds(),
        }
    }

    async fn exchange(
        &self,
        request: &Request,
        departed: &mut Departed,
    ) -> Result<Response, TransportError> {
        let url = url::Url::parse(&request.url).map_err(|error| told("not a URL", &error))?;
        let origin = format!("{}://{}", url.scheme(), wire::authority(&url));
        if request.exact {
            let stream = self.connect(&origin).await?;
            departed.watch(stream.wire());
            let head = self.strayed(raw::head(request, &url));
            return raw::exchange(request, &head, stream, self.max_body).await;
        }
        self.ordinary(request, &url, origin, departed).await
    }

    async fn connect(&self, origin: &str) -> Result<Connection, TransportError> {
        let to: Uri = format!("{origin}/")
            .parse()
            .map_err(|error| told("not a URL", &error))?;
        self.connector
            .connect(to)
            .await
            .map_err(|error| told("cannot connect", &*error))
    }

    async fn ordinary(
        &self,
        request: &Request,
        url: &url::Url,
        origin: String,
        departed: &mut Departed,
    ) -> Result<Response, TransportError> {
        let mut message = self.message(request, url)?;
        let (mut line, response) = loop {
            let idle = self.idle.take(&origin);
            let used = idle.is_some();
            let mut line = match idle {
                Some(line) => line,
                None => self.open(&origin).await?,
            };
            departed.watch(line.wire.clone());
            match line.sender.try_send_request(message).await {
                Ok(response) => break (line, response),
                Err(mut error) => match error.take_message() {
                    // The other side had closed it before a byte of this request was written.
                    Some(unsent) if used => message = unsent,
                    _ => return Err(told("the exchange broke off", error.error())),
                },
            }
        };
        let (head, mut frames) = response.into_parts();
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let (mut body, mut truncated) = (Vec::new(), false);
        while let Some(frame) = frames.frame().await {
            let frame = frame.map_err(|error| told("the exchange broke off", &error))?;
            let chunk = frame.into_data().unwrap_or_default();
            let room = self.max_body - body.len();
            body.extend_from_slice(&chunk[..room.min(chunk.len())]);
            truncated = chunk.len() > room;
            if truncated {
                break;
            }
        }
        departed.settle();
        if !truncated {
            let idle = Arc::clone(&self.idle);
            // The answer may be there before the last byte of the request has left.
            tokio::spawn(async move {
                if line.sender.ready().await.is_ok() {
                    line.since = Stopwatch::start();
                    idle.put(origin, line);
                }
            });
        }
        Ok(Response {
            status: head.status.as_u16(),
            headers,
            body,
            truncated,
        })
    }

    async fn open(&self, origin: &str) -> Result<Line, TransportError> {
        let stream = self.connect(origin).await?;
        let wire = stream.wire();
        let (sender, connection) = handshake(stream)
            .await
            .map_err(|error| told("cannot connect", &error))?;
        // What goes wrong on a connection is told to the exchange that uses it.
        tokio::spawn(connection);
        Ok(Line {
            sender,
            wire,
            since: Stopwatch::start(),
        })
    }

    fn message(
        &self,
        request: &Request,
        url: &url::Url,
    ) -> Result<http::Request<Full<Bytes>>, TransportError> {
        let refuse = |message: String| TransportError { message };
        let mut message = http::Request::new(Full::from(request.body.clone().unwrap_or_default()));
        *message.method_mut() = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| refuse(format!("`{}` is not a method", request.method)))?;
        *message.uri_mut() = request.target().parse().map_err(|_| {
            refuse("the path cannot be sent as it is written; percent-encode it".to_owned())
        })?;
        let mut headers = Vec::new();
        if request.header("host").is_none() {
            headers.push(("host".to_owned(), wire::authority(url)));
        }
        headers.extend(request.headers.iter().cloned());
        for (name, value) in self.strayed(headers) {
            let key = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| refuse(format!("`{name}` is not the name of a header")))?;
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| refuse(format!("the value of `{name}` cannot be sent as a header")))?;
            message.headers_mut().append(key, value);
        }
        Ok(message)
    }

    #[cfg(test)]
    fn strayed(&self, mut headers: Vec<(String, String)>) -> Vec<(String, String)> {
        headers.extend(self.stray.clone());
        headers
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "tests add a header here")]
    fn strayed(&self, headers: Vec<(String, String)>) -> Vec<(String, String)> {
        headers
    }
}

/// The error with its causes in one line, without the URL, which may hold secrets.
fn told(what: &str, error: &(dyn Error + 'static)) -> TransportError {
    let mut message = what.to_owned();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    TransportError { message }
}
