//! Edits of a message that leave everything else as it is.

use serde_json::{Map, Value};

use crate::{exchange::Response, yaml::pointer_name};

/// Puts another body in; `Content-Length`, where there is one, tells its length.
pub(super) fn set_body(response: &mut Response, body: Vec<u8>) {
    for (name, value) in &mut response.headers {
        if name.eq_ignore_ascii_case("content-length") {
            *value = body.len().to_string();
        }
    }
    response.body = body.into();
}

/// Sets a header in its place, or removes it.
pub(super) fn set_header(response: &mut Response, name: &str, value: Option<&str>) {
    let Some(value) = value else {
        response
            .headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        return;
    };
    match response
        .headers
        .iter_mut()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
    {
        Some((_, known)) => value.clone_into(known),
        None => response.headers.push((name.to_owned(), value.to_owned())),
    }
}

/// The body as a JSON object.
pub(super) fn object(response: &Response) -> Option<Map<String, Value>> {
    match response.json() {
        Some(Value::Object(members)) => Some(members.clone()),
        _ => None,
    }
}

/// Edits the members of a body that is a JSON object; any other body stays.
pub(super) fn edit_object(response: &mut Response, edit: impl FnOnce(&mut Map<String, Value>)) {
    if let Some(mut members) = object(response) {
        edit(&mut members);
        set_body(response, Value::Object(members).to_string().into_bytes());
    }
}

/// Puts another value, perhaps under another name, where a member stands; `None` takes it out.
pub(super) fn replace(members: &mut Map<String, Value>, name: &str, by: Option<(&str, Value)>) {
    let Some(at) = members.keys().position(|known| known == name) else {
        return;
    };
    members.shift_remove(name);
    if let Some((name, value)) = by {
        members.shift_insert(at, name.to_owned(), value);
    }
}

/// Edits a body that is JSON; any other body stays.
pub(super) fn edit_json(response: &mut Response, edit: impl FnOnce(&mut Value)) {
    if let Some(mut body) = response.json().cloned() {
        edit(&mut body);
        set_body(response, body.to_string().into_bytes());
    }
}

/// Puts another value where a JSON Pointer leads to one; `None` takes it out.
pub(super) fn put_at(body: &mut Value, at: &str, value: Option<Value>) {
    let Some((parent, name)) = at.rsplit_once('/') else {
        // An empty pointer is the whole body.
        *body = value.unwrap_or_default();
        return;
    };
    let name = pointer_name(name);
    match body.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            replace(members, &name, value.map(|value| (name.as_str(), value)));
        }
        Some(Value::Array(items)) => {
            let Some(index) = name.parse().ok().filter(|index| *index < items.len()) else {
                return;
            };
            match value {
                Some(value) => items[index] = value,
                None => drop(items.remove(index)),
            }
        }
        _ => {}
    }
}

/// A text in small letters, or in large ones where it is in small ones already.
pub(super) fn other_case(text: &str) -> String {
    let small = text.to_lowercase();
    if small == text {
        text.to_uppercase()
    } else {
        small
    }
}

/// A text member of the body.
pub(super) fn text(response: &Response, name: &str) -> Option<String> {
    object(response)?.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Response {
        Response {
            status: 200,
            headers: vec![
                ("Date".into(), "x".into()),
                ("content-length".into(), "23".into()),
            ],
            body: r#"{"b":1,"a":"x","c":[2]}"#.into(),
            defects: Vec::new(),
        }
    }

    #[test]
    fn a_replaced_member_keeps_its_place_and_the_length_is_told() {
        let mut edited = answer();
        edit_object(&mut edited, |members| {
            replace(members, "a", Some(("aa", Value::Null)));
        });
        assert_eq!(&edited.body[..], br#"{"b":1,"aa":null,"c":[2]}"#);
        assert_eq!(edited.header("Content-Length"), Some("25"));
        assert_eq!(edited.headers[0], answer().headers[0]);
    }

    #[test]
    fn a_header_is_set_in_its_place_added_or_removed() {
        let mut edited = answer();
        set_header(&mut edited, "date", Some("y"));
        set_header(&mut edited, "X-New", Some("z"));
        set_header(&mut edited, "Content-Length", None);
        let names: Vec<_> = edited
            .headers
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(names, ["Date=y", "X-New=z"]);
    }

    #[test]
    fn a_body_that_is_no_object_stays() {
        let mut edited = answer();
        edited.body = "[1]".into();
        let before = edited.clone();
        edit_object(&mut edited, Map::clear);
        assert_eq!(edited, before);
    }
}
