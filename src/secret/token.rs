//! What may be shown of a token: its algorithm, whether it is signed, and its decoded header and claims.
//!
//! Nothing here is a judgement: that a signature is *present* says nothing of whether a key made it.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::Mask;

/// Algorithms whose names may stand in a text. Any other could be a text of the target's own.
const ALGORITHMS: [&str; 14] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "HS256", "HS384", "HS512", "ES256K",
];

/// A token is longer than this when it is one.
const LONGEST: usize = 64 * 1024;

/// What stands at the place of a token's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    Present,
    /// The token ends in its last dot.
    Empty,
    /// The token has no place for one.
    Absent,
    /// There is one, and no key could tell whose: the algorithm is none, or nobody's.
    NotVerifiable,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Present => "present",
            Self::Empty => "EMPTY",
            Self::Absent => "ABSENT",
            Self::NotVerifiable => "not verifiable",
        })
    }
}

/// A signed token, decoded; nothing in it is masked yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub header: Value,
    /// `null` when they are no JSON.
    pub claims: Value,
    pub signature: Signature,
}

impl Token {
    /// Decodes a text; `None` when it is no token.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next());
        if text.len() > LONGEST || parts.next().is_some() || payload.is_empty() {
            return None;
        }
        let header = object(header)?;
        let claims = object(payload).unwrap_or_default();
        let verifiable = algorithm(&header).is_some_and(|alg| alg != "none");
        let signature = match signature {
            None => Signature::Absent,
            Some("") => Signature::Empty,
            Some(text) if verifiable && is_base64(text) => Signature::Present,
            Some(_) => Signature::NotVerifiable,
        };
        Some(Self {
            header,
            claims,
            signature,
        })
    }
}

/// `(token: RS256, signed)`: one of few texts, so that no secret can pass for one.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithm = match algorithm(&self.header) {
            Some("none") => "alg none",
            Some(name) => name,
            None if self.header.get("alg").is_none_or(Value::is_null) => "no alg",
            None => "unknown alg",
        };
        write!(f, "({FRONT}{algorithm}, {})", ending(self.signature))
    }
}

const FRONT: &str = "token: ";

const fn ending(signature: Signature) -> &'static str {
    match signature {
        Signature::Present => "signed",
        Signature::Empty => "UNSIGNED: empty signature",
        Signature::Absent => "UNSIGNED: no signature",
        Signature::NotVerifiable => "signature not verifiable",
    }
}

/// The length of the stand-in for a token at the front of a text, if one is there.
pub(super) fn stand_in_at(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('(')?.strip_prefix(FRONT)?;
    let names = ["alg none", "no alg", "unknown alg"];
    let mut names = names.iter().chain(&ALGORITHMS);
    let rest = names.find_map(|name| rest.strip_prefix(name)?.strip_prefix(", "))?;
    let endings = [
        Signature::Present,
        Signature::Empty,
        Signature::Absent,
        Signature::NotVerifiable,
    ];
    let mut endings = endings.into_iter().map(ending);
    let rest = endings.find_map(|ending| rest.strip_prefix(ending)?.strip_prefix(')'))?;
    Some(text.len() - rest.len())
}

/// What may be shown of a secret that is a token.
pub(super) fn kind(secret: &str) -> Option<Arc<str>> {
    Token::read(secret).map(|token| token.to_string().into())
}

/// What stands in place of a secret as a whole: what may be shown of a token, a mask of all else.
pub(super) fn stand_in(secret: &str) -> String {
    Token::read(secret).map_or_else(|| Mask::of(secret).to_string(), |token| token.to_string())
}

/// The header's algorithm, when it has a known name; `none` in whatever letters.
fn algorithm(header: &Value) -> Option<&'static str> {
    let name = header["alg"].as_str()?;
    if name.eq_ignore_ascii_case("none") {
        return Some("none");
    }
    ALGORITHMS.into_iter().find(|known| *known == name)
}

fn object(text: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    value.is_object().then_some(value)
}

fn is_base64(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, rest: &str) -> String {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"joe"}"#);
        format!("{}.{claims}{rest}", URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn the_algorithm_and_the_signature_of_a_token_are_told_in_one_line() {
        for (header, rest, shown) in [
            (r#"{"alg":"RS256"}"#, ".c2ln", "(token: RS256, signed)"),
            (r#"{ "alg" : "HS256" }"#, ".c2ln", "(token: HS256, signed)"),
            (
                r#"{"alg":"RS256"}"#,
                ".",
                "(token: RS256, UNSIGNED: empty signature)",
            ),
            (
                r#"{"alg":"RS256"}"#,
                "",
                "(token: RS256, UNSIGNED: no signature)",
            ),
            (
                r#"{"alg":"none"}"#,
                ".",
                "(token: alg none, UNSIGNED: empty signature)",
            ),
            (
                r#"{"alg":"nOnE"}"#,
                ".c2ln",
                "(token: alg none, signature not verifiable)",
            ),
            (
                r#"{"typ":"JWT"}"#,
                ".c2ln",
                "(token: no alg, signature not verifiable)",
            ),
            (
                r#"{"alg":"s3cret-x"}"#,
                ".c2ln",
                "(token: unknown alg, signature not verifiable)",
            ),
            (
                r#"{"alg":7}"#,
                ".c2ln",
                "(token: unknown alg, signature not verifiable)",
            ),
            (
                r#"{"alg":"RS256"}"#,
                ".a+b",
                "(token: RS256, signature not verifiable)",
            ),
        ] {
            let read = Token::read(&token(header, rest)).expect("a token");
            assert_eq!(read.to_string(), shown, "{header} {rest}");
            assert_eq!(stand_in_at(&format!("{shown} and more")), Some(shown.len()));
            assert_eq!(read.claims["sub"], "joe");
        }
        assert_eq!(stand_in_at("(token: s3cret-x, signed)"), None);
        assert_eq!(stand_in_at("(token: RS256, s3cret-x)"), None);
    }

    #[test]
    fn what_is_no_token_is_masked_whole() {
        for text in [
            "",
            "plain",
            "a.b.c",
            "eyJhIjoxfQ",
            "eyJhIjoxfQ..c2ln",
            "eyJhIjoxfQ.e30.a.b.c",
        ] {
            assert_eq!(Token::read(text), None, "{text}");
            assert_eq!(stand_in(text), Mask::of(text).to_string());
        }
    }
}
