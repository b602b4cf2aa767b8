//! Whether the target asks for a certificate of ours.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rustls::{
    SignatureScheme,
    client::ResolvesClientCert,
    sign::{CertifiedKey, SingleCertAndKey},
};

/// Shows our certificate, and remembers that it was asked for.
#[derive(Debug)]
pub(super) struct ClientCertificate {
    own: Option<Arc<SingleCertAndKey>>,
    asked: AtomicBool,
}

impl ClientCertificate {
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

impl ResolvesClientCert for ClientCertificate {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::SeqCst);
        self.own.as_ref()?.resolve(hints, schemes)
    }

    fn has_certs(&self) -> bool {
        self.own.is_some()
    }
}
