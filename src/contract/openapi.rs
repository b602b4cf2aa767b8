//! Operations of an edition, read from its OpenAPI 3.1 document as plain JSON.
//!
//! It is read without a model crate: those we tried drop keywords of the schemas silently.

use serde_json::Value;

use super::{
    BodySchema, Member, member,
    pointer::pointer_part,
    reference::{followed, referenced},
    schema::{SchemaError, Schemas},
};
use crate::{
    diag::{Diagnostic, Span},
    ids::OperationId,
    result::Subject,
    yaml::Node,
};

/// A method on a path.
#[derive(Debug)]
pub struct Operation {
    pub id: OperationId,
    /// Upper case.
    pub method: String,
    pub path: String,
    /// Header parameters, `Content-Type` and `Authorization` included: name and whether it is required.
    pub headers: Vec<(String, bool)>,
    /// Top-level members of the request body: name and whether it is required.
    pub members: Vec<(String, bool)>,
    pub responses: Vec<ResponseRule>,
    /// Where its operationId stands.
    pub span: Span,
}

/// What the contract says about one status of one operation.
#[derive(Debug)]
pub struct ResponseRule {
    pub status: u16,
    /// Documented media types, without parameters; none when no body is documented.
    pub content_types: Vec<String>,
    /// The schemas of those that are JSON, by media type.
    pub schemas: Vec<(String, BodySchema)>,
    /// Documented top-level members of the body, in document order.
    pub members: Vec<Member>,
    /// Where the status stands.
    pub span: Span,
    /// Where the top-level members of the body are described, by name.
    pub places: Vec<(String, Span)>,
}

impl Operation {
    /// The rule for a status, if that status is documented.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<&ResponseRule> {
        self.responses.iter().find(|rule| rule.status == status)
    }
}

impl ResponseRule {
    /// Where it is written what a body must be in this respect: at the top-level member that it is
    /// about, else at the status.
    #[must_use]
    pub fn written(&self, subject: &Subject) -> &Span {
        let (Subject::Member(at) | Subject::Absent(at)) = subject else {
            return &self.span;
        };
        let name = at.split('/').nth(1).unwrap_or_default();
        let mut places = self.places.iter();
        let place = places.find(|(place, _)| pointer_part(place) == name);
        place.map_or(&self.span, |(_, span)| span)
    }

    /// Whether the media type is documented, by its name or by a range such as `application/*`.
    #[must_use]
    pub fn allows(&self, media_type: &str) -> bool {
        self.content_types
            .iter()
            .any(|known| covers(known, media_type))
    }

    /// The schema of a body: that of its media type, and of an undocumented type the first, so that
    /// a wrong label hides nothing. `None` for types that are not JSON.
    #[must_use]
    pub fn schema(&self, media_type: Option<&str>) -> Option<&BodySchema> {
        let own = |known: &str| media_type.is_some_and(|received| covers(known, received));
        let mut schemas = self.schemas.iter();
        match media_type.filter(|received| self.allows(received)) {
            Some(_) => schemas.find(|(known, _)| own(known)),
            None => schemas.next(),
        }
        .map(|(_, schema)| schema)
    }
}

/// Whether a documented type or range holds a media type; both are in lower case.
fn covers(documented: &str, media_type: &str) -> bool {
    match documented.split_once('*') {
        None => documented == media_type,
        Some(("", "/*")) => media_type.contains('/'),
        Some((front, behind)) => {
            media_type.len() >= documented.len() - 1
                && media_type.starts_with(front)
                && media_type.ends_with(behind)
        }
    }
}

