//! Expectations that prove little, because any answer satisfies them.

use regex::Regex;

use crate::{
    diag::{Diagnostic, push_once},
    yaml::{Kind, Node},
};

/// Texts as different as answers are: what matches all of them matches any.
const SAMPLES: [&str; 6] = [
    "",
    "a",
    "\n",
    "<p>\r\n</p>\n",
    "{\"status\": \"密码\", \"n\": 1}",
    "\0\u{fffd} \t0",
];

/// Warns of an expectation of a whole step that any answer satisfies.
pub(super) fn lint(expect: &Node, found: &mut Vec<Diagnostic>) {
    let message = if takes_any(expect) {
        "any answer satisfies this, and the step has no other check"
    } else if takes_either(expect) {
        "a success satisfies this and any error too, and the step has no other check"
    } else {
        return;
    };
    let help =
        "expect a status, a code or a member, or write `observe` where the documents are silent";
    let mistake = Diagnostic::new("proves-little", &expect.span, message).help(help);
    // The variants of a matrix are bound one by one, at the same place.
    push_once(found, mistake.warning());
}

/// Whether an expectation says something of the body that not every answer satisfies.
pub(super) fn pins_the_body(expect: &Node) -> bool {
    ["body", "text", "size"].into_iter().any(|key| {
        let value = expect.get(key);
        value.is_some_and(|value| !is_trivial(key, value))
    })
}

/// The checks of an expectation, by key.
fn checks(expect: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = expect.entries().iter();
    let named = entries.filter_map(|(key, value)| Some((key.text()?, value)));
    named.filter(|(key, _)| *key != "beyond-contract")
}

fn takes_any(expect: &Node) -> bool {
    let mut checks = checks(expect).peekable();
    checks.peek().is_some() && checks.all(|(key, value)| is_trivial(key, value))
}

/// Nothing but alternatives, of which one takes any success and another any error.
fn takes_either(expect: &Node) -> bool {
    let mut checks = checks(expect);
    let (Some(("any-of", list)), None) = (checks.next(), checks.next()) else {
        return false;
    };
    let takes = |refused: bool| {
        let mut alternatives = list.items().iter();
        alternatives.any(|one| takes_outcome(one, refused))
    };
    takes(false) && takes(true)
}

/// Whether an alternative takes every success, or every error of the edition.
fn takes_outcome(alternative: &Node, refused: bool) -> bool {
    let mut has = false;
    let only_a_code = checks(alternative).all(|(key, value)| match key {
        "status" => {
            let mut statuses = value.one_or_many().into_iter();
            let fits = statuses.all(|one| one.integer().is_some_and(|s| (s >= 400) == refused));
            has |= fits;
            fits
        }
        "error" => {
            let mut codes = value.one_or_many().into_iter();
            let any = refused && codes.any(|one| one.text() == Some("any"));
            has |= any;
            any
        }
        key => is_trivial(key, value),
    });
    has && only_a_code
}

fn is_trivial(key: &str, value: &Node) -> bool {
    match key {
        "text" | "size" => holds_always(value, key == "text"),
        "body" => is_any_object(value),
        "any-of" => value.items().iter().any(takes_any),
        _ => false,
    }
}

/// A JSON object, whatever it holds.
fn is_any_object(value: &Node) -> bool {
    let Kind::Map(entries) = &value.kind else {
        return false;
    };
    entries.iter().all(|(key, wanted)| match key.text() {
        Some("type") => wanted.text() == Some("object"),
        Some("members") => matches!(&wanted.kind, Kind::Map(members) if members.is_empty()),
        Some("absent") => wanted.boolean() == Some(false),
        _ => false,
    })
}

/// A matcher that every text passes; for the length of a body, every number from 0.
fn holds_always(matcher: &Node, of_text: bool) -> bool {
    let entries = matcher.entries();
    !entries.is_empty()
        && entries.iter().all(|(key, wanted)| {
            let text = wanted.text();
            match key.text() {
                Some("absent") => wanted.boolean() == Some(false),
                Some("type") if of_text => text == Some("string"),
                Some("contains") if of_text => text == Some(""),
                Some("pattern") if of_text => text.is_some_and(matches_all),
                Some("length") if of_text => holds_always(wanted, false),
                Some("type") => matches!(text, Some("integer" | "number")),
                Some("at-least") => wanted.integer().is_some_and(|least| least <= 0),
                _ => false,
            }
        })
}

fn matches_all(pattern: &str) -> bool {
    let whole = Regex::new(&format!("^(?:{pattern})$"));
    whole.is_ok_and(|whole| SAMPLES.iter().all(|text| whole.is_match(text)))
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bound, *};

    #[track_caller]
    fn check(expect: &str, little: bool) {
        let (_, found) = bound(expect);
        let codes: Vec<_> = found.iter().map(|one| one.code).collect();
        let expected: &[&str] = if little { &["proves-little"] } else { &[] };
        assert_eq!(codes, expected, "{expect}");
        assert!(found.iter().all(|one| one.warning), "{expect}");
    }

    #[test]
    fn what_any_answer_satisfies_proves_little_where_it_stands_alone() {
        for expect in [
            "text: { contains: \"\" }",
            "text: { pattern: \"(?s).*\" }",
            "text: { pattern: \"[\\\\s\\\\S]*\" }",
            "text: { type: string, length: { at-least: 0 } }",
            "size: { at-least: 0 }",
            "size: { type: integer }",
            "body: {}",
            "body: { type: object }",
            "body: { members: {} }",
            "{ body: {}, size: { at-least: 0 } }",
            "{ body: {}, beyond-contract: why }",
            "any-of: [{ status: 200 }, { body: {} }]",
        ] {
            check(expect, true);
        }
    }

    #[test]
    fn success_or_any_error_proves_little() {
        for expect in [
            "any-of: [{ status: 200 }, { error: any }]",
            "any-of: [{ status: 200, body: {} }, { status: 400, error: any }]",
            "any-of: [{ status: 200 }, { error: [A.0001, any] }, { error: A.0002 }]",
        ] {
            check(expect, true);
        }
        for expect in [
            "any-of: [{ status: 200, body: { status: OPEN } }, { error: any }]",
            "any-of: [{ status: 200 }, { error: A.0001 }]",
            "{ any-of: [{ status: 200 }, { error: any }], headers: { X-A: a } }",
        ] {
            check(expect, false);
        }
    }

    #[test]
    fn what_some_answer_breaks_is_a_check() {
        for expect in [
            "text: \"\"",
            "text: { contains: a }",
            "text: { pattern: \".+\" }",
            "text: { pattern: \"${target.form}\" }",
            "size: { at-least: 1 }",
            "size: { at-most: 0 }",
            "body: { a: 1 }",
            "body: { type: array }",
            "{ status: 200, body: {} }",
            "headers: { X-A: { contains: \"\" } }",
        ] {
            check(expect, false);
        }
    }

    #[test]
    fn a_mistake_of_every_row_of_a_matrix_is_told_once() {
        let node = crate::yaml::parse("a.yaml", "body: {}".into()).unwrap();
        let mut found = Vec::new();
        lint(&node, &mut found);
        lint(&node, &mut found);
        assert_eq!(found.len(), 1);
    }
}
