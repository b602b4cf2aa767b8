//! A question to the person at the terminal.

use std::time::Duration;

use serde_json::Value;

use super::{Kind, Reading};
use crate::{
    diag::Diagnostic,
    plan::duration,
    yaml::{Field, Node, Shape},
};

pub(super) const FIELD: Field = Field::new(
    "prompt",
    Shape::Object(&[
        Field::new("ask", Shape::Text, "The question.").required(),
        Field::new("name", Shape::Text, "The name that the answer gets.").required(),
        Field::new(
            "secret",
            Shape::Bool,
            "Whether the answer is hidden, on the terminal and in reports; it is when absent.",
        ),
        Field::new(
            "timeout",
            Shape::Text,
            "How long to wait for the answer; `2m` when absent.",
        ),
    ]),
    "A question to the person at the terminal; rows that need it are skipped where there is none.",
);

/// A question.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// May hold `${…}`.
    pub ask: Value,
    /// What the answer is bound to.
    pub name: String,
    pub secret: bool,
    pub timeout: Duration,
}

pub(super) fn read(node: &Node, _: &Reading<'_>, found: &mut Vec<Diagnostic>) -> Option<Kind> {
    Some(Kind::Prompt(Prompt {
        ask: node.get("ask")?.to_json(),
        name: node.get("name")?.text()?.to_owned(),
        secret: node.get("secret").and_then(Node::boolean) != Some(false),
        timeout: node
            .get("timeout")
            .and_then(|text| duration(text, found))
            .unwrap_or(Duration::from_mins(2)),
    }))
}
