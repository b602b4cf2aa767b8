//! The sockets: from a request to its operation, and from a reply to bytes.

use std::{
    convert::Infallible,
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt as _, Limited};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{
    actor::Actor,
    answer::{Answer, Rewrite},
    call::Call,
    control,
    dialect::Dialect,
    jwt,
    language::Language,
    messages,
    operation::Operation,
    options::MockOptions,
    owner,
    rate::{Limiter, Traffic},
    reply::{Content, Reply},
    state::State,
    variation::Variation,
    wire::{Body, whole},
};
use crate::clock::{self, Stopwatch};

/// No documented body comes near this.
const BODY_LIMIT: usize = 64 * 1024;

/// How long to wait when the process is out of sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(5);

/// How long a client that was turned away may take to hang up.
const HANG_UP_LIMIT: Duration = Duration::from_secs(5);

/// Which of the tenant's addresses a connection came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listener {
    Tenant,
    /// Serves every tenant (OneAccess, ISV applications).
    CommonDomain,
    /// Beside the tenant, for its owner.
    Owner,
}

/// Everything a connection needs.
pub(super) struct Tenant {
    edition: Dialect,
    variation: Variation,
    operations: Vec<Operation>,
    /// Held while one call is answered, never while waiting for the network.
    state: Mutex<State>,
    latency: Duration,
    rewrite: Option<Rewrite>,
    /// Whether the control path is there.
    control: bool,
    limiter: Mutex<Limiter>,
    since: Stopwatch,
    /// Answers given so far.
    answered: AtomicU64,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("edition", &self.edition)
            .finish_non_exhaustive()
    }
}

/// Where a request leads.
enum Route<'table> {
    Operation(&'table Operation, Vec<String>),
    /// The path is known, the method is not; these are.
    OtherMethod(String),
    Nowhere,
}

impl Tenant {
    pub(super) fn new(operations: Vec<Operation>, state: State, options: MockOptions) -> Self {
        Self {
            edition: options.edition,
            variation: state.variation.clone(),
            operations,
            state: Mutex::new(state),
            latency: options.latency,
            rewrite: options.rewrite,
            control: options.control,
            limiter: Mutex::new(Limiter::new(options.rate)),
            since: Stopwatch::start(),
            answered: AtomicU64::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn traffic(&self) -> Traffic {
        self.limiter().traffic()
    }

    pub(super) fn application(&self) -> serde_json::Value {
        control::application(&self.state())
    }

    fn route(&self, method: &Method, path: &str) -> Route<'_> {
        let mut others = Vec::new();
        for operation in &self.operations {
            let Some(segments) = match_path(operation.path, path) else {
                continue;
            };
            if operation.method == *method {
                return Route::Operation(operation, segments);
            }
            others.push(operation.method.as_str());
        }
        if others.is_empty() {
            Route::Nowhere
        } else {
            Route::OtherMethod(others.join(", "))
        }
    }

    async fn answer(&self, request: Request<Incoming>, via: Listener) -> Response<Body> {
        let number = self.answered.fetch_add(1, Ordering::Relaxed);
        let (parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "body too large");
        };
        let body = body.to_bytes();
        if via == Listener::Owner {
            return self.answer_owner(&parts, number);
        }
        let control = parts.uri.path().strip_prefix("/__mock/");
        if let Some(path) = control.filter(|_| self.control) {
            return self.control(&parts, path, &body, number);
        }
        let entered = self.limiter().enter(self.since.elapsed());
        if let Err(wait) = entered {
            return self.variation.retry_after.respond(wait);
        }
        let (operation, segments) = match self.route(&parts.method, parts.uri.path()) {
            Route::Operation(operation, segments) => (operation, segments),
            Route::OtherMethod(allowed) => {
                let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
                if let Ok(allowed) = allowed.parse() {
                    response.headers_mut().insert(header::ALLOW, allowed);
                }
                return response;
            }
            Route::Nowhere => return plain(StatusCode::NOT_FOUND, "not found"),
        };
        let delay = self.latency + self.variation.wire.delay(number);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let query = parts.uri.query().unwrap_or_default();
        let now = clock::unix_seconds();
        let mut call = Call::new(
            self.edition,
            operation.actor,
            via == Listener::CommonDomain,
            now,
            parts.headers,
            query,
            &body,
        );
        call.segments = segments;
        call.languages = self.variation.texts.languages;
        let reply = operation.answer(&mut call, &mut self.state());
        let mut answer = self.finish(reply, call.language());
        if let Some(rewrite) = &self.rewrite {
            rewrite(operation.name, &mut answer);
        }
        self.variation.wire.respond(answer, number)
    }

