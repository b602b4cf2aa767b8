//! What HTTP lets a request be: its method, and the names and values of its headers. What an author
//! writes otherwise would never leave, or would be answered for another reason than the one meant.

use http::{HeaderName, HeaderValue, Method};

use crate::{
    diag::{Diagnostic, push_once},
    yaml::Node,
};

/// The methods that are registered (IANA, HTTP Method Registry).
const METHODS: [&str; 40] = [
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "QUERY",
    "REBIND",
    "REPORT",
    "SEARCH",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
    "PRI",
];

/// Judges the method that stands at this node.
pub(super) fn method(node: &Node, method: &str, found: &mut Vec<Diagnostic>) {
    if METHODS.contains(&method) {
        return;
    }
    let message = match Method::from_bytes(method.as_bytes()) {
        Ok(_) => format!("`{method}` is no method that is registered for HTTP"),
        Err(_) => format!("`{method}` cannot be a method of HTTP"),
    };
    let mistake = Diagnostic::new("unknown-method", &node.span, message)
        .help("a row with `raw: true` sends any method that it sets")
        .suggest(method, METHODS);
    push_once(found, mistake);
}

/// Judges the headers that a map names. A name is never computed.
pub(super) fn headers(map: Option<&Node>, found: &mut Vec<Diagnostic>) {
    for (name, value) in map.map(Node::entries).unwrap_or_default() {
        let key = name.text().unwrap_or_default();
        let text = value.scalar().unwrap_or_default();
        if HeaderName::from_bytes(key.as_bytes()).is_err() {
            let message = format!("`{key}` cannot be the name of a header");
            let help = "letters, digits and dashes; a row with `raw: true` sends any name";
            push_once(
                found,
                Diagnostic::new("bad-header", &name.span, message).help(help),
            );
        } else if HeaderValue::from_bytes(text.as_bytes()).is_err() {
            let message = format!("`{key}` cannot have this value: it would end the header");
            let help = "no line breaks; a row with `raw: true` sends any value";
            push_once(
                found,
                Diagnostic::new("bad-header", &value.span, message).help(help),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    #[track_caller]
    fn mistakes(map: &str) -> Vec<String> {
        let node = yaml::parse("a.yaml", map.to_owned()).unwrap();
        let mut found = Vec::new();
        headers(Some(&node), &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_header_has_a_name_and_a_value_of_one_line() {
        assert_eq!(
            mistakes("{ X-a: \"${target.a}\", x_b.c: 名, D: \"\" }"),
            [""; 0]
        );
        assert_eq!(
            mistakes("{ X a: 1, \"${b}\": 2, C: \"1\\r\\nD: 2\" }"),
            [
                "a.yaml:1:3: error[bad-header]: `X a` cannot be the name of a header",
                "a.yaml:1:11: error[bad-header]: `${b}` cannot be the name of a header",
                "a.yaml:1:25: error[bad-header]: `C` cannot have this value: it would end the header",
            ]
        );
    }

    #[test]
    fn a_method_is_one_that_is_registered() {
        let node = yaml::parse("a.yaml", "x".into()).unwrap();
        for (name, help) in [
            ("POTS", Some("did you mean `POST`?")),
            ("post", Some("did you mean `POST`?")),
            (
                "${m}",
                Some("a row with `raw: true` sends any method that it sets"),
            ),
        ] {
            let mut found = Vec::new();
            // The variants of a matrix are judged one by one, at the same place.
            method(&node, name, &mut found);
            method(&node, name, &mut found);
            assert_eq!(found.len(), 1, "{name}");
            assert_eq!(found[0].help.as_deref(), help, "{name}");
        }
        let mut found = Vec::new();
        for name in METHODS {
            method(&node, name, &mut found);
        }
        assert_eq!(found, []);
    }
}
