//! A request as a document shows it, for drafts of cases: with the examples that it gives, and with values
//! made from its schemas where it gives none.
//!
//! Takes: a document that was read. Gives: an [`ExampleRequest`] for each operation. Never: says that a
//! made value is a good one.

use serde_json::{Map, Value, json};

use super::{
    operation::{Operation, is_json, media_type_of},
    read::Document,
    statuses::Statuses,
};
use crate::contract::{Member, member, pointer::pointer_part, reference::resolved};

/// Deeper than any example has to be; ends a circle of references.
const DEPTH: usize = 8;

/// A request of an operation.
#[derive(Debug, Clone)]
pub struct ExampleRequest {
    /// Its operationId.
    pub operation: String,
    /// Its method, in capitals, and its path as documented.
    pub method: String,
    pub path: String,
    /// What the document says of it in a line; empty where it says nothing.
    pub summary: String,
    /// Values in the path.
    pub params: Vec<ExampleValue>,
    /// Query parameters that it must have, or that a recorded request had.
    pub query: Vec<ExampleValue>,
    /// Headers that it must have, or that a recorded request had.
    pub headers: Vec<ExampleValue>,
    pub body: Option<ExampleBody>,
    /// How it says who asks, by the first way that the document names.
    pub credentials: Vec<Credential>,
    /// A documented answer of each kind, in the order of the document.
    pub answers: Vec<ExampleAnswer>,
}

impl ExampleRequest {
    /// The answer of success: the first with a status from 200 on, or else one that stands for any.
    #[must_use]
    pub fn success(&self) -> Option<&ExampleAnswer> {
        let mut answers = self.answers.iter();
        answers.find(|answer| answer.status < 400)
    }
}

/// A documented answer.
#[derive(Debug, Clone)]
pub struct ExampleAnswer {
    /// As documented: `404`, `4XX`, `default`.
    pub key: String,
    /// Its status, or one that it stands for.
    pub status: u16,
    /// What the document says of it in a line.
    pub description: String,
}

/// A part of a request.
#[derive(Debug, Clone)]
pub struct ExampleValue {
    pub name: String,
    pub value: Value,
    /// The document gives the value; else it was made from the schema.
    pub is_given: bool,
    /// The request must have it. Else it is one that a recorded request had (`x-recorded`).
    pub is_required: bool,
    /// The schema calls it a password, so that nobody may write it down.
    pub is_secret: bool,
    /// A value of a type that the schema does not allow; `None` where it allows any.
    pub wrong: Option<Value>,
    /// Whether the schema says that the empty text is wrong, or right; `None` where it has no text.
    pub blank: Option<Blank>,
}

/// What a schema says of the empty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    Allowed,
    Refused,
}

/// A body.
#[derive(Debug, Clone)]
pub struct ExampleBody {
    pub media_type: String,
    pub value: Value,
    /// The top-level members that it must have, or that a recorded request had.
    pub members: Vec<ExampleValue>,
}

/// Where a request says who asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Credential {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer,
    /// `Authorization: Basic …` (RFC 7617).
    Basic,
    /// A key in a header of this name.
    Header(String),
    /// A key in a query parameter of this name.
    Query(String),
    /// A key in a cookie of this name.
    Cookie(String),
}

/// The requests of all operations, in the order of the document.
pub(in crate::contract) fn requests(document: &Document) -> Vec<ExampleRequest> {
    let json = &*document.json;
    let operations = document.operations.iter().filter(|one| !one.is_left_out);
    let requests = operations.filter_map(|operation| {
        let item = resolved(json, &json["paths"][&operation.path]);
        let node = item.get(operation.method.to_ascii_lowercase())?;
        let of = Of { json, item, node };
        Some(ExampleRequest {
            operation: operation.id.to_string(),
            method: operation.method.clone(),
            path: operation.path.clone(),
            summary: text(node, "summary")
                .or_else(|| text(node, "description"))
                .unwrap_or_default(),
            params: of.parameters("path", false),
            query: of.parameters("query", true),
            headers: of.parameters("header", true),
            body: of.body(),
            credentials: of.credentials(),
            answers: of.answers(operation),
        })
    });
    requests.collect()
}

