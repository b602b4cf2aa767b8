//! Compiled body schemas, and what a body breaks of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, OnceLock},
};

use jsonschema::{
    Draft, ReferencingError, Registry, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::{Value, json};
use thiserror::Error;

use super::{
    openapi::fragment,
    pointer::pointer_part,
    reference::{pointer_of, resolved},
};
use crate::{
    result::{Mismatch, Subject},
    yaml::deep,
};

/// The address under which the OpenAPI document is registered; it is never fetched.
const DOCUMENT: &str = "https://contract.invalid/openapi.json";

/// Letters of a value that a complaint shows.
const LONGEST: usize = 300;

/// A body's schema, compiled when it is first needed: most of a vendor's document nobody uses.
pub struct BodySchema {
    schemas: Arc<Schemas>,
    /// Where it stands in the document.
    pointer: String,
    /// Members documented on the top level, through every `$ref` and branch.
    documented: BTreeSet<String>,
    /// Members on the top level that are only sent to the server, and have no place in an answer.
    write_only: BTreeSet<String>,
    /// Nothing where it does not compile, which is a mistake of the document.
    compiled: OnceLock<Option<Compiled>>,
}

/// A schema that can be compared with.
struct Compiled {
    validator: Validator,
    /// Members documented at any depth.
    named: BTreeSet<String>,
    /// How the forms of a value are told apart, by the pointer of the list of forms.
    discriminators: BTreeMap<String, Discriminator>,
}

/// Which of several forms a value has, by what one of its members says.
#[derive(Debug)]
struct Discriminator {
    member: String,
    /// Of each form, what the member says.
    forms: Vec<Vec<String>>,
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
pub(super) struct Schemas {
    document: Arc<Value>,
    draft: Draft,
    asserts_formats: bool,
    /// Some schema of it has one; most documents have none, and need not be searched for them.
    has_discriminators: bool,
    registry: Result<Registry<'static>, Arc<ReferencingError>>,
}

impl Schemas {
    /// The schemas of a document, in their dialect; `format` is checked only where it is asked for, as it
    /// is a note in JSON Schema 2020-12.
    pub(super) fn of(document: &Arc<Value>, draft: Draft, asserts_formats: bool) -> Arc<Self> {
        let registry = Registry::new()
            .draft(draft)
            .add(DOCUMENT, document.as_ref().clone())
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(Arc::new);
        Arc::new(Self {
            document: Arc::clone(document),
            draft,
            asserts_formats,
            has_discriminators: has_key(document, "discriminator"),
            registry,
        })
    }

    /// The schema at a JSON Pointer of the document.
    pub(super) fn at(self: &Arc<Self>, pointer: &str) -> BodySchema {
        let mut names = Names::default();
        if let Some(schema) = self.document.pointer(pointer) {
            collect(&self.document, schema, &mut names, 0);
        }
        BodySchema {
            schemas: Arc::clone(self),
            pointer: pointer.to_owned(),
            documented: names.documented,
            write_only: names.write_only,
            compiled: OnceLock::new(),
        }
    }

    fn compile(&self, pointer: &str) -> Result<Compiled, SchemaError> {
        let document = &self.document;
        let registry = self.registry.as_ref();
        let registry = registry.map_err(|error| SchemaError::Document(Arc::clone(error)))?;
        let mut options = jsonschema::options()
            .with_draft(self.draft)
            .with_registry(registry)
            .should_validate_formats(self.asserts_formats);
        if self.asserts_formats {
            options = options.with_format("byte", |text| {
                data_encoding::BASE64.decode(text.as_bytes()).is_ok()
            });
        }
        let validator =
            options.build(&json!({ "$ref": format!("{DOCUMENT}#{}", fragment(pointer)) }))?;
        let mut discriminators = BTreeMap::new();
        if self.has_discriminators {
            reached(document, pointer.to_owned(), |at, schema| {
                if schema["discriminator"]["propertyName"].is_string() {
                    for key in ["oneOf", "anyOf"] {
                        if let Some(forms) = schema[key].as_array() {
                            let found = discriminator(&schema["discriminator"], forms);
                            discriminators.insert(format!("{at}/{key}"), found);
                        }
                    }
                }
            });
        }
        let named = document
            .pointer(pointer)
            .map(|schema| names(document, schema));
        let named = named.unwrap_or_default();
        Ok(Compiled {
            validator,
            named,
            discriminators,
        })
    }
}

impl BodySchema {
    /// Compiles it, unless that is done. The thread may need a stack for it, as [`deep`] gives one.
    ///
    /// # Errors
    /// What the schema compiler says, with the place inside the schema.
    pub(super) fn compile(&self) -> Result<(), SchemaError> {
        if self.compiled.get().is_none() {
            let compiled = self.schemas.compile(&self.pointer)?;
            // Another thread made the same.
            let _ = self.compiled.set(Some(compiled));
        }
        Ok(())
    }

    fn compiled(&self) -> Option<&Compiled> {
        let compile = || deep(|| self.schemas.compile(&self.pointer)).ok()?.ok();
        self.compiled.get_or_init(compile).as_ref()
    }

    /// Every complaint about a body, in document order.
    #[must_use]
    pub fn complaints(&self, body: &Value) -> Vec<Mismatch> {
        let mut out = Vec::new();
        if let Some(compiled) = self.compiled() {
            for error in compiled.validator.iter_errors(body) {
                compiled.complain(&error, &mut out);
            }
        }
        out
    }

    /// The top-level members that the contract names, in order of name.
    pub fn documented(&self) -> impl Iterator<Item = &str> {
        self.documented.iter().map(String::as_str)
    }

    /// Whether the contract names such a member at any depth.
    #[must_use]
    pub fn names(&self, member: &str) -> bool {
        let compiled = self.compiled();
        compiled.is_some_and(|compiled| compiled.named.contains(member))
    }

    /// Whether the contract names such a member on the top level only for requests (`writeOnly`).
    #[must_use]
    pub fn is_write_only(&self, member: &str) -> bool {
        self.write_only.contains(member)
    }

    /// Top-level members of a body that the contract does not name for answers.
    #[must_use]
    pub fn undocumented<'b>(&self, body: &'b Value) -> Vec<&'b str> {
        let is_silent = self.documented.is_empty() && self.write_only.is_empty();
        match body {
            Value::Object(members) if !is_silent => members
                .keys()
                .filter(|name| !self.documented.contains(*name))
                .map(String::as_str)
                .collect(),
            _ => Vec::new(),
        }
    }
}

