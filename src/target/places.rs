//! Where each key of a target file stands, so that trouble found later points at it.

use std::collections::BTreeMap;

use crate::{
    diag::Span,
    yaml::{Kind, Node},
};

/// Places by dotted path; elements of lists by number. The file's own keys win over those of a file
/// it extends.
pub(super) fn of(layers: &[&Node]) -> BTreeMap<String, Span> {
    let mut out = BTreeMap::new();
    for layer in layers.iter().rev() {
        collect(layer, "", &mut out);
    }
    out
}

fn collect(node: &Node, path: &str, out: &mut BTreeMap<String, Span>) {
    let mut add = |name: &str, key: &Node, value: &Node| {
        // Anchors have no meaning of their own.
        if path.is_empty() && name == "define" {
            return;
        }
        let path = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        // A map or a list is only a bracket long: its key says more.
        let place = match value.kind {
            Kind::Map(_) | Kind::List(_) => &key.span,
            _ => &value.span,
        };
        out.insert(path.clone(), place.clone());
        collect(value, &path, out);
    };
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                add(key.text().unwrap_or_default(), key, value);
            }
        }
        Kind::List(items) => {
            for (at, item) in items.iter().enumerate() {
                add(&at.to_string(), item, item);
            }
        }
        _ => {}
    }
}
