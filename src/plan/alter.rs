//! Alterations of the documented request: left out, blank, replaced, doubled, written otherwise.

use super::{
    draft::Draft,
    fields::{pairs, scalar, text, texts},
    path::check_slots,
    place, sendable,
    step::Body,
};
use crate::{
    contract::Mode,
    diag::Diagnostic,
    yaml::{Kind, Node},
};

/// One place in which a test case's request differs from the documented one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alteration {
    Header(String, Mode),
    /// A member of the body, as a JSON Pointer; empty for the whole body.
    Member(String, Mode),
    /// A parameter of the query that is left out.
    Query(String),
    /// Parts of the path or parameters of the query: the operation stays the same.
    Parameters,
    /// The request line: method, path or host.
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
    let query = |key: &str| {
        case.get(key)
            .is_some_and(|node| node.get("query").is_some())
    };
    let set = |key: &str| case.get("set").is_some_and(|set| set.get(key).is_some());
    let left_out = case.get("without").and_then(|node| node.get("query"));
    out.extend(texts(left_out).into_iter().map(Alteration::Query));
    if query("blank") || set("query") || set("params") {
        out.push(Alteration::Parameters);
    }
    if set("method") || set("path") || set("host") {
        out.push(Alteration::Line);
    }
    if let Some(set) = case.get("set") {
        for (name, _) in pairs(set.get("headers")) {
            out.push(Alteration::Header(name, Mode::Malformed));
        }
        for (at, _) in set.get("members").map(Node::entries).unwrap_or_default() {
            let at = at.text().unwrap_or_default().to_owned();
            out.push(Alteration::Member(at, Mode::Malformed));
        }
    }
    if ["body", "form", "raw-body"]
        .iter()
        .any(|key| case.get(key).is_some())
    {
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
/// mistake of the author: the test case would prove something else than it says.
pub(super) fn apply(case: &Node, request: &mut Draft, found: &mut Vec<Diagnostic>) {
    without(case.get("without"), request, found);
    blank(case.get("blank"), request, found);
    let raw = case.get("raw").and_then(Node::boolean) == Some(true);
    if let Some(node) = case.get("set").filter(|_| !raw) {
        sendable(node, found);
    }
    set(case.get("set"), request, found);
    if let Some(body) = case.get("body") {
        request.body = Body::Json(body.clone());
    }
    if let Some(form) = case.get("form") {
        request.body = Body::Form(pairs(Some(form)));
    }
    if let Some(raw) = case.get("raw-body") {
        request.body = Body::Raw(raw.clone());
    }
    if let Some(node) = case.get("duplicate") {
        duplicate(node, request, found);
    }
    if let Some(recase) = case.get("recase") {
        request.step.exact = true;
        for name in texts(Some(recase)) {
            match position(request, &name) {
                Some(at) => request.headers[at].0 = name,
                None => found.push(no_header(recase, &name, request)),
            }
        }
    }
    if raw {
        request.step.exact = true;
    }
}

/// Adds a header a second time; the letters of its name are meant when they are written out.
fn duplicate(node: &Node, request: &mut Draft, found: &mut Vec<Diagnostic>) {
    let Some(name) = node.get("header").and_then(Node::text) else {
        return;
    };
    let Some(at) = position(request, name) else {
        found.push(no_header(node, name, request));
        return;
    };
    let value = node
        .get("value")
        .and_then(scalar)
        .unwrap_or_else(|| request.headers[at].1.clone());
    let letters = node.get("as").and_then(Node::text);
    if let Some(letters) = letters
        && !letters.eq_ignore_ascii_case(name)
    {
        let message = format!("`{letters}` is not `{name}` in other letters");
        found.push(Diagnostic::new("unknown-header", &node.span, message));
    }
    request.step.exact |= letters.is_some();
    request
        .headers
        .push((letters.unwrap_or(name).to_owned(), value));
}

fn without(node: Option<&Node>, request: &mut Draft, found: &mut Vec<Diagnostic>) {
    let Some(node) = node else { return };
    for name in named(node, ["header", "headers"]) {
        // It is there without being written, because HTTP/1.1 demands it.
        let host = name.eq_ignore_ascii_case("host");
        if host {
            (request.step.hostless, request.step.exact) = (true, true);
        }
        match position(request, &name) {
            Some(_) => request
                .headers
                .retain(|(known, _)| !known.eq_ignore_ascii_case(&name)),
            None if host => {}
            None => found.push(no_header(node, &name, request)),
        }
    }
    for pointer in named(node, ["member", "members"]) {
        if !place::remove(&mut request.body, &pointer) {
            found.push(no_member(node, &pointer));
        }
    }
    for name in texts(node.get("query")) {
        let before = request.query.len();
        request.query.retain(|(known, _)| *known != name);
        if request.query.len() == before {
            found.push(no_parameter(node, &name, request));
        }
    }
    if node.get("body").and_then(Node::boolean) == Some(true) {
        request.body = Body::None;
    }
}

fn blank(node: Option<&Node>, request: &mut Draft, found: &mut Vec<Diagnostic>) {
    let Some(node) = node else { return };
    for name in named(node, ["header", "headers"]) {
        match position(request, &name) {
            Some(at) => request.headers[at].1.kind = Kind::Text(String::new()),
            None => found.push(no_header(node, &name, request)),
        }
    }
    for pointer in named(node, ["member", "members"]) {
        if !place::blank(&mut request.body, &pointer) {
            found.push(no_member(node, &pointer));
        }
    }
    for name in texts(node.get("query")) {
        match request.query.iter().position(|(known, _)| *known == name) {
            Some(at) => request.query[at].1.kind = Kind::Text(String::new()),
            None => found.push(no_parameter(node, &name, request)),
        }
    }
}

/// What is set can be sent as HTTP.
fn sendable(set: &Node, found: &mut Vec<Diagnostic>) {
    sendable::headers(set.get("headers"), found);
    if let Some((node, method)) = set
        .get("method")
        .and_then(|node| Some((node, node.text()?)))
    {
        sendable::method(node, method, found);
    }
}

fn set(node: Option<&Node>, request: &mut Draft, found: &mut Vec<Diagnostic>) {
    let Some(node) = node else { return };
    if let Some(method) = text(node, "method") {
        request.step.method = method;
    }
    if let Some(path) = node.get("path").filter(|path| path.text().is_some()) {
        request.path = path.clone();
    }
    if let Some(host) = text(node, "host") {
        request.step.host = Some(host);
    }
    if let Some(actor) = text(node, "actor") {
        request.step.actor = Some(actor);
    }
    let path = request.path.text().unwrap_or_default();
    check_slots(path, node.get("params"), found);
    for (name, value) in pairs(node.get("params")) {
        request.params.retain(|(known, _)| *known != name);
        request.params.push((name, value));
    }
    for (name, value) in pairs(node.get("headers")) {
        match position(request, &name) {
            Some(at) => request.headers[at].1 = value,
            None => request.headers.push((name, value)),
        }
    }
    let query = pairs(node.get("query"));
    request
        .query
        .retain(|(known, _)| query.iter().all(|(name, _)| name != known));
    request.query.extend(query);
    for (pointer, value) in node.get("members").map(Node::entries).unwrap_or_default() {
        let pointer = pointer.text().unwrap_or_default();
        if !place::put(&mut request.body, pointer, value) {
            found.push(no_member(node, pointer));
        }
    }
}

fn named(node: &Node, keys: [&str; 2]) -> Vec<String> {
    keys.into_iter()
        .flat_map(|key| texts(node.get(key)))
        .collect()
}

fn position(request: &Draft, name: &str) -> Option<usize> {
    request
        .headers
        .iter()
        .position(|(known, _)| known.eq_ignore_ascii_case(name))
}

fn no_header(node: &Node, name: &str, request: &Draft) -> Diagnostic {
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

fn no_parameter(node: &Node, name: &str, request: &Draft) -> Diagnostic {
    Diagnostic::new(
        "unknown-parameter",
        &node.span,
        format!("the documented request has no query parameter `{name}`"),
    )
    .suggest(name, request.query.iter().map(|(known, _)| known.as_str()))
}

fn no_member(node: &Node, pointer: &str) -> Diagnostic {
    Diagnostic::new(
        "unknown-member",
        &node.span,
        format!("the documented body has no member `{pointer}`"),
    )
    .help("members are JSON Pointers, such as `/verify_code`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::{Step, lower_step},
        yaml,
    };

    #[track_caller]
    fn altered(case: &str) -> Step {
        let node = |text: &str| yaml::parse("a.yaml", text.into()).unwrap();
        let step = node("request: GET /x\nheaders: { X-client-id: a, X-L: en }\n");
        let mut found = Vec::new();
        let lowered = lower_step(&step, None, &mut found).unwrap();
        let mut request = Draft::new(lowered, &step);
        apply(&node(case), &mut request, &mut found);
        assert!(found.is_empty(), "{found:?}");
        request.into_step()
    }

    #[test]
    fn the_host_can_be_left_out_without_being_written() {
        let request = altered("without: { headers: [Host, X-L] }\n");
        assert!(request.hostless && request.exact);
        assert_eq!(request.headers.len(), 1);
        assert!(!altered("without: { header: X-L }\n").hostless);
    }

    #[test]
    fn a_header_is_doubled_in_its_own_letters_or_in_those_of_the_row() {
        for (case, name, value, exact) in [
            ("{ header: X-client-id }", "X-client-id", "a", false),
            (
                "{ header: x-client-id, value: b }",
                "x-client-id",
                "b",
                false,
            ),
            (
                "{ header: X-client-id, as: x-CLIENT-id }",
                "x-CLIENT-id",
                "a",
                true,
            ),
            (
                "{ header: X-client-id, as: X-CLIENT-ID, value: b }",
                "X-CLIENT-ID",
                "b",
                true,
            ),
        ] {
            let request = altered(&format!("duplicate: {case}\n"));
            assert_eq!(request.exact, exact, "{case}");
            let sent: Vec<_> = request
                .headers
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            let first = ("X-client-id", Some("a"));
            assert_eq!(
                sent,
                [first, ("X-L", Some("en")), (name, Some(value))],
                "{case}"
            );
        }
    }
}
