//! Names bound to parts of an answer.

use regex::Regex;

use super::fields::text;
use crate::{
    contract::reason,
    diag::Diagnostic,
    jsonpath::JsonPath,
    yaml::{Kind, Node},
};

/// A name bound to a part of an answer.
#[derive(Debug, Clone)]
pub struct Capture {
    pub name: String,
    pub from: CaptureFrom,
    /// Takes a part of the text: what its first group matched, or all that it matched.
    pub pattern: Option<Regex>,
}

/// Where a capture comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaptureFrom {
    /// JSON Pointer into the body; empty for the whole.
    Body(String),
    /// The one node of the body that a JSONPath finds.
    Node(Box<JsonPath>),
    /// The body as text, JSON or not.
    Text,
    Header(String),
    /// The value of a cookie that is set.
    Cookie(String),
    /// JSON Pointer into the parts of the redirect.
    Location(String),
}

/// Reads a `capture` map; mistakes go to `found`.
pub(super) fn captures(node: Option<&Node>, found: &mut Vec<Diagnostic>) -> Vec<Capture> {
    let entries = node.map(Node::entries).unwrap_or_default();
    let mut out = Vec::new();
    for (name, value) in entries {
        let (Some(name), Some(from)) = (name.text(), from(value, found)) else {
            continue;
        };
        out.push(Capture {
            name: name.to_owned(),
            from,
            pattern: value.get("pattern").and_then(|node| pattern(node, found)),
        });
    }
    out
}

fn from(node: &Node, found: &mut Vec<Diagnostic>) -> Option<CaptureFrom> {
    if node.text().is_some() {
        return in_body(node, found);
    }
    if !matches!(node.kind, Kind::Map(_)) {
        return None;
    }
    let mut places: Vec<CaptureFrom> = Vec::new();
    places.extend(text(node, "header").map(CaptureFrom::Header));
    places.extend(text(node, "cookie").map(CaptureFrom::Cookie));
    if let Some(at) = node.get("body") {
        places.push(in_body(at, found)?);
    }
    if let Some(at) = node.get("location") {
        places.push(CaptureFrom::Location(pointer(at, found)?));
    }
    match (places.len(), node.get("pattern")) {
        (1, _) => places.pop(),
        (0, Some(_)) => Some(CaptureFrom::Text),
        _ => {
            found.push(
                Diagnostic::new(
                    "bad-capture",
                    &node.span,
                    "a capture comes from one place",
                )
                .help("name one of `body`, `header`, `cookie` and `location`, or a `pattern` alone for the body's text"),
            );
            None
        }
    }
}

/// A place in the body: a text that begins with `$` is a JSONPath, any other a JSON Pointer.
fn in_body(node: &Node, found: &mut Vec<Diagnostic>) -> Option<CaptureFrom> {
    if node.text()?.starts_with('$') {
        let path = JsonPath::read(node, found)?;
        return Some(CaptureFrom::Node(Box::new(path)));
    }
    pointer(node, found).map(CaptureFrom::Body)
}

/// Reads a JSON Pointer; a mistake goes to `found`.
pub fn pointer(node: &Node, found: &mut Vec<Diagnostic>) -> Option<String> {
    let text = node.text()?;
    if text.is_empty() || text.starts_with('/') {
        return Some(text.to_owned());
    }
    let message = format!("`{text}` is not a JSON Pointer; write `/{text}`");
    found.push(Diagnostic::new("bad-pointer", &node.span, message));
    None
}

fn pattern(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Regex> {
    Regex::new(node.text()?)
        .map_err(|error| {
            found.push(Diagnostic::new("bad-pattern", &node.span, reason(&error)));
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<CaptureFrom>, Vec<&'static str>) {
        let node = crate::yaml::parse("a.yaml", text.into()).unwrap();
        let mut found = Vec::new();
        let all = captures(Some(&node), &mut found);
        let codes = found.iter().map(|mistake| mistake.code).collect();
        (all.into_iter().map(|capture| capture.from).collect(), codes)
    }

    fn node(path: &str) -> CaptureFrom {
        CaptureFrom::Node(Box::new(JsonPath::parse(path).expect("a path")))
    }

    #[test]
    fn a_capture_names_one_place_and_may_take_a_part_of_its_text() {
        let text = "a: /x\nb: ''\nc: { header: L }\nd: { cookie: s, pattern: '.' }\n\
                    e: { location: /query/code }\nf: { pattern: 'x=(.)' }\ng: { body: /y }\n\
                    h: \"$.l[?@.k=='x'].id\"\ni: { body: $.x, pattern: . }\n";
        let (places, mistakes) = read(text);
        assert_eq!(mistakes, [""; 0]);
        assert_eq!(
            places,
            [
                CaptureFrom::Body("/x".into()),
                CaptureFrom::Body(String::new()),
                CaptureFrom::Header("L".into()),
                CaptureFrom::Cookie("s".into()),
                CaptureFrom::Location("/query/code".into()),
                CaptureFrom::Text,
                CaptureFrom::Body("/y".into()),
                node("$.l[?@.k=='x'].id"),
                node("$.x"),
            ]
        );
    }

    #[test]
    fn no_place_two_places_and_what_cannot_be_read_are_mistakes() {
        for (text, code) in [
            ("a: {}", "bad-capture"),
            ("a: { header: L, cookie: s }", "bad-capture"),
            ("a: x", "bad-pointer"),
            ("a: { location: query }", "bad-pointer"),
            ("a: { location: $.query }", "bad-pointer"),
            ("a: $x", "bad-jsonpath"),
            ("a: '${x}'", "bad-jsonpath"),
            ("a: { body: '$.a[' }", "bad-jsonpath"),
            ("a: { header: L, pattern: '(' }", "bad-pattern"),
        ] {
            assert_eq!(read(text).1, [code], "{text}");
        }
    }
}
