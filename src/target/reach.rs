//! How the target is reached: whom to trust, as whom to appear, through which proxy, at which address.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use rustls::{
    Error,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};
use url::Url;

use super::{
    environment::Outside,
    layers::{self, beside},
    source::secret,
};
use crate::{diag::Diagnostic, yaml::Node};

/// What lies between us and the target.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Trusted besides the platform's certificates.
    pub ca: Vec<CertificateDer<'static>>,
    /// What we show when the target asks who we are.
    pub client: Option<Arc<SingleCertAndKey>>,
    /// TLS 1.2 is not spoken.
    pub only_tls_13: bool,
    pub proxy: Option<Proxy>,
    /// Addresses of hosts that are not looked up; port 0 leaves the URL's.
    pub resolve: BTreeMap<String, SocketAddr>,
    /// Where connections to these origins lead in the place of the target, in plain: a relay of ours. No
    /// file says so.
    pub relays: BTreeMap<String, SocketAddr>,
}

/// Scheme, host and port of an address, as [`Reach::relays`] has it.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// An HTTP proxy.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub url: Url,
    /// User and password.
    pub login: Option<(String, String)>,
}

/// Reads everything but `resolve`, which is checked against the addresses of the target.
pub(super) fn read(
    layers: &[&Node],
    outside: &Outside,
    secrets: &mut Vec<String>,
    found: &mut Vec<Diagnostic>,
) -> Reach {
    let tls = |key: &str| layers.iter().find_map(|layer| layer.get("tls")?.get(key));
    let ca = tls("ca")
        .and_then(|name| certificates(name, found))
        .unwrap_or_default();
    let client = match (tls("cert"), tls("key")) {
        (Some(cert), Some(key)) => client(cert, key, found),
        (Some(lonely), None) => half(lonely, "tls.cert", "tls.key", found),
        (None, Some(lonely)) => half(lonely, "tls.key", "tls.cert", found),
        (None, None) => None,
    };
    let only_tls_13 = tls("min").is_some_and(|min| match min.scalar().as_deref() {
        Some("1.3") => true,
        Some("1.2") | None => false,
        Some(other) => {
            let message = format!("`{other}` is not one of: 1.2, 1.3");
            found.push(Diagnostic::new("unknown-word", &min.span, message));
            false
        }
    });
    let proxy =
        layers::first(layers, "proxy").and_then(|node| proxy(node, outside, secrets, found));
    Reach {
        ca,
        client,
        only_tls_13,
        proxy,
        resolve: BTreeMap::new(),
        relays: BTreeMap::new(),
    }
}

fn half<T>(node: &Node, has: &str, lacks: &str, found: &mut Vec<Diagnostic>) -> Option<T> {
    let message = format!("`{has}` is of no use without `{lacks}`");
    found.push(Diagnostic::new("missing-key", &node.span, message));
    None
}

/// The bytes of a file that the target file names.
fn bytes(name: &Node, found: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    let path = beside(name, name.text()?);
    std::fs::read(&path)
        .map_err(|error| {
            let message = format!("cannot read `{}`: {error}", path.display());
            found.push(Diagnostic::new("missing-file", &name.span, message));
        })
        .ok()
}

fn bad_pem(name: &Node, what: &str) -> Diagnostic {
    let file = name.text().unwrap_or_default();
    Diagnostic::new("bad-pem", &name.span, format!("`{file}` holds no {what}")).help(format!(
        "a PEM file: -----BEGIN {}-----",
        what.to_uppercase()
    ))
}

fn certificates(name: &Node, found: &mut Vec<Diagnostic>) -> Option<Vec<CertificateDer<'static>>> {
    let bytes = bytes(name, found)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match read {
        Ok(read) if !read.is_empty() => Some(read),
        _ => {
            found.push(bad_pem(name, "certificate"));
            None
        }
    }
}

fn client(cert: &Node, key: &Node, found: &mut Vec<Diagnostic>) -> Option<Arc<SingleCertAndKey>> {
    let chain = certificates(cert, found);
    let private = bytes(key, found).and_then(|bytes| {
        let read = PrivateKeyDer::from_pem_slice(&bytes);
        read.map_err(|_| found.push(bad_pem(key, "private key")))
            .ok()
    });
    let (chain, private) = (chain?, private?);
    match CertifiedKey::from_der(chain, private, &ring::default_provider()) {
        Ok(pair) => Some(Arc::new(SingleCertAndKey::from(pair))),
        Err(Error::InconsistentKeys(_)) => {
            found.push(
                Diagnostic::new(
                    "key-mismatch",
                    &key.span,
                    "this is not the private key of the certificate in `tls.cert`",
                )
                .help("the first certificate of the file has to be the client's own"),
            );
            None
        }
        Err(error) => {
            let message = format!("certificate and key cannot be used: {error}");
            found.push(Diagnostic::new("bad-pem", &key.span, message));
            None
        }
    }
}

