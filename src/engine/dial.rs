//! Opening a connection as the target file says: to an address it gives, or through its proxy.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderValue, Uri};
use hyper_util::{
    client::legacy::connect::{
        HttpConnector,
        dns::{GaiResolver, Name},
        proxy::Tunnel,
    },
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::target::Reach;

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Later<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Looks hosts up, but for those whose address is given.
#[derive(Debug, Clone)]
pub(super) struct Names {
    given: Arc<BTreeMap<String, SocketAddr>>,
    others: GaiResolver,
}

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Later<Self::Response, io::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        if let Some(address) = self.given.get(name.as_str()) {
            let found = vec![*address].into_iter();
            return Box::pin(async move { Ok(found) });
        }
        let found = self.others.call(name);
        Box::pin(async move { Ok(found.await?.collect::<Vec<_>>().into_iter()) })
    }
}

/// Connections without TLS; for an `https` address they lead to the target's own port, whatever
/// stands between.
#[derive(Debug, Clone)]
pub(super) struct Dial {
    tcp: HttpConnector<Names>,
    proxy: Option<(Uri, Option<HeaderValue>)>,
}

impl Dial {
    pub(super) fn new(reach: &Reach) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Names {
            given: Arc::new(reach.resolve.clone()),
            others: GaiResolver::new(),
        });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let proxy = reach.proxy.as_ref().and_then(|proxy| {
            let login = proxy
                .login
                .as_ref()
                .and_then(|(user, password)| HeaderValue::from_str(&basic(user, password)).ok());
            Some((proxy.url.as_str().parse().ok()?, login))
        });
        Self { tcp, proxy }
    }
}

/// The value of an `Authorization` of this user.
pub(super) fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    let plain = format!("{user}:{password}");
    let coded = base64::engine::general_purpose::STANDARD.encode(plain);
    format!("Basic {coded}")
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Later<Self::Response, BoxError>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let secure = to.scheme_str() == Some("https");
        match self.proxy.clone() {
            Some((proxy, login)) if secure => {
                let mut tunnel = Tunnel::new(proxy, self.tcp.clone());
                if let Some(login) = login {
                    tunnel = tunnel.with_auth(login);
                }
                let open = tunnel.call(to);
                Box::pin(async move { Ok(open.await?) })
            }
            // The proxy is handed the whole address in the request line.
            Some((proxy, _)) => open(self.tcp.call(proxy)),
            None => open(self.tcp.call(to)),
        }
    }
}

fn open<E: Into<BoxError>>(
    opening: impl Future<Output = Result<TokioIo<TcpStream>, E>> + Send + 'static,
) -> Later<TokioIo<TcpStream>, BoxError> {
    Box::pin(async move { opening.await.map_err(Into::into) })
}
