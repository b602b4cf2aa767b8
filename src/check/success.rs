//! `not-success`: the answer hands out nothing, and is no server fault either.

use serde_json::Value;

use super::{CheckKind, Evidence, Place, error::describe_body};
use crate::{
    diag::Diagnostic,
    result::{Mismatch, Subject},
    yaml::{Field, Kind, Shape},
};

pub(super) static NOT_SUCCESS: CheckKind = CheckKind {
    field: Field::new(
        "not-success",
        Shape::Bool,
        "The answer is a refusal: below 500, no success as `edition.yaml` describes one.",
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
    subjects: |_, _| vec![Subject::Refused],
    evaluate: |value, evidence| Ok(evaluate(value, evidence)),
};

fn evaluate(_: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let response = evidence.response;
    let body = response.json_or_null();
    let success = &evidence.contract.convention.success;
    if !success.is(response.status, body) && response.status < 500 {
        return Vec::new();
    }
    let actual = format!("{} with {}", response.status, describe_body(evidence));
    vec![Place::status_and_body().mismatch("a refusal", actual)]
}

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, check, lint};

    #[test]
    fn a_refusal_hands_out_nothing_and_is_no_fault_of_the_server() {
        for (status, body) in [
            (400, r#"{"error_code":"A.0001"}"#),
            (499, ""),
            (302, ""),
            (199, ""),
            (300, ""),
            (200, r#"{"status":"PASSWORD_WARN"}"#),
            (200, r#"{"status":null}"#),
        ] {
            check("not-success: true", &answer(status, body), &[]);
        }
    }

    #[test]
    fn whatever_hands_something_out_or_fails_is_no_refusal() {
        for (status, body, shown) in [
            (400, r#"{"status":"SUCCESS"}"#, r#"{"status":"SUCCESS"}"#),
            (400, r#"{"session_token":""}"#, r#"{"session_token":""}"#),
            (400, r#"{"id_token":null}"#, r#"{"id_token":null}"#),
            (
                200,
                r#"{"status":"WARN","id_token":"t"}"#,
                r#"{"status":"WARN","id_token":"t"}"#,
            ),
            (200, "", "an empty body"),
            (204, "", "an empty body"),
            (299, "{}", "{}"),
            (
                500,
                r#"{"error_code":"A.0001"}"#,
                r#"{"error_code":"A.0001"}"#,
            ),
            (503, r#"{"status":"DOWN"}"#, r#"{"status":"DOWN"}"#),
        ] {
            let message =
                format!("status and body: expected a refusal but was {status} with {shown}");
            check("not-success: true", &answer(status, body), &[&message]);
        }
    }

    #[test]
    fn to_deny_the_refusal_demands_nothing() {
        let text = "leave `not-success` out where a success is allowed";
        lint("not-success: false", &[(14, "empty-expectation", text)]);
        lint("not-success: true", &[]);
    }
}
