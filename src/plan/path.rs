//! Where a step goes: a method and a path, and values for the `{name}` of a documented one.

use super::{fields::scalars, sendable};
use crate::{contract::Operation, diag::Diagnostic, yaml::Node};

/// Reads `METHOD /path`.
pub(super) fn method_and_path(
    line: &Node,
    found: &mut Vec<Diagnostic>,
) -> Option<(String, String)> {
    match line.text()?.split_once(' ') {
        Some((method, path)) if path.starts_with('/') || path.starts_with("${") => {
            sendable::method(line, method, found);
            Some((method.to_owned(), path.trim().to_owned()))
        }
        _ => {
            found.push(
                Diagnostic::new("bad-step", &line.span, "expected a method and a path")
                    .help("such as `POST /path`"),
            );
            None
        }
    }
}

/// The path of an operation needs a value for each of its `{name}`, and takes no others.
pub(super) fn check_params(operation: &Operation, node: &Node, found: &mut Vec<Diagnostic>) {
    let path = &operation.path;
    let given = scalars(node.get("params"));
    if slots(path).any(|slot| given.iter().all(|(name, _)| name != slot)) {
        found.push(Diagnostic::new(
            "bad-step",
            &node.span,
            format!("the path `{path}` needs `params`"),
        ));
    }
    check_slots(path, node.get("params"), found);
}

/// Every one of these `params` has its place in the path.
pub(super) fn check_slots(path: &str, params: Option<&Node>, found: &mut Vec<Diagnostic>) {
    for (name, _) in params.map(Node::entries).unwrap_or_default() {
        let text = name.text().unwrap_or_default();
        if slots(path).all(|slot| slot != text) {
            found.push(
                Diagnostic::new(
                    "bad-step",
                    &name.span,
                    format!("the path `{path}` has no `{{{text}}}`"),
                )
                .suggest(text, slots(path)),
            );
        }
    }
}

/// The names in braces of a documented path.
fn slots(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0))
}
