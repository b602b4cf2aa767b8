//! An OpenAPI document from recorded exchanges, where a vendor has none: an HTTP Archive (HAR 1.2), as browsers
//! and proxies save it.
//!
//! Takes: the text of the archive. Gives: a document of the operations that were called, with types for what
//! was answered; what calls had is marked `x-recorded`, and nothing is said to be required. Never: copies a secret; a value is taken over only where nothing about it looks like one, and
//! of answers none.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::Url;

use crate::contract::is_json;

/// Deeper than this an answer is not described.
const DEPTH: usize = 4;

/// A longer part of a path that has letters and digits is taken for an id or a token.
const LONGEST_WORD: usize = 15;

/// A longer value is taken for a secret.
const LONGEST_VALUE: usize = 60;

/// Headers that every client sends by itself, or that are no matter of an operation.
const USUAL: [&str; 18] = [
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "authorization",
    "origin",
    "referer",
    "cache-control",
    "pragma",
    "dnt",
    "priority",
    "te",
    "upgrade-insecure-requests",
];

/// Parts of names whose values are secrets.
const SECRET: [&str; 14] = [
    "token",
    "secret",
    "passw",
    "pwd",
    "key",
    "session",
    "code",
    "otp",
    "auth",
    "cred",
    "signature",
    "jwt",
    "cookie",
    "ticket",
];

/// Why an archive gives no document.
#[derive(Debug, thiserror::Error)]
pub enum HarError {
    #[error("it is no JSON: {0}")]
    NoJson(#[from] serde_json::Error),
    #[error("it is no HTTP Archive: it has no list `log.entries`")]
    NoArchive,
    #[error("it holds no exchange of an interface: pages, pictures and scripts are left out")]
    Nothing,
}

/// What was seen of one operation.
#[derive(Default)]
struct Seen {
    calls: usize,
    /// How many calls succeeded; what all of these had is sent.
    succeeded: usize,
    params: Vec<(String, Option<String>)>,
    query: BTreeMap<String, (usize, Option<String>)>,
    headers: BTreeMap<String, (usize, Option<String>)>,
    body: Option<(String, Value)>,
    /// The members that each successful call had.
    members: BTreeMap<String, usize>,
    scheme: Option<&'static str>,
    cookie: Option<String>,
    responses: BTreeMap<u16, Option<Value>>,
}

/// The document of an archive; its server is that of the first exchange, and others are left out.
///
/// # Errors
/// When the text is no archive, or holds nothing of an interface.
pub fn document(text: &str, title: &str) -> Result<Value, HarError> {
    let archive: Value = serde_json::from_str(text)?;
    let entries = archive["log"]["entries"]
        .as_array()
        .ok_or(HarError::NoArchive)?;
    let mut server: Option<String> = None;
    let mut seen: BTreeMap<(String, String), Seen> = BTreeMap::new();
    for entry in entries {
        let (request, response) = (&entry["request"], &entry["response"]);
        let Some(url) = request["url"].as_str().and_then(|url| Url::parse(url).ok()) else {
            continue;
        };
        let origin = url.origin().ascii_serialization();
        if !is_of_an_interface(response) || server.get_or_insert_with(|| origin.clone()) != &origin
        {
            continue;
        }
        let (path, params) = template(url.path());
        let method = request["method"]
            .as_str()
            .unwrap_or("GET")
            .to_ascii_lowercase();
        let one = seen.entry((path, method)).or_default();
        if one.calls == 0 {
            one.params = params;
        }
        one.add(&url, request, response);
    }
    let server = server
        .filter(|_| !seen.is_empty())
        .ok_or(HarError::Nothing)?;
    let schemes: Map<String, Value> = seen
        .values()
        .filter_map(|one| Some((one.scheme?.to_owned(), one.security_scheme()?)))
        .collect();
    let mut paths: Map<String, Value> = Map::new();
    for ((path, method), one) in seen {
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method] = one.operation();
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": "recorded" },
        "servers": [{ "url": server }],
        "components": { "securitySchemes": schemes },
        "paths": paths,
    }))
}

