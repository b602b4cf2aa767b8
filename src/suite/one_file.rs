//! A case file that stands alone: no specs, no target file, nothing else on the disk.
//!
//! Takes: the file, and where its target is. Gives: a suite as any other, with a contract made of what the
//! file says. Never: promises an answer that the file does not expect; what the file leaves out is neither
//! documented nor forbidden.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use regex::Regex;
use serde_json::{Map, Value, json};

use super::{Options, Parts, Suite};
use crate::{
    case::{self, CaseFile},
    contract::{self, pointer_part},
    diag::{Diagnostic, Span},
    ids::Edition,
    result::SuiteDigest,
    target,
    yaml::{self, Kind, Node, Reader},
};

/// Whether a file is a case file that stands alone: it has a request, and no edition. One that is no YAML
/// counts as one, so that its mistake is told.
#[must_use]
pub fn stands_alone(file: &Path) -> bool {
    let is_yaml = file
        .extension()
        .is_some_and(|ending| ending == "yaml" || ending == "yml");
    let is_one = |node: Node| node.get("edition").is_none() && node.get("request").is_some();
    is_yaml && yaml::read(file, "").map_or(true, is_one)
}

/// Reads case files that stand alone. Where their target is, the options say.
#[must_use]
pub fn load(files: &[PathBuf], options: &Options) -> Suite {
    let mut found = Vec::new();
    let mut reader = Reader::default();
    let files = read(files, &mut reader, &mut found);
    let made = match project(&files) {
        Ok(made) => Some(made),
        Err(error) => {
            let text = format!("there is no room for temporary files: {error}");
            found.push(Diagnostic::without_span("unreadable-file", text));
            None
        }
    };
    let editions: Vec<Edition> = files.iter().map(|file| file.edition).collect();
    let mut contracts = Vec::new();
    for file in &files {
        contracts.extend(contract::of_document(
            &document(&file.node),
            file.edition,
            &mut found,
        ));
    }
    let texts: Vec<Span> = files.iter().map(|file| file.node.span.clone()).collect();
    // All that there is says what is promised, and what is asserted.
    let digest = reader.digest("");
    let parts = Parts {
        files,
        contracts,
        digest: SuiteDigest {
            contract: digest.clone(),
            cases: digest,
        },
        cache_errors: reader.finish(),
    };
    parts.suite(options, found, |contracts, found| {
        if options.settings.base_urls.is_empty() {
            let text = "a case file that stands alone does not say where its target is";
            let mistake = Diagnostic::without_span("missing-key", text);
            found.push(mistake.help("add `--base-url URL`"));
            return None;
        }
        let path = made.as_ref()?.path().join(TARGET);
        let mut own = Vec::new();
        let target = target::load(&path, &editions, contracts, &options.settings, &mut own);
        found.extend(own.into_iter().map(|mistake| written(mistake, &texts)));
        target
    })
}

/// A mistake in the target at the place that wants it: nobody wrote the file of the target.
fn written(mistake: Diagnostic, files: &[Span]) -> Diagnostic {
    let is_about = |name: &str| {
        let variable = format!("`{}`", name.to_ascii_uppercase());
        mistake.message.contains(&variable) || mistake.message.contains(&format!("`{name}`"))
    };
    for file in files {
        let text = &file.file.text;
        let mut names = taken_from_target(text).into_iter();
        if let Some((range, _)) = names.find(|(_, name)| is_about(name)) {
            let span = Span {
                file: Arc::clone(&file.file),
                range,
            };
            let here = Diagnostic {
                span: Some(span),
                ..mistake
            };
            return here.help("what a file that stands alone takes from `target` is a variable of the environment");
        }
    }
    Diagnostic {
        span: None,
        ..mistake
    }
}

/// What a text takes from `target`: the places and the names.
fn taken_from_target(text: &str) -> Vec<(Range<usize>, &str)> {
    let names = Regex::new(r"\btarget\.([A-Za-z_][A-Za-z0-9_]*)");
    let names = names.iter().flat_map(|names| names.captures_iter(text));
    let names = names.filter_map(|found| Some((found.get(0)?.range(), found.get(1)?.as_str())));
    names.collect()
}

/// Where the target of such files is made.
const TARGET: &str = "tenants/target.yaml";

