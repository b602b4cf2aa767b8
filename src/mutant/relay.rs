//! The rewriting layer between harness and target: a loopback server that hands every request on
//! and carries one mutant out on the way.
//!
//! It knows neither the harness nor the mock, so that it stands in front of any target alike.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    vec,
};

use bytes::Bytes;
use futures_util::{future::BoxFuture, stream};
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
    contract::{Contract, Operation, server_behind},
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
    /// The methods of other operations at the same path, in upper case. What is asked by a method that no
    /// operation has is answered here: the operation refuses it.
    others: Vec<String>,
    /// As documented.
    path: String,
    /// What may stand before it: the path of the server.
    fronts: Vec<String>,
}

impl Route {
    /// Where an operation of a contract answers, on a target with these base URLs: below the path of the
    /// base URL, or below that of the documented server where it has none.
    #[must_use]
    pub fn of<'u>(
        contract: &Contract,
        operation: &Operation,
        bases: impl IntoIterator<Item = &'u str>,
    ) -> Self {
        let beside = contract.operations.iter();
        let beside = beside.filter(|one| one.path == operation.path && one.id != operation.id);
        let front = |base: &'u str| {
            let server = server_behind(base, &operation.server_path);
            format!("{}{server}", split(base).1)
        };
        Self {
            others: beside.map(|one| one.method.clone()).collect(),
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
        !self.others.iter().any(|other| other == method) && behind.any(|path| self.is_at(path))
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

/// Gives the target's answer to a request as it came, and `None` where there is none.
pub type Upstream = Arc<dyn Fn(Request) -> BoxFuture<'static, Option<Response>> + Send + Sync>;

/// A relay in front of one origin of a target. Dropping it closes its connections.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    activated: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl Relay {
    /// Binds to the loopback address and relays what is asked of `origin`, without a path.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(
        origin: &str,
        route: Route,
        mutant: &Mutant,
        upstream: Upstream,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let activated = Arc::new(AtomicUsize::new(0));
        let hop = Arc::new(Hop {
            origin: origin.to_owned(),
            route,
            change: mutant.change.clone(),
            upstream,
            activated: Arc::clone(&activated),
            good: Mutex::default(),
        });
        let task = tokio::spawn(serve(listener, hop)).abort_handle();
        Ok(Self {
            address,
            activated,
            task,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
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
    origin: String,
    route: Route,
    change: Change,
    upstream: Upstream,
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
            url: format!("{}{target}", self.origin),
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
        let answer = (self.upstream)(request.clone()).await.ok_or(Closed)?;
        let mut response = Response {
            defects: Vec::new(),
            ..answer
        };
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
}

/// The headers of a request, but for those of its connection.
fn listed(headers: &http::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()))
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
            others: vec!["POST".to_owned()],
            path: "/users/{id}/keys".to_owned(),
            fronts: vec![String::new(), "/v1".to_owned()],
        };
        assert!(route.leads("GET", "/users/7/keys?all=1"));
        assert!(route.leads("GET", "/v1/users/7/keys"));
        assert!(!route.leads("GET", "/v2/users/7/keys"));
        assert!(!route.leads("POST", "/users/7/keys"));
        // No operation has it, and so this one refuses it.
        assert!(route.leads("PROPFIND", "/users/7/keys"));
        assert!(!route.leads("GET", "/users/7"));
        assert!(!route.leads("GET", "/users/7/keys/8"));
    }

    #[test]
    fn an_operation_is_below_the_path_of_the_base_url_or_of_its_server() {
        let contract = door();
        let mut operation = Operation {
            server_path: "/api".to_owned(),
            ..ring_bell()
        };
        let route = |operation: &Operation, base: &str| Route::of(&contract, operation, [base]);
        assert!(route(&operation, "http://h").leads("GET", "/api/door/bell"));
        assert!(route(&operation, "http://h/v2/").leads("GET", "/v2/door/bell"));
        assert!(!route(&operation, "http://h/v2").leads("GET", "/api/door/bell"));
        operation.server_path.clear();
        assert!(route(&operation, "http://h").leads("GET", "/door/bell"));
    }

    fn door() -> Contract {
        let folder = sample::project("");
        let contract = load(
            folder.path(),
            "ciam".parse().expect("an edition"),
            &mut Vec::new(),
        );
        contract.expect("a contract")
    }

    /// An operation of a contract without a body.
    fn ring_bell() -> Operation {
        let mut operations = door().operations.into_iter();
        let bell = operations.find(|operation| operation.id == "ringBell");
        bell.expect("the bell")
    }
}
