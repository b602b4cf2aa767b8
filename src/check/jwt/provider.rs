//! The cryptography of `jsonwebtoken`, from `ring`, which does all other cryptography here.
//!
//! It verifies what a published key can have signed, and does nothing else: a judge signs nothing, and
//! nobody publishes a shared secret (HS256 and its kin), so that no mistake elsewhere could take a public
//! key for one (RFC 8725, section 2.1).

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{self, Verifier},
};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(unsupported()),
    verifier_factory: |algorithm, key| verifier(*algorithm, key),
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: |_, _| Err(unsupported()),
        ed_pub_components_from_private_key: |_, _| Err(unsupported()),
        compute_digest: |_, _| Err(unsupported()),
    },
};

/// Makes `jsonwebtoken` verify with `ring`, unless the program around this library chose a provider
/// before: it has one in a process.
pub(super) fn install() {
    let _ = RING.install_default();
}

fn unsupported() -> Error {
    ErrorKind::UnsupportedAlgorithm.into()
}

/// How the signatures of an algorithm are verified.
enum Method {
    /// With a modulus and an exponent.
    Rsa(&'static RsaParameters),
    /// With a point of a curve.
    Curve(&'static dyn VerificationAlgorithm),
}

impl Method {
    fn of(algorithm: Algorithm) -> Result<Self, Error> {
        Ok(match algorithm {
            Algorithm::RS256 => Self::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Algorithm::RS384 => Self::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            Algorithm::RS512 => Self::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            Algorithm::PS256 => Self::Rsa(&RSA_PSS_2048_8192_SHA256),
            Algorithm::PS384 => Self::Rsa(&RSA_PSS_2048_8192_SHA384),
            Algorithm::PS512 => Self::Rsa(&RSA_PSS_2048_8192_SHA512),
            Algorithm::ES256 => Self::Curve(&ECDSA_P256_SHA256_FIXED),
            Algorithm::ES384 => Self::Curve(&ECDSA_P384_SHA384_FIXED),
            Algorithm::EdDSA => Self::Curve(&ED25519),
            _ => return Err(unsupported()),
        })
    }
}

/// A public key and the one algorithm that it verifies.
struct PublicKey {
    algorithm: Algorithm,
    method: Method,
    key: DecodingKey,
}

fn verifier(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let method = Method::of(algorithm)?;
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(Box::new(PublicKey {
        algorithm,
        method,
        key: key.clone(),
    }))
}

impl Verifier<Vec<u8>> for PublicKey {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let verified = match (&self.method, self.key.kind()) {
            (Method::Rsa(method), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(method, message, signature)
            }
            (Method::Rsa(method), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(*method, key).verify(message, signature)
            }
            (Method::Curve(method), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(*method, key).verify(message, signature)
            }
            (Method::Curve(_), DecodingKeyKind::RsaModulusExponent { .. }) => {
                Err(ring::error::Unspecified)
            }
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for PublicKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::EncodingKey;

    use super::*;

    #[test]
    fn nothing_is_signed_and_no_shared_secret_verifies() {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let secret = DecodingKey::from_secret(b"secret");
            let refused = verifier(algorithm, &secret).err().expect("refused");
            assert_eq!(refused, unsupported(), "{algorithm:?}");
            let secret = EncodingKey::from_secret(b"secret");
            let refused = (RING.signer_factory)(&algorithm, &secret)
                .err()
                .expect("refused");
            assert_eq!(refused, unsupported(), "{algorithm:?}");
        }
    }

    #[test]
    fn a_key_verifies_no_algorithm_of_another_family() {
        for (algorithm, key) in [
            (Algorithm::RS256, DecodingKey::from_secret(b"secret")),
            (
                Algorithm::ES256,
                DecodingKey::from_rsa_raw_components(&[1], &[3]),
            ),
            (Algorithm::EdDSA, DecodingKey::from_ec_der(&[4])),
            (Algorithm::ES384, DecodingKey::from_ed_der(&[4])),
        ] {
            let refused = verifier(algorithm, &key).err().expect("refused");
            let wanted = Error::from(ErrorKind::InvalidKeyFormat);
            assert_eq!(refused, wanted, "{algorithm:?}");
        }
    }

    #[test]
    fn what_is_no_key_verifies_nothing() {
        let nothing = vec![0; 64];
        for (algorithm, key) in [
            (Algorithm::RS256, DecodingKey::from_rsa_der(&[])),
            (
                Algorithm::PS512,
                DecodingKey::from_rsa_raw_components(&[], &[]),
            ),
            (Algorithm::ES256, DecodingKey::from_ec_der(&[4; 65])),
            (Algorithm::ES384, DecodingKey::from_ec_der(&[])),
            (Algorithm::EdDSA, DecodingKey::from_ed_der(&[])),
        ] {
            let key = verifier(algorithm, &key).expect("one");
            assert_eq!(key.algorithm(), algorithm);
            assert!(key.verify(b"text", &nothing).is_err(), "{algorithm:?}");
        }
    }
}
