//! What surrounds a live tenant: TLS with client certificates, a rate, a management API, an owner.

mod command;
#[cfg(unix)]
mod killed;
mod mock;
mod suite;
mod tenant;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

/// A private authority that signs certificates for a server here and for clients.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        let issuer = Issuer::new(params, key);
        Self { pem, issuer }
    }

    /// Its own certificate.
    pub(crate) fn pem(&self) -> String {
        self.pem.clone()
    }

    /// A certificate and its key for the loopback address.
    pub(crate) fn server(&self) -> (Vec<u8>, Vec<u8>) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let (certificate, key) = self.signed(names, ExtendedKeyUsagePurpose::ServerAuth);
        (certificate.into_bytes(), key.into_bytes())
    }

    /// A certificate and its key for a client.
    pub(crate) fn client_parts(&self) -> (String, String) {
        self.signed(Vec::new(), ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn signed(&self, names: Vec<String>, usage: ExtendedKeyUsagePurpose) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(names).expect("parameters");
        params.extended_key_usages = vec![usage];
        let signed = params.signed_by(&key, &self.issuer);
        (signed.expect("a certificate").pem(), key.serialize_pem())
    }
}
