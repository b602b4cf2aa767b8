//! `text`: the body as text, whatever its content type.

use serde_json::Value;

use super::{CheckKind, matcher};
use crate::yaml::{Field, Shape};

pub(super) static TEXT: CheckKind = CheckKind {
    field: Field::new(
        "text",
        Shape::Any,
        "A matcher for the body as text, JSON or not.",
    ),
    lint: |node, _, found| matcher::lint(node, found),
    evaluate: |value, evidence| {
        let text = Value::from(String::from_utf8_lossy(&evidence.response.body));
        let mut broken = Vec::new();
        matcher::compare(value, Some(&text), "body (as text)", &mut broken);
        broken
    },
};
