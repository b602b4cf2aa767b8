//! The names of members, headers and media types in a JSON Pointer.

/// A name as a part of a JSON Pointer (RFC 6901, section 3).
pub(crate) fn pointer_part(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}
