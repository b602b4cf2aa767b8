//! `jwt`: a token in the body is what the document says: algorithm, key, signature, lifetime, claims.
//!
//! The JOSE header is read here first, because the library accepts an unknown `crit` (RFC 7515
//! section 4.1.11 says to refuse it) and cannot describe a token it refuses.

use base64::Engine as _;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::Value;

use super::{CheckKind, Evidence, matcher, show};
use crate::{
    diag::Diagnostic,
    result::Mismatch,
    yaml::{Field, Node, Shape},
};

/// Clock difference that is forgiven, in seconds.
const SKEW: i64 = 300;

const FORM: Shape = Shape::Object(&[
    Field::new("at", Shape::Text, "JSON Pointer of the token in the body.").required(),
    Field::new("alg", Shape::Text, "The algorithm in the token's header."),
    Field::new("type", Shape::Text, "The header's `typ`, or `absent`."),
    Field::new(
        "kid",
        Shape::Word(&["present"]),
        "The header names its key.",
    ),
    Field::new(
        "keys",
        Shape::Any,
        "A JWK set; the signature verifies with the key of `kid`.",
    ),
    Field::new(
        "lifetime",
        Shape::Any,
        "`exp - iat` in seconds: a number or a matcher.",
    ),
    Field::new("fresh", Shape::Bool, "Issued now and not expired."),
    Field::new(
        "claims",
        Shape::Map(&Shape::Any),
        "Matchers by claim; `a|b` is either name.",
    ),
    Field::new(
        "user",
        Shape::Map(&Shape::Any),
        "User facts, as claims or inside the `api` text.",
    ),
]);

pub(super) static JWT: CheckKind = CheckKind {
    field: Field::new(
        "jwt",
        Shape::OneOrMany(&FORM),
        "A token in the body, decoded and verified.",
    ),
    lint,
    evaluate,
};

fn lint(node: &Node, lint: &super::Lint<'_>, found: &mut Vec<Diagnostic>) {
    super::demands_something(node, lint, found);
    for item in node.one_or_many() {
        for key in ["claims", "user"] {
            for (_, value) in item.get(key).map(Node::entries).unwrap_or_default() {
                matcher::lint(value, found);
            }
        }
        if item.entries().len() < 2 {
            found.push(Diagnostic::new(
                "empty-expectation",
                &item.span,
                "this `jwt` demands nothing of the token",
            ));
        }
        if let Some(at) = item.get("at").and_then(Node::text)
            && !at.starts_with('/')
        {
            found.push(Diagnostic::new(
                "bad-pointer",
                &item.span,
                format!("`{at}` is not a JSON Pointer; write `/{at}`"),
            ));
        }
    }
}

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    match value {
        Value::Array(items) => items
            .iter()
            .flat_map(|item| judge(item, evidence))
            .collect(),
        one => judge(one, evidence),
    }
}

/// A token taken apart; nothing in it is trusted yet.
struct Parts {
    header: Value,
    claims: Value,
}

fn judge(wanted: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let pointer = wanted["at"].as_str().unwrap_or_default();
    let place = format!("body {pointer}");
    let mut broken = Vec::new();
    let body = evidence.response.json().unwrap_or_default();
    let Some(token) = body.pointer(pointer).and_then(Value::as_str) else {
        let actual = body.pointer(pointer).map_or_else(|| "absent".into(), show);
        return vec![mismatch(&place, "a JWT".into(), actual)];
    };
    let parts = match take_apart(token) {
        Ok(parts) => parts,
        Err(why) => return vec![mismatch(&place, "a JWT".into(), why)],
    };
    header(wanted, &parts, &place, &mut broken);
    if wanted.get("keys").is_some()
        && let Err(why) = verify(token, &parts.header, &wanted["keys"])
    {
        broken.push(mismatch(
            &format!("{place} › signature"),
            "verified with the published key of its `kid`".into(),
            why,
        ));
    }
    claims(wanted, &parts.claims, &place, evidence.at, &mut broken);
    broken
}

fn header(wanted: &Value, parts: &Parts, place: &str, broken: &mut Vec<Mismatch>) {
    let at = |name: &str| format!("{place} › header {name}");
    if let Some(alg) = wanted.get("alg") {
        matcher::compare(alg, parts.header.get("alg"), &at("alg"), broken);
    }
    match wanted["type"].as_str() {
        Some("absent") if parts.header.get("typ").is_some() => broken.push(mismatch(
            &at("typ"),
            "absent".into(),
            show(&parts.header["typ"]),
        )),
        Some("absent") | None => {}
        Some(_) => matcher::compare(&wanted["type"], parts.header.get("typ"), &at("typ"), broken),
    }
    if wanted.get("kid").is_some() && parts.header["kid"].as_str().is_none_or(str::is_empty) {
        broken.push(mismatch(
            &at("kid"),
            "present".into(),
            show(&parts.header["kid"]),
        ));
    }
}

