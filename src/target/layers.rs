//! A target file and the files it extends, as layers: the file itself first, then what it extends.
//! The first layer that has a key decides.

use std::path::{Path, PathBuf};

use crate::{
    diag::Diagnostic,
    yaml::{self, Node, Shape},
};

/// A path that a file names: relative to that file.
pub(super) fn beside(node: &Node, name: &str) -> PathBuf {
    Path::new(&node.span.file.path).with_file_name(name)
}

/// The value of a key in the first layer that has it.
pub(super) fn first<'n>(layers: &[&'n Node], key: &str) -> Option<&'n Node> {
    layers.iter().find_map(|layer| layer.get(key))
}

/// The entries that all layers have under a key, those that decide last.
pub(super) fn entries<'n>(
    layers: &[&'n Node],
    key: &str,
) -> impl Iterator<Item = &'n (Node, Node)> {
    let nodes = layers.iter().rev().filter_map(move |layer| layer.get(key));
    nodes.flat_map(Node::entries)
}

/// The file and those it extends, one after the other, each checked against the shape.
pub(super) fn read(path: &Path, shape: &Shape, found: &mut Vec<Diagnostic>) -> Option<Vec<Node>> {
    let mut out = vec![one(path, shape, found)?];
    let mut seen = vec![path.to_owned()];
    while let Some(node) = out.last().and_then(|last| last.get("extends")) {
        let name = node.text()?;
        let next = beside(node, name);
        if seen.contains(&next) {
            let message = format!("`{name}` is extended by this file already, in a circle");
            found.push(Diagnostic::new("extends-cycle", &node.span, message));
            return None;
        }
        if !next.is_file() {
            let message = format!("there is no file `{}`", next.display());
            found.push(Diagnostic::new("missing-file", &node.span, message));
            return None;
        }
        out.push(one(&next, shape, found)?);
        seen.push(next);
    }
    Some(out)
}

fn one(path: &Path, shape: &Shape, found: &mut Vec<Diagnostic>) -> Option<Node> {
    match yaml::read(path, &path.display().to_string()) {
        Ok(node) => {
            yaml::check(&node, shape, found);
            Some(node)
        }
        Err(mistake) => {
            found.push(mistake);
            None
        }
    }
}
