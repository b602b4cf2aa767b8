//! What an operation takes: parameters and members of its body.

use serde_json::Value;

use super::operation::{is_json, media_type_of};
use crate::contract::{member, reference::resolved};

/// The parameters of an operation in one place of the request: those of its path, and its own, which win.
/// Name and whether it is required.
pub(super) fn parameters(
    document: &Value,
    item: &Value,
    operation: &Value,
    place: &str,
) -> Vec<(String, bool)> {
    let mut out: Vec<(String, bool)> = Vec::new();
    for list in [item, operation] {
        for parameter in list["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(document, parameter);
            let Some(name) = parameter["name"]
                .as_str()
                .filter(|_| parameter["in"] == *place)
            else {
                continue;
            };
            let own = (name.to_owned(), is_true(parameter, "required"));
            match out.iter_mut().find(|(known, _)| known == name) {
                Some(known) => *known = own,
                None => out.push(own),
            }
        }
    }
    out
}

/// The headers of an operation, with the two that OpenAPI lets nobody describe as parameters.
pub(super) fn headers(document: &Value, item: &Value, operation: &Value) -> Vec<(String, bool)> {
    let mut out = parameters(document, item, operation, "header");
    for (extension, name) in [
        ("x-content-type", "Content-Type"),
        ("x-authorization", "Authorization"),
    ] {
        if operation[extension].is_object() {
            out.push((name.to_owned(), is_true(&operation[extension], "required")));
        }
    }
    out
}

/// The top-level members of the request body, that of JSON first: name and whether it is required. What
/// is `readOnly` is not sent, and so not required.
pub(super) fn members(document: &Value, operation: &Value) -> Vec<(String, bool)> {
    let body = resolved(document, &operation["requestBody"]);
    let content = body["content"].as_object();
    let mut media = content.into_iter().flatten();
    let json = media
        .clone()
        .find(|(name, _)| is_json(&media_type_of(name)));
    let Some((_, media)) = json.or_else(|| media.next()) else {
        return Vec::new();
    };
    let members = member::members(document, &media["schema"]).into_iter();
    members
        .filter(|member| !member.read_only)
        .map(|member| (member.name, member.required))
        .collect()
}

fn is_true(value: &Value, key: &str) -> bool {
    value[key] == true
}
