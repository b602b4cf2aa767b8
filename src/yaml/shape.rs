//! The shape of a file a person writes: one table that checks the file and generates its JSON Schema.

use serde_json::{Map, Value, json};

use super::{Kind, Node, holds_expression};
use crate::diag::Diagnostic;

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    Any,
    Text,
    /// Text, number or boolean, taken as the text one would type.
    Scalar,
    Bool,
    Integer,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One value, or a list of them.
    OneOrMany(&'static Shape),
    List(&'static Shape),
    /// Keys of the author's choice.
    Map(&'static Shape),
    /// These keys and no others.
    Object(&'static [Field]),
    /// A shape that refers to itself, looked up when it is needed.
    Lazy(&'static str, fn() -> Shape),
    /// Scalars are one thing, maps another: the short and the long form of a key.
    ShortOrLong(&'static Shape, &'static Shape),
}

/// One key of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub doc: &'static str,
    pub shape: Shape,
    pub required: bool,
}

impl Field {
    #[must_use]
    pub const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            doc,
            shape,
            required: false,
        }
    }

    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// Compares a value with a shape and reports every mistake in it. A text that will be computed later
/// fits every shape; see [`check_rendered`].
pub fn check(node: &Node, shape: &Shape, found: &mut Vec<Diagnostic>) {
    compare(node, shape, false, found);
}

/// As [`check`], when every text has been computed.
pub fn check_rendered(node: &Node, shape: &Shape, found: &mut Vec<Diagnostic>) {
    compare(node, shape, true, found);
}

fn compare(node: &Node, shape: &Shape, rendered: bool, found: &mut Vec<Diagnostic>) {
    let later = || !rendered && node.text().is_some_and(holds_expression);
    match shape {
        Shape::Any => {}
        Shape::Lazy(_, shape) => compare(node, &shape(), rendered, found),
        Shape::Text | Shape::Scalar if node.text().is_some() => {}
        _ if later() => {}
        Shape::Scalar if matches!(node.kind, Kind::Bool(_) | Kind::Number(_)) => {}
        Shape::Bool if node.boolean().is_some() => {}
        Shape::Integer if node.integer().is_some() => {}
        Shape::Word(words) => match node.text() {
            Some(text) if words.contains(&text) => {}
            Some(text) => found.push(
                Diagnostic::new(
                    "unknown-word",
                    &node.span,
                    format!("`{text}` is not one of: {}", words.join(", ")),
                )
                .suggest(text, words.iter().copied()),
            ),
            None => found.push(wrong(node, shape)),
        },
        Shape::OneOrMany(inner) => {
            for item in node.one_or_many() {
                compare(item, inner, rendered, found);
            }
        }
        Shape::List(inner) if matches!(node.kind, Kind::List(_)) => {
            for item in node.items() {
                compare(item, inner, rendered, found);
            }
        }
        Shape::Map(inner) if matches!(node.kind, Kind::Map(_)) => {
            for (_, value) in node.entries() {
                compare(value, inner, rendered, found);
            }
        }
        Shape::Object(fields) if matches!(node.kind, Kind::Map(_)) => {
            check_object(node, fields, rendered, found);
        }
        Shape::ShortOrLong(short, long) => {
            let shape = if matches!(node.kind, Kind::Map(_)) {
                long
            } else {
                short
            };
            compare(node, shape, rendered, found);
        }
        _ => found.push(wrong(node, shape)),
    }
}

/// Keys of earlier versions, and what they are called now.
const RENAMED: [(&str, &str); 1] = [("twin", "prerequisite")];

fn check_object(node: &Node, fields: &[Field], rendered: bool, found: &mut Vec<Diagnostic>) {
    for (key, value) in node.entries() {
        let name = key.text().unwrap_or_default();
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            compare(value, &field.shape, rendered, found);
        } else {
            let names: Vec<_> = fields.iter().map(|field| field.name).collect();
            let mut mistake =
                Diagnostic::new("unknown-key", &key.span, format!("unknown key `{name}`"))
                    .suggest(name, names.iter().copied());
            let renamed = RENAMED
                .iter()
                .find(|(old, new)| *old == name && names.contains(new));
            if let Some((_, new)) = renamed {
                mistake = mistake.help(format!("it is now called `{new}`"));
            } else if mistake.help.is_none() {
                mistake = mistake.help(format!("known here: {}", names.join(", ")));
            }
            found.push(mistake);
        }
    }
    for field in fields.iter().filter(|field| field.required) {
        if node.get(field.name).is_none() {
            found.push(
                Diagnostic::new(
                    "missing-key",
                    &node.span,
                    format!("the key `{}` is missing", field.name),
                )
                .help(field.doc),
            );
        }
    }
}

fn wrong(node: &Node, shape: &Shape) -> Diagnostic {
    let actual = match &node.kind {
        Kind::Null => "nothing",
        Kind::Bool(_) => "a boolean",
        Kind::Number(_) => "a number",
        Kind::Text(_) => "a text",
        Kind::List(_) => "a list",
        Kind::Map(_) => "a map",
    };
    Diagnostic::new(
        "wrong-type",
        &node.span,
        format!("expected {}, found {actual}", name(shape)),
    )
}

fn name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Any => "anything",
        Shape::Text => "a text",
        Shape::Scalar => "a text or a number",
        Shape::Bool => "true or false",
        Shape::Integer => "a whole number",
        Shape::Word(_) => "a word",
        Shape::OneOrMany(inner) | Shape::ShortOrLong(inner, _) => name(inner),
        Shape::List(_) => "a list",
        Shape::Map(_) | Shape::Object(_) | Shape::Lazy(..) => "a map",
    }
}

