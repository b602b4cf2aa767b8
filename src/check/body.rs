//! `body`, `only-members`, `without-members`, `empty-body`: what the JSON body holds.

use serde_json::Value;

use super::{
    CheckKind, Place, demands_something,
    error::describe_body,
    matcher::{self, Compared, Matcher},
    no_lint, nodes, show,
};
use crate::{
    contract::{ErrorBody, pointer_part},
    result::{Mismatch, Subject},
    yaml::{Field, Shape},
};

pub(super) static BODY: CheckKind = CheckKind {
    field: Field::new(
        "body",
        Shape::Any,
        "Matchers by member, or by a JSONPath (`$.items[?@.kind=='x'].id`) for the one node that it finds; \
         members that are not named are free.",
    ),
    lint: |node, lint, found| {
        if let Some(rest) = nodes::lint(node, lint, found) {
            matcher::lint(&rest, Compared::Json, lint, found);
        }
    },
    subjects: |value, bodies| {
        let mut out = Vec::new();
        let (paths, rest) = nodes::split(value);
        if let Some(rest) = rest {
            matcher::subjects(&rest, &Place::body(), &mut out);
        }
        let mut by_path = Vec::new();
        for (path, wanted) in paths {
            nodes::subjects(path, wanted, &mut by_path);
        }
        let named = |at: &&str| {
            let by_path = by_path.contains(&Subject::Member((*at).to_owned()));
            by_path || value.pointer(at).is_some()
        };
        let mut codes = bodies.iter().filter_map(|body| body.code_at.as_deref());
        out.extend(codes.find(named).map(|_| Subject::Code));
        let mut messages = bodies.iter().filter_map(|body| body.message_at.as_deref());
        out.extend(messages.find(named).map(|_| Subject::Message));
        out.extend(by_path);
        out
    },
    evaluate: |value, evidence| {
        let (paths, rest) = nodes::split(value);
        let matcher = rest.as_ref().map(|rest| Matcher::parse(rest)).transpose()?;
        let mut broken = Vec::new();
        match evidence.response.json() {
            Some(body) => {
                if let Some(matcher) = matcher {
                    matcher.compare(Some(body), &Place::body(), &mut broken);
                }
                for (path, wanted) in paths {
                    nodes::compare(path, wanted, body, &mut broken)?;
                }
                of_a_refusal(&mut broken, body, evidence.error_body());
            }
            None => broken.push(Place::body().mismatch("a JSON body", describe_body(evidence))),
        }
        Ok(broken)
    },
};

pub(super) static ONLY_MEMBERS: CheckKind = CheckKind {
    field: Field::new(
        "only-members",
        Shape::List(&Shape::Text),
        "The body is an object with exactly these members.",
    ),
    lint: no_lint,
    subjects: |value, _| {
        let named = names(value).into_iter().map(|name| member(name).subject());
        named.chain([Subject::Form, Subject::Closed]).collect()
    },
    evaluate: |value, evidence| {
        let Some(Value::Object(body)) = evidence.response.json() else {
            let place = Place::body();
            return Ok(vec![
                place.mismatch("a JSON object", describe_body(evidence)),
            ]);
        };
        let expected = names(value);
        let mut broken = Vec::new();
        for name in &expected {
            if !body.contains_key(*name) {
                broken.push(member(name).mismatch("present", "absent"));
            }
        }
        for (name, value) in body {
            if !expected.contains(&name.as_str()) {
                let expected = "absent: the document shows no such member";
                broken.push(member(name).unwanted(expected, show(value)));
            }
        }
        Ok(broken)
    },
};

pub(super) static WITHOUT_MEMBERS: CheckKind = CheckKind {
    field: Field::new(
        "without-members",
        Shape::List(&Shape::Text),
        "None of these members is in the body.",
    ),
    lint: demands_something,
    subjects: |value, _| {
        let pointers = names(value)
            .into_iter()
            .map(|name| format!("/{}", pointer_part(name)));
        pointers.map(Subject::Absent).collect()
    },
    evaluate: |value, evidence| {
        let body = evidence.response.json_or_null();
        let there = |name| Some(member(name).unwanted("absent", show(body.get(name)?)));
        Ok(names(value).into_iter().filter_map(there).collect())
    },
};

