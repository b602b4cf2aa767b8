//! TLS of both transports, with the platform's certificates and the target's; the raw one's connector.

use std::sync::Arc;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use crate::exchange::TransportError;

pub(super) type Connector = HttpsConnector<HttpConnector>;

/// Which certificates are trusted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trust<'t> {
    /// No target uses TLS; nothing needs to be loaded and nothing is trusted.
    Nothing,
    /// What the platform trusts, and the certificates in this PEM text.
    Platform(Option<&'t [u8]>),
}

/// # Errors
/// When the platform has no certificates, or the PEM text holds none that can be read.
pub(super) fn config(trust: Trust<'_>) -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(trouble)?;
    Ok(match trust {
        Trust::Nothing => builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth(),
        Trust::Platform(pem) => {
            let own = pem.map(certificates).transpose()?.unwrap_or_default();
            let verifier = Verifier::new_with_extra_roots(own, provider).map_err(trouble)?;
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth()
        }
    })
}

/// Connections of the raw transport: TCP, and TLS when the scheme says so.
pub(super) fn connector(config: ClientConfig) -> Connector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(trouble)?;
    if found.is_empty() {
        return Err(trouble("there is no certificate in it"));
    }
    Ok(found)
}

fn trouble(why: impl std::fmt::Display) -> TransportError {
    TransportError {
        message: format!("the certificates to trust cannot be loaded: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_a_certificate_is_refused() {
        for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"] {
            let refused = config(Trust::Platform(Some(pem.as_bytes())));
            assert!(refused.is_err_and(|why| why.message.contains("certificate")));
        }
    }
}