    fn control(&self, parts: &Parts, path: &str, body: &[u8], number: u64) -> Response<Body> {
        let query = parts.uri.query().unwrap_or_default();
        let reply = control::answer(&mut self.state(), &parts.method, path, query, body);
        let answer = self.finish(reply, Language::English);
        self.variation.wire.respond(answer, number)
    }

    fn answer_owner(&self, parts: &Parts, number: u64) -> Response<Body> {
        let call = Call::new(
            self.edition,
            Actor::Nobody,
            false,
            clock::unix_seconds(),
            http::HeaderMap::new(),
            parts.uri.query().unwrap_or_default(),
            b"",
        );
        let traffic = self.traffic();
        let path = parts.uri.path();
        let reply = owner::answer(&call, &self.state(), traffic, &parts.method, path);
        let answer = self.finish(reply, Language::English);
        self.variation.wire.respond(answer, number)
    }

    /// Gives a reply its language and its signature.
    fn finish(&self, reply: Reply, language: Language) -> Answer {
        let members = match reply.content {
            Content::Empty => None,
            Content::Json(mut members) => {
                if let Some(claims) = &reply.id_token {
                    members.insert("id_token".into(), json!(jwt::issue_id(claims)));
                }
                Some(members)
            }
            Content::Refused(refusal) => {
                let members = if refusal.oauth {
                    json!({ "error": refusal.code, "error_description": refusal.args.first() })
                } else {
                    let text =
                        messages::text(self.edition, &refusal, language, self.variation.texts);
                    let code = refusal.given_as.unwrap_or(refusal.code);
                    json!({ "error_code": code, "error_msg": text })
                };
                members.as_object().cloned()
            }
        };
        let wire = &self.variation.wire;
        let body = members.map_or_else(Vec::new, |members| {
            wire.body(self.variation.member_order.arrange(members))
        });
        // CIAM prints a content type beside an empty answer.
        let content_type = match reply.status {
            204 => None,
            _ => wire.content_type(body.is_empty(), self.edition == Dialect::Ciam),
        };
        Answer {
            status: reply.status,
            content_type: content_type.map(ToOwned::to_owned),
            body,
        }
    }
}

/// Accepts connections until the task is aborted; they end with it.
pub(super) async fn serve(
    listener: TcpListener,
    via: Listener,
    acceptor: Option<TlsAcceptor>,
    tenant: Arc<Tenant>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(receive(stream, via, acceptor.clone(), Arc::clone(&tenant)));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn receive(
    stream: TcpStream,
    via: Listener,
    acceptor: Option<TlsAcceptor>,
    tenant: Arc<Tenant>,
) {
    // Without this, the answer to every second small request waits for an acknowledgement.
    let _ = stream.set_nodelay(true);
    match acceptor {
        None => serve_connection(stream, via, tenant).await,
        Some(acceptor) => match acceptor.accept(stream).into_fallible().await {
            Ok(stream) => serve_connection(stream, via, tenant).await,
            Err((_, stream)) => drain(stream).await,
        },
    }
}

/// Lets a client that was turned away in the handshake read why. It may have sent its request by
/// then, and closing a socket with unread bytes resets the connection before the alert is read.
async fn drain(mut stream: TcpStream) {
    let rest = async {
        stream.shutdown().await?;
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    // Not every client hangs up.
    let _ = tokio::time::timeout(HANG_UP_LIMIT, rest).await;
}

async fn serve_connection<S>(stream: S, via: Listener, tenant: Arc<Tenant>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = tenant.variation.wire.connection();
    let service = service_fn(move |request| {
        let tenant = Arc::clone(&tenant);
        async move { Ok::<_, Infallible>(tenant.answer(request, via).await) }
    });
    // A client that hangs up or speaks no HTTP is no fault of the mock.
    let _ = connection
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// What stands in the `{}` segments, if the path fits the pattern.
fn match_path(pattern: &str, path: &str) -> Option<Vec<String>> {
    if !pattern.contains('{') {
        return (pattern == path).then(Vec::new);
    }
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut segments = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(segments),
            (Some("{}"), Some(segment)) if !segment.is_empty() => segments.push(segment.to_owned()),
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(whole(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_its_pattern_only_as_a_whole() {
        let pattern = "/users/{}/disable";
        assert_eq!(
            match_path(pattern, "/users/u1/disable"),
            Some(vec!["u1".to_owned()])
        );
        for path in [
            "/users//disable",
            "/users/u1/disable/",
            "/users/u1",
            "/users/u1/enable",
        ] {
            assert_eq!(match_path(pattern, path), None, "{path}");
        }
        assert_eq!(match_path("/login", "/login/"), None);
    }
}
