//! `size`: the length of the body in bytes, whatever it holds.

use serde_json::Value;

use super::{CheckKind, matcher};
use crate::yaml::{Field, Shape};

pub(super) static SIZE: CheckKind = CheckKind {
    field: Field::new(
        "size",
        Shape::Any,
        "The body's length in bytes: a number, or a matcher; 0 is no body at all.",
    ),
    lint: |node, _, found| matcher::lint(node, found),
    evaluate: |value, evidence| {
        let size = Value::from(evidence.response.body.len());
        let mut broken = Vec::new();
        matcher::compare(value, Some(&size), "body (its bytes)", &mut broken);
        broken
    },
};
