//! Compiled body schemas, and what a body breaks of them.

use std::{collections::BTreeSet, fmt, sync::Arc};

use jsonschema::{
    Draft, ReferencingError, Registry, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::{Value, json};
use thiserror::Error;

use super::pointer::pointer_part;
use crate::result::{Mismatch, Subject};

/// The address under which the OpenAPI document is registered; it is never fetched.
const DOCUMENT: &str = "https://contract.invalid/openapi.json";

/// Letters of a value that a complaint shows.
const LONGEST: usize = 300;

/// A body's schema, compiled once.
pub struct BodySchema {
    validator: Validator,
    /// Members documented on the top level, through every `$ref` and branch.
    documented: BTreeSet<String>,
    /// Members documented at any depth.
    named: BTreeSet<String>,
}

impl fmt::Debug for BodySchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodySchema")
            .field("documented", &self.documented)
            .finish_non_exhaustive()
    }
}

/// Why a schema does not compile.
#[derive(Debug, Error)]
pub(super) enum SchemaError {
    /// A reference of the document leads nowhere. Every schema of it gives the same error.
    #[error(transparent)]
    Document(Arc<ReferencingError>),
    /// The schema is none; the sentence names the place inside it.
    #[error(transparent)]
    Schema(#[from] ValidationError<'static>),
}

/// The OpenAPI document, made ready once for all the schemas in it.
pub(super) struct Schemas<'d> {
    document: &'d Value,
    registry: Result<Registry<'d>, Arc<ReferencingError>>,
}

impl<'d> Schemas<'d> {
    pub(super) fn of(document: &'d Value) -> Self {
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(DOCUMENT, document)
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(Arc::new);
        Self { document, registry }
    }

    /// Compiles the schema at a JSON Pointer of the document.
    ///
    /// # Errors
    /// What the schema compiler says, with the place inside the schema.
    pub(super) fn compile(&self, pointer: &str) -> Result<BodySchema, SchemaError> {
        let document = self.document;
        let registry = self.registry.as_ref();
        let registry = registry.map_err(|error| SchemaError::Document(Arc::clone(error)))?;
        let fragment: String = pointer
            .split('/')
            .map(|part| {
                part.replace('%', "%25")
                    .replace('{', "%7B")
                    .replace('}', "%7D")
                    .replace(' ', "%20")
            })
            .collect::<Vec<_>>()
            .join("/");
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(registry)
            .build(&json!({ "$ref": format!("{DOCUMENT}#{fragment}") }))?;
        let mut documented = BTreeSet::new();
        if let Some(schema) = document.pointer(pointer) {
            collect(document, schema, &mut documented, 0);
        }
        let mut named = documented.clone();
        if let Some(schema) = document.pointer(pointer) {
            collect_deep(document, schema, &mut named, &mut BTreeSet::new());
        }
        Ok(BodySchema {
            validator,
            documented,
            named,
        })
    }
}

impl BodySchema {
    /// Every complaint about a body, in document order.
    #[must_use]
    pub fn complaints(&self, body: &Value) -> Vec<Mismatch> {
        self.validator
            .iter_errors(body)
            .map(|error| {
                let at = error.instance_path().to_string();
                // A member that is missing is reported at the object that lacks it.
                let at = match error.kind() {
                    ValidationErrorKind::Required { property } => {
                        let name = property.as_str().unwrap_or_default();
                        format!("{at}/{}", pointer_part(name))
                    }
                    _ => at,
                };
                Mismatch {
                    subject: subject(&at, error.kind()),
                    place: format!("body {at}").trim_end().to_owned(),
                    expected: vec![expected(&error)],
                    actual: actual(&error),
                }
            })
            .collect()
    }

    /// The top-level members that the contract names, in order of name.
    pub fn documented(&self) -> impl Iterator<Item = &str> {
        self.documented.iter().map(String::as_str)
    }

    /// Whether the contract names such a member at any depth.
    #[must_use]
    pub fn names(&self, member: &str) -> bool {
        self.named.contains(member)
    }