/// Whether a media type, or a range of them, is read as JSON (RFC 6839, 3.1).
#[must_use]
pub(crate) fn is_json(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/json" | "text/json" | "*/*" | "application/*"
    ) || media_type.ends_with("+json")
}

const METHODS: [&str; 8] = [
    "get", "post", "put", "delete", "patch", "head", "options", "trace",
];

/// Reads all operations; mistakes of the document go to `found`.
pub(super) fn operations(document: &Node, found: &mut Vec<Diagnostic>) -> Vec<Operation> {
    let json = document.to_json();
    let schemas = Schemas::of(&json);
    let mut out: Vec<Operation> = Vec::new();
    let Some(paths) = document.get("paths") else {
        found.push(Diagnostic::new(
            "openapi",
            &document.span,
            "the document has no `paths`",
        ));
        return out;
    };
    for (path_key, item) in paths.entries() {
        let path = path_key.text().unwrap_or_default();
        for (method_key, node) in item.entries() {
            let method = method_key.text().unwrap_or_default();
            if !METHODS.contains(&method) {
                continue;
            }
            let id_node = node.get("operationId");
            let Some(id) = id_node.and_then(Node::text) else {
                found.push(Diagnostic::new(
                    "openapi",
                    &method_key.span,
                    format!("{method} {path} has no `operationId`"),
                ));
                continue;
            };
            if out.iter().any(|operation| operation.id == id) {
                found.push(Diagnostic::new(
                    "duplicate-id",
                    &node.span,
                    format!("operationId `{id}` is used twice"),
                ));
            }
            let pointer = format!("/paths/{}/{method}", pointer_part(path));
            out.push(Operation {
                id: id.into(),
                method: method.to_uppercase(),
                path: path.to_owned(),
                headers: headers(&json, &pointer),
                members: members(&json, &pointer),
                responses: responses(document, &json, &schemas, &pointer, node, found),
                span: id_node.map_or(&node.span, |id| &id.span).clone(),
            });
        }
    }
    out
}

/// Follows a local `$ref`, once: references to references are not used in OpenAPI parameters.
fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    value
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(value)
}

fn headers(document: &Value, pointer: &str) -> Vec<(String, bool)> {
    let operation = document.pointer(pointer).unwrap_or(&Value::Null);
    let required = |value: &Value| value.get("required").and_then(Value::as_bool) == Some(true);
    let mut out = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolve(document, parameter);
        if parameter["in"] == "header"
            && let Some(name) = parameter["name"].as_str()
        {
            out.push((name.to_owned(), required(parameter)));
        }
    }
    for (extension, name) in [
        ("x-content-type", "Content-Type"),
        ("x-authorization", "Authorization"),
    ] {
        if operation[extension].is_object() {
            out.push((name.to_owned(), required(&operation[extension])));
        }
    }
    out
}

fn members(document: &Value, pointer: &str) -> Vec<(String, bool)> {
    let operation = document.pointer(pointer).unwrap_or(&Value::Null);
    let Some(content) = resolve(document, &operation["requestBody"])
        .get("content")
        .and_then(Value::as_object)
    else {
        return Vec::new();
    };
    let Some(media) = content.values().next() else {
        return Vec::new();
    };
    let schema = resolve(document, &media["schema"]);
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| (name.clone(), required.contains(&name.as_str())))
        .collect()
}

fn responses(
    nodes: &Node,
    document: &Value,
    schemas: &Schemas<'_>,
    pointer: &str,
    node: &Node,
    found: &mut Vec<Diagnostic>,
) -> Vec<ResponseRule> {
    let mut out = Vec::new();
    let Some(list) = node.get("responses") else {
        found.push(Diagnostic::new(
            "openapi",
            &node.span,
            "the operation documents no `responses`",
        ));
        return out;
    };
    for (key, _) in list.entries() {
        let text = key.text().unwrap_or_default();
        let Ok(status) = text.parse::<u16>() else {
            found.push(Diagnostic::new(
                "openapi",
                &key.span,
                format!("`{text}` is not a status; write each documented status by its number"),
            ));
            continue;
        };
        let at = referenced(document, format!("{pointer}/responses/{text}"));
        let broken = |error: SchemaError| {
            let message = format!("the body schema of {text} does not compile: {error}");
            found.push(Diagnostic::new("openapi-schema", &key.span, message));
        };
        let mut rule = response(document, schemas, status, &at, broken);
        rule.span = key.span.clone();
        rule.places = places(nodes, list.get(text).unwrap_or(list));
        out.push(rule);
    }
    out
}

/// Where the members of a response's first JSON body are described, through references and branches.
fn places(nodes: &Node, response: &Node) -> Vec<(String, Span)> {
    let mut out = Vec::new();
    let content = followed(nodes, response).get("content");
    let mut media = content.into_iter().flat_map(Node::entries);
    let json = media.find(|(name, _)| is_json(&media_type_of(name.text().unwrap_or_default())));
    if let Some(schema) = json.and_then(|(_, media)| media.get("schema")) {
        member::places(nodes, schema, &mut out, 0);
    }
    out
}

/// The rule of one status; a schema that does not compile is handed to `broken` and left out.
fn response(
    document: &Value,
    schemas: &Schemas<'_>,
    status: u16,
    pointer: &str,
    mut broken: impl FnMut(SchemaError),
) -> ResponseRule {
    let mut rule = ResponseRule {
        status,
        content_types: Vec::new(),
        schemas: Vec::new(),
        members: Vec::new(),
        span: Span::nowhere(),
        places: Vec::new(),
    };
    let content = document
        .pointer(pointer)
        .and_then(|response| response["content"].as_object());
    for (media_type, media) in content.into_iter().flatten() {
        let name = media_type_of(media_type);
        rule.content_types.push(name.clone());
        if !is_json(&name) || media.get("schema").is_none() {
            continue;
        }
        match schemas.compile(&format!(
            "{pointer}/content/{}/schema",
            pointer_part(media_type)
        )) {
            Ok(compiled) => {
                if rule.schemas.is_empty() {
                    rule.members = member::members(document, &media["schema"]);
                }
                rule.schemas.push((name, compiled));
            }
            Err(error) => broken(error),
        }
    }
    rule
}

/// A content type without its parameters, in lower case.
#[must_use]
pub(crate) fn media_type_of(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_types_it_names() {
        for (documented, received, held) in [
            ("application/json", "application/json", true),
            ("application/json", "application/problem+json", false),
            ("application/*+json", "application/problem+json", true),
            ("application/*+json", "application/json", false),
            ("application/*", "application/json", true),
            ("application/*", "text/html", false),
            ("*/*", "text/html", true),
            ("*/*", "text", false),
        ] {
            assert_eq!(
                covers(documented, received),
                held,
                "{documented} {received}"
            );
        }
    }
}
