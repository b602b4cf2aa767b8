//! The tokens of an exchange, decoded for people: header, claims, and whether there is a signature.
//!
//! A report that shows a mask alone hides that a token is not signed at all.

use serde_json::Value;

use crate::{
    check::TokenFacts,
    contract::pointer_part,
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
        let at = shown.in_answer();
        if let Some(facts) = facts.iter().find(|facts| Some(&facts.at) == at.as_ref()) {
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

/// The texts of a recorded token that the target had a part in.
pub(super) fn texts(token: &mut RecordedToken) -> impl Iterator<Item = &mut String> {
    let verified = token.verified.iter_mut();
    [&mut token.place, &mut token.header, &mut token.claims]
        .into_iter()
        .chain(&mut token.malformed)
        .chain(verified.flat_map(|one| std::iter::once(&mut one.keys).chain(&mut one.error)))
}

fn of_answer(response: &Response, found: &mut Vec<Found>) {
    if let Some(body) = response.json() {
        in_value(body, RecordedToken::IN_ANSWER, found);
    } else {
        let text = String::from_utf8_lossy(&response.body);
        found.extend(Found::read(RecordedToken::IN_ANSWER, &text));
    }
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
                in_value(member, &format!("{place}/{}", pointer_part(name)), found);
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::exchange::{Body, Tape};

    #[test]
    fn a_member_with_a_slash_in_its_name_has_the_facts_of_its_token() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqb2UifQ.c2ln";
        let body = json!({ "a/b": { "~c": token } }).to_string();
        let exchange = Exchange {
            sent_line: String::new(),
            request: Request {
                method: "GET".to_owned(),
                url: "http://t.example/".to_owned(),
                headers: Vec::new(),
                body: None,
                exact: false,
                hostless: false,
            },
            sent_headers: Vec::new(),
            tape: Tape::default(),
            fault: None,
            outcome: Ok(Response {
                status: 200,
                headers: Vec::new(),
                body: Body::from(body),
                defects: Vec::new(),
            }),
            again: None,
            elapsed: Duration::ZERO,
            at_ms: 0,
        };
        let facts = TokenFacts {
            at: "/a~1b/~0c".to_owned(),
            malformed: None,
            verified: vec![("keys 01".to_owned(), Some("no key".to_owned()))],
        };
        let decoded = decoded(&exchange, &[facts], &Redactor::default());
        assert_eq!(decoded.len(), 1);
        assert_eq!(decoded[0].place, "body /a~1b/~0c");
        assert_eq!(decoded[0].in_answer().as_deref(), Some("/a~1b/~0c"));
        assert_eq!(decoded[0].verified.len(), 1, "{decoded:?}");
    }
}
