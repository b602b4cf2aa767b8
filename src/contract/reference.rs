//! Where a `$ref` inside an OpenAPI document leads.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::yaml::Node;

/// More references in a row than any document has; ends a circle of them.
const CHAIN: usize = 32;

/// The JSON Pointer of a reference into the same document (RFC 6901, section 6).
pub(super) fn pointer_of(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_decode_str(fragment).decode_utf8().ok()?;
    (pointer.is_empty() || pointer.starts_with('/')).then(|| pointer.into_owned())
}

/// What stands at a reference into the same document.
pub(super) fn node_at<'n>(document: &'n Node, reference: &str) -> Option<&'n Node> {
    document.pointer(&pointer_of(reference)?)
}

/// What a `$ref` leads to, however many follow each other, or the node itself.
pub(super) fn followed<'n>(document: &'n Node, node: &'n Node) -> &'n Node {
    let mut at = node;
    for _ in 0..CHAIN {
        let reference = at.get("$ref").and_then(Node::text);
        match reference.and_then(|reference| node_at(document, reference)) {
            Some(target) => at = target,
            None => break,
        }
    }
    at
}

/// As [`followed`], for JSON.
pub(super) fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let mut at = value;
    for _ in 0..CHAIN {
        let reference = at.get("$ref").and_then(Value::as_str);
        let pointer = reference.and_then(pointer_of);
        match pointer.and_then(|pointer| document.pointer(&pointer)) {
            Some(target) => at = target,
            None => break,
        }
    }
    at
}

/// The pointer of what stands at a pointer, through its `$ref` if it has one.
pub(super) fn referenced(document: &Value, pointer: String) -> String {
    let mut at = pointer;
    for _ in 0..CHAIN {
        let value = document.pointer(&at);
        let reference = value.and_then(|value| value["$ref"].as_str());
        match reference.and_then(pointer_of) {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}