    /// Top-level members of a body that the contract does not name.
    #[must_use]
    pub fn undocumented<'b>(&self, body: &'b Value) -> Vec<&'b str> {
        match body {
            Value::Object(members) if !self.documented.is_empty() => members
                .keys()
                .filter(|name| !self.documented.contains(*name))
                .map(String::as_str)
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// What a complaint is about: a member that should be another one, or should not be there.
fn subject(at: &str, kind: &ValidationErrorKind) -> Subject {
    match kind {
        ValidationErrorKind::AdditionalProperties { .. }
        | ValidationErrorKind::UnevaluatedProperties { .. } => Subject::Closed,
        ValidationErrorKind::FalseSchema => Subject::Absent(at.to_owned()),
        _ if at.is_empty() => Subject::Form,
        _ => Subject::Member(at.to_owned()),
    }
}

/// What the schema demands there, in words.
fn expected(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Required { .. } => "present".to_owned(),
        ValidationErrorKind::FalseSchema => "absent".to_owned(),
        ValidationErrorKind::Type {
            kind: TypeKind::Single(kind),
        } => format!("a JSON {kind}"),
        ValidationErrorKind::Type {
            kind: TypeKind::Multiple(kinds),
        } => {
            let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
            format!("a JSON {}", kinds.join(" or "))
        }
        ValidationErrorKind::Enum { options } => match options.as_array() {
            Some(options) => {
                let options: Vec<String> = options.iter().map(ToString::to_string).collect();
                options.join(" or ")
            }
            None => options.to_string(),
        },
        ValidationErrorKind::Constant { expected_value } => expected_value.to_string(),
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::MinLength { limit: 1 } => "a non-empty text".to_owned(),
        ValidationErrorKind::Pattern { pattern } => format!("a text of the form {pattern}"),
        _ => format!("what the schema says at {}", error.schema_path()),
    }
}

/// What is there instead, cut where it is long.
fn actual(error: &ValidationError<'_>) -> String {
    if matches!(error.kind(), ValidationErrorKind::Required { .. }) {
        return "absent".to_owned();
    }
    let text = error.instance().to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Collects property names through references and branches; the depth bounds reference cycles.
fn collect(document: &Value, schema: &Value, names: &mut BTreeSet<String>, depth: usize) {
    if depth > 16 {
        return;
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        names.extend(properties.keys().cloned());
    }
    if let Some(target) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| document.pointer(pointer))
    {
        collect(document, target, names, depth + 1);
    }
    for branch in ["allOf", "oneOf", "anyOf"] {
        for part in schema
            .get(branch)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            collect(document, part, names, depth + 1);
        }
    }
    for branch in ["if", "then", "else"] {
        if let Some(part) = schema.get(branch) {
            collect(document, part, names, depth + 1);
        }
    }
}

/// Collects property names at every depth, each reference once.
fn collect_deep<'d>(
    document: &'d Value,
    schema: &'d Value,
    names: &mut BTreeSet<String>,
    seen: &mut BTreeSet<&'d str>,
) {
    if let Value::Array(parts) = schema {
        for part in parts {
            collect_deep(document, part, names, seen);
        }
    }
    for (key, part) in schema.as_object().into_iter().flatten() {
        match (key.as_str(), part) {
            ("$ref", Value::String(reference)) => {
                let pointer = reference.strip_prefix('#').filter(|at| seen.insert(at));
                if let Some(target) = pointer.and_then(|at| document.pointer(at)) {
                    collect_deep(document, target, names, seen);
                }
            }
            (key, part) => {
                if let ("properties", Value::Object(properties)) = (key, part) {
                    names.extend(properties.keys().cloned());
                }
                collect_deep(document, part, names, seen);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_known_at_every_depth_and_a_cycle_ends() {
        let document = json!({ "s": {
            "properties": { "list": { "items": { "properties": { "item": { "$ref": "#/s" } } } } },
        } });
        let schema = Schemas::of(&document).compile("/s").unwrap();
        assert!(schema.names("list") && schema.names("item"));
        assert!(!schema.names("properties"));
        assert_eq!(schema.documented().collect::<Vec<_>>(), ["list"]);
    }

    #[test]
    fn a_schema_is_compiled_straight_from_the_document_with_its_references() {
        let document = json!({ "components": { "schemas": {
            "Base": { "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] },
            "Use": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "properties": { "b": {} } }] },
        } } });
        let schema = Schemas::of(&document)
            .compile("/components/schemas/Use")
            .unwrap();
        assert_eq!(schema.complaints(&json!({ "a": "x" })), []);
        assert_eq!(schema.complaints(&json!({ "a": 1 }))[0].place, "body /a");
        assert_eq!(
            schema.undocumented(&json!({ "a": 1, "b": 2, "c": 3 })),
            ["c"]
        );
    }

    #[test]
    fn a_reference_to_nothing_is_a_mistake_of_the_document() {
        let document = json!({ "s": { "$ref": "#/components/schemas/Nowhere" } });
        assert!(Schemas::of(&document).compile("/s").is_err());
    }
}
