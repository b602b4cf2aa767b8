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
    contract::{Operation, server_behind},
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
    method: String,
    /// As documented.
    path: String,
    /// What may stand before it: the path of the server.
    fronts: Vec<String>,
}

impl Route {
    /// Where an operation of a contract answers, on a target with these base URLs: below the path of the
    /// base URL, or below that of the documented server where it has none.
    #[must_use]
    pub fn of<'u>(operation: &Operation, bases: impl IntoIterator<Item = &'u str>) -> Self {
        let front = |base: &'u str| {
            let server = server_behind(base, &operation.server_path);
            format!("{}{server}", split(base).1)
        };
        Self {
            method: operation.method.clone(),
            path: operation.path.clone(),
            fronts: bases.into_iter().map(front).collect(),
        }
    }

    /// Whether a request line is this operation's; a query changes nothing.
    #[must_use]
    pub fn leads(&self, method: &str, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        let mut behind = self
            .fronts
            .iter()
            .filter_map(|front| path.strip_prefix(front.as_str()));
        method == self.method && behind.any(|path| self.is_at(path))
    }

    /// Whether a path is the documented one.
    fn is_at(&self, path: &str) -> bool {
        let (mut wanted, mut given) = (self.path.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => break true,
                (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
                _ => break false,
            }
        }
    }
}

/// The origin of a base URL, and its path without a slash at the end.
fn split(base: &str) -> (&str, &str) {
    let host = base.find("://").map_or(0, |at| at + 3);
    let path = base[host..].find('/').map_or(base.len(), |at| host + at);
    (&base[..path], base[path..].trim_end_matches('/'))
}

/// A relay in front of one address of a target. Dropping it closes its connections.
#[derive(Debug)]
pub struct Relay {
    url: String,
    activated: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl Relay {
    /// Binds to the loopback address and relays to `upstream`, a base URL. Its own URL has the same path.
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
        let (upstream, path) = split(upstream);
        let url = format!("http://{}{path}", listener.local_addr()?);
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
    use super::*;
    use crate::contract::{load, sample};

    #[test]
    fn a_route_is_known_by_method_and_path_whatever_the_query() {
        let route = Route {
            method: "GET".to_owned(),
            path: "/users/{id}/keys".to_owned(),
            fronts: vec![String::new(), "/v1".to_owned()],
        };
        assert!(route.leads("GET", "/users/7/keys?all=1"));
        assert!(route.leads("GET", "/v1/users/7/keys"));
        assert!(!route.leads("GET", "/v2/users/7/keys"));
        assert!(!route.leads("POST", "/users/7/keys"));
        assert!(!route.leads("GET", "/users/7"));
        assert!(!route.leads("GET", "/users/7/keys/8"));
    }

    #[test]
    fn an_operation_is_below_the_path_of_the_base_url_or_of_its_server() {
        let mut operation = Operation {
            server_path: "/api".to_owned(),
            ..ring_bell()
        };
        let route = |operation: &Operation, base: &str| Route::of(operation, [base]);
        assert!(route(&operation, "http://h").leads("GET", "/api/door/bell"));
        assert!(route(&operation, "http://h/v2/").leads("GET", "/v2/door/bell"));
        assert!(!route(&operation, "http://h/v2").leads("GET", "/api/door/bell"));
        operation.server_path.clear();
        assert!(route(&operation, "http://h").leads("GET", "/door/bell"));
    }

    /// An operation of a contract without a body.
    fn ring_bell() -> Operation {
        let folder = sample::project("");
        let contract = load(
            folder.path(),
            "ciam".parse().expect("an edition"),
            &mut Vec::new(),
        );
        let mut operations = contract.expect("a contract").operations.into_iter();
        let bell = operations.find(|operation| operation.id == "ringBell");
        bell.expect("the bell")
    }
}
