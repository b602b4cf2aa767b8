//! The tokens of an exchange, decoded for people: header, claims, and whether there is a signature.
//!
//! A report that shows a mask alone hides that a token is not signed at all.

use serde_json::Value;

use crate::{
    exchange::{Exchange, Request, Response},
    result::RecordedToken,
    secret::{Redactor, Token},
};

/// So many tokens of an exchange are decoded.
const MOST: usize = 8;

/// The longest header and the longest claims that are shown, in characters.
const LONGEST: usize = 2_000;

/// The tokens in headers and in JSON, those of the answer first.
pub(super) fn decoded(exchange: &Exchange, redactor: &Redactor) -> Vec<RecordedToken> {
    let mut found = Vec::new();
    if let Ok(response) = &exchange.outcome {
        of_answer(response, &mut found);
    }
    of_request(&exchange.request, &mut found);
    found.truncate(MOST);
    let shown = |(place, token): &(String, Token)| recorded(place, token, redactor);
    found.iter().map(shown).collect()
}

/// The texts of a recorded token that the target had a part in.
pub(super) fn texts(token: &mut RecordedToken) -> [&mut String; 3] {
    [&mut token.place, &mut token.header, &mut token.claims]
}

fn of_answer(response: &Response, found: &mut Vec<(String, Token)>) {
    in_value(response.json_or_null(), "body ", found);
    in_headers(&response.headers, "header", found);
}

fn of_request(request: &Request, found: &mut Vec<(String, Token)>) {
    in_headers(&request.headers, "request header", found);
    let body = request.body.as_deref().unwrap_or_default();
    in_value(
        &serde_json::from_slice(body).unwrap_or_default(),
        "request body ",
        found,
    );
}

fn in_headers(headers: &[(String, String)], place: &str, found: &mut Vec<(String, Token)>) {
    for (name, value) in headers {
        // The scheme of an authorization, the name of a cookie and what follows it are no token.
        let words = value.split([' ', '=', ';', ',', '&', '#']);
        found.extend(
            words
                .filter_map(Token::read)
                .map(|token| (format!("{place} {name}"), token)),
        );
    }
}

fn in_value(value: &Value, place: &str, found: &mut Vec<(String, Token)>) {
    match value {
        Value::String(text) => {
            found.extend(Token::read(text).map(|token| (place.to_owned(), token)));
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

fn recorded(place: &str, token: &Token, redactor: &Redactor) -> RecordedToken {
    let shown = |value: &Value| {
        let text = redactor.body(&value.to_string());
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}… (cut)", &text[..end]),
            None => text,
        }
    };
    RecordedToken {
        place: redactor.name(place),
        summary: token.to_string(),
        header: shown(&token.header),
        claims: shown(&token.claims),
        signature: token.signature.to_string(),
    }
}
