//! What an operation answers with: a rule for each key of its `responses`.

use std::sync::Arc;

use serde_json::Value;

use super::{
    operation::{ResponseHeader, ResponseRule, is_json, media_type_of},
    statuses::Statuses,
};
use crate::{
    contract::{
        member,
        pointer::pointer_part,
        reference::{followed, referenced, resolved},
        schema::Schemas,
    },
    diag::{Diagnostic, Span},
    yaml::Node,
};

/// Where an operation stands, for its responses.
pub(super) struct Place<'p> {
    pub nodes: &'p Node,
    pub json: &'p Value,
    pub schemas: &'p Arc<Schemas>,
    /// The JSON Pointer of the operation.
    pub pointer: &'p str,
    pub node: &'p Node,
}

/// The rules of an operation; mistakes go to `found`.
pub(super) fn responses(place: &Place<'_>, found: &mut Vec<Diagnostic>) -> Vec<ResponseRule> {
    let mut out = Vec::new();
    let Some(list) = place.node.get("responses") else {
        found.push(Diagnostic::new(
            "openapi",
            &place.node.span,
            "the operation documents no `responses`",
        ));
        return out;
    };
    for (key, node) in list.entries() {
        let text = key.scalar().unwrap_or_default();
        if text.starts_with("x-") {
            continue;
        }
        let Ok(statuses) = text.parse::<Statuses>() else {
            let message =
                format!("`{text}` is not a status; it is one such as `404`, `4XX` or `default`");
            found.push(Diagnostic::new("openapi", &key.span, message));
            continue;
        };
        let at = format!("{}/responses/{}", place.pointer, pointer_part(&text));
        let at = referenced(place.json, at);
        let mut rule = rule(place, statuses, &at, &key.span);
        rule.places = places(place.nodes, node);
        out.push(rule);
    }
    out
}

/// The rule of one key.
fn rule(place: &Place<'_>, statuses: Statuses, pointer: &str, span: &Span) -> ResponseRule {
    let mut rule = ResponseRule {
        statuses,
        headers: Vec::new(),
        content_types: Vec::new(),
        schemas: Vec::new(),
        members: Vec::new(),
        span: span.clone(),
        places: Vec::new(),
    };
    let response = place.json.pointer(pointer).unwrap_or(&Value::Null);
    for (media_type, media) in response["content"].as_object().into_iter().flatten() {
        let name = media_type_of(media_type);
        rule.content_types.push(name.clone());
        let media = resolved(place.json, media);
        if !is_json(&name) || media.get("schema").is_none() {
            continue;
        }
        let at = format!("{pointer}/content/{}", pointer_part(media_type));
        let at = format!("{}/schema", referenced(place.json, at));
        if rule.schemas.is_empty() {
            rule.members = member::members(place.json, &media["schema"]);
        }
        rule.schemas.push((name, place.schemas.at(&at)));
    }
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        // OpenAPI 3.1.1, Response Object: a header of this name is ignored.
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        let at = format!("{pointer}/headers/{}", pointer_part(name));
        let at = referenced(place.json, at);
        let header = resolved(place.json, header);
        let has_form = is_of_a_text(place.json, &header["schema"]);
        let schema = has_form.then(|| place.schemas.at(&format!("{at}/schema")));
        rule.headers.push(ResponseHeader {
            name: name.clone(),
            required: header["required"] == true,
            schema,
            span: span_of(place.nodes, pointer, name).unwrap_or_else(|| span.clone()),
        });
    }
    rule
}

/// Whether the text of a header can be read as what a schema describes: lists and objects come in styles.
fn is_of_a_text(document: &Value, schema: &Value) -> bool {
    let schema = resolved(document, schema);
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    !kinds.is_empty() && !kinds.iter().any(|kind| matches!(*kind, "array" | "object"))
}

/// Where the name of a header stands in the response at a pointer.
fn span_of(nodes: &Node, pointer: &str, name: &str) -> Option<Span> {
    let headers = nodes.pointer(pointer)?.get("headers")?;
    let mut keys = headers.entries().iter().map(|(key, _)| key);
    keys.find(|key| key.is_key(name))
        .map(|key| key.span.clone())
}

/// Where the members of a response's first JSON body are described, through references and branches.
fn places(nodes: &Node, response: &Node) -> Vec<(String, Span)> {
    let mut out = Vec::new();
    let content = followed(nodes, response).get("content");
    let mut media = content.into_iter().flat_map(Node::entries);
    let json = media.find(|(name, _)| is_json(&media_type_of(name.text().unwrap_or_default())));
    if let Some(schema) = json.and_then(|(_, media)| followed(nodes, media).get("schema")) {
        member::places(nodes, schema, &mut out, 0);
    }
    out
}
