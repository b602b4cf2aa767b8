//! The rewriting layer between harness and target: a loopback server that hands every request on
//! and carries one mutant out on the way.
//!
//! It knows neither the harness nor the mock, so that it stands in front of any target alike.

use std::{
    io,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    vec,
};

use bytes::Bytes;
use futures_util::stream;
use http::{StatusCode, header};
use http_body_util::{BodyExt as _, Either, Full, Limited, StreamBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::AbortHandle, task::JoinSet};

use super::{Change, Delivery, Good, Mutant};
use crate::{
    contract::Operation,
    exchange::{Request, Response},
};

/// No documented message comes near this, in bytes.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// The size of one piece when an answer comes in pieces, in bytes.
const PIECE: usize = 7;

/// Headers that belong to one connection and are made anew on the next.
const OF_THE_CONNECTION: [&str; 5] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "transfer-encoding",
];

/// Where a mutant's operation answers; a `{name}` segment of the path stands for anything.
#[derive(Debug, Clone)]
pub struct Route {
    /// Upper case.
    pub method: String,
    pub path: String,
}

impl Route {
    /// Where an operation of a contract answers.
    #[must_use]
    pub fn of(operation: &Operation) -> Self {
        Self {
            method: operation.method.clone(),
            path: operation.path.clone(),
        }
    }

    /// Whether a request line is this operation's; a query changes nothing.
    #[must_use]
    pub fn leads(&self, method: &str, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        let (mut wanted, mut given) = (self.path.split('/'), path.split('/'));
        method == self.method
            && loop {
                match (wanted.next(), given.next()) {
                    (None, None) => break true,
                    (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
                    _ => break false,
                }
            }
    }
}

/// A relay in front of one address of a target. Dropping it closes its connections.
#[derive(Debug)]
pub struct Relay {
    url: String,
    activated: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl Relay {
    /// Binds to the loopback address and relays to `upstream`, a base URL without trailing slash.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(
        upstream: &str,
        route: Route,
        mutant: &Mutant,
        client: reqwest::Client,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let activated = Arc::new(AtomicUsize::new(0));
        let hop = Arc::new(Hop {
            upstream: upstream.to_owned(),
            route,
            change: mutant.change.clone(),
            client,
            activated: Arc::clone(&activated),
            good: Mutex::default(),
        });
        let task = tokio::spawn(serve(listener, hop)).abort_handle();
        Ok(Self {
            url,
            activated,
            task,
        })
    }

    /// Where it listens, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often the mutant took hold so far.
    #[must_use]
    pub fn activated(&self) -> usize {
        self.activated.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The way of one request: where it goes and what is done to it.
struct Hop {
    upstream: String,
    route: Route,
    change: Change,
    client: reqwest::Client,
    activated: Arc<AtomicUsize>,
    /// What went well so far, to mend requests with.
    good: Mutex<Good>,
}

/// The target could not be reached or the mutant ends the connection: nothing is answered.
#[derive(Debug, thiserror::Error)]
#[error("the relay closes the connection")]
struct Closed;

async fn serve(listener: TcpListener, hop: Arc<Hop>) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while open.try_join_next().is_some() {}
        let hop = Arc::clone(&hop);
        // Without this a small answer waits for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        open.spawn(async move {
            let service = service_fn(|request| {
                let hop = Arc::clone(&hop);
                async move { hop.pass(request).await }
            });
            // A connection that ends early is the harness's affair: it records what it saw.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

impl Hop {
    fn good(&self) -> MutexGuard<'_, Good> {
        self.good.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(&self, request: http::Request<Incoming>) -> Result<http::Response<Body>, Closed> {
        let (parts, body) = request.into_parts();
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        let body = Limited::new(body, BODY_LIMIT)
            .collect()
            .await
            .map_err(|_| Closed)?
            .to_bytes();
        let mut request = Request {
            method: parts.method.as_str().to_owned(),
            url: format!("{}{target}", self.upstream),
            headers: listed(&parts.headers),
            body: (!body.is_empty()).then(|| body.to_vec()),
            exact: false,
            hostless: false,
        };
        let ours = self.route.leads(&request.method, target);
        if ours
            && let Change::Request(edit) = &self.change
            && edit.fill(&mut request, &self.good())
        {
            self.activated.fetch_add(1, Ordering::Relaxed);
        }
        let mut response = self.forward(&request).await?;
        if ours {
            self.good().note(&request, &response);
        }
        let mut delivery = Delivery::Whole;
        if ours
            && let Change::Answer(edit) = &self.change
            && (edit.applies)(&request, &response)
        {
            self.activated.fetch_add(1, Ordering::Relaxed);
            (edit.edit)(&mut response);
            delivery = edit.delivery;
        }
        deliver(response, delivery).await
    }

    async fn forward(&self, request: &Request) -> Result<Response, Closed> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|_| Closed)?;
        let mut builder = self.client.request(method, &request.url);
        for (name, value) in &request.headers {
            if !OF_THE_CONNECTION.contains(&name.to_ascii_lowercase().as_str()) {
                builder = builder.header(name, value);
            }
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let answer = builder.send().await.map_err(|_| Closed)?;
        let (status, headers) = (answer.status().as_u16(), listed(answer.headers()));
        let body = answer.bytes().await.map_err(|_| Closed)?;
        Ok(Response {
            status,
            headers,
            body: body.to_vec().into(),
            defects: Vec::new(),
        })
    }
}

fn listed(headers: &http::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}

/// The body of an answer: whole, or in pieces that may end in nothing.
type Body =
    Either<Full<Bytes>, StreamBody<stream::Iter<vec::IntoIter<Result<Frame<Bytes>, Closed>>>>>;

fn in_pieces(pieces: Vec<Result<Vec<u8>, Closed>>) -> Body {
    let frames = pieces
        .into_iter()
        .map(|piece| piece.map(|piece| Frame::data(piece.into())));
    let frames: Vec<_> = frames.collect();
    Either::Right(StreamBody::new(stream::iter(frames)))
}

async fn deliver(response: Response, delivery: Delivery) -> Result<http::Response<Body>, Closed> {
    let status = StatusCode::from_u16(response.status).map_err(|_| Closed)?;
    let mut out = http::Response::builder().status(status);
    for (name, value) in &response.headers {
        if !OF_THE_CONNECTION.contains(&name.to_ascii_lowercase().as_str()) {
            out = out.header(name, value);
        }
    }
    let body = match delivery {
        Delivery::Whole => Either::Left(Full::new(response.body.to_bytes().into())),
        Delivery::CutShort => {
            out = out.header(header::CONTENT_LENGTH, response.body.len().max(2));
            let half = response.body[..response.body.len() / 2].to_vec();
            in_pieces(vec![Ok(half), Err(Closed)])
        }
        Delivery::Reset => return Err(Closed),
        Delivery::InPieces => {
            let pieces = response.body.chunks(PIECE);
            in_pieces(pieces.map(|piece| Ok(piece.to_vec())).collect())
        }
        Delivery::TooLate => std::future::pending().await,
    };
    out.body(body).map_err(|_| Closed)
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn a_route_is_known_by_method_and_path_whatever_the_query() {
        let route = Route {
            method: "GET".to_owned(),
            path: "/users/{id}/keys".to_owned(),
        };
        assert!(route.leads("GET", "/users/7/keys?all=1"));
        assert!(!route.leads("POST", "/users/7/keys"));
        assert!(!route.leads("GET", "/users/7"));
        assert!(!route.leads("GET", "/users/7/keys/8"));
    }
}
