//! `status`: the HTTP status is the one, or one of those, that the document gives.

use serde_json::Value;

use super::{CheckKind, Evidence, Lint, Place};
use crate::{
    contract::ErrorBody,
    diag::Diagnostic,
    result::{Mismatch, Subject},
    yaml::{Field, Node, Shape},
};

pub(super) static STATUS: CheckKind = CheckKind {
    field: Field::new(
        "status",
        Shape::OneOrMany(&Shape::Integer),
        "The HTTP status: one, or a list of allowed ones.",
    ),
    lint,
    subjects: outcome,
    evaluate: |value, evidence| Ok(evaluate(value, evidence)),
};

fn lint(node: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    for item in node.one_or_many() {
        let Some(status) = item.integer() else {
            continue;
        };
        if !(100..=599).contains(&status) {
            found.push(Diagnostic::new(
                "bad-status",
                &item.span,
                format!("{status} is not an HTTP status"),
            ));
            continue;
        }
        let Some(operation) = lint.operation.filter(|_| !lint.beyond_contract) else {
            continue;
        };
        let documented =
            u16::try_from(status).is_ok_and(|status| operation.response(status).is_some());
        if !documented {
            let known = operation.documented_statuses();
            found.push(
                Diagnostic::new(
                    "contradicts-contract",
                    &item.span,
                    format!("`{}` documents no status {status}", operation.id),
                )
                .help(format!(
                    "it documents {}; if this is meant, add `beyond-contract: why`",
                    known.join(", ")
                )),
            );
        }
    }
}

/// The number, and the outcomes that these numbers mean.
fn outcome(value: &Value, _: &[&ErrorBody]) -> Vec<Subject> {
    let statuses = numbers(value);
    let refuses = |status: &u64| *status >= 400;
    let mut out = vec![Subject::Status];
    if statuses.iter().any(refuses) {
        out.push(Subject::Refused);
    }
    if !statuses.iter().all(refuses) {
        out.push(Subject::Accepted);
    }
    out
}

fn numbers(value: &Value) -> Vec<u64> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_u64).collect(),
        other => other.as_u64().into_iter().collect(),
    }
}

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let allowed = numbers(value);
    let actual = evidence.response.status;
    if allowed.contains(&u64::from(actual)) {
        return Vec::new();
    }
    let expected = allowed.iter().map(ToString::to_string).collect();
    let place = Place::status(subject(&allowed, evidence));
    vec![place.one_of(expected, actual.to_string())]
}

/// Whether only the number is wrong, or the outcome with it: a request that should have been accepted
/// and was not, or the other way round. A refusal that says so in an error code is one under any number.
fn subject(allowed: &[u64], evidence: &Evidence<'_>) -> Subject {
    let response = evidence.response;
    let is_refusal = |status: &u64| *status >= 400;
    let wants_success = !allowed.iter().any(is_refusal);
    let wants_refusal = !allowed.is_empty() && allowed.iter().all(is_refusal);
    let is_refused = response.status >= 400
        || evidence
            .error_body()
            .code(response.json_or_null())
            .is_some();
    match (wants_success, wants_refusal, is_refused) {
        (true, _, true) => Subject::Accepted,
        (_, true, false) => Subject::Refused,
        _ => Subject::Status,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, check, lint};

    #[test]
    fn the_status_is_the_one_or_one_of_those() {
        check("status: 200", &answer(200, ""), &[]);
        check("status: [200, 401]", &answer(401, ""), &[]);
        check(
            "status: 200",
            &answer(201, ""),
            &["status: expected 200 but was 201"],
        );
        check(
            "status: [200, 401]",
            &answer(500, ""),
            &["status: expected 200 or 401 but was 500"],
        );
    }

    #[test]
    fn a_status_that_is_none_or_is_not_documented_is_a_mistake() {
        let unknown = |status: &str| format!("`openDoor` documents no status {status}");
        lint("status: 200", &[]);
        lint(
            "status: 100",
            &[(9, "contradicts-contract", &unknown("100"))],
        );
        lint(
            "status: 204",
            &[(9, "contradicts-contract", &unknown("204"))],
        );
        lint(
            "status: [200, 204, 99]",
            &[
                (15, "contradicts-contract", &unknown("204")),
                (20, "bad-status", "99 is not an HTTP status"),
            ],
        );
        lint(
            "status: 600",
            &[(9, "bad-status", "600 is not an HTTP status")],
        );
        lint("status: \"${matrix.status}\"", &[]);
    }
}