/// Whether an answer is one for programs.
fn is_of_an_interface(response: &Value) -> bool {
    let kind = response["content"]["mimeType"].as_str().unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let has_status = response["status"]
        .as_u64()
        .is_some_and(|status| (100..600).contains(&status));
    has_status && (kind.is_empty() || kind == "x-unknown" || kind.contains("json"))
}

/// A path with names in place of ids, and these with their values; a value that looks like a secret has none.
fn template(path: &str) -> (String, Vec<(String, Option<String>)>) {
    let mut params: Vec<(String, Option<String>)> = Vec::new();
    let parts = path.split('/').map(|part| {
        let has = |kind: fn(&u8) -> bool| part.as_bytes().iter().any(kind);
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_long = part.len() > LONGEST_WORD && has(u8::is_ascii_digit);
        if !is_number && !is_long {
            return part.to_owned();
        }
        let name = match params.len() {
            0 => "id".to_owned(),
            more => format!("id{}", more + 1),
        };
        params.push((name.clone(), is_number.then(|| part.to_owned())));
        format!("{{{name}}}")
    });
    let parts: Vec<String> = parts.collect();
    (parts.join("/"), params)
}

/// Whether a value under this name may not be written.
fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|part| name.contains(part)) || value.len() > LONGEST_VALUE
}

/// A value, where it may be written.
fn shown(name: &str, value: &str) -> Option<String> {
    (!is_secret(name, value)).then(|| value.to_owned())
}

impl Seen {
    fn add(&mut self, url: &Url, request: &Value, response: &Value) {
        let status = response["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let status = status.unwrap_or_default();
        self.calls += 1;
        let is_success = status < 400;
        self.succeeded += usize::from(is_success);
        self.responses.entry(status).or_default();
        let text = response["content"]["text"].as_str();
        if let Some(body) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
            let schema = schema(&body, DEPTH);
            let known = self.responses.entry(status).or_default();
            *known = Some(
                known
                    .take()
                    .map_or(schema.clone(), |known| both(known, &schema)),
            );
        }
        for header in request["headers"].as_array().into_iter().flatten() {
            self.header(header, is_success);
        }
        // What was refused shows nothing of what is right.
        if !is_success {
            return;
        }
        for (name, value) in url.query_pairs() {
            let entry = self.query.entry(name.to_string()).or_default();
            entry.0 += 1;
            entry.1 = entry.1.take().or_else(|| shown(&name, &value));
        }
        self.body(&request["postData"]);
    }

    fn header(&mut self, header: &Value, is_success: bool) {
        let name = header["name"].as_str().unwrap_or_default();
        let value = header["value"].as_str().unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        if lower == "authorization" {
            let is_basic = value.to_ascii_lowercase().starts_with("basic ");
            self.scheme = Some(if is_basic { "basic" } else { "bearer" });
        } else if lower == "cookie" && self.scheme.is_none() {
            let cookie = value.split('=').next().unwrap_or_default().trim();
            self.scheme = Some("cookie");
            self.cookie = Some(cookie.to_owned());
        }
        let is_usual =
            USUAL.contains(&&*lower) || lower.starts_with("sec-") || lower.starts_with("if-");
        // HTTP/2 writes the first line as headers that begin with a colon.
        if is_success && !is_usual && !lower.starts_with(':') && !lower.is_empty() {
            let entry = self.headers.entry(name.to_owned()).or_default();
            entry.0 += 1;
            entry.1 = entry.1.take().or_else(|| shown(name, value));
        }
    }

