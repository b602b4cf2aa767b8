//! `cookies`: what the answer stores with its reader.

use serde_json::Value;

use super::{CheckKind, Evidence, demands_something, matcher};
use crate::{
    result::Mismatch,
    yaml::{Field, Shape},
};

pub(super) static COOKIES: CheckKind = CheckKind {
    field: Field::new(
        "cookies",
        Shape::Map(&Shape::Any),
        "Cookies that are set, by name: matchers for `value`, `http-only`, `secure`, `path`, `same-site`, …",
    ),
    lint: |node, lint, found| {
        demands_something(node, lint, found);
        for (_, value) in node.entries() {
            matcher::lint(value, found);
        }
    },
    evaluate,
};

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let set = evidence.response.cookies();
    let mut broken = Vec::new();
    for (name, expected) in value.as_object().into_iter().flatten() {
        let place = format!("cookie {name}");
        matcher::compare(expected, set.get(name), &place, &mut broken);
    }
    broken
}