impl Compiled {
    /// What an error says. Of several forms, none of which fits, it is told what is wrong with the one that
    /// is meant, where that can be known.
    fn complain(&self, error: &ValidationError<'_>, out: &mut Vec<Mismatch>) {
        if let ValidationErrorKind::AnyOf { context }
        | ValidationErrorKind::OneOfNotValid { context } = error.kind()
            && let Some(meant) = self.meant(error, context)
        {
            for inner in meant {
                self.complain(inner, out);
            }
            return;
        }
        let at = error.instance_path().to_string();
        // A member that is missing is reported at the object that lacks it.
        let at = match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                format!("{at}/{}", pointer_part(name))
            }
            _ => at,
        };
        out.push(Mismatch {
            subject: subject(&at, error.kind()),
            place: format!("body {at}").trim_end().to_owned(),
            expected: vec![expected(error)],
            actual: actual(error),
        });
    }

    /// The errors of the form that a value is meant to have: the one that its discriminator names, or the
    /// only one that is of its type.
    fn meant<'e>(
        &self,
        error: &ValidationError<'_>,
        forms: &'e [Vec<ValidationError<'static>>],
    ) -> Option<&'e Vec<ValidationError<'static>>> {
        let location = error.absolute_keyword_location()?;
        let pointer = pointer_of(&format!("#{}", location.fragment()?.as_str()))?;
        if let Some(discriminator) = self.discriminators.get(&pointer)
            && let Some(value) = error.instance()[&discriminator.member].as_str()
        {
            let mut named = discriminator.forms.iter();
            let index = named.position(|names| names.iter().any(|name| name == value));
            return forms.get(index?);
        }
        let at = error.instance_path();
        let is_of_the_type = |form: &&Vec<ValidationError<'static>>| {
            !form.iter().any(|inner| {
                matches!(inner.kind(), ValidationErrorKind::Type { .. })
                    && inner.instance_path() == at
            })
        };
        let mut fitting = forms.iter().filter(is_of_the_type);
        let only = fitting.next()?;
        fitting.next().is_none().then_some(only)
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