    fn body(&mut self, posted: &Value) {
        let Some(kind) = posted["mimeType"].as_str() else {
            return;
        };
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let text = posted["text"].as_str().unwrap_or_default();
        let value = if is_json(&kind) {
            serde_json::from_str(text).ok()
        } else if kind == "application/x-www-form-urlencoded" {
            let fields = url::form_urlencoded::parse(text.as_bytes());
            let fields = fields.map(|(name, value)| (name.to_string(), value.to_string().into()));
            Some(Value::Object(fields.collect()))
        } else {
            None
        };
        let Some(value) = value else {
            return;
        };
        for name in value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            *self.members.entry(name.clone()).or_default() += 1;
        }
        self.body.get_or_insert((kind, value));
    }

    /// As an operation of a document.
    fn operation(&self) -> Value {
        let mut parameters: Vec<Value> = Vec::new();
        for (name, value) in &self.params {
            let mut parameter = parameter(name, "path", value.as_deref());
            parameter["required"] = true.into();
            parameters.push(parameter);
        }
        for (place, seen) in [("query", &self.query), ("header", &self.headers)] {
            for (name, (count, value)) in seen {
                let mut parameter = parameter(name, place, value.as_deref());
                // What all calls had is sent; whether it is needed, nobody has said.
                parameter["x-recorded"] = (*count == self.succeeded).into();
                parameters.push(parameter);
            }
        }
        let responses = self.responses.iter().map(|(status, schema)| {
            let mut response = json!({ "description": "As it was recorded." });
            if let Some(schema) = schema {
                response["content"] = json!({ "application/json": { "schema": schema } });
            }
            (status.to_string(), response)
        });
        let responses: Map<String, Value> = responses.collect();
        let mut out = json!({ "parameters": parameters, "responses": responses });
        if let Some((kind, value)) = &self.body {
            let properties = value.as_object().into_iter().flatten();
            let properties = properties.map(|(name, value)| {
                let mut property = property(name, value);
                let calls = self.members.get(name).copied().unwrap_or_default();
                property["x-recorded"] = (calls == self.succeeded).into();
                (name.clone(), property)
            });
            let properties: Map<String, Value> = properties.collect();
            let schema = json!({ "type": "object", "properties": properties });
            out["requestBody"] = json!({ "content": { kind: { "schema": schema } } });
        }
        if let Some(scheme) = self.scheme {
            out["security"] = json!([{ scheme: [] }]);
        }
        out
    }

    fn security_scheme(&self) -> Option<Value> {
        Some(match self.scheme? {
            "cookie" => json!({ "type": "apiKey", "in": "cookie", "name": self.cookie }),
            scheme => json!({ "type": "http", "scheme": scheme }),
        })
    }
}

fn parameter(name: &str, place: &str, value: Option<&str>) -> Value {
    let mut out = json!({ "name": name, "in": place });
    out["schema"] = match value {
        Some(value) => json!({ "type": "string", "example": value }),
        None if place == "path" => json!({ "type": "string" }),
        None => json!({ "type": "string", "format": "password" }),
    };
    out
}

/// The schema of a member that was sent, with its value where that may be written.
fn property(name: &str, value: &Value) -> Value {
    let mut out = schema(value, DEPTH);
    match value {
        Value::String(text) if is_secret(name, text) => out["format"] = "password".into(),
        Value::String(_) | Value::Bool(_) => out["example"] = value.clone(),
        // A number may be a code or the number of a card.
        Value::Number(_) if !is_secret(name, "") => out["example"] = value.clone(),
        _ => {}
    }
    out
}

/// What a value is, without the value.
fn schema(value: &Value, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return json!({});
    };
    match value {
        Value::Null => json!({}),
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Number(number) if number.is_f64() => json!({ "type": "number" }),
        Value::Number(_) => json!({ "type": "integer" }),
        Value::String(_) => json!({ "type": "string" }),
        Value::Array(items) => match items.first() {
            Some(first) => json!({ "type": "array", "items": schema(first, depth) }),
            None => json!({ "type": "array" }),
        },
        Value::Object(members) => {
            let properties = members.iter();
            let properties = properties.map(|(name, value)| (name.clone(), schema(value, depth)));
            let properties: Map<String, Value> = properties.collect();
            let required: Vec<&String> = members.keys().collect();
            json!({ "type": "object", "required": required, "properties": properties })
        }
    }
}

