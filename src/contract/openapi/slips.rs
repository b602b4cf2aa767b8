//! What in a document is no OpenAPI: misspelt keywords, values of another form, references to nowhere.
//!
//! Takes: a document and where in it to look. Gives: a diagnostic for each mistake. Never: changes the
//! document, or passes over a key that would switch a check off.

use std::collections::{HashMap, HashSet};

use super::{
    files,
    grammar::{DOCUMENT, Form, Object, SCHEMA},
    version::Version,
};
use crate::{
    contract::reference::{followed, node_at, pointer_of},
    diag::{Diagnostic, push_once},
    yaml::{Kind, Node},
};

const TYPES: [&str; 7] = [
    "string", "number", "integer", "boolean", "object", "array", "null",
];

/// Keywords of earlier drafts, which a document may use that declares their dialect.
const EARLIER: [&str; 5] = [
    "dependencies",
    "additionalItems",
    "$recursiveRef",
    "$recursiveAnchor",
    "id",
];

/// Finds the mistakes of one document.
pub(super) struct Slips<'n> {
    document: &'n Node,
    version: Version,
    /// The document declares a dialect before 2020-12.
    is_earlier: bool,
    /// What was found behind each reference.
    known: HashMap<String, Part<'n>>,
}

/// What was found in one place, and which references lead on from there.
#[derive(Default)]
struct Part<'n> {
    mistakes: Vec<Diagnostic>,
    references: Vec<(&'n str, &'static Object)>,
}

impl<'n> Slips<'n> {
    pub(super) fn new(document: &'n Node, version: Version, is_earlier: bool) -> Self {
        Self {
            document,
            version,
            is_earlier,
            known: HashMap::new(),
        }
    }

    /// The mistakes in all that the document holds, and whether references lead on from it, to where
    /// OpenAPI has no object: what stands there is looked at only from them.
    pub(super) fn everywhere(&self) -> (Vec<Diagnostic>, bool) {
        let mut part = Part::default();
        self.object(self.document, &DOCUMENT, &mut part);
        let mut references = part.references.iter();
        let leads_on = references.any(|(reference, _)| {
            let pointer = pointer_of(reference);
            !pointer.is_some_and(|pointer| is_walked(&pointer))
        });
        (part.mistakes, leads_on)
    }

    /// The mistakes in these places and in all that they refer to.
    pub(super) fn reached_from(
        &mut self,
        places: &[(&'n Node, &'static Object)],
    ) -> Vec<Diagnostic> {
        let mut start = Part::default();
        for (node, object) in places {
            self.object(node, object, &mut start);
        }
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut open = start.references;
        for mistake in start.mistakes {
            push_once(&mut found, mistake);
        }
        while let Some((reference, object)) = open.pop() {
            if !seen.insert(reference) {
                continue;
            }
            let part = self.behind(reference, object);
            for mistake in &part.mistakes {
                push_once(&mut found, mistake.clone());
            }
            open.extend(&part.references);
        }
        found
    }

