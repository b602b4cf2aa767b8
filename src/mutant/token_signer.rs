//! Tokens taken apart, edited and signed anew.

use std::{
    mem,
    sync::{Arc, OnceLock},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{hmac, rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use serde_json::{Map, Value, json};

/// A key that belongs to no tenant. It is fixed, so that an edit is always the same.
const UNKNOWN_KEY: &str = include_str!("unknown_key.pem");

/// Why a text is not a key that signs. The text itself is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key is not PEM")]
    NotPem(#[source] base64::DecodeError),
    #[error("the key is no PKCS #8 RSA key")]
    NotRsa(#[source] ring::error::KeyRejected),
}

/// Signs in the name of a tenant.
#[derive(Clone)]
pub struct TokenSigner {
    pair: Arc<KeyPair>,
}

impl TokenSigner {
    /// Reads a PKCS #8 RSA key.
    ///
    /// # Errors
    /// When the text holds no such key; the key is not repeated.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let body: String = pem
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let der = STANDARD.decode(body).map_err(KeyError::NotPem)?;
        let pair = KeyPair::from_pkcs8(&der).map_err(KeyError::NotRsa)?;
        Ok(Self {
            pair: Arc::new(pair),
        })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3): the same text, the same signature.
    fn sign(&self, message: &str) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        match self.pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        ) {
            Ok(()) => signature,
            Err(_) => Vec::new(),
        }
    }

    /// The public key as PEM, the text that a verifier could mistake for a shared secret.
    pub(super) fn public_pem(&self) -> String {
        let body = STANDARD.encode(subject_public_key(self.pair.public().as_ref()));
        let lines: Vec<&str> = (0..body.len())
            .step_by(64)
            .map(|at| &body[at..body.len().min(at + 64)])
            .collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }
}

/// The algorithm of an RSA key: `rsaEncryption` and no parameters (RFC 8017, appendix A.1).
const RSA_ENCRYPTION: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// An RSA public key as certificates hold one (RFC 5280, section 4.1): which algorithm it is for, and
/// its numbers as a text of bits.
fn subject_public_key(numbers: &[u8]) -> Vec<u8> {
    // No bit of the last byte is unused.
    let bits = element(0x03, &[&[0], numbers].concat());
    element(0x30, &[&RSA_ENCRYPTION, bits.as_slice()].concat())
}

/// An element of DER: what it is, its length in as few bytes as can be, its content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    match length[..] {
        [] => out.push(0),
        [short @ ..0x80] => out.push(short),
        _ => {
            out.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
            out.extend(length);
        }
    }
    out.extend(content);
    out
}

/// The key of nobody; a test proves that it is readable.
pub(super) fn unknown_key() -> Option<&'static TokenSigner> {
    static KEY: OnceLock<Option<TokenSigner>> = OnceLock::new();
    KEY.get_or_init(|| TokenSigner::from_pem(UNKNOWN_KEY).ok())
        .as_ref()
}

/// A token taken apart.
#[derive(Clone)]
pub(super) struct Token {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
    /// The three parts as they were.
    pub parts: [String; 3],
}

impl Token {
    pub(super) fn read(token: &str) -> Option<Self> {
        let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let parts: [String; 3] = parts.try_into().ok()?;
        let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some(Self {
            header: decode(&parts[0])?,
            claims: decode(&parts[1])?,
            parts,
        })
    }

    /// Header and claims as the first two parts.
    pub(super) fn unsigned(&self) -> String {
        let encode = |part: &Map<String, Value>| {
            URL_SAFE_NO_PAD.encode(Value::Object(part.clone()).to_string())
        };
        format!("{}.{}", encode(&self.header), encode(&self.claims))
    }

