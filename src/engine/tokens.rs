//! The tokens of an exchange, decoded for people: header, claims, and whether there is a signature.
//!
//! A report that shows a mask alone hides that a token is not signed at all.

use serde_json::Value;

use crate::{
    check::TokenFacts,
    exchange::{Exchange, Request, Response},
    result::{RecordedToken, Verified},
    secret::{Mask, Redactor, Token},
};

/// So many tokens of an exchange are decoded.
const MOST: usize = 8;

/// The longest header and the longest claims that are shown, in characters.
const LONGEST: usize = 2_000;

/// The tokens in headers and in JSON, those of the answer first.
pub(super) fn decoded(
    exchange: &Exchange,
    facts: &[TokenFacts],
    redactor: &Redactor,
) -> Vec<RecordedToken> {
    let mut found = Vec::new();
    if let Ok(response) = &exchange.outcome {
        of_answer(response, &mut found);
    }
    of_request(&exchange.request, &mut found);
    found.truncate(MOST);
    let shown = |one: &Found| {
        let mut shown = recorded(one, redactor);
        let at = one.place.strip_prefix(BODY);
        if let Some(facts) = facts.iter().find(|facts| Some(facts.at.as_str()) == at) {
            let masked = |text: &String| redactor.redact(text);
            shown.malformed = facts.malformed.as_ref().map(masked);
            let verified = facts.verified.iter();
            shown.verified = verified
                .map(|(keys, error)| Verified {
                    keys: redactor.url(keys),
                    error: error.as_ref().map(masked),
                })
                .collect();
        }
        shown
    };
    found.iter().map(shown).collect()
}

/// A token, and where it stands.
struct Found {
    place: String,
    mask: Mask,
    token: Token,
}

impl Found {
    fn read(place: &str, text: &str) -> Option<Self> {
        Some(Self {
            place: place.to_owned(),
            mask: Mask::of(text),
            token: Token::read(text)?,
        })
    }
}

/// What the place of a token in the body of an answer begins with; a JSON Pointer follows.
const BODY: &str = "body ";

/// The texts of a recorded token that the target had a part in.
pub(super) fn texts(token: &mut RecordedToken) -> impl Iterator<Item = &mut String> {
    let verified = token.verified.iter_mut();
    [&mut token.place, &mut token.header, &mut token.claims]
        .into_iter()
        .chain(&mut token.malformed)
        .chain(verified.flat_map(|one| std::iter::once(&mut one.keys).chain(&mut one.error)))
}

fn of_answer(response: &Response, found: &mut Vec<Found>) {
    in_value(response.json_or_null(), BODY, found);
    in_headers(&response.headers, "header", found);
}

fn of_request(request: &Request, found: &mut Vec<Found>) {
    in_headers(&request.headers, "request header", found);
    let body = request.body.as_deref().unwrap_or_default();
    in_value(
        &serde_json::from_slice(body).unwrap_or_default(),
        "request body ",
        found,
    );
}

fn in_headers(headers: &[(String, String)], place: &str, found: &mut Vec<Found>) {
    for (name, value) in headers {
        // The scheme of an authorization, the name of a cookie and what follows it are no token.
        let words = value.split([' ', '=', ';', ',', '&', '#']);
        found.extend(words.filter_map(|word| Found::read(&format!("{place} {name}"), word)));
    }
}

fn in_value(value: &Value, place: &str, found: &mut Vec<Found>) {
    match value {
        Value::String(text) => {
            found.extend(Found::read(place, text));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                in_value(item, &format!("{place}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                in_value(member, &format!("{place}/{name}"), found);
            }
        }
        _ => {}
    }
}

fn recorded(found: &Found, redactor: &Redactor) -> RecordedToken {
    let token = &found.token;
    let shown = |value: &Value| {
        let text = redactor.body(&value.to_string());
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}… (cut)", &text[..end]),
            None => text,
        }
    };
    RecordedToken {
        place: redactor.name(&found.place),
        summary: token.to_string(),
        header: shown(&token.header),
        claims: shown(&token.claims),
        signature: token.signature.to_string(),
        mask: found.mask.to_string(),
        ..RecordedToken::default()
    }
}
