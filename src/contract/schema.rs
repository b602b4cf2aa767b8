//! Compiled body schemas, and their complaints in our words.

use std::{collections::BTreeSet, fmt, sync::Arc};

use jsonschema::{Draft, ReferencingError, Registry, ValidationError, Validator};
use serde_json::{Value, json};
use thiserror::Error;

use crate::result::Mismatch;

/// The address under which the OpenAPI document is registered; it is never fetched.
const DOCUMENT: &str = "https://contract.invalid/openapi.json";

/// A body's schema, compiled once.
pub struct BodySchema {
    validator: Validator,
    /// Members documented on the top level, through every `$ref` and branch.
    documented: BTreeSet<String>,
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
        Ok(BodySchema {
            validator,
            documented,
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
                Mismatch {
                    place: format!("body {at}").trim_end().to_owned(),
                    expected: vec![format!("what the schema says at {}", error.schema_path())],
                    actual: error.to_string(),
                }
            })
            .collect()
    }

    /// The top-level members that the contract names, in order of name.
    pub fn documented(&self) -> impl Iterator<Item = &str> {
        self.documented.iter().map(String::as_str)
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

#[cfg(test)]
mod tests {
    use super::*;

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
