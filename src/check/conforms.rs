//! What every answer to an operation of the contract must keep, asked or not:
//! a documented status, the documented content type, a body that fits the schema.

use super::{Evidence, show};
use crate::{
    contract::{Operation, media_type_of},
    result::Mismatch,
};

/// A departure nobody asked about.
#[derive(Debug)]
pub struct Finding {
    pub mismatch: Mismatch,
    /// Softer findings, where the document is merely silent: a warning unless the run is strict.
    pub soft: bool,
}

/// Compares an answer with what the contract documents for its operation.
#[must_use]
pub fn conforms(evidence: &Evidence<'_>, operation: &Operation) -> Vec<Finding> {
    let response = evidence.response;
    let mut out = Vec::new();
    let mut add = |soft: bool, place: &str, expected: Vec<String>, actual: String| {
        out.push(Finding {
            mismatch: Mismatch {
                place: place.to_owned(),
                expected,
                actual,
            },
            soft,
        });
    };
    let Some(rule) = operation.response(response.status) else {
        let known = operation
            .responses
            .iter()
            .map(|rule| rule.status.to_string());
        add(
            true,
            "status",
            known.collect(),
            format!("{}, which is not documented", response.status),
        );
        return out;
    };
    let content_type = response.header("content-type").map(media_type_of);
    if !response.body.is_empty() && !rule.content_types.is_empty() {
        match &content_type {
            Some(media_type) if rule.content_types.contains(media_type) => {}
            other => add(
                false,
                "header Content-Type",
                rule.content_types.clone(),
                other.clone().unwrap_or_else(|| "absent".into()),
            ),
        }
    }
    let Some(schema) = &rule.schema else {
        return out;
    };
    let Some(body) = response.json() else {
        let actual = if response.body.is_empty() {
            "an empty body".into()
        } else {
            "a body that is not JSON".into()
        };
        add(false, "body", vec!["a JSON body".into()], actual);
        return out;
    };
    for mismatch in schema.complaints(&body) {
        add(false, &mismatch.place, mismatch.expected, mismatch.actual);
    }
    for name in schema.undocumented(&body) {
        add(
            true,
            &format!("body /{name}"),
            vec!["absent: the contract documents no such member".into()],
            show(&body[name]),
        );
    }
    if let Some(code) = body.get("error_code").and_then(|code| code.as_str()) {
        let documented = evidence
            .contract
            .errors
            .code(code)
            .is_some_and(|entry| entry.operations.contains(&operation.id));
        if !documented {
            add(
                true,
                "body /error_code",
                vec![format!(
                    "a code that errors.yaml documents for `{}`",
                    operation.id
                )],
                code.to_owned(),
            );
        }
    }
    out
}
