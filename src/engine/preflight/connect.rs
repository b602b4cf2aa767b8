//! Looking a host up, connecting, and the certificates of both sides.

use std::{
    error::Error as StdError,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hyper_rustls::MaybeHttpsStream;
use rustls::{
    ClientConfig, SignatureScheme,
    client::ResolvesClientCert,
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::net::TcpStream;
use url::{Host, Url};

use super::{Address, Notes, refusal};
use crate::{
    diag::Diagnostic,
    engine::{
        tls,
        wire::{self, Stream},
    },
};

/// Shows our certificate, and remembers that it was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    own: Option<Arc<SingleCertAndKey>>,
    asked: AtomicBool,
}

impl Asked {
    pub(super) fn new(own: Option<Arc<SingleCertAndKey>>) -> Self {
        Self {
            own,
            asked: AtomicBool::new(false),
        }
    }

    pub(super) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::SeqCst);
        self.own.as_ref()?.resolve(hints, schemes)
    }

    fn has_certs(&self) -> bool {
        self.own.is_some()
    }
}

/// Looks the host up, if nobody gives its address, and connects.
pub(super) async fn tcp(notes: &mut Notes<'_>, url: &Url, keys: &[&str]) {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(0);
    let given = notes.target.reach.resolve.get(host).copied();
    let key = format!("resolve.{host}");
    let addresses: Vec<SocketAddr> = match (url.host(), given) {
        (_, Some(given)) => {
            let port = if given.port() == 0 {
                port
            } else {
                given.port()
            };
            vec![SocketAddr::new(given.ip(), port)]
        }
        (Some(Host::Ipv4(ip)), None) => vec![SocketAddr::from((ip, port))],
        (Some(Host::Ipv6(ip)), None) => vec![SocketAddr::from((ip, port))],
        _ => {
            let looking = tokio::net::lookup_host((host, port));
            let found = match tokio::time::timeout(notes.target.timeout, looking).await {
                Ok(Ok(found)) => Ok(found.collect::<Vec<_>>()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("no answer in time".to_owned()),
            };
            match found {
                Ok(found) if !found.is_empty() => found,
                other => {
                    let why = other
                        .err()
                        .unwrap_or_else(|| "it has no address".to_owned());
                    let message = format!("the host `{host}` is not found: {why}");
                    let fault = Diagnostic::new("host-not-found", &notes.place(keys), message)
                        .help(format!(
                            "resolve: {{ {host}: … }} gives its address by hand"
                        ));
                    notes.wrong("host", fault);
                    return;
                }
            }
        }
    };
    let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let shown = shown.join(", ");
    let connecting = TcpStream::connect(addresses.as_slice());
    let why = match tokio::time::timeout(notes.target.timeout, connecting).await {
        Ok(Ok(_)) => {
            notes.sound("host", shown);
            return;
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    let place = match given {
        Some(_) => notes.place(&[&key]),
        None => notes.place(keys),
    };
    let message = format!("nobody can be reached at {shown}: {why}");
    let fault = Diagnostic::new("cannot-connect", &place, message);
    let help = match given {
        Some(_) => "the address is the one given here",
        None => "is the port right, and is a `proxy` needed?",
    };
    notes.wrong("host", fault.help(help));
}

/// A connection over which requests can be sent: through the proxy, encrypted, as the file says.
pub(super) async fn open(
    notes: &mut Notes<'_>,
    address: &Address<'_>,
    keys: &[&str],
    config: ClientConfig,
    asked: &Asked,
) -> Option<Stream> {
    let url = &address.url;
    let mut connector = tls::connector(config, &notes.target.reach);
    let to = wire::address(url).ok()?;
    let opening = tls::connect(&mut connector, &to);
    let error = match tokio::time::timeout(notes.target.timeout, opening).await {
        Ok(Ok(stream)) => {
            if let MaybeHttpsStream::Https(stream) = &stream {
                let (_, session) = stream.inner().get_ref();
                let version = session.protocol_version().and_then(|one| one.as_str());
                let shown = if asked.was_asked() && asked.has_certs() {
                    ", our certificate was asked for and shown"
                } else {
                    ""
                };
                let told = format!("{}, trusted{shown}", version.unwrap_or("TLS"));
                notes.sound("tls", told);
            }
            return Some(stream);
        }
        Ok(Err(error)) => error,
        Err(_) => Box::new(io::Error::from(io::ErrorKind::TimedOut)),
    };
    let fault = match rustls_error(&*error) {
        Some(error) => refusal::of_tls(notes, url, keys, error, asked),
        None => refusal::of_connection(notes, url, keys, &*error),
    };
    let what = if fault.code == "proxy-refused" {
        "proxy"
    } else {
        "tls"
    };
    notes.wrong(what, fault);
    None
}

/// The error of TLS among the causes; an I/O error keeps what it holds out of the usual chain.
fn rustls_error<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        at = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
