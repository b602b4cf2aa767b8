//! `not-success`: the answer hands out nothing, and is no server fault either.

use serde_json::Value;

use super::{CheckKind, Evidence, error::describe_body};
use crate::{
    diag::Diagnostic,
    result::Mismatch,
    yaml::{Field, Kind, Shape},
};

pub(super) static NOT_SUCCESS: CheckKind = CheckKind {
    field: Field::new(
        "not-success",
        Shape::Bool,
        "The answer is a refusal: below 500, no `status` SUCCESS, no session handed out.",
    ),
    lint: |node, _, found| {
        if matches!(node.kind, Kind::Bool(false)) {
            found.push(Diagnostic::new(
                "empty-expectation",
                &node.span,
                "leave `not-success` out where a success is allowed",
            ));
        }
    },
    evaluate,
};

fn evaluate(_: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let response = evidence.response;
    let body = response.json().unwrap_or_default();
    let handed_out = body["status"] == "SUCCESS"
        || body.get("session_token").is_some()
        || body.get("id_token").is_some();
    // A success of an operation without a body is a plain 2xx.
    let plain_success = (200..300).contains(&response.status) && body.get("status").is_none();
    if !handed_out && !plain_success && response.status < 500 {
        return Vec::new();
    }
    vec![Mismatch {
        place: "status and body".into(),
        expected: vec!["a refusal".into()],
        actual: format!("{} with {}", response.status, describe_body(evidence)),
    }]
}
