//! `jwt`: a token in the answer is what the document says: algorithm, key, signature, lifetime, claims.
//!
//! A token is judged by what is written in the case and by the keys that were published, never by what
//! it says of itself: it names its key and its algorithm, and both have to fit.

mod claims;
mod facts;
mod keys;
mod provider;
mod signature;
pub(super) mod signer;
mod tests;
mod token;
mod token_at;

pub use facts::{TokenFacts, token_facts};
pub use keys::{FETCHED, KeySource, VERIFIED};
pub use token_at::token_text;

use serde_json::Value;

use self::{signature::SignatureError, token::Token, token_at::TokenAt};
use super::{
    CheckKind, Evidence, Place, Unusable,
    matcher::{self, Compared, Matcher},
    show,
};
use crate::{
    contract::ErrorBody,
    diag::Diagnostic,
    result::{Mismatch, Subject},
    yaml::{Field, Kind, Node, Shape},
};

const FORM: Shape = Shape::Object(&[
    Field::new("at", Shape::Text, "JSON Pointer of the token in the body."),
    Field::new(
        "header",
        Shape::Text,
        "The header of the answer that holds the token, after `Bearer` or alone.",
    ),
    Field::new(
        "text",
        Shape::Bool,
        "`true` where the body itself is the token, as text.",
    ),
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
        "What the token says of its user, where edition.yaml says that it does: matchers by name.",
    ),
]);

pub(super) static JWT: CheckKind = CheckKind {
    field: Field::new(
        "jwt",
        Shape::OneOrMany(&FORM),
        "A token in the answer, decoded and verified.",
    ),
    lint,
    subjects,
    evaluate,
};

