//! The tenant's side of TLS: its certificate, and whose certificates it wants to see.

use std::{io, sync::Arc};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio_rustls::TlsAcceptor;

/// How a mock speaks TLS; each text is PEM.
#[derive(Clone)]
pub struct Tls {
    /// The chain, the mock's own certificate first.
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
    /// Whose client certificates are taken; a client without one is then turned away.
    pub client_ca: Option<Vec<u8>>,
}

/// # Errors
/// When a text holds nothing that can be used; the message names it.
pub(super) fn acceptor(tls: &Tls) -> io::Result<TlsAcceptor> {
    let provider = Arc::new(ring::default_provider());
    let chain = certificates(&tls.certificate, "the certificate")?;
    let key = PrivateKeyDer::from_pem_slice(&tls.key).map_err(|why| unusable("the key", why))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|why| unusable("TLS", why))?;
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for root in certificates(pem, "the client CA")? {
                roots
                    .add(root)
                    .map_err(|why| unusable("the client CA", why))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|why| unusable("the client CA", why))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|why| unusable("the certificate and its key", why))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(pem: &[u8], what: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|why| unusable(what, why))?;
    if found.is_empty() {
        return Err(unusable(what, "there is no certificate in it"));
    }
    Ok(found)
}

fn unusable(what: &str, why: impl std::fmt::Display) -> io::Error {
    let text = format!("{what} cannot be used: {why}");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Tls {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("one");
        Tls {
            certificate: made.cert.pem().into_bytes(),
            key: made.signing_key.serialize_pem().into_bytes(),
            client_ca: None,
        }
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert!(acceptor(&own()).is_ok());
        let none = b"nothing".to_vec();
        let table = [
            (
                Tls {
                    certificate: none.clone(),
                    ..own()
                },
                "the certificate",
            ),
            (
                Tls {
                    key: none.clone(),
                    ..own()
                },
                "the key",
            ),
            (
                Tls {
                    key: own().key,
                    ..own()
                },
                "the certificate and its key",
            ),
            (
                Tls {
                    client_ca: Some(none),
                    ..own()
                },
                "the client CA",
            ),
        ];
        for (tls, named) in table {
            let error = acceptor(&tls).err().expect("unusable");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            let text = error.to_string();
            assert!(
                text.starts_with(&format!("{named} cannot be used")),
                "{text}"
            );
        }
    }
}
