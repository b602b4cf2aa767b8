//! Which names a row may use where: a typing error in `${…}` is found before anything is sent.

use std::collections::BTreeSet;

use serde_json::Value;

use super::step::{Body, Need, Step};
use crate::{
    diag::{Diagnostic, Span},
    template::{Members, Names, Use},
    yaml::Node,
};

/// A row as far as it is known before it is sent.
pub(super) struct Row<'r> {
    pub file: &'r Node,
    /// The case with its matrix values put in.
    pub case: &'r Node,
    pub needs: &'r [Need],
    pub lets: &'r [(String, Value)],
    /// What will be sent.
    pub request: &'r Step,
    pub matrix: &'r Value,
}

/// Judges every text of a row, in the order in which names are bound; gives what it takes from the
/// target.
pub(super) fn row(row: &Row<'_>, found: &mut Vec<Diagnostic>) -> Vec<Use> {
    let Row {
        file,
        case,
        needs,
        lets,
        request,
        matrix,
    } = *row;
    let these = |names: &[&str]| Members::These(names.iter().map(|&name| name.into()).collect());
    let mut names = Names::default();
    names.bind("target", Members::Later);
    names.bind("run", these(&["id"]));
    let columns = matrix.as_object().map(|row| row.keys().cloned().collect());
    names.bind("matrix", Members::These(columns.unwrap_or_default()));
    let mut uses = Vec::new();
    for need in needs {
        let place = |text: &str| place(&[case, file], text).unwrap_or(&need.span).clone();
        uses.extend(names.lint_value(&need.with, &place, found));
        names.bind(&need.name, Members::Later);
    }
    for (name, value) in lets {
        let place = |text: &str| place(&[case, file], text).unwrap_or(&case.span).clone();
        uses.extend(names.lint_value(value, &place, found));
        names.bind(name, Members::Any);
    }
    steps(&mut names, case.get("setup"), &mut uses, found);
    let near = |text: &str| place(&[case, file], text).unwrap_or(&request.span).clone();
    for value in values(request) {
        uses.extend(names.lint_value(&value, &near, found));
    }
    if let Some(expect) = case.get("expect") {
        uses.extend(names.lint(expect, found));
    }
    for capture in &request.captures {
        names.bind(&capture.name, Members::Any);
    }
    names.bind("sent", these(&["headers", "body"]));
    for part in ["then", "cleanup"] {
        steps(&mut names, case.get(part), &mut uses, found);
    }
    uses
}

/// Steps one after the other: what one captures is bound for the next.
fn steps(names: &mut Names, list: Option<&Node>, uses: &mut Vec<Use>, found: &mut Vec<Diagnostic>) {
    for step in list.map(Node::items).unwrap_or_default() {
        uses.extend(names.lint(step, found));
        for name in captured(step) {
            names.bind(name, Members::Any);
        }
    }
}

/// The names that a step as written binds, be it of a case or of a cleanup.
pub fn captured(step: &Node) -> BTreeSet<String> {
    let gives = step.get("finds").and_then(|finds| finds.get("gives"));
    let maps = step.get("capture").into_iter().chain(gives);
    let names = maps
        .flat_map(Node::entries)
        .filter_map(|(name, _)| name.text());
    names.map(str::to_owned).collect()
}

/// Everything of a request that is computed.
fn values(request: &Step) -> Vec<Value> {
    let mut out = vec![Value::from(request.path.as_str())];
    let pairs = request.headers.iter().chain(&request.query);
    let pairs = pairs.chain(&request.params);
    out.extend(pairs.map(|(_, value)| value.clone()));
    match &request.body {
        Body::Json(value) | Body::Raw(value) => out.push(value.clone()),
        Body::Form(pairs) => out.extend(pairs.iter().map(|(_, value)| value.clone())),
        Body::None => {}
    }
    out
}

/// Where a text is written.
fn place<'n>(nodes: &[&'n Node], text: &str) -> Option<&'n Span> {
    nodes.iter().find_map(|node| {
        if node.text() == Some(text) {
            return Some(&node.span);
        }
        let entries = node.entries().iter();
        let inside: Vec<&Node> = entries
            .flat_map(|(key, value)| [key, value])
            .chain(node.items())
            .collect();
        place(&inside, text)
    })
}