/// The JSON Schema (2020-12) of a file kind, for editors.
#[must_use]
pub fn json_schema(title: &str, shape: &Shape) -> Value {
    let mut definitions = Map::new();
    let Value::Object(root) = schema(shape, &mut definitions) else {
        return json!({});
    };
    let mut out = Map::new();
    out.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    out.insert("title".into(), json!(title));
    out.extend(root);
    if !definitions.is_empty() {
        out.insert("$defs".into(), Value::Object(definitions));
    }
    Value::Object(out)
}

fn schema(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Text => json!({ "type": "string" }),
        Shape::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Bool => or_computed(&json!({ "type": "boolean" })),
        Shape::Integer => or_computed(&json!({ "type": "integer" })),
        Shape::Word(words) => or_computed(&json!({ "enum": words })),
        Shape::OneOrMany(inner) => {
            let one = schema(inner, definitions);
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        Shape::List(inner) => {
            let items = schema(inner, definitions);
            or_computed(&json!({ "type": "array", "items": items }))
        }
        Shape::Map(inner) => {
            let values = schema(inner, definitions);
            or_computed(&json!({ "type": "object", "additionalProperties": values }))
        }
        Shape::Object(fields) => object_schema(fields, definitions),
        Shape::Lazy(name, shape) => {
            if !definitions.contains_key(*name) {
                // The place is taken first, so that a shape may contain itself.
                definitions.insert((*name).into(), Value::Null);
                let value = schema(&shape(), definitions);
                definitions.insert((*name).into(), value);
            }
            json!({ "$ref": format!("#/$defs/{name}") })
        }
        Shape::ShortOrLong(short, long) => {
            let short = schema(short, definitions);
            let long = schema(long, definitions);
            json!({ "anyOf": [short, long] })
        }
    }
}

/// A `${…}` text stands for any value, so every typed shape also admits it.
fn or_computed(value: &Value) -> Value {
    json!({ "anyOf": [value, { "type": "string", "pattern": "\\$\\{" }] })
}

fn object_schema(fields: &[Field], definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut value = schema(&field.shape, definitions);
        if let Value::Object(map) = &mut value {
            map.insert("description".into(), json!(field.doc));
        }
        properties.insert(field.name.into(), value);
    }
    let required: Vec<_> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let mut object = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Shape = Shape::Object(&[
        Field::new("id", Shape::Text, "its name").required(),
        Field::new("tags", Shape::List(&Shape::Text), "words"),
    ]);

    fn mistakes(text: &str) -> Vec<(&'static str, String)> {
        let node = crate::yaml::parse("a.yaml", text.into()).unwrap();
        let mut found = Vec::new();
        check(&node, &FORM, &mut found);
        found
            .into_iter()
            .map(|d| (d.code, d.span.unwrap().to_string()))
            .collect()
    }

    #[test]
    fn all_mistakes_of_a_file_are_found_in_one_go() {
        assert_eq!(
            mistakes("tgas: []\ntags: 3\n"),
            [
                ("unknown-key", "a.yaml:1:1".to_owned()),
                ("wrong-type", "a.yaml:2:7".to_owned()),
                ("missing-key", "a.yaml:1:1".to_owned()),
            ]
        );
    }

    #[test]
    fn the_schema_forbids_unknown_keys_and_names_the_required_ones() {
        let schema = json_schema("form", &FORM);
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["required"], json!(["id"]));
    }
}
