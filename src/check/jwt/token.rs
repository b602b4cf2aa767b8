//! A token taken apart, strictly: one spelling of base64url, one meaning of the JSON.
//!
//! Readers differ over what is not strict (which of two members counts, what padding bits say), and a
//! token that two readers understand in two ways is no token of the contract.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// No server takes a header of this length, so no token of it can be used.
const LONGEST: usize = 64 * 1024;

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
    pub(super) fn take_apart(text: &'t str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a text of {} bytes", text.len()));
        }
        let segments: Vec<&str> = text.split('.').collect();
        let [header, payload, signature] = segments.as_slice() else {
            return Err(match segments.len() {
                5 => "an encrypted token, of five parts".to_owned(),
                count => format!("a text of {count} parts"),
            });
        };
        let object = |part: &str, name: &str| -> Result<Value, String> {
            let bytes = URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|error| format!("a {name} that is not base64url ({error})"))?;
            let Unique(value) = serde_json::from_slice(&bytes)
                .map_err(|error| format!("a {name} that is not JSON ({error})"))?;
            if value.is_object() {
                Ok(value)
            } else {
                Err(format!("a {name} that is not a JSON object"))
            }
        };
        URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|error| format!("a signature that is not base64url ({error})"))?;
        Ok(Self {
            header: object(header, "header")?,
            claims: object(payload, "payload")?,
            signed: &text[..text.len() - signature.len() - 1],
            signature,
        })
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
