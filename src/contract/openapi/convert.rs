//! The document as JSON whose schemas are JSON Schema, for answers.
//!
//! Two things are not what JSON Schema makes of them. A schema of OpenAPI 3.0 has keywords of its own:
//! `nullable`, boolean `exclusiveMinimum` and `exclusiveMaximum`, and a `$ref` that hides its neighbours.
//! And a member that is `writeOnly` is not sent in answers, so that no answer has to have it
//! (OpenAPI 3.0.3 and 3.1.1, Schema Object).
//!
//! `nullable: true` lets a value be null wherever it stands, also beside an `enum` without null, beside
//! `allOf` and beside a `$ref`. The specification decides otherwise in some of these, and no vendor who
//! wrote it means that.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::{
    grammar::{DOCUMENT, Form, Object, SCHEMA},
    slips::is_walked,
    version::Version,
};
use crate::{
    contract::reference::{followed, node_at, pointer_of},
    yaml::{Kind, Node},
};

/// Deeper than schemas are composed; ends circles of references.
const DEPTH: usize = 16;

/// Keywords whose schemas are about the same value as the schema that they stand in.
const OF_THE_SAME_VALUE: [&str; 7] = [
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "dependentSchemas",
];

/// The document as JSON.
pub(super) fn to_json(document: &Node, version: Version) -> Value {
    let mut convert = Convert {
        document,
        version,
        has_write_only: holds(document, "writeOnly"),
        outside: Vec::new(),
    };
    let mut json = convert.object(document, &DOCUMENT, &[]);
    // What stands in other files and in extensions is known by the references to it.
    let mut seen = BTreeSet::new();
    while let Some((pointer, object)) = convert.outside.pop() {
        if !seen.insert(pointer.clone()) {
            continue;
        }
        if let (Some(place), Some(node)) = (json.pointer_mut(&pointer), document.pointer(&pointer))
        {
            *place = convert.object(node, object, &[]);
        }
    }
    json
}

