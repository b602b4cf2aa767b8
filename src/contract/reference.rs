//! Where a local `$ref` of an OpenAPI document leads.

use serde_json::Value;

use crate::yaml::Node;

/// What a local `$ref` leads to, or the node itself.
pub(super) fn followed<'n>(nodes: &'n Node, node: &'n Node) -> &'n Node {
    let reference = node.get("$ref").and_then(Node::text);
    let pointer = reference.and_then(|reference| reference.strip_prefix("#/"));
    let target = pointer.and_then(|pointer| {
        pointer.split('/').try_fold(nodes, |at, part| {
            at.get(&part.replace("~1", "/").replace("~0", "~"))
        })
    });
    target.unwrap_or(node)
}

/// The pointer of what stands at a pointer, through its `$ref` if it has one.
pub(super) fn referenced(document: &Value, pointer: String) -> String {
    let reference = document
        .pointer(&pointer)
        .and_then(|value| value["$ref"].as_str())
        .and_then(|reference| reference.strip_prefix('#'));
    match reference {
        Some(reference) => reference.to_owned(),
        None => pointer,
    }
}
