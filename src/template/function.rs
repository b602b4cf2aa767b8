//! The filters and functions that expressions may use: one closed list.

use base64::Engine as _;
use minijinja::{Environment, Error, ErrorKind, Value, value::Kwargs};

/// The functions (filters have their own name space and cannot be mistaken for bindings).
pub(super) const NAMES: [&str; 6] = [
    "unique",
    "digits",
    "basic",
    "now",
    "random",
    "pkce_verifier",
];

/// The filters, for whoever wrote another.
pub(super) const FILTERS: [&str; 13] = [
    "reverse",
    "upper",
    "lower",
    "tamper",
    "unsigned",
    "base64",
    "base64url",
    "pkce_challenge",
    "urlencode",
    "int",
    "string",
    "json",
    "jwt_claims",
];

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("reverse", |text: String| {
        text.chars().rev().collect::<String>()
    });
    environment.add_filter("upper", |text: String| text.to_uppercase());
    environment.add_filter("lower", |text: String| text.to_lowercase());
    environment.add_filter("tamper", |text: String, named: Kwargs| {
        let at: Option<String> = named.get("at")?;
        named.assert_all_used()?;
        tamper(&text, at.as_deref())
    });
    environment.add_filter("unsigned", |text: String| unsigned(&text));
    environment.add_filter("base64", |text: String| {
        base64::engine::general_purpose::STANDARD.encode(text)
    });
    environment.add_filter("base64url", |text: String| base64url(text.as_bytes()));
    environment.add_filter("pkce_challenge", |verifier: String| {
        let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        base64url(digest.as_ref())
    });
    environment.add_filter("urlencode", |text: String| {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
    });
    environment.add_filter("int", int);
    environment.add_filter("string", |value: Value| value.to_string());
    environment.add_filter("json", |value: Value| {
        serde_json::to_string(&value).map_err(invalid)
    });
    environment.add_filter("jwt_claims", |text: String| jwt_claims(&text));
    environment.add_function("unique", unique);
    environment.add_function("digits", digits);
    environment.add_function("random", random);
    // The shortest verifier that RFC 7636 (4.1) allows.
    environment.add_function("pkce_verifier", || random(43));
    environment.add_function("now", crate::clock::unix_seconds);
    environment.add_function("basic", |user: String, password: String| {
        base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))
    });
}

