//! The target: one operation, as fast as a server on one thread answers it, and what it counted.

use std::{
    cell::Cell,
    io,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::LocalSet};

use crate::generate::{CODES, HEADERS, PATH};

/// What was asked since the counts were last forgotten.
#[derive(Default)]
struct Counts {
    connections: Cell<u64>,
    accepted: Cell<u64>,
    refused: [Cell<u64>; HEADERS.len()],
    /// When the first and the last request came.
    span: Cell<Option<(Instant, Instant)>>,
}

impl Counts {
    fn forget(&self) {
        let Self {
            connections,
            accepted,
            refused,
            span,
        } = self;
        for count in [connections, accepted].into_iter().chain(refused) {
            count.set(0);
        }
        span.set(None);
    }

    fn met(&self, count: &Cell<u64>) {
        count.set(count.get() + 1);
        let now = Instant::now();
        let first = self.span.get().map_or(now, |(first, _)| first);
        self.span.set(Some((first, now)));
    }

    fn shown(&self) -> String {
        let refused: Vec<u64> = self.refused.iter().map(Cell::get).collect();
        let span = self
            .span
            .get()
            .map_or(0, |(first, last)| (last - first).as_micros());
        format!(
            r#"{{"requests":{},"accepted":{},"refused":{refused:?},"connections":{},"microseconds":{span}}}"#,
            self.accepted.get() + refused.iter().sum::<u64>(),
            self.accepted.get(),
            self.connections.get(),
        )
    }
}

/// Serves on loopback until the process ends, and says where once it listens.
///
/// # Errors
/// When the port cannot be had, or no more connections.
pub(crate) fn run(port: u16, latency: Duration, ready: impl FnOnce(SocketAddr)) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        ready(listener.local_addr()?);
        serve(listener, latency).await
    })
}

async fn serve(listener: TcpListener, latency: Duration) -> io::Result<()> {
    let counts = Rc::new(Counts::default());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        counts.connections.set(counts.connections.get() + 1);
        let counts = Rc::clone(&counts);
        tokio::task::spawn_local(async move {
            let answer = service_fn(|request| answer(request, &counts, latency));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
            // A client that goes away in the middle is no concern of the target's.
            let _ = connection.await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    counts: &Counts,
    latency: Duration,
) -> io::Result<Response<Full<Bytes>>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, PATH) => {
            let answer = operation(request.headers(), counts);
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            Ok(answer)
        }
        (&Method::GET, "/counts") => Ok(json(StatusCode::OK, counts.shown())),
        (&Method::DELETE, "/counts") => {
            counts.forget();
            Ok(json(StatusCode::OK, counts.shown()))
        }
        _ => Ok(json(StatusCode::NOT_FOUND, "{}".to_owned())),
    }
}

/// A session for whoever sends the five headers, else the name of the first that is missing.
fn operation(headers: &HeaderMap, counts: &Counts) -> Response<Full<Bytes>> {
    let given = |name: &str| headers.get(name).is_some_and(|value| !value.is_empty());
    let Some(missing) = HEADERS.iter().position(|(name, _)| !given(name)) else {
        counts.met(&counts.accepted);
        // No two sessions have the same token.
        let token = counts.accepted.get().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let body = format!(
            r#"{{"status":"SUCCESS","expire":43200,"session_token":"{token:016x}{:016x}"}}"#,
            token.rotate_left(32) ^ 0x5bd1_e995_1b87_3593,
        );
        return json(StatusCode::OK, body);
    };
    counts.met(&counts.refused[missing]);
    let body = format!(
        r#"{{"error_code":"{}","error_msg":"Header {} is missing"}}"#,
        CODES[missing], HEADERS[missing].0
    );
    json(StatusCode::BAD_REQUEST, body)
}

fn json(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
