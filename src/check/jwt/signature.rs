//! Whether a published key made a token's signature.
//!
//! The key is chosen by `kid` among those that were published, never by what the token brings along
//! (`jwk`, `jku`, `x5u`, `x5c`), and the algorithm has to be one that this key is for: RFC 8725,
//! sections 3.1 and 3.2. What the library does not refuse by itself is refused here.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, crypto, jwk::Jwk};
use serde_json::Value;

use super::token::Token;

/// Shorter RSA keys are not to be used (RFC 7518, section 3.3).
const FEWEST_BITS: usize = 2048;

/// An algorithm that a published key can verify.
struct SecretIndex {
    name: &'static str,
    algorithm: Algorithm,
    /// `kty` and, where it matters, `crv` of its keys.
    key: (&'static str, Option<&'static str>),
    /// The length of each signature in bytes; that of an RSA signature is its key's.
    length: Option<usize>,
}

const fn rsa(name: &'static str, algorithm: Algorithm) -> SecretIndex {
    SecretIndex {
        name,
        algorithm,
        key: ("RSA", None),
        length: None,
    }
}

const KNOWN: [SecretIndex; 9] = [
    rsa("RS256", Algorithm::RS256),
    rsa("RS384", Algorithm::RS384),
    rsa("RS512", Algorithm::RS512),
    rsa("PS256", Algorithm::PS256),
    rsa("PS384", Algorithm::PS384),
    rsa("PS512", Algorithm::PS512),
    SecretIndex {
        name: "ES256",
        algorithm: Algorithm::ES256,
        key: ("EC", Some("P-256")),
        length: Some(64),
    },
    SecretIndex {
        name: "ES384",
        algorithm: Algorithm::ES384,
        key: ("EC", Some("P-384")),
        length: Some(96),
    },
    SecretIndex {
        name: "EdDSA",
        algorithm: Algorithm::EdDSA,
        key: ("OKP", Some("Ed25519")),
        length: Some(64),
    },
];

/// Verifies the signature with the key that `kid` names.
///
/// # Errors
/// Why it is not verified.
pub(super) fn verify(token: &Token<'_>, keys: &Value) -> Result<(), String> {
    let header = &token.header;
    if header.get("crit").is_some() {
        return Err("the header demands extensions (`crit`) that nobody knows".into());
    }
    // RFC 7797, section 7: a JWT's payload is always encoded.
    if header.get("b64").is_some() {
        return Err("the header has `b64`, which no JWT may use".into());
    }
    let known = algorithm(&header["alg"])?;
    let kid = header["kid"].as_str().ok_or("the header names no `kid`")?;
    verify_with(token, known, published(keys, kid)?)
}

/// Only asymmetric algorithms are known, so that a public key can never be taken for a shared secret.
fn algorithm(alg: &Value) -> Result<&'static SecretIndex, String> {
    let name = alg.as_str().unwrap_or_default();
    KNOWN
        .iter()
        .find(|known| known.name == name)
        .ok_or_else(|| format!("the algorithm {alg} is not one that a published key verifies"))
}

fn published<'k>(keys: &'k Value, kid: &str) -> Result<&'k Value, String> {
    let set = keys["keys"]
        .as_array()
        .ok_or("the published keys are not a JWK set")?;
    let mut named = set.iter().filter(|key| key["kid"] == kid);
    let key = named
        .next()
        .ok_or_else(|| format!("no published key has the kid {kid:?}"))?;
    if named.next().is_some() {
        return Err(format!("several published keys have the kid {kid:?}"));
    }
    Ok(key)
}

fn verify_with(token: &Token<'_>, known: &SecretIndex, key: &Value) -> Result<(), String> {
    fits(known, key)?;
    if token.signature.is_empty() {
        return Err("there is no signature".into());
    }
    let length = URL_SAFE_NO_PAD
        .decode(token.signature)
        .map_err(|error| format!("the signature is not base64url ({error})"))?
        .len();
    let wanted = match known.length {
        Some(length) => length,
        None => modulus_bits(key)?.div_ceil(8),
    };
    if length != wanted {
        return Err(format!(
            "the signature has {length} bytes, one of {} with this key has {wanted}",
            known.name
        ));
    }
    let jwk: Jwk = serde_json::from_value(key.clone())
        .map_err(|error| format!("the published key is not a JWK: {error}"))?;
    let key = DecodingKey::from_jwk(&jwk)
        .map_err(|error| format!("the published key cannot be used: {error}"))?;
    match crypto::verify(
        token.signature,
        token.signed.as_bytes(),
        &key,
        known.algorithm,
    ) {
        Ok(true) => Ok(()),
        Ok(false) => Err("InvalidSignature".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether the key is one for this algorithm and for signatures, and public.
fn fits(known: &SecretIndex, key: &Value) -> Result<(), String> {
    let (kty, crv) = known.key;
    let name = known.name;
    if key["kty"] != kty || crv.is_some_and(|crv| key["crv"] != crv) {
        let curve = key
            .get("crv")
            .map_or_else(String::new, |crv| format!(" {crv}"));
        return Err(format!(
            "the published key is {}{curve}, which is not for {name}",
            key["kty"]
        ));
    }
    if let Some(alg) = key.get("alg").filter(|alg| *alg != name) {
        return Err(format!("the published key is for {alg}, not for {name}"));
    }
    if let Some(usage) = key.get("use").filter(|usage| *usage != "sig") {
        return Err(format!(
            "the published key has the use {usage}, not \"sig\""
        ));
    }
    if let Some(operations) = key.get("key_ops") {
        let mut operations = operations.as_array().into_iter().flatten();
        if !operations.any(|one| one == "verify") {
            return Err("the published key's `key_ops` do not have \"verify\"".into());
        }
    }
    if key.get("d").is_some() {
        return Err("the published key holds its private part".into());
    }
    if kty == "RSA" {
        let bits = modulus_bits(key)?;
        if bits < FEWEST_BITS {
            return Err(format!(
                "the published key has {bits} bits, fewer than {FEWEST_BITS}"
            ));
        }
    }
    Ok(())
}

fn modulus_bits(key: &Value) -> Result<usize, String> {
    let modulus = URL_SAFE_NO_PAD
        .decode(key["n"].as_str().unwrap_or_default())
        .map_err(|error| format!("the published key's modulus is not base64url ({error})"))?;
    let mut bytes = modulus.iter().skip_while(|byte| **byte == 0);
    let first = bytes.next().copied().unwrap_or_default();
    let front = usize::try_from(8 - first.leading_zeros()).unwrap_or_default();
    Ok(front + bytes.count() * 8)
}