fn base64url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Letters and digits.
fn random(length: usize) -> Result<String, Error> {
    if length > 10_000 {
        return Err(invalid("`random` gives at most 10000 characters"));
    }
    Ok((0..length).map(|_| fastrand::alphanumeric()).collect())
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

const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Ten letters and digits; the first is a letter, and none stands beside itself.
fn unique() -> String {
    let first = fastrand::lowercase();
    unrepeated(first, 10, || {
        if fastrand::bool() {
            fastrand::lowercase()
        } else {
            fastrand::digit(10)
        }
    })
}

/// As [`unique`], and the same for the same seed: drawn from its digests, one after the other.
pub(super) fn unique_of(seed: &str) -> String {
    let mut bytes = (0_u32..).flat_map(|block| {
        let block = format!("{block}/{seed}");
        let digest = ring::digest::digest(&ring::digest::SHA256, block.as_bytes());
        digest.as_ref().to_vec()
    });
    let mut draw = |from: &[u8]| {
        let byte = bytes.next().map_or(0, usize::from);
        char::from(from[byte % from.len()])
    };
    let first = draw(&LETTERS_AND_DIGITS[..26]);
    unrepeated(first, 10, || draw(LETTERS_AND_DIGITS))
}

/// So many characters, none beside itself: what is made of them can stand inside a password without
/// breaking a rule about repetition.
fn unrepeated(first: char, count: usize, mut draw: impl FnMut() -> char) -> String {
    let mut out = String::from(first);
    while out.len() < count {
        let next = draw();
        if !out.ends_with(next) {
            out.push(next);
        }
    }
    out
}

/// So many digits, at most eighteen, none beside itself.
fn digits(count: usize) -> Result<String, Error> {
    if !(1..=18).contains(&count) {
        return Err(invalid("`digits` makes 1 to 18 of them"));
    }
    let draw = || fastrand::digit(10);
    Ok(unrepeated(draw(), count, draw))
}

/// Changes one character of a token's signature; the form stays valid base64url.
///
/// `at` is `start`, `middle` (when absent) or `end`, which is the last character but one: the
/// last one is left alone, because its low bits are padding and may carry nothing.
fn tamper(token: &str, at: Option<&str>) -> Result<String, Error> {
    let signed = token.rsplit_once('.');
    let Some((rest, signature)) = signed.filter(|(_, signature)| signature.chars().count() >= 4)
    else {
        return Err(invalid("`tamper` wants a token with a signature"));
    };
    let length = signature.chars().count();
    let place = match at {
        Some("start") => 0,
        None | Some("middle") => length / 2,
        Some("end") => length - 2,
        Some(other) => {
            return Err(invalid(format!(
                "`tamper` changes the `start`, the `middle` or the `end`, not `{other}`"
            )));
        }
    };
    let changed: String = signature
        .chars()
        .enumerate()
        .map(|(at, c)| match (at == place, c) {
            (true, 'A') => 'B',
            (true, _) => 'A',
            (false, c) => c,
        })
        .collect();
    Ok(format!("{rest}.{changed}"))
}

/// The token's own payload under a header that claims no signature, and none (RFC 7515, A.5).
fn unsigned(token: &str) -> Result<String, Error> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(invalid("`unsigned` wants a token of three parts"));
    };
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    Ok(format!("{header}.{payload}."))
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
    fn tampering_changes_one_character_where_it_was_told_to() {
        let token = "aaa.bbb.cdefghij";
        for (at, changed) in [
            (None, "aaa.bbb.cdefAhij"),
            (Some("start"), "aaa.bbb.Adefghij"),
            (Some("middle"), "aaa.bbb.cdefAhij"),
            (Some("end"), "aaa.bbb.cdefghAj"),
        ] {
            assert_eq!(tamper(token, at).unwrap(), changed, "{at:?}");
        }
        assert_eq!(tamper("a.b.AAAA", Some("end")).unwrap(), "a.b.AABA");
        assert!(tamper(token, Some("beginning")).is_err());
    }

    #[test]
    fn no_character_stands_beside_itself_and_no_two_calls_give_the_same() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let (number, name) = (digits(18).unwrap(), unique());
            let seeded = unique_of(&name);
            assert_eq!(seeded, unique_of(&name));
            assert!(seeded.len() == 10 && seeded.starts_with(|c: char| c.is_ascii_lowercase()));
            assert!(number.len() == 18 && number.chars().all(|c| c.is_ascii_digit()));
            assert!(name.len() == 10 && name.starts_with(|c: char| c.is_ascii_lowercase()));
            for text in [number, name, seeded] {
                assert!(text.as_bytes().windows(2).all(|pair| pair[0] != pair[1]));
                seen.insert(text);
            }
        }
        assert_eq!(seen.len(), 600);
        assert!(digits(0).is_err() && digits(19).is_err());
    }

    #[test]
    fn what_is_no_token_cannot_be_tampered_with() {
        assert!(tamper("abc", None).is_err());
        assert!(tamper("a.b.", Some("end")).is_err());
        assert!(unsigned("a.b").is_err());
        assert!(unsigned("a.b.c.d").is_err());
    }

    #[test]
    fn an_unsigned_token_keeps_its_payload_and_says_alg_none() {
        let token = unsigned("aaa.bbb.ccc").unwrap();
        assert_eq!(token, "eyJhbGciOiJub25lIn0.bbb.");
    }

    #[test]
    fn expressions_name_the_place_to_tamper_with() {
        let compute = |text: &str| {
            let mut bindings = crate::template::Bindings::new();
            bindings.insert("token".into(), "a.b.cdefgh".into());
            crate::template::render_text(text, &bindings)
        };
        assert_eq!(
            compute("${token | tamper(at='end')}").unwrap(),
            "a.b.cdefAh"
        );
        assert!(compute("${token | tamper(where='end')}").is_err());
    }

    #[test]
    fn a_challenge_is_the_one_of_the_standard_and_a_verifier_is_long_enough() {
        let compute = |text: &str| {
            let mut bindings = crate::template::Bindings::new();
            let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
            bindings.insert("v".into(), verifier.into());
            crate::template::render_text(text, &bindings).unwrap()
        };
        // The example of RFC 7636, appendix B.
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(compute("${v | pkce_challenge}"), challenge);
        let verifier = compute("${pkce_verifier()}");
        assert_eq!(verifier.as_str().map(str::len), Some(43));
        assert_eq!(compute("${random(7)}").as_str().map(str::len), Some(7));
        assert_ne!(compute("${random(20)}"), compute("${random(20)}"));
        assert_eq!(compute("${'a b/é' | urlencode}"), "a+b%2F%C3%A9");
        assert_eq!(compute("${'??>' | base64url}"), "Pz8-");
        assert!(random(10_001).is_err());
    }

    #[test]
    fn unique_texts_have_ten_characters_and_start_with_a_letter() {
        let text = unique();
        assert_eq!(text.len(), 10);
        assert!(text.starts_with(|c: char| c.is_ascii_lowercase()));
        assert_ne!(text, unique());
    }
}