    pub(super) fn signed(&self, signer: &TokenSigner) -> String {
        let text = self.unsigned();
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(&text));
        format!("{text}.{signature}")
    }

    /// HS256 over itself with any text as the secret.
    pub(super) fn shared(mut self, secret: &str) -> String {
        self.header.insert("alg".into(), "HS256".into());
        let text = self.unsigned();
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
            text.as_bytes(),
        );
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    pub(super) fn number(&self, claim: &str) -> Option<i64> {
        self.claims.get(claim).and_then(Value::as_i64)
    }

    /// Edits the user's data at these JSON Pointers into the claims: in an object, or in a text that is
    /// one in JSON.
    pub(super) fn user(&mut self, places: &[String], edit: impl Fn(&mut Map<String, Value>)) {
        let mut claims = Value::Object(mem::take(&mut self.claims));
        for at in places {
            match claims.pointer_mut(at) {
                Some(Value::Object(held)) => edit(held),
                Some(held @ Value::String(_)) => {
                    let text = held.as_str().unwrap_or_default();
                    if let Ok(Value::Object(mut inner)) = serde_json::from_str(text) {
                        edit(&mut inner);
                        *held = Value::Object(inner).to_string().into();
                    }
                }
                _ => {}
            }
        }
        if let Value::Object(claims) = claims {
            self.claims = claims;
        }
    }

    pub(super) fn move_times(&mut self, by: i64) {
        for claim in ["exp", "iat", "nbf"] {
            if let Some(time) = self.number(claim) {
                self.claims.insert(claim.into(), json!(time + by));
            }
        }
    }

    pub(super) fn live(&mut self, times: fn(i64) -> i64) {
        if let (Some(issued), Some(expires)) = (self.number("iat"), self.number("exp")) {
            self.claims
                .insert("exp".into(), json!(issued + times(expires - issued)));
        }
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    /// The public half of the mock's `key.pem`, as another library writes it.
    const PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2UdlI/A4sVQ9YkxtHfuo
z5qwyBP59jMgcPis9FWj9Mu9xl0mhv3/BNQjfyxVgF+WyZoH4RPjq332WP0cm29n
O6sj0YVfs3HGUZjrjmg0G2bJp28dRPJ4myLWP7CgMDcNUvGhba1O9il3fwPtU3tJ
HhPx/2Y4UK1Di2gFSjUfeHJNRx8cl6aZBY3uEVMe+Feu+hg7YDXzUGvlf/Xg22tz
P++pRbqV5HVvgbdg/2AgYYGvl6aije1DL8uvmXGDt1dSCv2fSdJ/0ka8aJvfQeVF
OSNnFY+uWqTL4RmO0tQbv8oW6pIVtXRwpw+0KTdjogR/oFJ7h9Y16bShNkT3REgz
JwIDAQAB
-----END PUBLIC KEY-----
";

    fn verifies(signer: &TokenSigner, token: &str) -> bool {
        let (text, signature) = token.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, signer.pair.public_key());
        key.verify(text.as_bytes(), &signature).is_ok()
    }

    #[test]
    fn a_key_signs_for_itself_and_not_for_an_unknown_key() {
        let signer = TokenSigner::from_pem(crate::mock::signing_key()).expect("a key");
        let unknown = unknown_key().expect("a key");
        let token =
            Token::read("eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjEwMCwiaWF0IjowfQ.c2ln").expect("a token");
        assert!(verifies(&signer, &token.signed(&signer)));
        assert!(!verifies(&signer, &token.signed(unknown)));
        assert!(verifies(unknown, &token.signed(unknown)));
        assert_eq!(token.signed(&signer), token.signed(&signer));
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        for text in ["secret!", "c2VjcmV0"] {
            let error = TokenSigner::from_pem(text).err().expect("refused");
            let cause = std::error::Error::source(&error).expect("a cause");
            let message = format!("{error}: {cause}");
            assert!(!message.contains(text), "{message}");
        }
    }

    #[test]
    fn the_public_key_is_pem_with_short_lines() {
        let signer = TokenSigner::from_pem(crate::mock::signing_key()).expect("a key");
        assert_eq!(signer.public_pem(), PUBLIC);
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        for text in [
            "",
            "a.b",
            "e30.e30",
            "e30.e30.s.t",
            "e30.bm8.s",
            "W10.e30.s",
        ] {
            assert!(Token::read(text).is_none(), "{text}");
        }
    }
}
