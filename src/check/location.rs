//! `location`: where the answer sends its reader, part by part.

use serde_json::Value;

use super::{CheckKind, Evidence, demands_something, matcher};
use crate::{
    result::Mismatch,
    yaml::{Field, Shape},
};

pub(super) static LOCATION: CheckKind = CheckKind {
    field: Field::new(
        "location",
        Shape::Map(&Shape::Any),
        "Matchers for the parts of the redirect: `text`, `url`, `origin`, `path`, `query`, `fragment`.",
    ),
    lint: |node, lint, found| {
        demands_something(node, lint, found);
        matcher::lint(node, found);
    },
    evaluate,
};

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let response = evidence.response;
    let mut broken = Vec::new();
    let parts = response.location(&evidence.request.url);
    match (&parts, response.header("location")) {
        (None, Some(text)) => broken.push(Mismatch {
            place: "header Location".into(),
            expected: vec!["an address".into()],
            actual: text.to_owned(),
        }),
        (parts, _) => matcher::compare(value, parts.as_ref(), "location", &mut broken),
    }
    broken
}
