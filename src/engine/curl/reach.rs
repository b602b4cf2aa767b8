//! How the target is reached, as options of curl.

use url::Url;

use super::shell::quote;
use crate::target::Reach;

/// The options for a request to this address.
pub(super) fn options(reach: &Reach, url: &str) -> Vec<String> {
    let mut out = Vec::new();
    let Ok(url) = Url::parse(url) else {
        return out;
    };
    if let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default())
        && let Some(mut address) = reach.resolve.get(host).copied()
    {
        if address.port() == 0 {
            address.set_port(port);
        }
        out.push(format!(
            "--connect-to {}",
            quote(&format!("{host}:{port}:{address}"))
        ));
    }
    if let Some(proxy) = &reach.proxy {
        out.push(format!("-x {}", quote(proxy.url.as_str())));
        if proxy.login.is_some() {
            out.push("--proxy-user \"${PROXY_USER:?}\"".to_owned());
        }
    }
    if url.scheme() != "https" {
        return out;
    }
    let tls = [
        (!reach.ca.is_empty(), "--cacert \"${CA_FILE:?}\""),
        (
            reach.client.is_some(),
            "--cert \"${CERT_FILE:?}\" --key \"${KEY_FILE:?}\"",
        ),
        (reach.only_tls_13, "--tlsv1.3"),
    ];
    let wanted = tls.into_iter().filter(|(wanted, _)| *wanted);
    out.extend(wanted.map(|(_, option)| option.to_owned()));
    out
}