fn proxy(
    node: &Node,
    outside: &Outside,
    secrets: &mut Vec<String>,
    found: &mut Vec<Diagnostic>,
) -> Option<Proxy> {
    let address = node.get("url").unwrap_or(node);
    let text = address.text()?;
    let help = "proxy: http://proxy.example:3128, or { url: …, user: …, password: { env: … } }";
    let url = Url::parse(text);
    if let Ok(url) = &url
        && (!url.username().is_empty() || url.password().is_some())
    {
        // The line is not shown, because the password stands in it.
        let message = format!(
            "{}: the proxy's password does not belong here",
            address.span
        );
        found.push(Diagnostic::without_span("bad-proxy", message).help(help));
        return None;
    }
    let mut bad = |why: &str| {
        found.push(Diagnostic::new("bad-proxy", &address.span, why).help(help));
    };
    let Ok(url) = url else {
        bad("the proxy's address is not a URL");
        return None;
    };
    if url.scheme() != "http" || !url.has_host() {
        bad(&format!("`{text}`: only an `http` proxy can be used"));
        return None;
    }
    let user = node.get("user").and_then(Node::text);
    let password = node
        .get("password")
        .and_then(|node| secret(node, outside, found));
    secrets.extend(password.clone());
    let login = user.map(|user| (user.to_owned(), password.unwrap_or_default()));
    Some(Proxy { url, login })
}

/// Reads `resolve`; `urls` are all addresses of the target.
pub(super) fn addresses(
    layers: &[&Node],
    urls: &[String],
    reach: &mut Reach,
    found: &mut Vec<Diagnostic>,
) {
    let urls: Vec<Url> = urls.iter().filter_map(|url| Url::parse(url).ok()).collect();
    if let Some(proxy) = &reach.proxy {
        open_login(layers, proxy, &urls, found);
    }
    // A name is looked up by who opens the connection.
    let proxied = reach.proxy.is_some();
    let dialled = reach
        .proxy
        .as_ref()
        .map_or(urls, |proxy| vec![proxy.url.clone()]);
    for (name, node) in layers::entries(layers, "resolve") {
        match resolved(name, node, &dialled, proxied) {
            Ok((host, address)) => {
                reach.resolve.insert(host, address);
            }
            Err(mistake) => found.push(mistake),
        }
    }
}

/// The proxy's password would be sent in the open, with every request to an `http` address.
fn open_login(layers: &[&Node], proxy: &Proxy, urls: &[Url], found: &mut Vec<Diagnostic>) {
    let Some(open) = urls.iter().find(|url| url.scheme() == "http") else {
        return;
    };
    let place = layers
        .iter()
        .find_map(|layer| layer.get("proxy")?.get("user"));
    if let (Some(_), Some(place)) = (&proxy.login, place) {
        let message =
            format!("the proxy's password would go with every request to {open}, for all to read");
        found.push(Diagnostic::new("bad-proxy", &place.span, message).help(
            "an `https` address is reached through a tunnel; only the proxy sees the password",
        ));
    }
}

/// One entry of `resolve`: a host of those that are dialled, and its address.
fn resolved(
    name: &Node,
    node: &Node,
    dialled: &[Url],
    proxied: bool,
) -> Result<(String, SocketAddr), Diagnostic> {
    let bad = |node: &Node, message: String| Diagnostic::new("bad-address", &node.span, message);
    let host = name.text().unwrap_or_default();
    let text = node.text().unwrap_or_default();
    let Some(address) = address(text) else {
        let mistake = bad(node, format!("`{text}` is not an IP address"));
        return Err(mistake.help("resolve: { tenant.example: 10.0.0.5 }"));
    };
    let Some(url) = dialled.iter().find(|url| url.host_str() == Some(host)) else {
        return Err(if proxied {
            bad(name, format!("`{host}` is looked up by the proxy"))
                .help("with `proxy`, only the proxy's own host is looked up here")
        } else if host.contains(':') {
            bad(name, format!("`{host}` is not the name of a host"))
                .help("the host alone; its port is that of the URL")
        } else {
            bad(name, format!("`{host}` is no host of this target"))
                .suggest(host, dialled.iter().filter_map(Url::host_str))
        });
    };
    if let (true, Some(port)) = (address.port() != 0, url.port()) {
        let message = format!("the URL of `{host}` names the port {port} itself");
        return Err(bad(node, message).help("write the address alone, or a URL without a port"));
    }
    Ok((host.to_owned(), address))
}

fn address(text: &str) -> Option<SocketAddr> {
    let ip = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 0));
    ip.or_else(|_| text.parse()).ok()
}
