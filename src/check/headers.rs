//! `headers`: response headers that must be there, match, or be absent.

use serde_json::Value;

use super::{CheckKind, Evidence, demands_something, matcher};
use crate::{
    result::Mismatch,
    yaml::{Field, Shape},
};

pub(super) static HEADERS: CheckKind = CheckKind {
    field: Field::new(
        "headers",
        Shape::Map(&Shape::Any),
        "Response headers by name, each with a matcher.",
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
    let mut broken = Vec::new();
    for (name, expected) in value.as_object().into_iter().flatten() {
        let actual = evidence.response.header(name).map(Value::from);
        matcher::compare(
            expected,
            actual.as_ref(),
            &format!("header {name}"),
            &mut broken,
        );
    }
    broken
}