/// The files as case files of editions of their own.
fn read(files: &[PathBuf], reader: &mut Reader, found: &mut Vec<Diagnostic>) -> Vec<CaseFile> {
    let mut out: Vec<CaseFile> = Vec::new();
    for path in files {
        let shown = path.display().to_string();
        let node = match reader.read(path, &shown) {
            Ok(node) => node,
            Err(mistake) => {
                found.push(mistake);
                continue;
            }
        };
        yaml::check(&node, &case::ALONE, found);
        if let Some(name) = node.get("operation")
            && address(name).is_none()
        {
            let text = "an operation without specs is a method and a path, such as `POST /users`";
            found.push(Diagnostic::new("wrong-type", &name.span, text));
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let taken = |edition: Edition| out.iter().any(|file| file.edition == edition);
        out.extend(edition(&stem, taken).map(|edition| CaseFile {
            path: shown,
            edition,
            prefix: edition.to_string(),
            node,
        }));
    }
    out
}

/// An edition called like the file.
fn edition(stem: &str, taken: impl Fn(Edition) -> bool) -> Option<Edition> {
    let plain = |letter: char| match letter {
        'a'..='z' | '0'..='9' | '_' => letter,
        'A'..='Z' => letter.to_ascii_lowercase(),
        _ => '-',
    };
    let name: String = stem.chars().take(40).map(plain).collect();
    let name = if name.is_empty() {
        "case".to_owned()
    } else {
        name
    };
    let names = (1..).map(|number: usize| match number {
        1 => name.clone(),
        _ => format!("{name}-{number}"),
    });
    let mut editions = names.map_while(|name| name.parse().ok());
    editions.find(|edition| !taken(*edition))
}

/// The method and the path of an operation.
fn address(name: &Node) -> Option<(String, String)> {
    let (method, path) = name.text()?.split_once(' ')?;
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_method && path.starts_with('/')).then(|| (method.to_owned(), path.to_owned()))
}

/// A folder with the target file that a project would have.
fn project(files: &[CaseFile]) -> io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let mut editions = Map::new();
    for file in files {
        editions.insert(file.edition.to_string(), settings(&file.node));
    }
    let name = files.first().map_or("target", |file| file.edition.as_str());
    let target = json!({ "name": name, "editions": editions });
    let path = folder.path().join(TARGET);
    fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
    fs::write(path, target.to_string())?;
    Ok(folder)
}

/// The edition in the target: what the file takes from `target` comes from the environment.
fn settings(node: &Node) -> Value {
    let names = taken_from_target(&node.span.file.text).into_iter();
    let secrets: BTreeSet<&str> = names.map(|(_, name)| name).collect();
    let secrets = secrets.into_iter();
    let secrets: Map<String, Value> = secrets
        .map(|name| (name.to_owned(), json!({ "env": name.to_ascii_uppercase() })))
        .collect();
    // The command line says where it is.
    json!({ "base_url": "http://127.0.0.1:9", "secrets": secrets })
}

/// The OpenAPI document that says of the operation what the file shows of it. A schema keeps its place in
/// the file.
fn document(node: &Node) -> Node {
    let mut document = Node::from_json(&without_schemas(node), &node.span);
    let schemas = node.get("schema").map(Node::entries).unwrap_or_default();
    let Some((method, path)) = node.get("operation").and_then(address) else {
        return document;
    };
    let method = method.to_ascii_lowercase();
    let responses = format!("/paths/{}/{method}/responses", pointer_part(&path));
    for (status, schema) in schemas {
        let Some(Kind::Map(responses)) = document.pointer_mut(&responses).map(|at| &mut at.kind)
        else {
            continue;
        };
        let own = responses.iter_mut();
        let mut own = own.filter(|(key, _)| key.text().map(str::to_owned) == status.scalar());
        if let Some((key, response)) = own.next() {
            key.span = status.span.clone();
            if let Some(place) = response.pointer_mut("/content/application~1json/schema") {
                *place = schema.clone();
            }
        }
    }
    document
}