pub(super) static EMPTY_BODY: CheckKind = CheckKind {
    field: Field::new(
        "empty-body",
        Shape::Bool,
        "No body at all, or an empty JSON object.",
    ),
    lint: no_lint,
    subjects: |_, _| vec![Subject::Form, Subject::Closed],
    evaluate: |value, evidence| {
        let body = &evidence.response.body;
        let empty = body.is_empty()
            || evidence
                .response
                .json()
                .is_some_and(|body| body.as_object().is_some_and(serde_json::Map::is_empty));
        let place = Place::body();
        Ok(match (value == &Value::Bool(true), empty) {
            (true, true) | (false, false) => Vec::new(),
            (false, true) => vec![place.mismatch("a body", "no body")],
            (true, false) => {
                let place = place.about(Subject::Closed);
                vec![place.mismatch("no body", describe_body(evidence))]
            }
        })
    },
};

/// A code or a text that is there and is another one is no matter of the member that holds it.
fn of_a_refusal(broken: &mut [Mismatch], body: &Value, form: &ErrorBody) {
    for found in broken {
        let Subject::Member(at) = &found.subject else {
            continue;
        };
        if Some(at) == form.code_at.as_ref() && form.code(body).is_some() {
            found.subject = Subject::Code;
        } else if Some(at) == form.message_at.as_ref() && form.message(body).is_some() {
            found.subject = Subject::Message;
        }
    }
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// A top-level member of the body.
fn member(name: &str) -> Place {
    Place::body().join(&pointer_part(name))
}

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, check};

    #[test]
    fn members_that_are_named_match_and_others_are_free() {
        let expect = "body: { a: 1, b: { c: x } }";
        check(expect, &answer(200, r#"{"a":1,"b":{"c":"x"},"d":2}"#), &[]);
        check(
            expect,
            &answer(200, r#"{"a":"1","b":{}}"#),
            &[
                "body /a: expected 1 but was \"1\"",
                "body /b/c: expected \"x\" but was absent",
            ],
        );
        check(
            expect,
            &answer(200, "[]"),
            &["body: expected a JSON object but was []"],
        );
        check(
            expect,
            &answer(200, ""),
            &["body: expected a JSON body but was an empty body"],
        );
        check(
            expect,
            &answer(200, "<p>"),
            &["body: expected a JSON body but was not JSON: <p>"],
        );
        check("body: [1, 2]", &answer(200, "[1,2]"), &[]);
    }

    #[test]
    fn only_members_wants_these_and_no_others() {
        let expect = "only-members: [a, b]";
        check(expect, &answer(200, r#"{"b":null,"a":1}"#), &[]);
        check(
            expect,
            &answer(200, r#"{"a":1,"c":[2]}"#),
            &[
                "body /b: expected present but was absent",
                "body /c: expected absent: the document shows no such member but was [2]",
            ],
        );
        for (body, actual) in [("[]", "[]"), ("", "an empty body"), ("x", "not JSON: x")] {
            let message = format!("body: expected a JSON object but was {actual}");
            check(expect, &answer(200, body), &[&message]);
        }
        check("only-members: []", &answer(200, "{}"), &[]);
    }

    #[test]
    fn without_members_allows_anything_else() {
        let expect = "without-members: [a, b]";
        check(expect, &answer(200, r#"{"c":1}"#), &[]);
        check(expect, &answer(200, ""), &[]);
        check(
            expect,
            &answer(200, r#"{"b":null,"a":1}"#),
            &[
                "body /a: expected absent but was 1",
                "body /b: expected absent but was null",
            ],
        );
    }

    #[test]
    fn an_empty_body_is_no_body_or_an_empty_object_and_nothing_else() {
        for empty in ["", "{}", " {\n} "] {
            check("empty-body: true", &answer(200, empty), &[]);
            check(
                "empty-body: false",
                &answer(200, empty),
                &["body: expected a body but was no body"],
            );
        }
        for (full, shown) in [
            ("[]", "[]"),
            ("null", "null"),
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (" ", "not JSON:  "),
        ] {
            check("empty-body: false", &answer(200, full), &[]);
            let message = format!("body: expected no body but was {shown}");
            check("empty-body: true", &answer(200, full), &[&message]);
        }
    }
}