/// The first server that is a whole URL, without its variables.
pub(in crate::contract) fn server(document: &Document) -> Option<String> {
    let servers = document.json["servers"].as_array();
    let mut urls = servers
        .into_iter()
        .flatten()
        .filter_map(|server| server["url"].as_str());
    let is_whole = |url: &&str| url.starts_with("http") && !url.contains('{');
    urls.find(is_whole)
        .map(|url| url.trim_end_matches('/').to_owned())
}

struct Of<'d> {
    json: &'d Value,
    /// The path item.
    item: &'d Value,
    /// The operation.
    node: &'d Value,
}

impl Of<'_> {
    /// The parameters in a place of the request.
    fn parameters(&self, place: &str, only_required: bool) -> Vec<ExampleValue> {
        let mut out: Vec<ExampleValue> = Vec::new();
        for list in [self.item, self.node] {
            for parameter in list["parameters"].as_array().into_iter().flatten() {
                let parameter = resolved(self.json, parameter);
                let Some(name) = parameter["name"].as_str() else {
                    continue;
                };
                let is_sent = parameter["required"] == true || parameter["x-recorded"] == true;
                let is_meant = parameter["in"] == place && (!only_required || is_sent);
                out.retain(|known| known.name != name || !is_meant);
                if is_meant {
                    out.push(self.parameter(name, parameter));
                }
            }
        }
        out
    }

    fn parameter(&self, name: &str, parameter: &Value) -> ExampleValue {
        let content = parameter["content"].as_object();
        let media = content.and_then(|content| content.values().next());
        let holder = media.unwrap_or(parameter);
        let schema = resolved(self.json, &holder["schema"]);
        let given = given(self.json, parameter).or_else(|| given(self.json, holder));
        let is_given = given.is_some() || is_shown(schema);
        let value = given.unwrap_or_else(|| sample(self.json, schema, DEPTH));
        // In a path, a query and a header everything is a text.
        let wrong = match schema["type"].as_str() {
            _ if schema["enum"].is_array() => Some("no-such-value".into()),
            Some("integer" | "number") => Some("not-a-number".into()),
            Some("boolean") => Some("maybe".into()),
            _ => None,
        };
        let blank = match schema["type"].as_str() {
            Some("integer" | "number" | "boolean") => Some(Blank::Refused),
            _ => blank(schema),
        };
        ExampleValue {
            name: name.to_owned(),
            is_required: parameter["required"] == true,
            is_secret: schema["format"] == "password",
            value,
            is_given,
            wrong,
            blank,
        }
    }

    fn body(&self) -> Option<ExampleBody> {
        let body = resolved(self.json, &self.node["requestBody"]);
        let content = body["content"].as_object()?;
        let json = content
            .iter()
            .find(|(name, _)| is_json(&media_type_of(name)));
        let (media_type, media) = json.or_else(|| content.iter().next())?;
        let schema = resolved(self.json, &media["schema"]);
        let given = given(self.json, media);
        let is_given = given.is_some();
        let mut value = given.unwrap_or_else(|| sample(self.json, schema, DEPTH));
        let members = member::members(self.json, schema).into_iter();
        let is_recorded = |name: &str| {
            let own = property(self.json, schema, name, DEPTH);
            own.is_some_and(|own| own["x-recorded"] == true)
        };
        let is_sent = |member: &Member| member.required || is_recorded(&member.name);
        let members = members.filter(|member| is_sent(member) && !member.read_only);
        let members: Vec<Member> = members.collect();
        // An example may lack what its schema requires, and may be no object at all.
        if let Value::Object(own) = &mut value {
            for member in &members {
                if !own.contains_key(&member.name) {
                    let schema = property(self.json, schema, &member.name, DEPTH);
                    let made =
                        schema.map_or_else(|| "text".into(), |own| sample(self.json, own, DEPTH));
                    own.insert(member.name.clone(), made);
                }
            }
        }
        let is_object = value.is_object();
        let members = members.into_iter().filter(|_| is_object);
        let members = members.map(|member| {
            let own = property(self.json, schema, &member.name, DEPTH);
            let own = own.unwrap_or(&Value::Null);
            let text = |kind: &str| member.types == [kind];
            let wrong = match () {
                () if text("string") => Some(json!(7)),
                () if member.types.is_empty() || member.types.len() > 1 => None,
                () => Some(json!("wrong")),
            };
            ExampleValue {
                value: value[&member.name].clone(),
                is_given: is_given || is_shown(own),
                is_required: member.required,
                is_secret: own["format"] == "password",
                wrong,
                blank: if text("string") { blank(own) } else { None },
                name: member.name,
            }
        });
        Some(ExampleBody {
            members: members.collect(),
            media_type: media_type.clone(),
            value,
        })
    }

    /// Those of the first way that is no way around them.
    fn credentials(&self) -> Vec<Credential> {
        let own = self
            .node
            .get("security")
            .or_else(|| self.json.get("security"));
        let mut ways = own.and_then(Value::as_array).into_iter().flatten();
        let Some(way) = ways.find_map(|way| way.as_object().filter(|way| !way.is_empty())) else {
            return Vec::new();
        };
        let schemes = &self.json["components"]["securitySchemes"];
        let credential = |name: &String| {
            let scheme = resolved(self.json, &schemes[name]);
            let key = || scheme["name"].as_str().unwrap_or_default().to_owned();
            match (scheme["type"].as_str()?, scheme["in"].as_str()) {
                ("http", _) => {
                    let is_basic = scheme["scheme"]
                        .as_str()
                        .is_some_and(|word| word.eq_ignore_ascii_case("basic"));
                    Some(if is_basic {
                        Credential::Basic
                    } else {
                        Credential::Bearer
                    })
                }
                ("oauth2" | "openIdConnect", _) => Some(Credential::Bearer),
                ("apiKey", Some("header")) => Some(Credential::Header(key())),
                ("apiKey", Some("query")) => Some(Credential::Query(key())),
                ("apiKey", Some("cookie")) => Some(Credential::Cookie(key())),
                _ => None,
            }
        };
        way.keys().filter_map(credential).collect()
    }

    fn answers(&self, operation: &Operation) -> Vec<ExampleAnswer> {
        let mut out: Vec<ExampleAnswer> = Vec::new();
        let is_one = |status: u16| {
            let mut rules = operation.responses.iter();
            rules.any(|rule| rule.statuses == Statuses::One(status))
        };
        let some = |statuses: &[u16]| statuses.iter().copied().find(|status| !is_one(*status));
        let has_success = |out: &[ExampleAnswer]| out.iter().any(|answer| answer.status < 400);
        let mut rules: Vec<_> = operation.responses.iter().collect();
        rules.sort_by_key(|rule| rule.statuses);
        for rule in rules {
            let status = match rule.statuses {
                Statuses::One(status) => Some(status),
                Statuses::Class(class) => some(&[
                    class * 100,
                    class * 100 + 1,
                    class * 100 + 4,
                    class * 100 + 9,
                ]),
                // It is for errors as a rule; for success where nothing else is.
                Statuses::Others if has_success(&out) => some(&[400, 401, 403, 404, 409, 500]),
                Statuses::Others => Some(200),
            };
            let key = rule.statuses.to_string();
            let response = resolved(self.json, &self.node["responses"][&key]);
            out.extend(status.map(|status| ExampleAnswer {
                description: text(response, "description").unwrap_or_default(),
                key,
                status,
            }));
        }
        out
    }
}

