//! From a tree to operations.

use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
    sync::Arc,
};

use jsonschema::Draft;
use serde_json::Value;

use super::{
    convert, files,
    grammar::{OPERATION, Object, PARAMETER, PATH_ITEM},
    operation::Operation,
    parameters::{headers, members, parameters},
    responses::{Place, responses},
    slips::Slips,
    version::{Version, dialect},
};
use crate::{
    contract::{
        BodySchema,
        pointer::pointer_part,
        reference::{followed, referenced},
        schema::Schemas,
    },
    diag::{Diagnostic, Span, push_once},
    ids::{Edition, OperationId},
    yaml::{Node, Reader, deep},
};

/// The operations that a suite uses: a mistake in another one concerns nobody.
#[derive(Debug, Clone, Copy)]
pub enum Used<'u> {
    All,
    Only {
        /// The operations that a file of cases is about.
        tested: &'u BTreeSet<String>,
        /// Those that are named anywhere in the cases.
        named: &'u BTreeSet<String>,
        /// Those that the register speaks of.
        registered: Option<&'u BTreeSet<String>>,
    },
}

impl<'u> Used<'u> {
    /// With those that a register speaks of.
    #[must_use]
    pub fn and(self, of_register: &'u BTreeSet<String>) -> Self {
        match self {
            Self::All => Self::All,
            Self::Only { tested, named, .. } => Self::Only {
                tested,
                named,
                registered: Some(of_register),
            },
        }
    }

    /// Whether a file of cases is about this operation.
    #[must_use]
    pub fn tests(self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only { tested, .. } => tested.contains(id),
        }
    }

    fn holds(self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only {
                named, registered, ..
            } => named.contains(id) || registered.is_some_and(|known| known.contains(id)),
        }
    }
}

/// A document that was read.
pub(in crate::contract) struct Document {
    pub operations: Vec<Operation>,
    /// All of it, its schemas as JSON Schema.
    pub json: Arc<Value>,
}

const METHODS: [&str; 9] = [
    "get", "post", "put", "delete", "patch", "head", "options", "trace", "query",
];

/// Reads the document of an edition; mistakes go to `found`. `None` where it cannot be read as one.
pub(in crate::contract) fn load(
    root: &Path,
    edition: Edition,
    used: Used<'_>,
    asserts_formats: bool,
    reader: &mut Reader,
    found: &mut Vec<Diagnostic>,
) -> Option<Document> {
    let nodes = files::document(root, edition, reader, found)?;
    of(&nodes, used, asserts_formats, found)
}

/// The document of a tree that is all of it.
pub(in crate::contract) fn of(
    nodes: &Node,
    used: Used<'_>,
    asserts_formats: bool,
    found: &mut Vec<Diagnostic>,
) -> Option<Document> {
    let version = Version::of(nodes, found)?;
    let draft = dialect(nodes, found);
    let json = convert::to_json(nodes, version);
    let json = Arc::new(json);
    let read = deep(|| read(nodes, version, draft, &json, used, asserts_formats));
    let (operations, mistakes) = match read {
        Ok(read) => read,
        Err(error) => {
            let text = format!("this document cannot be read: no thread for it: {error}");
            found.push(Diagnostic::new("openapi", &nodes.span, text));
            return None;
        }
    };
    for mistake in mistakes {
        push_once(found, mistake);
    }
    Some(Document { operations, json })
}

/// The operations of a document, and what is wrong with it.
fn read(
    nodes: &Node,
    version: Version,
    draft: Draft,
    json: &Arc<Value>,
    used: Used<'_>,
    asserts_formats: bool,
) -> (Vec<Operation>, Vec<Diagnostic>) {
    let schemas = Schemas::of(json, draft, asserts_formats);
    let is_earlier = draft != Draft::Draft202012;
    let mut reading = Reading {
        nodes,
        json,
        schemas: &schemas,
        slips: Slips::new(nodes, version, is_earlier),
        used,
        is_sound: false,
        known: HashSet::new(),
        out: Vec::new(),
    };
    let (everywhere, leads_on) = reading.slips.everywhere();
    reading.is_sound = everywhere.is_empty() && !leads_on;
    let mut own = Vec::new();
    reading.paths(&mut own);
    // What is wrong elsewhere is told, and stops nothing.
    let mut places: HashSet<(String, usize)> = own.iter().filter_map(place).collect();
    for mistake in everywhere {
        if place(&mistake).is_none_or(|place| places.insert(place)) {
            own.push(mistake.warning());
        }
    }
    (reading.out, own)
}