fn claims(wanted: &Value, claims: &Value, place: &str, now: i64, broken: &mut Vec<Mismatch>) {
    let at = |name: &str| format!("{place} › claim {name}");
    let (issued, expires) = (claims["iat"].as_i64(), claims["exp"].as_i64());
    if let Some(lifetime) = wanted.get("lifetime") {
        let actual = issued.zip(expires).map(|(iat, exp)| Value::from(exp - iat));
        matcher::compare(lifetime, actual.as_ref(), &at("exp minus iat"), broken);
    }
    if wanted["fresh"] == true {
        match (issued, expires) {
            (Some(iat), Some(exp)) if (iat - now).abs() <= SKEW && exp > now - SKEW => {}
            _ => broken.push(mismatch(
                &at("iat, exp"),
                format!("issued about {now} and not expired"),
                format!("iat {}, exp {}", claims["iat"], claims["exp"]),
            )),
        }
        if claims["nbf"].as_i64().is_some_and(|nbf| nbf > now + SKEW) {
            broken.push(mismatch(
                &at("nbf"),
                "not in the future".into(),
                show(&claims["nbf"]),
            ));
        }
    }
    for (names, matcher) in wanted["claims"].as_object().into_iter().flatten() {
        let actual = names.split('|').find_map(|name| claims.get(name));
        matcher::compare(matcher, actual, &at(names), broken);
    }
    let inner: Value = claims["api"]
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    for (name, matcher) in wanted["user"].as_object().into_iter().flatten() {
        let actual = claims.get(name).or_else(|| inner.get(name));
        matcher::compare(matcher, actual, &at(name), broken);
    }
}

/// Decodes header and payload.
fn take_apart(token: &str) -> Result<Parts, String> {
    let segments: Vec<&str> = token.split('.').collect();
    let [header, payload, _] = segments.as_slice() else {
        return Err(format!("a text of {} parts", segments.len()));
    };
    let decode = |part: &str, name: &str| {
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|error| format!("a {name} that is not base64url ({error})"))
            .and_then(|bytes| {
                serde_json::from_slice::<Value>(&bytes)
                    .map_err(|error| format!("a {name} that is not JSON ({error})"))
            })
    };
    Ok(Parts {
        header: decode(header, "header")?,
        claims: decode(payload, "payload")?,
    })
}

/// Verifies the signature with the key that `kid` names; only asymmetric algorithms are allowed,
/// so that a public key can never be taken for a shared secret.
fn verify(token: &str, header: &Value, keys: &Value) -> Result<(), String> {
    if header.get("crit").is_some() {
        return Err("the header demands extensions (`crit`) that nobody knows".into());
    }
    let algorithm = match header["alg"].as_str() {
        Some("RS256") => Algorithm::RS256,
        Some("RS384") => Algorithm::RS384,
        Some("RS512") => Algorithm::RS512,
        Some("PS256") => Algorithm::PS256,
        Some("ES256") => Algorithm::ES256,
        Some("ES384") => Algorithm::ES384,
        other => {
            return Err(format!(
                "the algorithm {other:?} is not one a published key verifies"
            ));
        }
    };
    let set: JwkSet = serde_json::from_value(keys.clone())
        .map_err(|error| format!("the published keys are not a JWK set: {error}"))?;
    let kid = header["kid"].as_str().ok_or("the header names no `kid`")?;
    let key = set
        .find(kid)
        .ok_or_else(|| format!("no published key has the kid {kid:?}"))?;
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<Value>(token, &key, &validation)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn mismatch(place: &str, expected: String, actual: String) -> Mismatch {
    Mismatch {
        place: place.to_owned(),
        expected: vec![expected],
        actual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Header and shape of the documented EIAM example; the payload has our own values.
    #[test]
    fn a_token_of_three_parts_is_taken_apart() {
        let parts = take_apart("eyJraWQiOiJrMSIsImFsZyI6IlJTMjU2In0.eyJpc3MiOiJJc3N1ZXIifQ.c2ln")
            .ok()
            .unwrap();
        assert_eq!(parts.header["kid"], "k1");
        assert_eq!(parts.claims["iss"], "Issuer");
    }

    /// CIAM-SKIP-X02: the page's example is a placeholder, not a token.
    #[test]
    fn the_placeholder_of_the_ciam_page_is_reported_as_malformed() {
        assert!(take_apart("eyJ0NiJ9.eyJ1cI6IjIifX0.DeWt4QuZXso").is_err());
    }

    #[test]
    fn an_unsigned_token_never_verifies() {
        let header = serde_json::json!({ "alg": "none", "kid": "k1" });
        assert!(verify("a.b.", &header, &serde_json::json!({ "keys": [] })).is_err());
    }

    #[test]
    fn a_token_with_an_unknown_critical_extension_is_refused() {
        let header = serde_json::json!({ "alg": "RS256", "kid": "k1", "crit": ["x"] });
        let why = verify("a.b.c", &header, &serde_json::json!({ "keys": [] })).unwrap_err();
        assert!(why.contains("crit"), "{why}");
    }
}
