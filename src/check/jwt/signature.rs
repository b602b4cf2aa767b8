//! Whether a published key made a token's signature.
//!
//! The key is chosen by `kid` among those that were published, never by what the token brings along
//! (`jwk`, `jku`, `x5u`, `x5c`), and the algorithm has to be one that this key is for: RFC 8725,
//! sections 3.1 and 3.2. What the library does not refuse by itself is refused here. Each reason names
//! the rule that is broken.

use base64::{DecodeError, Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{self as jwt, DecodingKey, crypto, jwk::Jwk};
use serde_json::Value;
use thiserror::Error;

use super::{provider, token::Token};

/// Shorter RSA keys are not to be used (RFC 7518, section 3.3).
const FEWEST_BITS: usize = 2048;

/// An algorithm that a published key can verify.
struct Algorithm {
    name: &'static str,
    id: jwt::Algorithm,
    /// `kty` and, where it matters, `crv` of its keys.
    key: (&'static str, Option<&'static str>),
    /// The length of each signature in bytes; that of an RSA signature is its key's.
    length: Option<usize>,
}

const fn rsa(name: &'static str, id: jwt::Algorithm) -> Algorithm {
    Algorithm {
        name,
        id,
        key: ("RSA", None),
        length: None,
    }
}

const ALGORITHMS: [Algorithm; 9] = [
    rsa("RS256", jwt::Algorithm::RS256),
    rsa("RS384", jwt::Algorithm::RS384),
    rsa("RS512", jwt::Algorithm::RS512),
    rsa("PS256", jwt::Algorithm::PS256),
    rsa("PS384", jwt::Algorithm::PS384),
    rsa("PS512", jwt::Algorithm::PS512),
    Algorithm {
        name: "ES256",
        id: jwt::Algorithm::ES256,
        key: ("EC", Some("P-256")),
        length: Some(64),
    },
    Algorithm {
        name: "ES384",
        id: jwt::Algorithm::ES384,
        key: ("EC", Some("P-384")),
        length: Some(96),
    },
    Algorithm {
        name: "EdDSA",
        id: jwt::Algorithm::EdDSA,
        key: ("OKP", Some("Ed25519")),
        length: Some(64),
    },
];

/// Why a signature is not verified.
#[derive(Debug, Error)]
pub(super) enum SignatureError {
    #[error("the header demands extensions (`crit`) that nobody knows (RFC 7515, 4.1.11)")]
    Critical,
    #[error("the header has `b64`, which no JWT may use (RFC 7797, 7)")]
    Unencoded,
    #[error("`kid` missing: the header names no `kid` to choose the key by (RFC 7515, 4.1.4)")]
    NoKid,
    #[error("alg none: the token is not signed by any algorithm (RFC 8725, 3.2)")]
    None,
    #[error("unsupported alg: {alg} is not one that a published key verifies (RFC 8725, 3.1)")]
    Algorithm { alg: Value },
    #[error("the published keys are not a JWK set")]
    NoKeySet,
    #[error("no published key has the kid {kid:?}")]
    NoKey { kid: String },
    #[error("several published keys have the kid {kid:?}")]
    SeveralKeys { kid: String },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("empty signature: there is no signature (RFC 8725, 3.3)")]
    Missing,
    #[error("the signature is not base64url ({0})")]
    NotBase64(#[source] DecodeError),
    #[error(
        "the signature has {bytes} bytes, one of {algorithm} with this key has {wanted} (RFC 8725, 3.3)"
    )]
    Length {
        bytes: usize,
        algorithm: &'static str,
        wanted: usize,
    },
    /// The signature is another key's, or one of another text.
    #[error("InvalidSignature: the published key did not sign this (RFC 8725, 3.3)")]
    Wrong,
    #[error(transparent)]
    Failed(jwt::errors::Error),
}