/// Where a mistake is.
fn place(mistake: &Diagnostic) -> Option<(String, usize)> {
    let span = mistake.span.as_ref()?;
    Some((span.file.path.clone(), span.range.start))
}

/// One method of one path.
struct Entry<'n> {
    path: &'n str,
    /// The path item's place, through its `$ref`.
    item_pointer: &'n str,
    /// As it is written.
    method: &'n str,
    key: &'n Node,
    node: &'n Node,
}

struct Reading<'n> {
    nodes: &'n Node,
    json: &'n Value,
    schemas: &'n Arc<Schemas>,
    slips: Slips<'n>,
    used: Used<'n>,
    /// There is no mistake in all of the document, so that none has to be looked for in its operations.
    is_sound: bool,
    /// The operationIds so far.
    known: HashSet<String>,
    out: Vec<Operation>,
}

impl<'n> Reading<'n> {
    fn paths(&mut self, found: &mut Vec<Diagnostic>) {
        let Some(paths) = self.nodes.get("paths") else {
            found.push(Diagnostic::new(
                "openapi",
                &self.nodes.span,
                "the document has no `paths`",
            ));
            return;
        };
        let mut templates: HashSet<String> = HashSet::new();
        for (key, item) in paths.entries() {
            let path = key.text().unwrap_or_default();
            if path.starts_with("x-") {
                continue;
            }
            let mut mistakes = Vec::new();
            if !path.starts_with('/') {
                let text = format!("the path `{path}` does not begin with `/`");
                mistakes.push(Diagnostic::new("openapi", &key.span, text));
            }
            // Two that differ in the names of their parameters lead to the same place.
            if !templates.insert(without_names(path)) {
                let text =
                    format!("the path `{path}` is there already, with other parameter names");
                mistakes.push(Diagnostic::new("openapi", &key.span, text));
            }
            let pointer = referenced(self.json, format!("/paths/{}", pointer_part(path)));
            let item = followed(self.nodes, item);
            mistakes.extend(self.slips.keys(item, &PATH_ITEM));
            let before = found.len();
            let mut is_used = false;
            for (method_key, node) in item.entries() {
                let method = method_key.text().unwrap_or_default();
                if METHODS.contains(&method) {
                    let entry = Entry {
                        path,
                        item_pointer: &pointer,
                        method,
                        key: method_key,
                        node,
                    };
                    is_used |= self.operation(&entry, found);
                }
            }
            found.splice(before..before, weighed(mistakes, is_used));
        }
    }

    /// Reads one operation, and gives whether the suite uses it. A mistake in one that it does not use is
    /// a warning, and leaves the operation out.
    fn operation(&mut self, entry: &Entry<'_>, found: &mut Vec<Diagnostic>) -> bool {
        let method = entry.method.to_uppercase();
        let id_node = entry.node.get("operationId");
        let id = id_node
            .and_then(Node::text)
            .map_or_else(|| format!("{method} {}", entry.path), str::to_owned);
        let is_used = self.used.holds(&id);
        let span = id_node.map_or(&entry.key.span, |id| &id.span);
        let mut mistakes = Vec::new();
        if !self.known.insert(id.clone()) {
            let text = format!("operationId `{id}` is used twice");
            mistakes.push(Diagnostic::new("duplicate-id", span, text));
        }
        mistakes.extend(self.slips_of(entry));
        let mut operation = self.read(entry, id.into(), method, span, &mut mistakes);
        if is_used && mistakes.is_empty() {
            schemas_of(&operation, &mut mistakes);
        }
        operation.is_left_out = !is_used && !mistakes.is_empty();
        self.out.push(operation);
        found.extend(weighed(mistakes, is_used));
        is_used
    }

    fn slips_of(&mut self, entry: &Entry<'_>) -> Vec<Diagnostic> {
        if self.is_sound {
            return Vec::new();
        }
        // The tree is looked at by its pointers, so that what is found lives as long as it.
        let at = |pointer: &str| self.nodes.pointer(pointer);
        let mut places: Vec<(&'n Node, &'static Object)> = Vec::new();
        let own = format!("{}/{}", entry.item_pointer, entry.method);
        places.extend(at(&own).map(|node| (node, &OPERATION)));
        let shared = at(&format!("{}/parameters", entry.item_pointer));
        for parameter in shared.map(Node::items).unwrap_or_default() {
            places.push((parameter, &PARAMETER));
        }
        self.slips.reached_from(&places)
    }

