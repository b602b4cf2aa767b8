//! Where a secret comes from: never from the file itself.

use crate::{diag::Diagnostic, yaml::Node};

pub(super) fn secret(node: &Node, found: &mut Vec<Diagnostic>) -> Option<String> {
    let value = if let Some(name) = node.get("env").and_then(Node::text) {
        std::env::var(name).map_err(|_| format!("the environment variable `{name}` is not set"))
    } else if let Some(path) = node.get("file").and_then(Node::text) {
        std::fs::read_to_string(path)
            .map(|text| text.trim_end().to_owned())
            .map_err(|error| format!("cannot read `{path}`: {error}"))
    } else {
        Err("a secret comes from `env` or `file`".to_owned())
    };
    value
        .map_err(|message| found.push(Diagnostic::new("secret-missing", &node.span, message)))
        .ok()
}
