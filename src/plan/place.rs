//! Places in a request's body: JSON Pointers, and `/name` for the field of a form.

use serde_json::{Map, Value};

use super::step::Body;

/// Takes a member, an element or a field away; false when it was not there.
pub(super) fn remove(body: &mut Body, pointer: &str) -> bool {
    match body {
        Body::Json(body) => match parent(body, pointer) {
            Some((Value::Object(members), last)) => members.shift_remove(&last).is_some(),
            Some((Value::Array(items), last)) => match element(&last, items.len()) {
                Some(at) => {
                    items.remove(at);
                    true
                }
                None => false,
            },
            _ => false,
        },
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
pub(super) fn blank(body: &mut Body, pointer: &str) -> bool {
    let slot = match body {
        Body::Json(body) => body.pointer_mut(pointer),
        Body::Form(fields) => field(pointer)
            .and_then(|name| fields.iter_mut().find(|(known, _)| *known == name))
            .map(|(_, value)| value),
        Body::None | Body::Raw(_) => None,
    };
    slot.map(|value| *value = Value::String(String::new()))
        .is_some()
}

/// Replaces or adds a member; `-` adds to a list. False when nothing is there to hold it.
pub(super) fn put(body: &mut Body, pointer: &str, value: Value) -> bool {
    if *body == Body::None {
        *body = Body::Json(Value::Object(Map::new()));
    }
    match body {
        Body::Json(body) => match parent(body, pointer) {
            Some((Value::Object(members), last)) => {
                members.insert(last, value);
                true
            }
            Some((Value::Array(items), last)) if last == "-" => {
                items.push(value);
                true
            }
            Some((Value::Array(items), last)) => match element(&last, items.len()) {
                Some(at) => {
                    items[at] = value;
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
            let value = match value {
                text @ Value::String(_) => text,
                other => Value::String(other.to_string()),
            };
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => fields.push((name, value)),
            }
            true
        }
        Body::None | Body::Raw(_) => false,
    }
}

/// What holds a pointer's last part, and that part.
fn parent<'b>(body: &'b mut Value, pointer: &str) -> Option<(&'b mut Value, String)> {
    let (front, last) = pointer.rsplit_once('/')?;
    Some((body.pointer_mut(front)?, unescape(last)))
}

/// The one part of a pointer into a form.
fn field(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix('/')?;
    (!name.contains('/')).then(|| unescape(name))
}

fn element(part: &str, length: usize) -> Option<usize> {
    part.parse().ok().filter(|at| *at < length)
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_with_slashes_and_dots_and_elements_of_lists_have_their_places() {
        let mut body = Body::Json(json!({ "a/b": { "x.y": 1 }, "l": [1, 2, 3], "~": 0 }));
        assert!(put(&mut body, "/a~1b/x.y", json!(2)));
        assert!(put(&mut body, "/a~1b/new:name", json!(null)));
        assert!(put(&mut body, "/l/1", json!("two")));
        assert!(put(&mut body, "/l/-", json!(4)));
        assert!(remove(&mut body, "/l/0"));
        assert!(blank(&mut body, "/~0"));
        assert_eq!(
            body,
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
        let mut form = Body::Form(vec![field("a", "1"), field("b", "2"), field("a", "3")]);
        assert!(put(&mut form, "/b", json!(true)));
        assert!(put(&mut form, "/c~1d", json!("4")));
        assert!(remove(&mut form, "/a"));
        assert!(blank(&mut form, "/b"));
        assert_eq!(form, Body::Form(vec![field("b", ""), field("c/d", "4")]));
        assert!(!remove(&mut form, "/a"));
        assert!(!put(&mut form, "/a/b", json!(1)));
    }

    #[test]
    fn a_body_that_is_none_becomes_an_object_and_bytes_have_no_places() {
        let mut body = Body::None;
        assert!(put(&mut body, "/a", json!(1)));
        assert_eq!(body, Body::Json(json!({ "a": 1 })));
        let mut raw = Body::Raw(json!("{}"));
        assert!(!put(&mut raw, "/a", json!(1)));
        assert!(!remove(&mut raw, "/a"));
    }
}