    fn read(
        &self,
        entry: &Entry<'_>,
        id: OperationId,
        method: String,
        span: &Span,
        found: &mut Vec<Diagnostic>,
    ) -> Operation {
        let pointer = format!("{}/{}", entry.item_pointer, entry.method);
        let item = self
            .json
            .pointer(entry.item_pointer)
            .unwrap_or(&Value::Null);
        let operation = &item[entry.method];
        let place = Place {
            nodes: self.nodes,
            json: self.json,
            schemas: self.schemas,
            pointer: &pointer,
            node: entry.node,
        };
        let servers = [operation, item, self.json];
        Operation {
            id,
            method,
            path: entry.path.to_owned(),
            server_path: server_path(&servers),
            headers: headers(self.json, item, operation),
            query: parameters(self.json, item, operation, "query"),
            members: members(self.json, operation),
            responses: responses(&place, found),
            is_left_out: false,
            span: span.clone(),
        }
    }
}

/// Mistakes as they count: those in what the suite does not use are warnings.
fn weighed(mistakes: Vec<Diagnostic>, is_used: bool) -> impl Iterator<Item = Diagnostic> {
    let mistakes = mistakes.into_iter();
    mistakes.map(move |mistake| if is_used { mistake } else { mistake.warning() })
}

/// The schemas of an operation that do not compile.
pub(in crate::contract) fn schemas_of(operation: &Operation, found: &mut Vec<Diagnostic>) {
    for rule in &operation.responses {
        let statuses = rule.statuses;
        let mut broken = |what: &str, schema: &BodySchema, span: &Span| {
            if let Err(error) = schema.compile() {
                let message =
                    format!("the schema of {what} of {statuses} does not compile: {error}");
                found.push(Diagnostic::new("openapi-schema", span, message));
            }
        };
        for (_, schema) in &rule.schemas {
            broken("the body", schema, &rule.span);
        }
        for header in &rule.headers {
            if let Some(schema) = &header.schema {
                broken(
                    &format!("the header `{}`", header.name),
                    schema,
                    &header.span,
                );
            }
        }
    }
}

/// A path without the names of its parameters.
fn without_names(path: &str) -> String {
    let mut out = String::new();
    let mut is_inside = false;
    for letter in path.chars() {
        is_inside &= letter != '}';
        if !is_inside {
            out.push(letter);
        }
        is_inside |= letter == '{';
    }
    out
}

/// The path of the first server of the first of these that names one; its variables have their defaults.
fn server_path(places: &[&Value]) -> String {
    let mut servers = places.iter().filter_map(|place| place["servers"].get(0));
    let Some(server) = servers.next() else {
        return String::new();
    };
    let mut url = server["url"].as_str().unwrap_or_default().to_owned();
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        let value = match &variable["default"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        url = url.replace(&format!("{{{name}}}"), &value);
    }
    let behind = url.split_once("://").map_or(url.as_str(), |(_, rest)| {
        rest.find('/').map_or("", |slash| &rest[slash..])
    });
    let path = behind.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_path_of_a_server_is_what_stands_behind_its_host() {
        let of = |server: Value| server_path(&[&json!({ "servers": [server] })]);
        for (url, expected) in [
            ("https://tenant.example", ""),
            ("https://tenant.example/", ""),
            ("https://tenant.example/api/v1/", "/api/v1"),
            ("/api/v1", "/api/v1"),
            ("api", "/api"),
            ("https://{host}/x?y", "/x"),
        ] {
            assert_eq!(of(json!({ "url": url })), expected, "{url}");
        }
        let filled = |default: Value| json!({ "url": "https://h/{base}/1", "variables": { "base": { "default": default } } });
        assert_eq!(of(filled(json!("v2"))), "/v2/1");
        assert_eq!(of(filled(json!(2))), "/2/1");
        assert_eq!(server_path(&[&json!({}), &json!({})]), "");
    }

    #[test]
    fn paths_are_alike_whatever_their_parameters_are_called() {
        assert_eq!(without_names("/a/{b}/c{d}"), "/a/{}/c{}");
        assert_eq!(without_names("/a/{b}"), without_names("/a/{id}"));
    }
}