/// What two answers have in common: only what both had is required, and what differs may be anything.
fn both(known: Value, other: &Value) -> Value {
    if known["type"] != other["type"] {
        return json!({});
    }
    let Value::Object(mut out) = known else {
        return json!({});
    };
    if let (Some(Value::Array(required)), Some(others)) =
        (out.get_mut("required"), other["required"].as_array())
    {
        required.retain(|name| others.contains(name));
    }
    if let Some(Value::Object(properties)) = out.get_mut("properties") {
        for (name, schema) in other["properties"].as_object().into_iter().flatten() {
            let merged = match properties.remove(name) {
                Some(known) => both(known, schema),
                None => schema.clone(),
            };
            properties.insert(name.clone(), merged);
        }
    }
    if let Some(items) = out.remove("items") {
        let merged = if other["items"].is_object() {
            both(items, &other["items"])
        } else {
            items
        };
        out.insert("items".to_owned(), merged);
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(method: &str, url: &str, status: u16, posted: &Value, answer: &Value) -> Value {
        json!({
            "request": {
                "method": method,
                "url": url,
                "headers": [
                    { "name": "Authorization", "value": "Bearer sesame-one" },
                    { "name": "X-Realm", "value": "north" },
                    { "name": "X-Api-Key", "value": "sesame-two" },
                    { "name": "User-Agent", "value": "b" },
                ],
                "postData": { "mimeType": "application/json; charset=utf-8", "text": posted.to_string() },
            },
            "response": {
                "status": status,
                "content": { "mimeType": "application/json", "text": answer.to_string() },
            },
        })
    }

    fn archive(entries: &[Value]) -> String {
        json!({ "log": { "entries": entries } }).to_string()
    }

    #[test]
    fn calls_of_one_operation_are_one_and_nothing_is_said_to_be_required() {
        let text = archive(&[
            entry(
                "POST",
                "https://a.example/users?page=1",
                201,
                &json!({ "name": "Ada", "age": 1 }),
                &json!({ "id": 1, "at": "x" }),
            ),
            entry(
                "POST",
                "https://a.example/users",
                201,
                &json!({ "name": "Bob" }),
                &json!({ "id": 2 }),
            ),
            entry(
                "POST",
                "https://a.example/users",
                400,
                &json!({}),
                &json!({ "error": "e" }),
            ),
            entry(
                "GET",
                "https://a.example/users/17",
                200,
                &json!({}),
                &json!([]),
            ),
            entry(
                "GET",
                "https://b.example/users",
                200,
                &json!({}),
                &json!([]),
            ),
        ]);
        let document = document(&text, "users").expect("a document");
        assert_eq!(document["servers"][0]["url"], "https://a.example");
        let paths = document["paths"].as_object().expect("paths");
        assert_eq!(paths.keys().collect::<Vec<_>>(), ["/users", "/users/{id}"]);
        let post = &document["paths"]["/users"]["post"];
        let body = &post["requestBody"]["content"]["application/json"]["schema"];
        // What was sent is known; what is needed is not.
        assert_eq!(body["required"], Value::Null);
        let recorded = |name: &str| body["properties"][name]["x-recorded"].clone();
        assert_eq!(
            (recorded("name"), recorded("age")),
            (json!(true), json!(false))
        );
        let made = &post["responses"]["201"]["content"]["application/json"]["schema"];
        assert_eq!(made["required"], json!(["id"]));
        assert!(post["responses"]["400"].is_object());
        let page = post["parameters"].as_array().into_iter().flatten();
        let page = page.filter(|one| one["name"] == "page").collect::<Vec<_>>();
        assert_eq!(
            (&page[0]["required"], &page[0]["x-recorded"]),
            (&Value::Null, &json!(false))
        );
    }

    #[test]
    fn no_secret_and_no_answer_is_copied() {
        let text = archive(&[entry(
            "POST",
            "https://a.example/login/9f8e7d6c5b4a39281706f5e4?api_token=sesame-three",
            200,
            &json!({ "user": "ada", "password": "sesame-four", "pin_code": 482_913, "blob": "s".repeat(100) }),
            &json!({ "session": "sesame-five", "nested": { "a": ["sesame-six"] } }),
        )]);
        let text = document(&text, "login").expect("a document").to_string();
        for secret in ["sesame", "482913", "9f8e7d", "ssssss"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        assert!(
            text.contains("\"ada\"") && text.contains("\"north\""),
            "{text}"
        );
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        for (text, why) in [
            ("[", "no JSON"),
            ("{}", "no list"),
            (
                r#"{"log":{"entries":[{"request":{"url":"https://a.example/"},"response":{"status":200,"content":{"mimeType":"text/html"}}}]}}"#,
                "no exchange",
            ),
            (
                r#"{"log":{"entries":[1,null,{"request":{"url":7}}]}}"#,
                "no exchange",
            ),
        ] {
            let error = document(text, "x").expect_err(text).to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
