//! The HTTP client: the only sender, with [`raw`]. It follows no redirect by itself; sizes
//! and times are bounded.
//!
//! reqwest carries what it can send as it is written; [`raw`] carries rows of exact form. Neither is
//! believed about what it sent: [`overheard`] listens to the client's connections, [`wire`] to the
//! raw ones.

use std::{error::Error, future::Future, time::Duration};

use http::{HeaderName, HeaderValue, Method, Uri};
use rustls::ClientConfig;
use url::{Position, Url};

use super::{
    coding, declared,
    overheard::{self, Departed, Meant},
    raw,
    tls::{self, Connector},
    wire::{self, Tap, Tapped, Wire},
};
use crate::{
    clock::{Stopwatch, unix_seconds},
    exchange::{Exchange, Request, Response, TransportError},
    target::Reach,
};

/// A connection that was idle for so long may have been dropped on the way without a word.
const STALE: Duration = Duration::from_secs(30);

type Connection = Tap<<Connector as tower_service::Service<Uri>>::Response>;

/// Sends requests and records what left and what came back.
#[derive(Debug)]
pub(crate) struct Transport {
    client: reqwest::Client,
    connector: Tapped<Connector>,
    /// A proxy is told in the request line where to go on to.
    proxied: bool,
    timeout: Duration,
    max_body: usize,
    /// What a faulty raw transport would add to every request behind our back.
    #[cfg(test)]
    stray: Option<(String, String)>,
}

/// The client of ordinary rows: it adds nothing, follows nothing and sends nothing twice.
fn client(tls: ClientConfig, reach: &Reach) -> Result<reqwest::ClientBuilder, TransportError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .tcp_nodelay(true)
        .pool_idle_timeout(STALE)
        // The log is where it is seen what leaves.
        .connection_verbose(true);
    if let Some(proxy) = &reach.proxy {
        let mut route = reqwest::Proxy::all(proxy.url.clone())
            .map_err(|error| told("the proxy cannot be used", &error))?;
        if let Some((user, password)) = &proxy.login {
            route = route.basic_auth(user, password);
        }
        builder = builder.proxy(route);
    }
    for (host, address) in &reach.resolve {
        builder = builder.resolve(host, *address);
    }
    Ok(builder)
}

impl Transport {
    /// One for the whole run, so that connections are used again.
    ///
    /// # Errors
    /// When the certificates to trust cannot be loaded, or when it could not be seen what leaves.
    pub(crate) fn new(
        timeout: Duration,
        max_body: usize,
        reach: &Reach,
        plain: bool,
    ) -> Result<Self, TransportError> {
        overheard::listen()?;
        let tls = tls::config(reach, plain)?;
        Ok(Self {
            client: client(tls.clone(), reach)?
                .build()
                .map_err(|error| told("the client cannot be set up", &error))?,
            connector: Tapped(tls::connector(tls, reach)),
            proxied: reach.proxy.is_some(),
            timeout,
            max_body,
            #[cfg(test)]
            stray: None,
        })
    }

