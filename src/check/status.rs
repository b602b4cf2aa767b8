//! `status`: the HTTP status is the one, or one of those, that the document gives.

use serde_json::Value;

use super::{CheckKind, Evidence, Lint};
use crate::{
    diag::Diagnostic,
    result::Mismatch,
    yaml::{Field, Node, Shape},
};

pub(super) static STATUS: CheckKind = CheckKind {
    field: Field::new(
        "status",
        Shape::OneOrMany(&Shape::Integer),
        "The HTTP status: one, or a list of allowed ones.",
    ),
    lint,
    evaluate,
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
            let known: Vec<_> = operation
                .responses
                .iter()
                .map(|rule| rule.status.to_string())
                .collect();
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

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let allowed: Vec<u64> = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_u64).collect(),
        other => other.as_u64().into_iter().collect(),
    };
    let actual = evidence.response.status;
    if allowed.contains(&u64::from(actual)) {
        return Vec::new();
    }
    vec![Mismatch {
        place: "status".into(),
        expected: allowed.iter().map(ToString::to_string).collect(),
        actual: actual.to_string(),
    }]
}
