//! Looking a host up, connecting, and the certificates of both sides.

use std::{error::Error as StdError, io, net::SocketAddr};

use hyper_rustls::MaybeHttpsStream;
use rustls::{ClientConfig, client::ResolvesClientCert as _};
use tokio::net::TcpStream;
use url::{Host, Url};

use super::{address::Address, client_certificate::ClientCertificate, notes::Notes, refusal};
use crate::{
    diag::Diagnostic,
    engine::{
        tls,
        wire::{self, Stream},
    },
};

/// Looks the host up, if nobody gives its address, and connects.
pub(super) async fn tcp(notes: &mut Notes<'_>, url: &Url, keys: &[&str]) {
    let addresses = match looked_up(notes, url).await {
        Ok(addresses) => addresses,
        Err(why) => return notes.wrong("host", host_not_found(notes, url, keys, &why)),
    };
    let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let shown = shown.join(", ");
    let connecting = TcpStream::connect(addresses.as_slice());
    match tokio::time::timeout(notes.target.timeout, connecting).await {
        Ok(Ok(_)) => notes.sound("host", shown),
        Ok(Err(error)) => {
            let fault = cannot_connect(notes, url, keys, &shown, &error.to_string());
            notes.wrong("host", fault);
        }
        Err(_) => {
            let fault = cannot_connect(notes, url, keys, &shown, "no answer in time");
            notes.wrong("host", fault);
        }
    }
}

/// Why a host has no address.
#[derive(Debug, thiserror::Error)]
enum LookupError {
    #[error("{0}")]
    Resolver(#[from] io::Error),
    #[error("no answer in time")]
    Timeout,
    #[error("it has no address")]
    Empty,
}

/// The address that the target file gives for a host; one without a port has that of the URL.
fn given(notes: &Notes<'_>, url: &Url) -> Option<SocketAddr> {
    let given = notes.target.reach.resolve.get(url.host_str()?)?;
    let port = match given.port() {
        0 => url.port_or_known_default().unwrap_or(0),
        port => port,
    };
    Some(SocketAddr::new(given.ip(), port))
}

async fn looked_up(notes: &Notes<'_>, url: &Url) -> Result<Vec<SocketAddr>, LookupError> {
    if let Some(given) = given(notes, url) {
        return Ok(vec![given]);
    }
    let port = url.port_or_known_default().unwrap_or(0);
    match url.host() {
        Some(Host::Ipv4(ip)) => return Ok(vec![SocketAddr::from((ip, port))]),
        Some(Host::Ipv6(ip)) => return Ok(vec![SocketAddr::from((ip, port))]),
        _ => {}
    }
    let looking = tokio::net::lookup_host((url.host_str().unwrap_or_default(), port));
    let found = tokio::time::timeout(notes.target.timeout, looking).await;
    let found: Vec<SocketAddr> = found.map_err(|_| LookupError::Timeout)??.collect();
    if found.is_empty() {
        return Err(LookupError::Empty);
    }
    Ok(found)
}

fn host_not_found(notes: &Notes<'_>, url: &Url, keys: &[&str], why: &LookupError) -> Diagnostic {
    let host = url.host_str().unwrap_or_default();
    let message = format!("the host `{host}` is not found: {why}");
    Diagnostic::new("host-not-found", &notes.place(keys), message).help(format!(
        "resolve: {{ {host}: … }} gives its address by hand"
    ))
}

fn cannot_connect(
    notes: &Notes<'_>,
    url: &Url,
    keys: &[&str],
    shown: &str,
    why: &str,
) -> Diagnostic {
    let (place, help) = if given(notes, url).is_some() {
        let key = format!("resolve.{}", url.host_str().unwrap_or_default());
        let place = notes.place(&[&key]);
        (place, "the address is the one given here")
    } else {
        let help = "is the port right, and is a `proxy` needed?";
        (notes.place(keys), help)
    };
    let message = format!("nobody can be reached at {shown}: {why}");
    Diagnostic::new("cannot-connect", &place, message).help(help)
}

/// A connection over which requests can be sent: through the proxy, encrypted, as the file says.
pub(super) async fn open(
    notes: &mut Notes<'_>,
    address: &Address<'_>,
    keys: &[&str],
    config: ClientConfig,
    certificate: &ClientCertificate,
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
                let shown = if certificate.was_asked() && certificate.has_certs() {
                    ", our certificate was asked for and shown"
                } else {
                    ""
                };
                let text = format!("{}, trusted{shown}", version.unwrap_or("TLS"));
                notes.sound("tls", text);
            }
            return Some(stream);
        }
        Ok(Err(error)) => error,
        Err(_) => Box::new(io::Error::from(io::ErrorKind::TimedOut)),
    };
    let fault = match rustls_error(&*error) {
        Some(error) => refusal::of_tls(notes, url, keys, error, certificate),
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