/// Why a published key verifies no signature of the token's algorithm.
#[derive(Debug, Error)]
pub(super) enum KeyError {
    #[error(
        "wrong key type: the published key is {kind}, which is not for {algorithm} (RFC 8725, 3.1)"
    )]
    Kind {
        /// `kty`, and `crv` where the key has one.
        kind: String,
        algorithm: &'static str,
    },
    #[error("wrong key: the published key is for {alg}, not for {algorithm} (RFC 8725, 3.1)")]
    Algorithm { alg: Value, algorithm: &'static str },
    #[error("the published key has the use {usage}, not \"sig\" (RFC 7517, 4.2)")]
    Use { usage: Value },
    #[error("the published key's `key_ops` do not have \"verify\" (RFC 7517, 4.3)")]
    Operations,
    #[error("the published key holds its private part")]
    Private,
    #[error("the published key's modulus is not base64url ({0})")]
    Modulus(#[source] DecodeError),
    #[error("the published key has {bits} bits, fewer than {FEWEST_BITS} (RFC 7518, 3.3)")]
    Short { bits: usize },
    #[error("the published key is not a JWK: {0}")]
    NotAJwk(#[source] serde_json::Error),
    #[error("the published key cannot be used: {0}")]
    Unusable(#[source] jwt::errors::Error),
}

/// Verifies the signature with the key that `kid` names.
///
/// # Errors
/// Why it is not verified.
pub(super) fn verify(token: &Token<'_>, keys: &Value) -> Result<(), SignatureError> {
    let header = &token.header;
    if header.get("crit").is_some() {
        return Err(SignatureError::Critical);
    }
    // RFC 7797, section 7: a JWT's payload is always encoded.
    if header.get("b64").is_some() {
        return Err(SignatureError::Unencoded);
    }
    let algorithm = algorithm(&header["alg"])?;
    if token.signature.is_empty() {
        return Err(SignatureError::Missing);
    }
    let kid = header["kid"].as_str().ok_or(SignatureError::NoKid)?;
    verify_with(token, algorithm, published(keys, kid)?)
}

/// Only asymmetric algorithms are known, so that a public key can never be taken for a shared secret.
fn algorithm(alg: &Value) -> Result<&'static Algorithm, SignatureError> {
    let name = alg.as_str().unwrap_or_default();
    if name.eq_ignore_ascii_case("none") {
        return Err(SignatureError::None);
    }
    ALGORITHMS
        .iter()
        .find(|known| known.name == name)
        .ok_or_else(|| SignatureError::Algorithm { alg: alg.clone() })
}

fn published<'k>(keys: &'k Value, kid: &str) -> Result<&'k Value, SignatureError> {
    let set = keys["keys"].as_array().ok_or(SignatureError::NoKeySet)?;
    let mut named = set.iter().filter(|key| key["kid"] == kid);
    let kid = || kid.to_owned();
    let key = named
        .next()
        .ok_or_else(|| SignatureError::NoKey { kid: kid() })?;
    if named.next().is_some() {
        return Err(SignatureError::SeveralKeys { kid: kid() });
    }
    Ok(key)
}

fn verify_with(
    token: &Token<'_>,
    algorithm: &Algorithm,
    key: &Value,
) -> Result<(), SignatureError> {
    fits(algorithm, key)?;
    let bytes = URL_SAFE_NO_PAD
        .decode(token.signature)
        .map_err(SignatureError::NotBase64)?
        .len();
    let wanted = match algorithm.length {
        Some(length) => length,
        None => modulus_bits(key)?.div_ceil(8),
    };
    if bytes != wanted {
        return Err(SignatureError::Length {
            bytes,
            algorithm: algorithm.name,
            wanted,
        });
    }
    let signed = token.signed.as_bytes();
    provider::install();
    match crypto::verify(token.signature, signed, &decoding_key(key)?, algorithm.id) {
        Ok(true) => Ok(()),
        Ok(false) => Err(SignatureError::Wrong),
        Err(error) => Err(SignatureError::Failed(error)),
    }
}

fn decoding_key(key: &Value) -> Result<DecodingKey, KeyError> {
    let jwk: Jwk = serde_json::from_value(key.clone()).map_err(KeyError::NotAJwk)?;
    DecodingKey::from_jwk(&jwk).map_err(KeyError::Unusable)
}

/// Whether the key is one for this algorithm and for signatures, and public.
fn fits(algorithm: &Algorithm, key: &Value) -> Result<(), KeyError> {
    let (kty, crv) = algorithm.key;
    let algorithm = algorithm.name;
    if key["kty"] != kty || crv.is_some_and(|crv| key["crv"] != crv) {
        let kind = match key.get("crv") {
            Some(crv) => format!("{} {crv}", key["kty"]),
            None => key["kty"].to_string(),
        };
        return Err(KeyError::Kind { kind, algorithm });
    }
    if let Some(alg) = key.get("alg").filter(|alg| *alg != algorithm) {
        let alg = alg.clone();
        return Err(KeyError::Algorithm { alg, algorithm });
    }
    if let Some(usage) = key.get("use").filter(|usage| *usage != "sig") {
        let usage = usage.clone();
        return Err(KeyError::Use { usage });
    }
    if let Some(operations) = key.get("key_ops") {
        let mut operations = operations.as_array().into_iter().flatten();
        if !operations.any(|one| one == "verify") {
            return Err(KeyError::Operations);
        }
    }
    if key.get("d").is_some() {
        return Err(KeyError::Private);
    }
    if kty == "RSA" {
        let bits = modulus_bits(key)?;
        if bits < FEWEST_BITS {
            return Err(KeyError::Short { bits });
        }
    }
    Ok(())
}

fn modulus_bits(key: &Value) -> Result<usize, KeyError> {
    let modulus = URL_SAFE_NO_PAD
        .decode(key["n"].as_str().unwrap_or_default())
        .map_err(KeyError::Modulus)?;
    let mut bytes = modulus.iter().skip_while(|byte| **byte == 0);
    let first = bytes.next().copied().unwrap_or_default();
    let front = usize::try_from(8 - first.leading_zeros()).unwrap_or_default();
    Ok(front + bytes.count() * 8)
}
