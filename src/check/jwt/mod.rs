//! `jwt`: a token in the body is what the document says: algorithm, key, signature, lifetime, claims.
//!
//! A token is judged by what is written in the case and by the keys that were published, never by what
//! it says of itself: it names its key and its algorithm, and both have to fit.

mod claims;
mod keys;
mod signature;
mod tests;
mod token;

pub use keys::{FETCHED, KeySource};

use serde_json::Value;

use self::token::Token;
use super::{CheckKind, Evidence, matcher, show};
use crate::{
    diag::Diagnostic,
    result::Mismatch,
    yaml::{Field, Node, Shape},
};

const FORM: Shape = Shape::Object(&[
    Field::new("at", Shape::Text, "JSON Pointer of the token in the body.").required(),
    Field::new(
        "alg",
        Shape::OneOrMany(&Shape::Text),
        "The algorithm in the token's header, or a list of those allowed; never `none`.",
    ),
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
        "verify",
        Shape::Object(&[
            Field::new(
                "jwks",
                Shape::Text,
                "URL of a JWK set, or its path on the target.",
            ),
            Field::new(
                "discovery",
                Shape::Text,
                "URL of an issuer, whose configuration names the set.",
            ),
        ]),
        "Where the keys are fetched from, once a run; the signature verifies with the key of `kid`.",
    ),
    Field::new(
        "lifetime",
        Shape::Any,
        "`exp - iat` in seconds: a number or a matcher.",
    ),
    Field::new(
        "fresh",
        Shape::Bool,
        "Issued now, valid already and not expired.",
    ),
    Field::new(
        "skew",
        Shape::Integer,
        "Clock difference in seconds that `fresh` forgives; 300 without it.",
    ),
    Field::new("iss", Shape::Any, "A matcher for the issuer."),
    Field::new("aud", Shape::Text, "The audience, or one of the audiences."),
    Field::new(
        "required",
        Shape::List(&Shape::Text),
        "Claims that must be there; `a|b` is either name.",
    ),
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
        if let Some(verify) = item.get("verify")
            && verify.entries().len() != 1
        {
            let message = "`verify` names either `jwks` or `discovery`";
            found.push(Diagnostic::new("missing-key", &verify.span, message));
        }
        if let Some(skew) = item.get("skew")
            && skew.integer().is_some_and(|seconds| seconds < 0)
        {
            let message = "a clock difference is a number of seconds from 0";
            found.push(Diagnostic::new("bad-duration", &skew.span, message));
        }
        let demands = |(name, _): &&(Node, Node)| !matches!(name.text(), Some("at" | "skew"));
        if !item.entries().iter().any(|entry| demands(&entry)) {
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

fn judge(wanted: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let pointer = wanted["at"].as_str().unwrap_or_default();
    let place = format!("body {pointer}");
    let mut broken = Vec::new();
    let body = evidence.response.json_or_null();
    let Some(token) = body.pointer(pointer).and_then(Value::as_str) else {
        let actual = body.pointer(pointer).map_or_else(|| "absent".into(), show);
        return vec![mismatch(&place, "a JWT".into(), actual)];
    };
    let token = match Token::take_apart(token) {
        Ok(token) => token,
        Err(error) => return vec![mismatch(&place, "a JWT".into(), error.to_string())],
    };
    header(wanted, &token.header, &place, &mut broken);
    // The engine fetches what is named here, and the judge looks whether it did.
    let fetched = KeySource::of(wanted).and_then(|source| source.find(evidence.fetched));
    let mut sets = wanted.get("keys").into_iter().chain(fetched);
    if let Some(error) = sets.find_map(|keys| signature::verify(&token, keys).err()) {
        broken.push(mismatch(
            &format!("{place} › signature"),
            "verified with the published key of its `kid`".into(),
            error.to_string(),
        ));
    }
    claims::claims(wanted, &token.claims, &place, evidence.at, &mut broken);
    broken
}

fn header(wanted: &Value, header: &Value, place: &str, broken: &mut Vec<Mismatch>) {
    let at = |name: &str| format!("{place} › header {name}");
    algorithm(wanted.get("alg"), &header["alg"], &at("alg"), broken);
    match wanted["type"].as_str() {
        Some("absent") if header.get("typ").is_some() => {
            broken.push(mismatch(&at("typ"), "absent".into(), show(&header["typ"])));
        }
        Some("absent") | None => {}
        Some(_) => matcher::compare(&wanted["type"], header.get("typ"), &at("typ"), broken),
    }
    if wanted.get("kid").is_some() && header["kid"].as_str().is_none_or(str::is_empty) {
        broken.push(mismatch(&at("kid"), "present".into(), show(&header["kid"])));
    }
}

/// The algorithm is one of those allowed; none at all never is, whatever a case would allow.
fn algorithm(allowed: Option<&Value>, alg: &Value, place: &str, broken: &mut Vec<Mismatch>) {
    let name = alg.as_str().unwrap_or_default();
    let signed = !name.is_empty() && !name.eq_ignore_ascii_case("none");
    let wanted = match allowed {
        None if signed => return,
        None => vec!["the name of a signature's algorithm".to_owned()],
        Some(Value::Array(allowed)) if signed && allowed.contains(alg) => return,
        Some(Value::Array(allowed)) => allowed.iter().map(show).collect(),
        Some(one) if signed && one == alg => return,
        Some(one) => vec![show(one)],
    };
    broken.push(Mismatch {
        place: place.to_owned(),
        expected: wanted,
        actual: if alg.is_null() {
            "absent".into()
        } else {
            show(alg)
        },
    });
}

fn mismatch(place: &str, expected: String, actual: String) -> Mismatch {
    Mismatch {
        place: place.to_owned(),
        expected: vec![expected],
        actual,
    }
}
