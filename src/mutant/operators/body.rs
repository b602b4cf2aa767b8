//! The bytes of the body are not the JSON text they should be, or are it in another spelling.

use serde_json::Value;

use crate::{
    exchange::Response,
    mutant::{
        Family, Mutant,
        edit::{object, set_body},
        scope::{Named, Scope, allowed, edit, judged},
    },
};

type Bytes = fn(&[u8]) -> Option<Vec<u8>>;

/// Operator, what the body is, the bytes made from the right ones.
const BROKEN: [(&str, &str, Bytes); 11] = [
    ("truncated", "the first half of what it should be", |body| {
        Some(body[..body.len() / 2].to_vec())
    }),
    ("empty", "empty", |_| Some(Vec::new())),
    ("text", "a word instead of JSON", |_| Some(b"OK".to_vec())),
    ("html", "a page of HTML", |_| {
        Some(b"<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>".to_vec())
    }),
    ("null", "the JSON null", |_| Some(b"null".to_vec())),
    ("quoted", "JSON inside a JSON text", |body| {
        Some(
            Value::from(String::from_utf8_lossy(body))
                .to_string()
                .into_bytes(),
        )
    }),
    ("list", "a list around the object", |body| {
        Some([b"[", body, b"]"].concat())
    }),
    ("garbage", "followed by a stray brace", |body| {
        Some([body, b"}"].concat())
    }),
    ("twice", "sent two times over", |body| {
        Some([body, body].concat())
    }),
    // RFC 8259, section 8.1: no mark in front of a JSON text.
    ("mark", "preceded by a byte order mark", |body| {
        Some([b"\xEF\xBB\xBF", body].concat())
    }),
    // RFC 8259, section 8.1: UTF-8.
    ("encoding", "no UTF-8", |body| {
        let at = body.iter().rposition(|byte| *byte == b'"')?;
        Some([&body[..at], b"\xFF", &body[at..]].concat())
    }),
];

const SPACE: &str = "JSON gives blanks between values no meaning";

/// The same value in another spelling.
const SAME: [(&str, &str, &str, Bytes); 3] = [
    ("blanks", "surrounded by blanks", SPACE, |body| {
        Some([b" \r\n", body, b"\n"].concat())
    }),
    ("spread", "spread over lines", SPACE, |body| {
        serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(body).ok()?).ok()
    }),
    (
        "reordered",
        "with its members in reverse",
        "JSON gives the order of members no meaning",
        |body| {
            let Value::Object(members) = serde_json::from_slice(body).ok()? else {
                return None;
            };
            let turned: serde_json::Map<_, _> = members.into_iter().rev().collect();
            Some(Value::Object(turned).to_string().into_bytes())
        },
    ),
];

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for rule in scope.statuses().filter(|rule| !rule.members.is_empty()) {
        let status = rule.status;
        let mut add = |operator: &str, what: &str, judged, bytes: Bytes| {
            out.push(scope.answer(
                Named(Family::Body, &status.to_string(), operator),
                format!("the {status} body is {what}"),
                judged,
                edit(
                    move |_, response| applies(response, status),
                    move |response| {
                        if let Some(body) = bytes(&response.body) {
                            set_body(response, body);
                        }
                    },
                ),
            ));
        };
        for (operator, what, bytes) in BROKEN {
            let breaks = scope.ids(|row| scope.promises_body(row, status));
            add(
                operator,
                what,
                judged(breaks, "no requirement speaks of this body"),
                bytes,
            );
        }
        for (operator, what, reason, bytes) in SAME {
            add(operator, what, allowed(reason), bytes);
        }
        out.push(doubled(scope, status, &rule.members[0].name));
    }
    out
}

/// A member twice, right and then wrong: most readers keep the last (RFC 8259, section 4).
fn doubled(scope: &Scope<'_>, status: u16, name: &str) -> Mutant {
    let breaks = scope.ids(|row| scope.promises_member(row, status, name));
    let again = format!(",\"{name}\":null}}");
    scope.answer(
        Named(Family::Body, &status.to_string(), "doubled"),
        format!("the {status} body has {name} twice, right and then null"),
        judged(breaks, "no requirement speaks of this member"),
        edit(
            {
                let name = name.to_owned();
                move |_, response| {
                    response.status == status
                        && object(response).is_some_and(|members| members.contains_key(&name))
                }
            },
            move |response| {
                if let Some(at) = response.body.iter().rposition(|byte| *byte == b'}') {
                    let body = [&response.body[..at], again.as_bytes()].concat();
                    set_body(response, body);
                }
            },
        ),
    )
}

fn applies(response: &Response, status: u16) -> bool {
    response.status == status && object(response).is_some()
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, breaks, edited, request};

    #[test]
    fn the_bytes_become_what_the_operator_says() {
        let right = answer(200, r#"{"status":"SUCCESS","expire":1}"#);
        for (operator, wanted) in [
            ("truncated", &br#"{"status":"SUCC"#[..]),
            ("empty", b""),
            ("null", b"null"),
            ("quoted", br#""{\"status\":\"SUCCESS\",\"expire\":1}""#),
            ("list", br#"[{"status":"SUCCESS","expire":1}]"#),
            ("garbage", br#"{"status":"SUCCESS","expire":1}}"#),
            ("mark", b"\xEF\xBB\xBF{\"status\":\"SUCCESS\",\"expire\":1}"),
            ("encoding", b"{\"status\":\"SUCCESS\",\"expire\xFF\":1}"),
            (
                "doubled",
                br#"{"status":"SUCCESS","expire":1,"status":null}"#,
            ),
            ("reordered", br#"{"expire":1,"status":"SUCCESS"}"#),
            ("blanks", b" \r\n{\"status\":\"SUCCESS\",\"expire\":1}\n"),
        ] {
            let id = format!("ciam/skipPasswordUpdate/body/200:{operator}");
            let changed = edited(&id, &request(&[]), &right).expect("applies");
            assert_eq!(&changed.body[..], wanted, "{id}");
            assert_eq!(changed.status, 200);
            assert_eq!(
                changed.header("content-length"),
                Some(wanted.len().to_string().as_str())
            );
            assert_eq!(changed.header("content-type"), Some("application/json"));
            assert_eq!(edited(&id, &request(&[]), &answer(400, "{}")), None);
        }
    }

    #[test]
    fn another_spelling_of_the_same_value_is_allowed() {
        for operator in ["blanks", "spread", "reordered"] {
            let id = format!("ciam/skipPasswordUpdate/body/200:{operator}");
            let right = answer(200, r#"{"status":"SUCCESS","expire":1}"#);
            let changed = edited(&id, &request(&[]), &right).expect("applies");
            assert_eq!(changed.json(), right.json());
            assert!(breaks(&id).is_err());
        }
        assert!(
            breaks("ciam/skipPasswordUpdate/body/200:html").is_ok_and(|ids| {
                ids.contains(&"CIAM-SKIP-R08") && !ids.contains(&"CIAM-SKIP-E23")
            })
        );
    }
}