/// A text of the document in one line.
fn text(node: &Value, key: &str) -> Option<String> {
    let text = node[key].as_str()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(words.join(" ")).filter(|text| !text.is_empty())
}

/// The example beside a schema.
fn given(document: &Value, holder: &Value) -> Option<Value> {
    if let Some(example) = holder.get("example") {
        return Some(example.clone());
    }
    let examples = holder["examples"].as_object()?;
    let first = resolved(document, examples.values().next()?);
    first
        .get("value")
        .or_else(|| first.get("dataValue"))
        .cloned()
}

/// Whether a schema itself says a value.
fn is_shown(schema: &Value) -> bool {
    ["example", "examples", "default", "const", "enum"]
        .iter()
        .any(|key| schema.get(key).is_some())
}

/// What a schema says of the empty text.
fn blank(schema: &Value) -> Option<Blank> {
    let is_text = schema["type"] == "string";
    let listed = schema["enum"].as_array();
    let has_format = matches!(
        schema["format"].as_str(),
        Some("uuid" | "date" | "date-time" | "email" | "uri" | "ipv4" | "ipv6")
    );
    let refused = schema["minLength"].as_u64().is_some_and(|least| least > 0)
        || listed.is_some_and(|values| !values.contains(&"".into()))
        || has_format;
    is_text.then_some(if refused {
        Blank::Refused
    } else {
        Blank::Allowed
    })
}