fn lint(node: &Node, lint: &super::Lint<'_>, found: &mut Vec<Diagnostic>) {
    super::demands_something(node, lint, found);
    for item in node.one_or_many() {
        for key in ["claims", "user"] {
            for (_, value) in item.get(key).map(Node::entries).unwrap_or_default() {
                matcher::lint(value, Compared::Json, lint, found);
            }
        }
        for (key, compared) in [("iss", Compared::Json), ("lifetime", Compared::Number)] {
            if let Some(value) = item.get(key) {
                matcher::lint(value, compared, lint, found);
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
        one_place(item, lint, found);
        let places = ["at", "header", "text", "skew"];
        let demands =
            |(name, _): &&(Node, Node)| !name.text().is_some_and(|name| places.contains(&name));
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

/// A token stands in one place, and a header has a name that HTTP allows.
fn one_place(item: &Node, lint: &super::Lint<'_>, found: &mut Vec<Diagnostic>) {
    let text = item
        .get("text")
        .filter(|node| node.boolean() != Some(false));
    let named = [item.get("at"), item.get("header"), text];
    if !matches!(item.kind, Kind::Map(_)) {
        return;
    }
    if named.iter().flatten().count() != 1 {
        let message = "a `jwt` names the one place of its token";
        let help = "`at: /member`, `header: NAME`, or `text: true` where the body is the token";
        found.push(Diagnostic::new("missing-key", &item.span, message).help(help));
    }
    if let Some(node) = item.get("header").filter(|node| lint.is_final(node))
        && let Some(name) = node.text()
        && http::HeaderName::from_bytes(name.as_bytes()).is_err()
    {
        let message = format!("`{name}` cannot be the name of a header");
        found.push(Diagnostic::new("bad-header", &node.span, message));
    }
}

/// The parts of each token that its keys judge, and that it is one.
fn subjects(value: &Value, _: &[&ErrorBody]) -> Vec<Subject> {
    let one = std::slice::from_ref(value);
    let items = value.as_array().map_or(one, Vec::as_slice);
    items.iter().flat_map(of_token).collect()
}

fn of_token(wanted: &Value) -> Vec<Subject> {
    let at = TokenAt::of(wanted);
    let token = at.name();
    let mut parts: Vec<&str> = vec!["form", "alg"];
    let keys = [
        ("type", &["typ"][..]),
        ("kid", &["kid"]),
        // The key that verifies is the one that the `kid` names.
        ("keys", &["signature", "kid"]),
        ("verify", &["signature", "kid"]),
        ("lifetime", &["lifetime", "exp", "iat"]),
        ("fresh", &["exp", "iat", "nbf"]),
        ("iss", &["iss"]),
        ("aud", &["aud"]),
        ("user", &["user"]),
    ];
    let has = |key: &str| wanted.get(key).is_some();
    parts.extend(
        keys.iter()
            .filter(|(key, _)| has(key))
            .flat_map(|(_, parts)| *parts),
    );
    let required = wanted["required"].as_array().into_iter().flatten();
    parts.extend(required.filter_map(Value::as_str));
    let claims = wanted["claims"].as_object().into_iter().flatten();
    parts.extend(claims.map(|(name, _)| name.as_str()));
    let claim = |part: &str| Subject::Claim {
        token: token.clone(),
        part: part.to_owned(),
    };
    let mut out: Vec<Subject> = parts.into_iter().map(claim).collect();
    out.push(at.place().subject());
    out
}

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Result<Vec<Mismatch>, Unusable> {
    let one = std::slice::from_ref(value);
    let items = value.as_array().map_or(one, Vec::as_slice);
    let mut broken = Vec::new();
    for item in items {
        broken.extend(judge(item, evidence)?);
    }
    Ok(broken)
}

fn judge(wanted: &Value, evidence: &Evidence<'_>) -> Result<Vec<Mismatch>, Unusable> {
    let at = TokenAt::of(wanted);
    let name = at.name();
    let part = |part: &str, words: &str| Place::token(&name, part, words);
    let mut broken = Vec::new();
    let Some(text) = token_text(evidence.response, &name) else {
        let actual = at.instead(evidence.response);
        return Ok(vec![at.place().mismatch("a JWT", actual)]);
    };
    let token = match Token::take_apart(&text) {
        Ok(token) => token,
        Err(error) => {
            let place = at.place().about(form(&name));
            return Ok(vec![place.mismatch("a JWT", error.to_string())]);
        }
    };
    signing(wanted, &token, &part, evidence, &mut broken)?;
    header(wanted, &token.header, &part, &mut broken)?;
    claims::claims(wanted, &token.claims, &part, evidence, &mut broken)?;
    Ok(broken)
}

/// The rules that make a token worth reading, before anything that it says: its algorithm, its
/// signature, and the key that made it (RFC 8725, sections 3.1 to 3.3).
fn signing(
    wanted: &Value,
    token: &Token<'_>,
    part: Part<'_>,
    evidence: &Evidence<'_>,
    broken: &mut Vec<Mismatch>,
) -> Result<(), Unusable> {
    let alg = part("alg", "header alg");
    algorithm(wanted.get("alg"), &token.header["alg"], &alg, broken);
    // The engine fetches what is named here, and the judge looks whether it did.
    for (name, keys) in keys::key_sets(wanted, evidence.fetched) {
        let outcome = match evidence.verified {
            Some(verified) => recorded(verified, wanted, &name)?,
            None => signature::verify(token, keys).map_err(|error| error.to_string()),
        };
        if let Err(error) = outcome {
            let expected = "verified with the published key of its `kid`";
            broken.push(part("signature", "signature").mismatch(expected, error));
            return Ok(());
        }
    }
    if token.signature.is_empty() {
        // No key is needed to see that nobody signed it.
        let error = SignatureError::Missing.to_string();
        broken.push(part("signature", "signature").mismatch("a signature", error));
    }
    Ok(())
}

/// What was found of a signature when its token was there.
fn recorded(verified: &Value, wanted: &Value, keys: &str) -> Result<Result<(), String>, Unusable> {
    let at = TokenAt::of(wanted).name();
    match verified.get(&at).and_then(|one| one.get(keys)) {
        Some(Value::Null) => Ok(Ok(())),
        Some(Value::String(error)) => Ok(Err(error.clone())),
        _ => Err(Unusable::NotRecorded { at }),
    }
}

/// That the token is one at all.
fn form(token: &str) -> Subject {
    Subject::Claim {
        token: token.to_owned(),
        part: "form".to_owned(),
    }
}

/// Makes the place of a part of the token: its word in the register, and its words for people.
type Part<'p> = &'p dyn Fn(&str, &str) -> Place;

fn header(
    wanted: &Value,
    header: &Value,
    part: Part<'_>,
    broken: &mut Vec<Mismatch>,
) -> Result<(), Unusable> {
    let at = |name: &str| part(name, &format!("header {name}"));
    if wanted.get("kid").is_some() && header["kid"].as_str().is_none_or(str::is_empty) {
        let actual = header.get("kid").map_or_else(|| "absent".into(), show);
        let actual = format!("{actual}: no published key is named (RFC 7515, 4.1.4)");
        broken.push(at("kid").mismatch("present", actual));
    }
    match wanted["type"].as_str() {
        Some("absent") if header.get("typ").is_some() => {
            broken.push(at("typ").mismatch("absent", show(&header["typ"])));
        }
        Some("absent") | None => {}
        Some(_) => {
            let matcher = Matcher::parse(&wanted["type"])?;
            matcher.compare(header.get("typ"), &at("typ"), broken);
        }
    }
    Ok(())
}

/// The algorithm is one of those allowed; none at all never is, whatever a case would allow.
fn algorithm(allowed: Option<&Value>, alg: &Value, place: &Place, broken: &mut Vec<Mismatch>) {
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
    let actual = match alg {
        Value::Null => "absent: no algorithm is named (RFC 7515, 4.1.1)".to_owned(),
        _ if signed => format!("{}: not allowed here (RFC 8725, 3.1)", show(alg)),
        _ => format!(
            "{}: alg none, the token is not signed (RFC 8725, 3.2)",
            show(alg)
        ),
    };
    broken.push(place.one_of(wanted, actual));
}
