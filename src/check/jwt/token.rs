//! A token taken apart, strictly: one spelling of base64url, one meaning of the JSON.
//!
//! Readers differ over what is not strict (which of two members counts, what padding bits say), and a
//! token that two readers understand in two ways is no token of the contract.

use std::fmt;

use base64::{DecodeError, Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use thiserror::Error as ThisError;

/// No server takes a header of this length, so no token of it can be used.
const LONGEST: usize = 64 * 1024;

/// What a text is instead of a token.
#[derive(Debug, ThisError)]
pub(super) enum TokenError {
    #[error("a text of {bytes} bytes")]
    TooLong { bytes: usize },
    #[error("an encrypted token, of five parts")]
    Encrypted,
    #[error("a text of 2 parts: there is no signature (RFC 7515, 7.1)")]
    NoSignature,
    #[error("a text of {count} parts")]
    Parts { count: usize },
    #[error("a {part} that is not base64url ({source})")]
    NotBase64 {
        part: &'static str,
        source: DecodeError,
    },
    #[error("a {part} that is not JSON ({source})")]
    NotJson {
        part: &'static str,
        source: serde_json::Error,
    },
    #[error("a {part} that is not a JSON object")]
    NotAnObject { part: &'static str },
}

/// A token taken apart; nothing in it is trusted yet.
#[derive(Debug)]
pub(super) struct Token<'t> {
    pub header: Value,
    pub claims: Value,
    /// What is signed.
    pub signed: &'t str,
    /// The signature, still base64url.
    pub signature: &'t str,
}

impl<'t> Token<'t> {
    /// Decodes header and payload.
    ///
    /// # Errors
    /// What the text is instead of a token.
    pub(super) fn take_apart(text: &'t str) -> Result<Self, TokenError> {
        if text.len() > LONGEST {
            return Err(TokenError::TooLong { bytes: text.len() });
        }
        let segments: Vec<&str> = text.split('.').collect();
        let [header, payload, signature] = segments.as_slice() else {
            return Err(match segments.len() {
                2 => TokenError::NoSignature,
                5 => TokenError::Encrypted,
                count => TokenError::Parts { count },
            });
        };
        decode("signature", signature)?;
        Ok(Self {
            header: object("header", header)?,
            claims: object("payload", payload)?,
            signed: &text[..text.len() - signature.len() - 1],
            signature,
        })
    }
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|source| TokenError::NotBase64 { part, source })
}

fn object(part: &'static str, text: &str) -> Result<Value, TokenError> {
    let Unique(value) = serde_json::from_slice(&decode(part, text)?)
        .map_err(|source| TokenError::NotJson { part, source })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(TokenError::NotAnObject { part })
    }
}

/// JSON in which no object has a member twice (RFC 7519, section 4; RFC 7515, section 4).
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Unique)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some((name, Unique(member))) = members.next_entry::<String, Unique>()? {
            if out.contains_key(&name) {
                return Err(A::Error::custom("a member stands twice"));
            }
            out.insert(name, member);
        }
        Ok(Value::Object(out))
    }
}