/// The schema of a member, through references and the parts of `allOf`.
fn property<'d>(
    document: &'d Value,
    schema: &'d Value,
    name: &str,
    depth: usize,
) -> Option<&'d Value> {
    let schema = resolved(document, schema);
    if let Some(own) = schema["properties"].get(name) {
        return Some(resolved(document, own));
    }
    let depth = depth.checked_sub(1)?;
    let mut parts = ["allOf", "oneOf", "anyOf"]
        .iter()
        .flat_map(|key| schema[key].as_array().into_iter().flatten());
    parts.find_map(|part| property(document, part, name, depth))
}

/// A value that a schema allows, as far as can be told without trying: its example, or else the simplest.
fn sample(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(document, schema);
    // As a 3.0 document that allows null is converted.
    if schema["if"]["not"]["type"] == "null" {
        return sample(document, &schema["then"], depth);
    }
    for key in ["example", "const", "default"] {
        if let Some(own) = schema.get(key) {
            return own.clone();
        }
    }
    for key in ["examples", "enum"] {
        if let Some(first) = schema[key].get(0) {
            return first.clone();
        }
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        other => other.as_str(),
    };
    let is_object = schema["properties"].is_object() || schema["allOf"].is_array();
    match kind {
        Some("string") => text_of(schema).into(),
        Some("integer") => whole(schema),
        Some("number") => match schema["minimum"].as_f64() {
            Some(least) if least > 1.0 => json!(least),
            _ => json!(1),
        },
        Some("boolean") => json!(true),
        Some("array") => json!([sample(document, &schema["items"], depth)]),
        Some("null") => Value::Null,
        Some("object") => object(document, schema, depth),
        _ if is_object => object(document, schema, depth),
        _ => {
            let mut branches = ["oneOf", "anyOf"].iter();
            let first = branches.find_map(|key| schema[key].get(0));
            first.map_or_else(|| "text".into(), |first| sample(document, first, depth))
        }
    }
}

/// An object with the members that it must have.
fn object(document: &Value, schema: &Value, depth: usize) -> Value {
    let mut out = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(members) = sample(document, part, depth) {
            out.extend(members);
        }
    }
    for member in member::members(document, schema) {
        if member.required && !member.read_only && !out.contains_key(&member.name) {
            let own = property(document, schema, &member.name, depth);
            let own = own.map_or_else(|| "text".into(), |own| sample(document, own, depth));
            out.insert(member.name, own);
        }
    }
    Value::Object(out)
}

fn whole(schema: &Value) -> Value {
    let least = schema["minimum"].as_i64();
    let above = schema["exclusiveMinimum"]
        .as_i64()
        .map(|bound| bound.saturating_add(1));
    json!(least.max(above).unwrap_or(1))
}

fn text_of(schema: &Value) -> String {
    match schema["format"].as_str() {
        Some("date-time") => return "2026-01-31T12:00:00Z".to_owned(),
        Some("date") => return "2026-01-31".to_owned(),
        Some("uuid") => return "6f1c1f4e-8c3c-4a5d-9d53-0d6f3d2f7a11".to_owned(),
        Some("email") => return "somebody@example.com".to_owned(),
        Some("uri" | "url") => return "https://example.com/".to_owned(),
        Some("ipv4") => return "192.0.2.1".to_owned(),
        _ => {}
    }
    let least = schema["minLength"].as_u64().unwrap_or_default();
    let most = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
    let length = usize::try_from(least.max(4).min(most).min(1_000)).unwrap_or_default();
    "text".chars().cycle().take(length).collect()
}

/// The place of a member as a JSON Pointer.
impl ExampleValue {
    #[must_use]
    pub fn at(&self) -> String {
        format!("/{}", pointer_part(&self.name))
    }
}