    /// What stands behind a reference, looked at once.
    fn behind(&mut self, reference: &'n str, object: &'static Object) -> &Part<'n> {
        if !self.known.contains_key(reference) {
            let mut part = Part::default();
            if let Some(node) = node_at(self.document, reference) {
                self.object(node, object, &mut part);
            }
            self.known.insert(reference.to_owned(), part);
        }
        &self.known[reference]
    }

    /// The keys of an object that are no fields of it, and not what stands behind them.
    pub(super) fn keys(&self, node: &'n Node, object: &'static Object) -> Vec<Diagnostic> {
        let keys = node.entries().iter().map(|(key, _)| key);
        keys.filter_map(|key| self.unknown(key, object)).collect()
    }

    fn object(&self, node: &'n Node, object: &'static Object, out: &mut Part<'n>) {
        let Kind::Map(entries) = &node.kind else {
            let message = format!("expected {}, which is a map", object.name);
            out.mistakes.push(wrong(node, message));
            return;
        };
        if object.may_be_referenced
            && let Some(reference) = node.get("$ref")
        {
            self.reference(reference, object, out);
            // In a schema of 3.1 the reference is a keyword beside others.
            if !self.is_keyword(object) {
                return;
            }
        }
        for (key, value) in entries {
            let name = key.text().unwrap_or_default();
            let field = object.field(name).filter(|field| field.is_of(self.version));
            if let Some(field) = field {
                self.value(value, name, field.form, out);
            } else if let Some(mistake) = self.unknown(key, object) {
                out.mistakes.push(mistake);
            } else if let Some(form) = object.others.filter(|_| !name.starts_with("x-")) {
                self.value(value, name, form, out);
            }
        }
    }

    /// Whether a `$ref` is a keyword beside others there, and not all that counts.
    fn is_keyword(&self, object: &'static Object) -> bool {
        object.name == SCHEMA.name && self.version.has_json_schema()
    }

    /// A key that is no field of its object, unless it begins with `x-`.
    fn unknown(&self, key: &Node, object: &'static Object) -> Option<Diagnostic> {
        let name = key.scalar().unwrap_or_default();
        let is_free = name.starts_with("x-") || object.others.is_some();
        let is_reference = name == "$ref" && object.may_be_referenced;
        let is_earlier = self.is_earlier && EARLIER.contains(&name.as_str());
        if is_free || is_reference || is_earlier {
            return None;
        }
        let version = self.version.label();
        let field = object.field(&name);
        if field.is_some_and(|field| field.is_of(self.version)) {
            return None;
        }
        let text = match field {
            Some(_) => format!("{version} has no `{name}` in {}", object.name),
            None => format!("{} has no `{name}`", object.name),
        };
        let mistake = wrong(key, text);
        Some(match (field, name.as_str()) {
            (_, "nullable") => mistake.help("write `type: [string, 'null']`"),
            (_, "dependencies") => mistake.help("write `dependentRequired` or `dependentSchemas`"),
            (Some(_), _) => mistake.help(format!(
                "a document of another version has it; this one begins with `openapi: {}`",
                self.document
                    .get("openapi")
                    .and_then(Node::scalar)
                    .unwrap_or_default()
            )),
            (None, _) => mistake.suggest(&name, object.names(self.version)),
        })
    }

    fn value(&self, node: &'n Node, name: &str, form: Form, out: &mut Part<'n>) {
        let expected = match form {
            Form::Object(object) => return self.object(node, object, out),
            Form::ObjectOrBool(object) => {
                let may_be_bool = self.version.has_json_schema() || name == "additionalProperties";
                if may_be_bool && node.boolean().is_some() {
                    return;
                }
                return self.object(node, object, out);
            }
            Form::List(inner) => {
                if let Kind::List(items) = &node.kind {
                    for item in items {
                        self.value(item, name, *inner, out);
                    }
                    return;
                }
                "a list"
            }
            Form::Map(inner) => {
                if let Kind::Map(entries) = &node.kind {
                    // A name that begins with `x-` is a name here like any other.
                    for (key, value) in entries {
                        self.value(value, key.text().unwrap_or_default(), *inner, out);
                    }
                    return;
                }
                "a map"
            }
            Form::Types => {
                return self.types(node, out);
            }
            Form::Any => return,
            Form::Text if node.scalar().is_some() => return,
            Form::Text => "a text",
            Form::Bool if node.boolean().is_some() => return,
            Form::Bool => "true or false",
            Form::Number if matches!(node.kind, Kind::Number(_)) => return,
            Form::Number => "a number",
            Form::Count if count(node) => return,
            Form::Count => "a whole number from 0",
            Form::Texts if is_texts(node) => return,
            Form::Texts => "a list of names",
            Form::Exclusive if self.version.has_json_schema() => {
                if matches!(node.kind, Kind::Number(_)) {
                    return;
                }
                "a number: it is the bound itself"
            }
            Form::Exclusive if node.boolean().is_some() => return,
            Form::Exclusive => "true or false: the bound stands in `minimum` or `maximum`",
        };
        let message = format!("`{name}` takes {expected}");
        out.mistakes.push(wrong(node, message));
    }

    fn types(&self, node: &'n Node, out: &mut Part<'n>) {
        if !self.version.has_json_schema() && matches!(node.kind, Kind::List(_)) {
            let text = "OpenAPI 3.0 takes one type";
            let mistake = wrong(node, text);
            out.mistakes
                .push(mistake.help("write `nullable: true` beside it, or `anyOf`"));
            return;
        }
        let known = if self.version.has_json_schema() {
            &TYPES[..]
        } else {
            &TYPES[..6]
        };
        for item in node.one_or_many() {
            let name = item.scalar().unwrap_or_else(|| "null".to_owned());
            if item.text().is_none_or(|text| !known.contains(&text)) {
                let text = format!("`{name}` is no type; a type is one of {}", known.join(", "));
                let mistake = wrong(item, text);
                out.mistakes
                    .push(mistake.suggest(&name, known.iter().copied()));
            }
        }
    }

    fn reference(&self, node: &'n Node, object: &'static Object, out: &mut Part<'n>) {
        let Some(text) = node.text() else {
            let message = "`$ref` takes the place it refers to, as a text";
            out.mistakes.push(wrong(node, message));
            return;
        };
        let inside = pointer_of(text);
        if inside
            .as_deref()
            .is_some_and(|at| files::is_unread(self.document, at))
        {
            // That is told where the file is asked for.
            return;
        }
        if inside.is_some()
            && let Some(target) = node_at(self.document, text)
        {
            if followed(self.document, target).get("$ref").is_none() || self.is_keyword(object) {
                out.references.push((text, object));
            } else {
                let message = format!("`{text}` leads back to itself");
                out.mistakes.push(wrong(node, message));
            }
            return;
        }
        let is_anchor = text.starts_with('#') && inside.is_none();
        if self.is_keyword(object) && is_anchor {
            // The compiler of schemas finds these by name.
            return;
        }
        let message = match inside {
            Some(_) => format!("there is nothing at `{}`", files::as_written(text)),
            None => format!("`{text}` is outside of this folder, and nothing is fetched"),
        };
        let mistake = wrong(node, message);
        let mut parts = text.rsplitn(2, '/');
        let (name, front) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let beside = node_at(self.document, front).map(Node::entries);
        let names = beside.unwrap_or_default().iter();
        out.mistakes
            .push(mistake.suggest(name, names.filter_map(|(key, _)| key.text())));
    }
}

/// Whether what stands at a pointer is reached from the root of the document by its fields alone.
pub(super) fn is_walked(pointer: &str) -> bool {
    let component = pointer.strip_prefix("/components/");
    pointer.starts_with("/paths/") || component.is_some_and(|kind| !kind.starts_with("x-"))
}

fn wrong(node: &Node, text: impl Into<String>) -> Diagnostic {
    Diagnostic::new("openapi", &node.span, text)
}

fn count(node: &Node) -> bool {
    match &node.kind {
        // `5.0` is a whole number in JSON Schema.
        Kind::Number(number) => number
            .as_f64()
            .is_some_and(|number| number >= 0.0 && number.fract() == 0.0),
        _ => false,
    }
}

fn is_texts(node: &Node) -> bool {
    match &node.kind {
        Kind::List(items) => items.iter().all(|item| item.scalar().is_some()),
        _ => false,
    }
}
