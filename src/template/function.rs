//! The filters and functions that expressions may use: one closed list.

use base64::Engine as _;
use minijinja::{Environment, Error, ErrorKind, Value};

/// The functions (filters have their own name space and cannot be mistaken for bindings).
pub(super) const NAMES: [&str; 3] = ["unique", "basic", "now"];

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("reverse", |text: String| {
        text.chars().rev().collect::<String>()
    });
    environment.add_filter("upper", |text: String| text.to_uppercase());
    environment.add_filter("lower", |text: String| text.to_lowercase());
    environment.add_filter("tamper", |text: String| tamper(&text));
    environment.add_filter("base64", |text: String| {
        base64::engine::general_purpose::STANDARD.encode(text)
    });
    environment.add_filter("int", int);
    environment.add_filter("string", |value: Value| value.to_string());
    environment.add_filter("json", |value: Value| {
        serde_json::to_string(&value).map_err(invalid)
    });
    environment.add_filter("jwt_claims", |text: String| jwt_claims(&text));
    environment.add_function("unique", unique);
    environment.add_function("now", crate::clock::unix_seconds);
    environment.add_function("basic", |user: String, password: String| {
        base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))
    });
}

fn invalid(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, error.to_string())
}

fn int(value: &Value) -> Result<i64, Error> {
    match value.as_str() {
        Some(text) => text.trim().parse().map_err(invalid),
        None => i64::try_from(value.clone()),
    }
}

/// Ten letters and digits; the first is a letter.
fn unique() -> String {
    let mut out = String::from(fastrand::lowercase());
    out.extend((0..9).map(|_| {
        let digit = fastrand::digit(10);
        if fastrand::bool() {
            fastrand::lowercase()
        } else {
            digit
        }
    }));
    out
}

/// Changes one character in the middle of a token's signature; the form stays valid base64url.
///
/// The last character is left alone: its low bits are padding and may carry nothing.
fn tamper(token: &str) -> Result<String, Error> {
    let Some((rest, signature)) = token.rsplit_once('.') else {
        return Err(invalid("`tamper` wants a token with a signature"));
    };
    let middle = signature.len() / 2;
    let changed: String = signature
        .chars()
        .enumerate()
        .map(|(at, c)| match (at == middle, c) {
            (true, 'A') => 'B',
            (true, _) => 'A',
            (false, c) => c,
        })
        .collect();
    if signature.len() < 4 {
        return Err(invalid("`tamper` wants a token with a signature"));
    }
    Ok(format!("{rest}.{changed}"))
}

fn jwt_claims(token: &str) -> Result<Value, Error> {
    let payload = token
        .split('.')
        .nth(1)
        .ok_or_else(|| invalid("`jwt_claims` wants a token of three parts"))?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(invalid)?;
    let claims: serde_json::Value = serde_json::from_slice(&bytes).map_err(invalid)?;
    Ok(Value::from(minijinja::value::Serde(claims)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tampering_changes_exactly_one_character_of_the_signature() {
        let token = "aaa.bbb.cccccccc";
        let changed = tamper(token).unwrap();
        let different = token.chars().zip(changed.chars()).filter(|(a, b)| a != b);
        assert_eq!(different.count(), 1);
        assert!(changed.starts_with("aaa.bbb."));
    }

    #[test]
    fn what_is_no_token_cannot_be_tampered_with() {
        assert!(tamper("abc").is_err());
    }

    #[test]
    fn unique_texts_have_ten_characters_and_start_with_a_letter() {
        let text = unique();
        assert_eq!(text.len(), 10);
        assert!(text.starts_with(|c: char| c.is_ascii_lowercase()));
        assert_ne!(text, unique());
    }
}
