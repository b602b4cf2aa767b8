//! `size`: the length of the body in bytes, whatever it holds.

use serde_json::Value;

use super::{
    CheckKind, Place,
    matcher::{self, Compared, Matcher},
};
use crate::{
    result::Subject,
    yaml::{Field, Shape},
};

pub(super) static SIZE: CheckKind = CheckKind {
    field: Field::new(
        "size",
        Shape::Any,
        "The body's length in bytes: a number, or a matcher; 0 is no body at all.",
    ),
    lint: |node, lint, found| matcher::lint(node, Compared::Number, lint, found),
    subjects: |_, _| vec![Subject::Form],
    evaluate: |value, evidence| {
        let size = Value::from(evidence.response.body.len());
        let mut broken = Vec::new();
        Matcher::parse(value)?.compare(Some(&size), &Place::body().note("its bytes"), &mut broken);
        Ok(broken)
    },
};

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, check, lint};

    #[test]
    fn a_body_is_as_long_as_its_bytes() {
        check("size: 0", &answer(200, ""), &[]);
        check("size: 6", &answer(200, "密码"), &[]);
        check("size: { at-most: 2 }", &answer(200, "{}"), &[]);
        check(
            "size: 0",
            &answer(200, "{}"),
            &["body (its bytes): expected 0 but was 2"],
        );
        check(
            "size: { at-least: 3 }",
            &answer(200, "{}"),
            &["body (its bytes): expected at least 3 but was 2"],
        );
    }

    #[test]
    fn a_matcher_of_the_size_is_looked_at_before_anything_is_sent() {
        lint(
            "size: { type: text }",
            &[(15, "unknown-word", "`text` is not a JSON type")],
        );
    }
}
