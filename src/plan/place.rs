//! Places in a request's body: JSON Pointers, and `/name` for the field of a form.

use super::{fields::scalar, step::Body};
use crate::yaml::{Kind, Node, pointer_name};

/// Takes a member, an element or a field away; false when it was not there.
pub(super) fn remove(body: &mut Body<Node>, pointer: &str) -> bool {
    match body {
        Body::Json(body) => body.remove(pointer),
        Body::Form(fields) => {
            let before = fields.len();
            if let Some(name) = field(pointer) {
                fields.retain(|(known, _)| *known != name);
            }
            fields.len() < before
        }
        Body::None | Body::Raw(_) => false,
    }
}

/// Gives a member that is there the empty text; false when it is not there.
pub(super) fn blank(body: &mut Body<Node>, pointer: &str) -> bool {
    let slot = match body {
        Body::Json(body) => body.pointer_mut(pointer),
        Body::Form(fields) => field(pointer)
            .and_then(|name| fields.iter_mut().find(|(known, _)| *known == name))
            .map(|(_, value)| value),
        Body::None | Body::Raw(_) => None,
    };
    slot.map(|value| value.kind = Kind::Text(String::new()))
        .is_some()
}

/// Replaces or adds a member; `-` adds to a list. False when nothing is there to hold it.
pub(super) fn put(body: &mut Body<Node>, pointer: &str, value: &Node) -> bool {
    if matches!(body, Body::None) {
        *body = Body::Json(Node {
            kind: Kind::Map(Vec::new()),
            span: value.span.clone(),
        });
    }
    match body {
        Body::Json(body) => match parent(body, pointer) {
            Some((Kind::Map(members), last)) => {
                put_member(members, last, value.clone());
                true
            }
            Some((Kind::List(items), last)) if last == "-" => {
                items.push(value.clone());
                true
            }
            Some((Kind::List(items), last)) => match element(&last, items.len()) {
                Some(at) => {
                    items[at] = value.clone();
                    true
                }
                None => false,
            },
            _ => false,
        },
        Body::Form(fields) => {
            let Some(name) = field(pointer) else {
                return false;
            };
            let value = scalar(value).unwrap_or_else(|| Node {
                kind: Kind::Text(value.to_json().to_string()),
                span: value.span.clone(),
            });
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => fields.push((name, value)),
            }
            true
        }
        Body::None | Body::Raw(_) => false,
    }
}

fn put_member(members: &mut Vec<(Node, Node)>, name: String, value: Node) {
    if let Some((_, known)) = members.iter_mut().find(|(known, _)| known.is_key(&name)) {
        *known = value;
        return;
    }
    let key = Node {
        kind: Kind::Text(name),
        span: value.span.clone(),
    };
    members.push((key, value));
}

/// What holds a pointer's last part, and that part.
fn parent<'b>(body: &'b mut Node, pointer: &str) -> Option<(&'b mut Kind, String)> {
    let (front, last) = pointer.rsplit_once('/')?;
    Some((&mut body.pointer_mut(front)?.kind, pointer_name(last)))
}

/// The one part of a pointer into a form.
fn field(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix('/')?;
    (!name.contains('/')).then(|| pointer_name(name))
}

fn element(part: &str, length: usize) -> Option<usize> {
    part.parse().ok().filter(|at| *at < length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Span;
    use serde_json::{Value, json};

    #[expect(clippy::needless_pass_by_value, reason = "the calls below read better")]
    fn node(value: Value) -> Node {
        Node::from_json(&value, &Span::nowhere())
    }

    fn put(body: &mut Body<Node>, pointer: &str, value: Value) -> bool {
        super::put(body, pointer, &node(value))
    }

    #[test]
    fn members_with_slashes_and_dots_and_elements_of_lists_have_their_places() {
        let mut body = Body::Json(node(json!({ "a/b": { "x.y": 1 }, "l": [1, 2, 3], "~": 0 })));
        assert!(put(&mut body, "/a~1b/x.y", json!(2)));
        assert!(put(&mut body, "/a~1b/new:name", json!(null)));
        assert!(put(&mut body, "/l/1", json!("two")));
        assert!(put(&mut body, "/l/-", json!(4)));
        assert!(remove(&mut body, "/l/0"));
        assert!(blank(&mut body, "/~0"));
        assert_eq!(
            body.to_json(),
            Body::Json(json!({
                "a/b": { "x.y": 2, "new:name": null }, "l": ["two", 3, 4], "~": "",
            }))
        );
        for nowhere in ["/l/7", "/l/x", "/none/x", "/~/x", "no pointer"] {
            assert!(!remove(&mut body, nowhere), "{nowhere}");
            assert!(!blank(&mut body, nowhere), "{nowhere}");
            assert!(!put(&mut body, nowhere, json!(1)), "{nowhere}");
        }
    }

    #[test]
    fn a_form_has_fields_and_nothing_inside_them() {
        let field = |name: &str, value: &str| (name.to_owned(), Value::from(value));
        let located = |name: &str, value: &str| (name.to_owned(), node(value.into()));
        let mut form = Body::Form(vec![
            located("a", "1"),
            located("b", "2"),
            located("a", "3"),
        ]);
        assert!(put(&mut form, "/b", json!(true)));
        assert!(put(&mut form, "/c~1d", json!("4")));
        assert!(remove(&mut form, "/a"));
        assert!(blank(&mut form, "/b"));
        let expected = Body::Form(vec![field("b", ""), field("c/d", "4")]);
        assert_eq!(form.to_json(), expected);
        assert!(!remove(&mut form, "/a"));
        assert!(!put(&mut form, "/a/b", json!(1)));
    }

    #[test]
    fn a_body_that_is_none_becomes_an_object_and_bytes_have_no_places() {
        let mut body = Body::None;
        assert!(put(&mut body, "/a", json!(1)));
        assert_eq!(body.to_json(), Body::Json(json!({ "a": 1 })));
        let mut raw = Body::Raw(node(json!("{}")));
        assert!(!put(&mut raw, "/a", json!(1)));
        assert!(!remove(&mut raw, "/a"));
    }
}
