//! `error`: the body is the edition's error body, with one of the documented codes.

use serde_json::{Value, json};

use super::{CheckKind, Evidence, Lint, show};
use crate::{
    contract::Contract,
    diag::Diagnostic,
    result::Mismatch,
    yaml::{Field, Node, Shape},
};

pub(super) static ERROR: CheckKind = CheckKind {
    field: Field::new(
        "error",
        Shape::OneOrMany(&Shape::Text),
        "The error code: one, a list of allowed ones, or `any` code of the edition.",
    ),
    lint,
    evaluate,
};

/// The word that stands for every code of the edition's pattern.
const ANY: &str = "any";

fn lint(node: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    for item in node.one_or_many() {
        let Some(code) = item
            .text()
            .filter(|code| *code != ANY && !code.contains("${"))
        else {
            continue;
        };
        let Some(entry) = lint.contract.errors.code(code) else {
            found.push(
                Diagnostic::new(
                    "unknown-error-code",
                    &item.span,
                    format!(
                        "errors.yaml of {} has no code `{code}`",
                        lint.contract.edition
                    ),
                )
                .suggest(
                    code,
                    lint.contract.errors.codes.iter().map(|e| e.code.as_str()),
                ),
            );
            continue;
        };
        if let Some(operation) = lint.operation.filter(|_| !lint.beyond_contract)
            && !entry.operations.contains(&operation.id)
        {
            found.push(
                Diagnostic::new(
                    "contradicts-contract",
                    &item.span,
                    format!("`{}` does not document the code `{code}`", operation.id),
                )
                .help("list the operation under the code in errors.yaml if the documents do, or add `beyond-contract: why`"),
            );
        }
    }
}

/// The statuses that the named codes are documented with; 400 for `any`.
pub(super) fn documented_statuses(node: &Node, contract: &Contract) -> Value {
    let mut statuses: Vec<u16> = node
        .one_or_many()
        .iter()
        .filter_map(|item| contract.errors.code(item.text()?))
        .map(|entry| entry.status)
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    if statuses.is_empty() {
        statuses.push(400);
    }
    json!(statuses)
}

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let expected: Vec<String> = match value {
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        other => other.as_str().map(str::to_owned).into_iter().collect(),
    };
    let mismatch = |place: &str, expected: Vec<String>, actual: String| {
        vec![Mismatch {
            place: place.to_owned(),
            expected,
            actual,
        }]
    };
    let Some(body) = evidence.response.json().filter(Value::is_object) else {
        return mismatch(
            "body",
            vec!["a JSON object with `error_code` and `error_msg`".into()],
            describe_body(evidence),
        );
    };
    let Some(code) = body["error_code"].as_str() else {
        return mismatch(
            "body /error_code",
            expected,
            show_member(&body, "error_code"),
        );
    };
    let pattern = &evidence.contract.errors.pattern;
    let held = expected.iter().any(|allowed| {
        if allowed == ANY {
            pattern.is_match(code)
        } else {
            allowed == code
        }
    });
    if !held {
        let expected = expected
            .into_iter()
            .map(|allowed| match allowed.as_str() {
                ANY => format!("a code of the form {}", pattern.as_str()),
                _ => allowed,
            })
            .collect();
        return mismatch("body /error_code", expected, code.to_owned());
    }
    if !body["error_msg"].is_string() {
        return mismatch(
            "body /error_msg",
            vec!["a text".into()],
            show_member(&body, "error_msg"),
        );
    }
    Vec::new()
}

fn show_member(body: &Value, name: &str) -> String {
    body.get(name).map_or_else(|| "absent".into(), show)
}

/// A few words on a body that is not what was wanted.
pub(super) fn describe_body(evidence: &Evidence<'_>) -> String {
    if evidence.response.body.is_empty() {
        return "an empty body".into();
    }
    if let Some(value) = evidence.response.json() {
        show(&value)
    } else {
        let text = String::from_utf8_lossy(&evidence.response.body);
        format!("not JSON: {}", text.chars().take(120).collect::<String>())
    }
}