    /// The same with a default header that nobody declares, in the client as in the raw transport.
    #[cfg(test)]
    pub(crate) fn straying(mut self, name: &str, value: &str) -> Self {
        let reach = Reach::default();
        let tls = tls::config(&reach, true).expect("a configuration");
        let header = (
            HeaderName::from_bytes(name.as_bytes()).expect("a name"),
            HeaderValue::from_str(value).expect("a value"),
        );
        self.client = client(tls, &reach)
            .expect("a builder")
            .default_headers([header].into_iter().collect())
            .build()
            .expect("a client");
        self.stray = Some((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends one request. Trouble is part of the exchange, never an error of this function.
    pub(crate) async fn send(&self, request: Request) -> Exchange {
        let watch = Stopwatch::start();
        let line = declared::line(&request, self.proxied);
        // What left is asked for after the time limit, because an exchange that was given up has
        // left a head too.
        let (outcome, departed) = if request.exact {
            let wire = Wire::default();
            let outcome = self
                .limited(Box::pin(self.exact(&request, &line, wire.clone())))
                .await;
            let heads = wire.take();
            (outcome, Departed { heads, stray: None })
        } else {
            match message(&request) {
                Ok(message) => {
                    let meant = Meant::to_send(&request, &line);
                    let outcome = self.limited(Box::pin(self.ordinary(message))).await;
                    let departed = meant.settle(outcome.is_ok());
                    (outcome, departed)
                }
                Err(refused) => (Err(refused), Departed::default()),
            }
        };
        let elapsed = watch.elapsed();
        let outcome = outcome.map(|response| coding::undo(&request, response, self.max_body));
        let fault =
            declared::fault(&request, &line, &departed.heads, outcome.is_ok()).or_else(|| {
                let line = departed.stray?;
                Some(format!("a request left that no step means: `{line}`"))
            });
        let (sent_line, sent_headers) = departed
            .heads
            .into_iter()
            .next()
            .map(|head| (head.line, head.headers))
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

    async fn limited(
        &self,
        exchange: impl Future<Output = Result<Response, TransportError>>,
    ) -> Result<Response, TransportError> {
        tokio::time::timeout(self.timeout, exchange)
            .await
            .unwrap_or_else(|_| {
                Err(TransportError {
                    message: "no answer in time".to_owned(),
                })
            })
    }

    async fn exact(
        &self,
        request: &Request,
        line: &str,
        wire: Wire,
    ) -> Result<Response, TransportError> {
        let url = Url::parse(&request.url).map_err(|error| told("not a URL", &error))?;
        let stream = self.connect(&url, wire).await?;
        let head = self.strayed(raw::head(request, &url));
        raw::exchange(request, line, &head, stream, self.max_body).await
    }

    async fn connect(&self, url: &Url, wire: Wire) -> Result<Connection, TransportError> {
        let to: Uri = format!("{}://{}/", url.scheme(), wire::authority(url))
            .parse()
            .map_err(|error| told("not a URL", &error))?;
        self.connector
            .connect(to, wire)
            .await
            .map_err(|error| told("cannot connect", &*error))
    }

    async fn ordinary(&self, message: reqwest::Request) -> Result<Response, TransportError> {
        let broken = |error: reqwest::Error| {
            let what = if error.is_connect() {
                "cannot connect"
            } else {
                "the exchange broke off"
            };
            // The URL may hold secrets.
            told(what, &error.without_url())
        };
        let mut answer = self.client.execute(message).await.map_err(broken)?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let (mut body, mut truncated) = (Vec::new(), false);
        while !truncated && let Some(chunk) = answer.chunk().await.map_err(broken)? {
            let room = self.max_body - body.len();
            body.extend_from_slice(&chunk[..room.min(chunk.len())]);
            truncated = chunk.len() > room;
        }
        Ok(Response {
            status: answer.status().as_u16(),
            headers,
            body,
            truncated,
        })
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

/// Whether a request leaves as it is written, if the way is free.
pub(super) fn can_send(request: &Request) -> bool {
    if request.exact {
        return Url::parse(&request.url).is_ok();
    }
    message(request).is_ok()
}

/// The request as the client takes it.
///
/// # Errors
/// A sentence when the client would send anything else than what is written.
fn message(request: &Request) -> Result<reqwest::Request, TransportError> {
    let refuse = |message: String| TransportError { message };
    let url = Url::parse(&request.url).map_err(|error| told("not a URL", &error))?;
    // A URL has its `..` resolved and what it cannot hold encoded.
    if &url[Position::BeforePath..Position::AfterQuery] != request.target() {
        return Err(refuse(
            "the path cannot be sent as it is written; percent-encode it or write `raw: true`"
                .to_owned(),
        ));
    }
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| refuse(format!("`{}` is not a method", request.method)))?;
    let mut message = reqwest::Request::new(method, url);
    for (name, value) in &request.headers {
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| refuse(format!("`{name}` is not the name of a header")))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| refuse(format!("the value of `{name}` cannot be sent as a header")))?;
        message.headers_mut().append(key, value);
    }
    *message.body_mut() = request.body.clone().map(Into::into);
    Ok(message)
}

/// The error with its causes in one line.
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
