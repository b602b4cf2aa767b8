//! `edition.yaml`: what no OpenAPI document says of a vendor's interface, and all answers have in common.

use serde_json::Value;

use super::pointer::pointer;
use crate::{
    diag::Diagnostic,
    yaml::{self, Field, Node, Shape},
};

/// The shape of `edition.yaml`.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new("edition", Shape::Text, "The edition the file is of."),
    Field::new(
        "formats",
        Shape::Word(&["asserted", "noted"]),
        "Whether `format` in a schema is checked: `asserted`; it is a note otherwise, as in JSON Schema.",
    ),
    Field::new(
        "success",
        Shape::Object(&[
            Field::new(
                "at",
                Shape::Text,
                "Where an answer says how it went, as a JSON Pointer; by the HTTP status alone when absent.",
            ),
            Field::new("is", Shape::Scalar, "What stands there when it went well."),
            Field::new(
                "hands_out",
                Shape::List(&Shape::Text),
                "What only a success hands out, as JSON Pointers.",
            ),
        ]),
        "How a success is told from a refusal, for `not-success`.",
    ),
]);

/// What an edition says of all its answers.
#[derive(Debug, Default)]
pub struct Convention {
    pub success: Success,
    /// `format` is checked, and not only a note.
    pub asserts_formats: bool,
}

/// How a success is told from a refusal.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Success {
    /// JSON Pointer to what says how it went, and what stands there when it went well.
    pub outcome: Option<(String, Value)>,
    /// JSON Pointers to what only a success hands out.
    pub hands_out: Vec<String>,
}

impl Success {
    /// Whether an answer with this status and body succeeded, or hands out what only a success does.
    #[must_use]
    pub fn is(&self, status: u16, body: &Value) -> bool {
        let outcome = self.outcome.as_ref();
        let found = outcome.and_then(|(at, _)| body.pointer(at));
        let well = outcome.is_some_and(|(_, value)| found == Some(value));
        let mut handed_out = self.hands_out.iter();
        // Where nothing is said, the status says it.
        let by_status = (200..300).contains(&status) && found.is_none();
        well || by_status || handed_out.any(|at| body.pointer(at).is_some())
    }
}

pub(super) fn read(node: &Node, found: &mut Vec<Diagnostic>) -> Convention {
    yaml::check(node, &SHAPE, found);
    let success = node.get("success");
    let of = |key: &str| success.and_then(|node| node.get(key));
    let at = of("at").and_then(|node| pointer(node, found));
    let listed = of("hands_out").map(Node::items).unwrap_or_default().iter();
    let hands_out = listed.filter_map(|node| pointer(node, found)).collect();
    if let (Some(node), None) = (of("at"), of("is")) {
        let text = "`at` says nothing without `is`, what stands there when it went well";
        found.push(Diagnostic::new("missing-key", &node.span, text));
    }
    Convention {
        success: Success {
            outcome: at.zip(of("is").map(Node::to_json)),
            hands_out,
        },
        asserts_formats: node.get("formats").and_then(Node::text) == Some("asserted"),
    }
}
