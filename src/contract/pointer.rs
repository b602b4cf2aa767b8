//! JSON Pointers: what an author writes as one, and the names of members, headers and media types in them.

use crate::{diag::Diagnostic, yaml::Node};

/// The JSON Pointer to something inside a body that an author has written; what is none goes to `found`.
pub(super) fn pointer(node: &Node, found: &mut Vec<Diagnostic>) -> Option<String> {
    let text = node.text()?;
    if !text.starts_with('/') {
        let message = format!("`{text}` is not a JSON Pointer; write `/{text}`");
        found.push(Diagnostic::new("bad-pointer", &node.span, message));
    }
    Some(text.to_owned())
}

/// A name as a part of a JSON Pointer (RFC 6901, section 3).
pub(crate) fn pointer_part(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}
