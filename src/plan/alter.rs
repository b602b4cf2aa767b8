//! Alterations of the documented request: left out, blank, replaced, doubled, written otherwise.

use serde_json::{Map, Value};

use super::step::{Body, Step, pairs, texts};
use crate::{contract::Mode, diag::Diagnostic, yaml::Node};

/// One place in which a row's request differs from the documented one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alteration {
    Header(String, Mode),
    /// A member of the body, as a JSON Pointer; empty for the whole body.
    Member(String, Mode),
    /// The request line: method, path, query or host.
    Line,
}

/// What a case alters, in the order in which it is applied.
pub(super) fn alterations(case: &Node) -> Vec<Alteration> {
    let mut out = Vec::new();
    for (key, mode) in [("without", Mode::Omitted), ("blank", Mode::Blank)] {
        let Some(node) = case.get(key) else { continue };
        let headers = named(node, ["header", "headers"]);
        out.extend(
            headers
                .into_iter()
                .map(|name| Alteration::Header(name, mode)),
        );
        let members = named(node, ["member", "members"]);
        out.extend(members.into_iter().map(|at| Alteration::Member(at, mode)));
        if node.get("body").and_then(Node::boolean) == Some(true) {
            out.push(Alteration::Member(String::new(), mode));
        }
    }
    if let Some(set) = case.get("set") {
        let line = ["method", "path", "host", "query"];
        if line.iter().any(|key| set.get(key).is_some()) {
            out.push(Alteration::Line);
        }
        for (name, _) in pairs(set.get("headers")) {
            out.push(Alteration::Header(name, Mode::Malformed));
        }
        for (at, _) in set.get("members").map(Node::entries).unwrap_or_default() {
            let at = at.text().unwrap_or_default().to_owned();
            out.push(Alteration::Member(at, Mode::Malformed));
        }
    }
    if case.get("body").is_some() || case.get("raw-body").is_some() {
        out.push(Alteration::Member(String::new(), Mode::Malformed));
    }
    let duplicated = case.get("duplicate").and_then(|node| node.get("header"));
    for (node, mode) in [
        (duplicated, Mode::Duplicate),
        (case.get("recase"), Mode::OtherCase),
    ] {
        out.extend(
            texts(node)
                .into_iter()
                .map(|name| Alteration::Header(name, mode)),
        );
    }
    out
}

/// Applies every alteration of a case to its request. An alteration that changes nothing is a
/// mistake of the author: the row would prove something else than it says.
pub(super) fn apply(case: &Node, request: &mut Step, found: &mut Vec<Diagnostic>) {
    without(case.get("without"), request, found);
    blank(case.get("blank"), request, found);
    set(case.get("set"), request);
    if let Some(body) = case.get("body") {
        request.body = Body::Json(body.to_json());
    }
    if let Some(raw) = case.get("raw-body") {
        request.body = Body::Raw(raw.to_json());
    }
    if let Some(duplicate) = case.get("duplicate") {
        for name in texts(duplicate.get("header")) {
            match position(request, &name) {
                Some(at) => {
                    let value = duplicate
                        .get("value")
                        .and_then(Node::scalar)
                        .map_or_else(|| request.headers[at].1.clone(), Value::String);
                    request.headers.push((name, value));
                }
                None => found.push(no_header(duplicate, &name, request)),
            }
        }
    }
    if let Some(recase) = case.get("recase") {
        request.exact = true;
        for name in texts(Some(recase)) {
            match position(request, &name) {
                Some(at) => request.headers[at].0 = name,
                None => found.push(no_header(recase, &name, request)),
            }
        }
    }
    if case.get("raw").and_then(Node::boolean) == Some(true) {
        request.exact = true;
    }
}

fn without(node: Option<&Node>, request: &mut Step, found: &mut Vec<Diagnostic>) {
    let Some(node) = node else { return };
    for name in named(node, ["header", "headers"]) {
        match position(request, &name) {
            Some(_) => request
                .headers
                .retain(|(known, _)| !known.eq_ignore_ascii_case(&name)),
            None => found.push(no_header(node, &name, request)),
        }
    }
    for pointer in named(node, ["member", "members"]) {
        let removed = match &mut request.body {
            Body::Json(body) => parent(body, &pointer)
                .is_some_and(|(parent, last)| parent.shift_remove(&last).is_some()),
            _ => false,
        };
        if !removed {
            found.push(no_member(node, &pointer));
        }
    }
    if node.get("body").and_then(Node::boolean) == Some(true) {
        request.body = Body::None;
    }
}

fn blank(node: Option<&Node>, request: &mut Step, found: &mut Vec<Diagnostic>) {
    let Some(node) = node else { return };
    for name in named(node, ["header", "headers"]) {
        match position(request, &name) {
            Some(at) => request.headers[at].1 = Value::String(String::new()),
            None => found.push(no_header(node, &name, request)),
        }
    }
    for pointer in named(node, ["member", "members"]) {
        let slot = match &mut request.body {
            Body::Json(body) => body.pointer_mut(&pointer),
            _ => None,
        };
        match slot {
            Some(value) => *value = Value::String(String::new()),
            None => found.push(no_member(node, &pointer)),
        }
    }
}

fn set(node: Option<&Node>, request: &mut Step) {
    let Some(node) = node else { return };
    let word = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    if let Some(method) = word("method") {
        request.method = method;
    }
    if let Some(path) = word("path") {
        request.path = path;
    }
    if let Some(host) = word("host") {
        request.host = Some(host);
    }
    for (name, value) in pairs(node.get("headers")) {
        match position(request, &name) {
            Some(at) => request.headers[at].1 = value,
            None => request.headers.push((name, value)),
        }
    }
    request.query.extend(pairs(node.get("query")));
    for (pointer, value) in node.get("members").map(Node::entries).unwrap_or_default() {
        let pointer = pointer.text().unwrap_or_default();
        if let Body::None = request.body {
            request.body = Body::Json(Value::Object(Map::new()));
        }
        if let Body::Json(body) = &mut request.body
            && let Some((parent, last)) = parent(body, pointer)
        {
            parent.insert(last, value.to_json());
        }
    }
}

/// The map that holds a pointer's last part.
fn parent<'b>(body: &'b mut Value, pointer: &str) -> Option<(&'b mut Map<String, Value>, String)> {
    let (front, last) = pointer.rsplit_once('/')?;
    let last = last.replace("~1", "/").replace("~0", "~");
    Some((body.pointer_mut(front)?.as_object_mut()?, last))
}

fn named(node: &Node, keys: [&str; 2]) -> Vec<String> {
    keys.into_iter()
        .flat_map(|key| texts(node.get(key)))
        .collect()
}

fn position(request: &Step, name: &str) -> Option<usize> {
    request
        .headers
        .iter()
        .position(|(known, _)| known.eq_ignore_ascii_case(name))
}

fn no_header(node: &Node, name: &str, request: &Step) -> Diagnostic {
    Diagnostic::new(
        "unknown-header",
        &node.span,
        format!("the documented request has no header `{name}`"),
    )
    .suggest(
        name,
        request.headers.iter().map(|(known, _)| known.as_str()),
    )
}

fn no_member(node: &Node, pointer: &str) -> Diagnostic {
    Diagnostic::new(
        "unknown-member",
        &node.span,
        format!("the documented body has no member `{pointer}`"),
    )
    .help("members are JSON Pointers, such as `/verify_code`")
}
