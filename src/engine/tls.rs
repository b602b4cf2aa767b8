//! TLS with the platform's certificates and the target's, and the one connector that every connection
//! is opened by.

use std::sync::Arc;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use rustls::{ClientConfig, RootCertStore, crypto::ring, version};
use rustls_platform_verifier::Verifier;
use tower_service::Service;

use super::dial::{BoxError, Dial};
use crate::{exchange::TransportError, target::Reach};

pub(super) type Connector = HttpsConnector<Dial>;

/// `plain` says that no address uses TLS: then nothing needs to be loaded and nothing is trusted.
///
/// # Errors
/// When the platform has no certificates, or the target's cannot be used.
pub(super) fn config(reach: &Reach, plain: bool) -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(ring::default_provider());
    let versions: &[_] = if reach.only_tls_13 {
        &[&version::TLS13]
    } else {
        &[&version::TLS13, &version::TLS12]
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(trouble)?;
    let builder = if plain {
        builder.with_root_certificates(RootCertStore::empty())
    } else {
        let verifier =
            Verifier::new_with_extra_roots(reach.ca.clone(), provider).map_err(trouble)?;
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
    };
    Ok(match &reach.client {
        Some(own) => builder.with_client_cert_resolver(Arc::clone(own) as _),
        None => builder.with_no_client_auth(),
    })
}

/// Opens connections: TCP, through a proxy where there is one, and TLS when the scheme says so.
pub(super) fn connector(config: ClientConfig, reach: &Reach) -> Connector {
    HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .wrap_connector(Dial::new(reach))
}

/// A connection to there.
///
/// # Errors
/// Why there is none.
pub(super) async fn connect(
    connector: &mut Connector,
    to: &Uri,
) -> Result<<Connector as Service<Uri>>::Response, BoxError> {
    std::future::poll_fn(|context| connector.poll_ready(context)).await?;
    connector.call(to.clone()).await
}

fn trouble(why: impl std::fmt::Display) -> TransportError {
    TransportError::Unsendable(format!("the certificates to trust cannot be loaded: {why}"))
}
