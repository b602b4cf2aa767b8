//! The tenant's signing keys: one RSA pair for id tokens, one secret for state tokens,
//! and an RSA pair that a dishonest tenant signs with.
//!
//! All are fixed test material, shared by every mock in the process: making an
//! RSA key would take longer than a whole run.

use std::sync::OnceLock;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use serde_json::{Value, json};

/// The `kid` in every id_token header and in the published set.
pub(super) const KEY_ID: &str = "5d1f0a6e2c9b4d7f8e3a1b6c4f2d9e70";

/// The `kid` of a key that the tenant used before.
const RETIRED_KEY_ID: &str = "0c7b9f3e51d84a62b6e0d913f7a5c248";

pub(super) const PRIVATE_KEY: &str = include_str!("key.pem");

/// The key of no published set.
const UNPUBLISHED: &str = include_str!("other-key.pem");

/// The public modulus of `key.pem`, base64url.
const MODULUS: &str = "2UdlI_A4sVQ9YkxtHfuoz5qwyBP59jMgcPis9FWj9Mu9xl0mhv3_BNQjfyxVgF-WyZoH4RPjq332WP0cm29nO6sj0YVfs3HGUZjrjmg0G2bJp28dRPJ4myLWP7CgMDcNUvGhba1O9il3fwPtU3tJHhPx_2Y4UK1Di2gFSjUfeHJNRx8cl6aZBY3uEVMe-Feu-hg7YDXzUGvlf_Xg22tzP--pRbqV5HVvgbdg_2AgYYGvl6aije1DL8uvmXGDt1dSCv2fSdJ_0ka8aJvfQeVFOSNnFY-uWqTL4RmO0tQbv8oW6pIVtXRwpw-0KTdjogR_oFJ7h9Y16bShNkT3REgzJw";

/// 65537, base64url.
const EXPONENT: &str = "AQAB";

/// At least 32 bytes, as HS256 wants.
const STATE_SECRET: &[u8] = b"probity-mock-tenant-state-token-secret-0001";

/// The set of keys as `GET /api/v1/oauth2/keys` publishes it (CIAM appendix on reading an id_token).
///
/// With `retired`, a key that signs nothing any more stands before the one in use.
pub(super) fn public_set(retired: bool) -> Value {
    let key = |id: &str, modulus: &str| {
        json!({
            "kty": "RSA",
            "e": EXPONENT,
            "use": "sig",
            "kid": id,
            "alg": "RS256",
            "n": modulus,
        })
    };
    let mut keys = vec![key(KEY_ID, MODULUS)];
    if retired {
        keys.insert(0, key(RETIRED_KEY_ID, &retired_modulus()));
    }
    json!({ "keys": keys })
}

/// Another number of the same length; nothing was ever signed with it.
fn retired_modulus() -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(MODULUS).unwrap_or_default();
    bytes.reverse();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The public key as Base64 text, the way an application would be shown it.
pub(super) fn public_text() -> String {
    pair().map_or_else(String::new, |pair| STANDARD.encode(pair.public_key()))
}

pub(super) fn state_key() -> &'static hmac::Key {
    static KEY: OnceLock<hmac::Key> = OnceLock::new();
    KEY.get_or_init(|| hmac::Key::new(hmac::HMAC_SHA256, STATE_SECRET))
}

/// Makes a signature of a message; nothing if its key is unreadable.
pub(super) type Signer = fn(&[u8]) -> Vec<u8>;

/// Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 7518, section 3.3).
pub(super) fn sign_rs256(message: &[u8]) -> Vec<u8> {
    sign_with(pair(), message)
}

/// As [`sign_rs256`], with a key that no set of keys contains.
pub(super) fn sign_rs256_unpublished(message: &[u8]) -> Vec<u8> {
    static PAIR: OnceLock<Option<KeyPair>> = OnceLock::new();
    sign_with(PAIR.get_or_init(|| read(UNPUBLISHED)).as_ref(), message)
}

fn sign_with(pair: Option<&KeyPair>, message: &[u8]) -> Vec<u8> {
    let Some(pair) = pair else {
        return Vec::new();
    };
    let mut signature = vec![0; pair.public().modulus_len()];
    match pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    ) {
        Ok(()) => signature,
        Err(_) => Vec::new(),
    }
}

pub(super) fn verify_rs256(message: &[u8], signature: &[u8]) -> bool {
    pair().is_some_and(|pair| {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key())
            .verify(message, signature)
            .is_ok()
    })
}

/// The pair in `key.pem`; a test proves that it is readable.
fn pair() -> Option<&'static KeyPair> {
    static PAIR: OnceLock<Option<KeyPair>> = OnceLock::new();
    PAIR.get_or_init(|| read(PRIVATE_KEY)).as_ref()
}

fn read(pem: &str) -> Option<KeyPair> {
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    KeyPair::from_pkcs8(&STANDARD.decode(body).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_verifies_with_the_published_numbers() {
        let signature = sign_rs256(b"text");
        assert_eq!(signature.len(), 256);
        assert!(verify_rs256(b"text", &signature));
        assert!(!verify_rs256(b"test", &signature));

        let set = public_set(false);
        let number = |name: &str| set["keys"][0][name].as_str().unwrap_or_default().to_owned();
        let decoded = |name: &str| URL_SAFE_NO_PAD.decode(number(name)).unwrap_or_default();
        let published = ring::rsa::PublicKeyComponents {
            n: decoded("n"),
            e: decoded("e"),
        };
        assert!(
            published
                .verify(&RSA_PKCS1_2048_8192_SHA256, b"text", &signature)
                .is_ok()
        );
    }

    #[test]
    fn an_unpublished_signature_has_the_form_of_a_published_one_and_does_not_verify() {
        let signature = sign_rs256_unpublished(b"text");
        assert_eq!(signature.len(), 256);
        assert!(!verify_rs256(b"text", &signature));
    }

    #[test]
    fn the_state_secret_is_long_enough_for_hs256() {
        assert!(STATE_SECRET.len() >= 32);
    }
}