/// The members that a schema describes.
#[derive(Default)]
struct Names {
    documented: BTreeSet<String>,
    write_only: BTreeSet<String>,
}

/// Collects property names through references and branches; the depth bounds reference cycles.
fn collect(document: &Value, schema: &Value, names: &mut Names, depth: usize) {
    if depth > 16 {
        return;
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let is_write_only =
            member["writeOnly"] == true || resolved(document, member)["writeOnly"] == true;
        if is_write_only && !names.documented.contains(name) {
            names.write_only.insert(name.clone());
        } else {
            names.write_only.remove(name);
            names.documented.insert(name.clone());
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        if !names.write_only.contains(name) {
            names.documented.insert(name.to_owned());
        }
    }
    if schema.get("$ref").is_some() {
        let target = resolved(document, schema);
        if !std::ptr::eq(target, schema) {
            collect(document, target, names, depth + 1);
        }
    }
    for branch in ["allOf", "oneOf", "anyOf"] {
        for part in schema[branch].as_array().into_iter().flatten() {
            collect(document, part, names, depth + 1);
        }
    }
    for branch in ["if", "then", "else"] {
        if let Some(part) = schema.get(branch) {
            collect(document, part, names, depth + 1);
        }
    }
}

/// Whether any object in a value has this key.
fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key(key) || members.values().any(|member| has_key(member, key))
        }
        Value::Array(items) => items.iter().any(|item| has_key(item, key)),
        _ => false,
    }
}

/// The names of the members at every depth of a schema and of all that it refers to.
fn names(document: &Value, schema: &Value) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    match (key.as_str(), member) {
                        ("$ref", Value::String(reference)) => {
                            let pointer = pointer_of(reference).filter(|_| seen.insert(reference));
                            open.extend(pointer.and_then(|at| document.pointer(&at)));
                        }
                        ("properties", Value::Object(properties)) => {
                            out.extend(properties.keys().cloned());
                            open.push(member);
                        }
                        _ => open.push(member),
                    }
                }
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    out
}

/// Every value in a schema and in all that it refers to, once, with its pointer.
fn reached(document: &Value, pointer: String, mut see: impl FnMut(&str, &Value)) {
    let mut open = vec![pointer];
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        let Some(value) = document.pointer(&at).filter(|_| seen.insert(at.clone())) else {
            continue;
        };
        see(&at, value);
        open.extend(value["$ref"].as_str().and_then(pointer_of));
        let parts: Vec<String> = match value {
            Value::Object(members) => members.keys().map(|key| pointer_part(key)).collect(),
            Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
            _ => Vec::new(),
        };
        open.extend(parts.into_iter().map(|part| format!("{at}/{part}")));
    }
}

/// What the member says for each form: the name of its schema, and what the mapping adds
/// (OpenAPI 3.1.1, Discriminator Object).
fn discriminator(node: &Value, forms: &[Value]) -> Discriminator {
    let name = |reference: &str| -> String {
        let last = reference.rsplit('/').next().unwrap_or_default();
        last.to_owned()
    };
    let names = |form: &Value| -> Vec<String> {
        let own = form["$ref"].as_str().map(name).unwrap_or_default();
        let mapping = node["mapping"].as_object().into_iter().flatten();
        let mapped = mapping.filter(|(_, to)| to.as_str().map(name).as_ref() == Some(&own));
        let mut out: Vec<String> = mapped.map(|(value, _)| value.clone()).collect();
        out.push(own);
        out
    };
    Discriminator {
        member: node["propertyName"].as_str().unwrap_or_default().to_owned(),
        forms: forms.iter().map(names).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(document: &Value, pointer: &str) -> BodySchema {
        let schemas = Schemas::of(&Arc::new(document.clone()), Draft::Draft202012, false);
        schemas.at(pointer)
    }

    #[test]
    fn members_are_known_at_every_depth_and_a_cycle_ends() {
        let document = json!({ "s": {
            "properties": { "list": { "items": { "properties": { "item": { "$ref": "#/s" } } } } },
        } });
        let schema = schema(&document, "/s");
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
        let schema = schema(&document, "/components/schemas/Use");
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
        assert!(schema(&document, "/s").compile().is_err());
    }
}