/// That document, with its schemas as values.
fn without_schemas(node: &Node) -> Value {
    let Some((method, path)) = node.get("operation").and_then(address) else {
        return json!({ "openapi": "3.1.0", "info": { "title": "", "version": "1" }, "paths": {} });
    };
    let request = node.get("request");
    let keys = |key: &str| -> Vec<String> {
        let map = request.and_then(|request| request.get(key));
        let keys = map.map(Node::entries).unwrap_or_default().iter();
        keys.filter_map(|(name, _)| name.scalar()).collect()
    };
    let mut parameters = Vec::new();
    for name in path
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
    {
        parameters.push(json!({ "name": name.0, "in": "path", "required": true, "schema": {} }));
    }
    let mut operation = json!({});
    for name in keys("headers") {
        match name.to_ascii_lowercase().as_str() {
            "content-type" => operation["x-content-type"] = json!({}),
            "authorization" => operation["x-authorization"] = json!({}),
            "accept" => {}
            _ => parameters.push(json!({ "name": name, "in": "header", "schema": {} })),
        }
    }
    for name in keys("query") {
        parameters.push(json!({ "name": name, "in": "query", "schema": {} }));
    }
    operation["parameters"] = parameters.into();
    for (key, media_type) in [
        ("body", "application/json"),
        ("form", "application/x-www-form-urlencoded"),
    ] {
        let members = keys(key);
        if !members.is_empty() {
            let members = members.into_iter().map(|name| (name, json!({})));
            let properties: Map<String, Value> = members.collect();
            let schema = json!({ "type": "object", "properties": properties });
            operation["requestBody"] = json!({ "content": { media_type: { "schema": schema } } });
        }
    }
    operation["responses"] = responses(node);
    json!({
        "openapi": "3.1.0",
        "info": { "title": node.span.file.path, "version": "1" },
        "paths": { path: { method.to_ascii_lowercase(): operation } },
    })
}

/// The answers: those that the file expects, with the schemas that it gives them, and any other.
fn responses(node: &Node) -> Value {
    let mut statuses: BTreeMap<String, Value> = BTreeMap::new();
    let any = || json!({ "description": "Not said." });
    statuses.insert("default".to_owned(), any());
    let cases = node.get("cases").map(Node::items).unwrap_or_default();
    for case in node.get("control").into_iter().chain(cases) {
        for status in expected(case) {
            statuses.insert(status, any());
        }
    }
    let schemas = node.get("schema").map(Node::entries).unwrap_or_default();
    for (status, schema) in schemas {
        let Some(status) = status.scalar() else {
            continue;
        };
        let content = json!({ "application/json": { "schema": schema.to_json() } });
        statuses.insert(
            status,
            json!({ "description": "As the file says.", "content": content }),
        );
    }
    json!(statuses)
}

/// The statuses that a row expects, wherever in its expectations.
fn expected(case: &Node) -> BTreeSet<String> {
    fn collect(node: &Node, out: &mut BTreeSet<String>) {
        for (key, value) in node.entries() {
            if key.text() == Some("status") {
                let numbers = value.one_or_many().into_iter().filter_map(Node::integer);
                let statuses = numbers.filter(|status| (100..600).contains(status));
                out.extend(statuses.map(|status| status.to_string()));
            } else if key.text() == Some("any-of") {
                for item in value.items() {
                    collect(item, out);
                }
            }
        }
    }
    let mut out = BTreeSet::new();
    if let Some(expect) = case.get("expect") {
        collect(expect, &mut out);
    }
    // One that the matrix gives stands there.
    if let Some(Kind::List(rows)) = case.get("matrix").map(|matrix| &matrix.kind) {
        for row in rows {
            collect(row, &mut out);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_what_the_file_shows_and_nothing_more() {
        let text = "operation: POST /users/{id}
request:
  headers: { X-client-id: c, Content-Type: application/json, Authorization: b }
  query: { realm: r }
  body: { name: n }
control: { expect: { status: 201 } }
cases:
  - { id: a, expect: { any-of: [{ status: [400, 404] }, { error: X }] } }
  - { id: b, matrix: [{ status: 409 }], expect: { status: \"${matrix.status}\" } }
schema:
  '201': { type: object, required: [id] }
";
        let node = yaml::parse("users.yaml", text.to_owned()).expect("a tree");
        let document = document(&node).to_json();
        let operation = document
            .pointer("/paths/~1users~1{id}")
            .map(|item| &item["post"]);
        let operation = operation.expect("the operation");
        let names = operation["parameters"].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, ["id", "X-client-id", "realm"]);
        let statuses = operation["responses"].as_object().into_iter().flatten();
        let statuses: Vec<&str> = statuses.map(|(status, _)| status.as_str()).collect();
        assert_eq!(statuses, ["201", "400", "404", "409", "default"]);
        let schema = "/responses/201/content/application~1json/schema/required/0";
        assert_eq!(operation.pointer(schema), Some(&json!("id")));
    }

    #[test]
    fn a_file_of_any_name_has_an_edition_and_no_two_the_same() {
        let first = edition("Log in (2)", |_| false).expect("an edition");
        assert_eq!(first.as_str(), "log-in--2-");
        let second = edition("Log in (2)", |edition| edition == first);
        assert_eq!(second.expect("an edition").as_str(), "log-in--2--2");
    }
}