/// Whether any map in it has this key.
fn holds(node: &Node, name: &str) -> bool {
    match &node.kind {
        Kind::Map(entries) => entries
            .iter()
            .any(|(key, value)| key.is_key(name) || holds(value, name)),
        Kind::List(items) => items.iter().any(|item| holds(item, name)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => false,
    }
}

struct Convert<'n> {
    document: &'n Node,
    version: Version,
    has_write_only: bool,
    /// References that were met to where OpenAPI has no object, such as other files, and what stands there.
    outside: Vec<(String, &'static Object)>,
}

impl<'n> Convert<'n> {
    /// `around` are the schemas that are about the same value.
    fn value(&mut self, node: &'n Node, form: Form, around: &[&'n Node]) -> Value {
        match (form, &node.kind) {
            (Form::Object(object) | Form::ObjectOrBool(object), Kind::Map(_)) => {
                self.object(node, object, around)
            }
            (Form::List(inner), Kind::List(items)) => items
                .iter()
                .map(|item| self.value(item, *inner, around))
                .collect(),
            (Form::Map(inner), Kind::Map(entries)) => entries
                .iter()
                .map(|(key, value)| {
                    let name = key.scalar().unwrap_or_default();
                    (name, self.value(value, *inner, around))
                })
                .collect(),
            _ => node.to_json(),
        }
    }

    fn object(&mut self, node: &'n Node, object: &'static Object, around: &[&'n Node]) -> Value {
        let is_schema = object.name == SCHEMA.name;
        if object.may_be_referenced
            && let Some(reference) = node.get("$ref").and_then(Node::text)
        {
            self.note(reference, object);
            if is_schema && !self.version.has_json_schema() {
                return lone_reference(node, reference);
            }
        }
        let mut around = if is_schema {
            around.to_vec()
        } else {
            Vec::new()
        };
        around.push(node);
        let mut out = Map::new();
        for (key, value) in node.entries() {
            let name = key.scalar().unwrap_or_default();
            let field = object.field(&name).map(|field| field.form);
            let converted = match field.or(object.others) {
                Some(form) if OF_THE_SAME_VALUE.contains(&name.as_str()) => {
                    self.value(value, form, &around)
                }
                Some(form) => self.value(value, form, &[]),
                None => value.to_json(),
            };
            out.insert(name, converted);
        }
        if let Some(reference) = out.get_mut("$ref") {
            *reference = encoded(reference);
        }
        if !is_schema {
            return Value::Object(out);
        }
        self.leave_out_write_only(&mut out, &around);
        if self.version.has_json_schema() {
            return Value::Object(out);
        }
        bound(&mut out, "exclusiveMinimum", "minimum");
        bound(&mut out, "exclusiveMaximum", "maximum");
        out.remove("example");
        nullable(out)
    }

    fn note(&mut self, reference: &str, object: &'static Object) {
        if let Some(pointer) = pointer_of(reference).filter(|at| !is_walked(at)) {
            self.outside.push((pointer, object));
        }
    }

    /// An answer need not have what is only sent to the server.
    fn leave_out_write_only(&self, schema: &mut Map<String, Value>, around: &[&Node]) {
        if !self.has_write_only {
            return;
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.retain(|name| {
                let name = name.as_str().unwrap_or_default();
                !around
                    .iter()
                    .any(|schema| self.is_write_only(schema, name, 0))
            });
        }
    }

    /// Whether a schema describes this member as one that is only written.
    fn is_write_only(&self, schema: &Node, name: &str, depth: usize) -> bool {
        if depth > DEPTH {
            return false;
        }
        let says = |node: &Node| node.get("writeOnly").and_then(Node::boolean) == Some(true);
        let mut places = vec![schema];
        let target = schema.get("$ref").and_then(Node::text);
        places.extend(target.and_then(|reference| node_at(self.document, reference)));
        places.into_iter().any(|schema| {
            let member = schema.get("properties").and_then(|all| all.get(name));
            let own =
                member.is_some_and(|member| says(member) || says(followed(self.document, member)));
            let mut parts = ["allOf", "anyOf", "oneOf"]
                .into_iter()
                .flat_map(|key| schema.get(key).map(Node::items).unwrap_or_default());
            own || parts.any(|part| self.is_write_only(part, name, depth + 1))
        })
    }
}

/// A schema of 3.0 that is a reference: whatever stands beside it counts for nothing, but that the value
/// may be null.
fn lone_reference(node: &Node, reference: &str) -> Value {
    let mut out = Map::new();
    out.insert("$ref".to_owned(), encoded(&Value::from(reference)));
    if let Some(null) = node.get("nullable") {
        out.insert("nullable".to_owned(), null.to_json());
    }
    nullable(out)
}

/// A reference as a URI has it: a path template in one has braces.
fn encoded(reference: &Value) -> Value {
    let text = reference.as_str().unwrap_or_default();
    match pointer_of(text) {
        Some(pointer) => Value::from(format!("#{}", fragment(&pointer))),
        None => reference.clone(),
    }
}

/// What a fragment of a URI cannot hold as it stands (RFC 3986, section 3.5).
const NO_FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A JSON Pointer as the fragment of a URI.
pub(in crate::contract) fn fragment(pointer: &str) -> String {
    utf8_percent_encode(pointer, NO_FRAGMENT).to_string()
}

/// `exclusiveMinimum: true` makes the minimum itself too small.
fn bound(schema: &mut Map<String, Value>, exclusive: &str, bound: &str) {
    if schema.remove(exclusive) == Some(Value::Bool(true))
        && let Some(limit) = schema.remove(bound)
    {
        schema.insert(exclusive.to_owned(), limit);
    }
}

/// A schema that says `nullable: true`, as one that a null fits.
fn nullable(mut schema: Map<String, Value>) -> Value {
    if schema.remove("nullable") != Some(Value::Bool(true)) {
        return Value::Object(schema);
    }
    let composed = ["$ref", "allOf", "anyOf", "oneOf", "not"];
    if composed.iter().any(|key| schema.contains_key(*key)) {
        // Not `anyOf`: what breaks the schema is told with its place.
        return json!({ "if": { "not": { "type": "null" } }, "then": schema });
    }
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind, "null"]);
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    Value::Object(schema)
}
