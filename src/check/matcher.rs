//! Matchers: how one JSON value is compared. Shared by the checks; values keep their JSON type.

use regex::Regex;
use serde_json::Value;

use super::{Place, escape, show};
use crate::{
    contract::{media_type_of, reason},
    diag::Diagnostic,
    result::{Mismatch, Subject},
    yaml::{Kind, Node},
};

/// The words that make a map a matcher when it holds nothing else.
pub(super) const WORDS: [&str; 15] = [
    "equals",
    "type",
    "at-least",
    "at-most",
    "pattern",
    "contains",
    "one-of",
    "non-empty",
    "absent",
    "json-text",
    "items",
    "some",
    "length",
    "members",
    "media-type",
];

const TYPES: [&str; 7] = [
    "string", "integer", "number", "boolean", "object", "array", "null",
];

/// Mistakes of an author in a matcher: bad patterns, unknown types, words mixed with members.
pub(super) fn lint(node: &Node, found: &mut Vec<Diagnostic>) {
    let Kind::Map(entries) = &node.kind else {
        return;
    };
    let words = entries
        .iter()
        .filter(|(key, _)| key.text().is_some_and(|key| WORDS.contains(&key)))
        .count();
    if words < entries.len() {
        for (_, value) in entries {
            lint(value, found);
        }
        return;
    }
    for (key, value) in entries {
        match (key.text().unwrap_or_default(), value.text()) {
            ("pattern", Some(pattern)) if !pattern.contains("${") => {
                if let Err(error) = Regex::new(pattern) {
                    found.push(Diagnostic::new("bad-pattern", &value.span, reason(&error)));
                }
            }
            ("type", Some(name)) if !TYPES.contains(&name) && !name.contains("${") => {
                found.push(
                    Diagnostic::new(
                        "unknown-word",
                        &value.span,
                        format!("`{name}` is not a JSON type"),
                    )
                    .suggest(name, TYPES),
                );
            }
            ("json-text" | "items" | "some" | "length", _) => lint(value, found),
            ("members", _) => {
                for (_, value) in value.entries() {
                    lint(value, found);
                }
            }
            _ => {}
        }
    }
}

/// Compares a value with a matcher; every mismatch is added to `broken`.
pub(super) fn compare(
    matcher: &Value,
    actual: Option<&Value>,
    place: &Place,
    broken: &mut Vec<Mismatch>,
) {
    let told = |actual: Option<&Value>| actual.map_or_else(|| "absent".into(), show);
    let Value::Object(words) = matcher else {
        if actual != Some(matcher) {
            broken.push(place.mismatch(show(matcher), told(actual)));
        }
        return;
    };
    if words.is_empty() || !words.keys().all(|word| WORDS.contains(&word.as_str())) {
        return members(words, actual, place, broken);
    }
    if let Some(absent) = words.get("absent") {
        if (absent == &Value::Bool(true)) != actual.is_none() {
            match actual {
                None => broken.push(place.mismatch("present", "absent")),
                Some(value) => broken.push(place.unwanted("absent", show(value))),
            }
        }
        if actual.is_none() {
            return;
        }
    }
    let Some(value) = actual else {
        broken.push(place.mismatch(describe(words), "absent"));
        return;
    };
    for (word, wanted) in words {
        match word.as_str() {
            "json-text" => {
                let decoded = value
                    .as_str()
                    .and_then(|text| serde_json::from_str::<Value>(text).ok());
                match decoded {
                    Some(decoded) => {
                        compare(wanted, Some(&decoded), &place.note("as JSON"), broken);
                    }
                    None => broken.push(place.mismatch("a text that is JSON", show(value))),
                }
            }
            "items" => match value.as_array() {
                Some(items) => {
                    for (at, item) in items.iter().enumerate() {
                        compare(wanted, Some(item), &place.join(&at.to_string()), broken);
                    }
                }
                None => broken.push(no_list(place, value)),
            },
            "some" => match value.as_array() {
                Some(items) => {
                    let fits = |item| {
                        let mut misses = Vec::new();
                        compare(wanted, Some(item), place, &mut misses);
                        misses.is_empty()
                    };
                    if !items.iter().any(fits) {
                        broken.push(place.mismatch(describe_word(word, wanted), show(value)));
                    }
                }
                None => broken.push(no_list(place, value)),
            },
            "length" => {
                let length = length(value).map(Value::from);
                compare(wanted, length.as_ref(), &place.note("its length"), broken);
            }
            "members" => match wanted {
                Value::Object(wanted) => members(wanted, Some(value), place, broken),
                _ => compare(wanted, Some(value), place, broken),
            },
            word => {
                if !holds(word, wanted, value) {
                    broken.push(place.mismatch(describe_word(word, wanted), show(value)));
                }
            }
        }
    }
}

/// What of a body a matcher judges: each member that it names, and what these are in.
pub(super) fn subjects(matcher: &Value, place: &Place, out: &mut Vec<Subject>) {
    let Value::Object(words) = matcher else {
        out.push(place.subject());
        return;
    };
    if words.is_empty() || !words.keys().all(|word| WORDS.contains(&word.as_str())) {
        out.push(place.subject());
        for (name, matcher) in words {
            subjects(matcher, &place.join(&escape(name)), out);
        }
        return;
    }
    if words.contains_key("absent") {
        out.push(place.unwanted("", "").subject);
    }
    out.push(place.subject());
    if let Some(members) = words.get("members") {
        subjects(members, place, out);
    }
}

fn no_list(place: &Place, value: &Value) -> Mismatch {
    place.mismatch("a list", show(value))
}

/// Elements of a list, members of an object, characters of a text.
fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Array(items) => Some(items.len()),
        Value::Object(members) => Some(members.len()),
        Value::String(text) => Some(text.chars().count()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn members(
    expected: &serde_json::Map<String, Value>,
    actual: Option<&Value>,
    place: &Place,
    broken: &mut Vec<Mismatch>,
) {
    let Some(Value::Object(object)) = actual else {
        let actual = actual.map_or_else(|| "absent".into(), show);
        broken.push(place.mismatch("a JSON object", actual));
        return;
    };
    for (name, matcher) in expected {
        compare(
            matcher,
            object.get(name),
            &place.join(&escape(name)),
            broken,
        );
    }
}

fn holds(word: &str, wanted: &Value, value: &Value) -> bool {
    match word {
        "equals" => value == wanted,
        "type" => wanted.as_str().is_some_and(|name| is_type(name, value)),
        "at-least" => numbers(value, wanted).is_some_and(|(value, bound)| value >= bound),
        "at-most" => numbers(value, wanted).is_some_and(|(value, bound)| value <= bound),
        "pattern" => match (wanted.as_str(), value.as_str()) {
            (Some(pattern), Some(text)) => {
                Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(text))
            }
            _ => false,
        },
        "contains" => match (value, wanted) {
            (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
            (Value::Array(items), part) => items.contains(part),
            _ => false,
        },
        "one-of" => wanted.as_array().is_some_and(|list| list.contains(value)),
        "non-empty" => {
            let empty = match value {
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty(),
                Value::Object(members) => members.is_empty(),
                Value::Null => true,
                Value::Bool(_) | Value::Number(_) => false,
            };
            empty != (wanted == &Value::Bool(true))
        }
        "media-type" => match (value.as_str(), wanted.as_str()) {
            (Some(value), Some(wanted)) => media_type_of(value) == wanted,
            _ => false,
        },
        // `absent: false` was settled before: the value is there. The others are looked into.
        _ => true,
    }
}

fn numbers(value: &Value, bound: &Value) -> Option<(f64, f64)> {
    Some((value.as_f64()?, bound.as_f64()?))
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn describe(words: &serde_json::Map<String, Value>) -> String {
    words
        .iter()
        .map(|(word, wanted)| describe_word(word, wanted))
        .collect::<Vec<_>>()
        .join(", ")
}

fn describe_word(word: &str, wanted: &Value) -> String {
    match (word, wanted) {
        ("equals", wanted) => show(wanted),
        ("type", Value::String(name)) => format!("a JSON {name}"),
        ("non-empty", Value::Bool(true)) => "not empty".into(),
        (word, wanted) => format!("{} {}", word.replace('-', " "), show(wanted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the tables below read better"
    )]
    fn places(matcher: Value, actual: Value) -> Vec<String> {
        let mut broken = Vec::new();
        compare(&matcher, Some(&actual), "body", &mut broken);
        broken.into_iter().map(|m| m.place).collect()
    }

    #[test]
    fn values_keep_their_json_type() {
        assert_eq!(
            places(json!({ "e": 43200 }), json!({ "e": "43200" })),
            ["body /e"]
        );
        assert!(places(json!({ "e": 43200 }), json!({ "e": 43200, "other": 1 })).is_empty());
    }

    #[test]
    fn a_fraction_is_not_an_integer() {
        let integer = json!({ "e": { "type": "integer", "at-least": 1 } });
        assert_eq!(places(integer.clone(), json!({ "e": 1.5 })), ["body /e"]);
        assert_eq!(places(integer.clone(), json!({ "e": 0 })), ["body /e"]);
        assert!(places(integer, json!({ "e": 1 })).is_empty());
    }

    #[test]
    fn an_absent_member_breaks_every_matcher_but_absent() {
        assert_eq!(
            places(json!({ "a": { "non-empty": true } }), json!({})),
            ["body /a"]
        );
        assert!(places(json!({ "a": { "absent": true } }), json!({})).is_empty());
        assert_eq!(
            places(json!({ "a": { "absent": true } }), json!({ "a": null })),
            ["body /a"]
        );
    }

    #[test]
    fn a_text_that_holds_json_is_looked_into() {
        let matcher = json!({ "data": { "json-text": { "items": { "type": "string" } } } });
        assert!(places(matcher.clone(), json!({ "data": "[\"SMS\"]" })).is_empty());
        assert_eq!(
            places(matcher.clone(), json!({ "data": ["SMS"] })),
            ["body /data"]
        );
        assert_eq!(
            places(matcher, json!({ "data": "[1]" })),
            ["body /data (as JSON)/0"]
        );
    }

    #[test]
    fn lists_are_matched_by_one_element_and_by_length() {
        let list = json!([{ "id": "a", "n": 1 }, { "id": "b" }]);
        assert!(places(json!({ "some": { "id": "b" }, "length": 2 }), list.clone()).is_empty());
        assert_eq!(
            places(json!({ "some": { "id": "c" } }), list.clone()),
            ["body"]
        );
        assert_eq!(
            places(json!({ "length": { "at-least": 3 } }), list),
            ["body (its length)"]
        );
        assert_eq!(
            places(json!({ "length": 1 }), json!(7)),
            ["body (its length)"]
        );
        assert_eq!(places(json!({ "some": 1 }), json!("1")), ["body"]);
        assert!(places(json!({ "length": 2 }), json!("名前")).is_empty());
    }

    #[test]
    fn members_called_like_words_of_matchers_are_named_under_members() {
        let value = json!({ "type": "file", "items": [1] });
        let matcher = json!({ "members": { "type": "file", "items": { "length": 1 } } });
        assert!(places(matcher, value.clone()).is_empty());
        let matcher = json!({ "members": { "type": "folder" } });
        assert_eq!(places(matcher, value), ["body /type"]);
    }

    #[test]
    fn a_root_may_be_a_list_or_a_bare_value() {
        assert!(places(json!([1, "a"]), json!([1, "a"])).is_empty());
        assert!(places(json!("bare"), json!("bare")).is_empty());
        assert_eq!(places(json!([1]), json!([1, 2])), ["body"]);
        assert!(places(json!({ "type": "array", "items": 1 }), json!([1, 1])).is_empty());
        assert_eq!(places(json!({ "items": 1 }), json!([1, 2])), ["body/1"]);
    }

    #[test]
    fn a_pattern_covers_the_whole_text() {
        assert_eq!(
            places(json!({ "pattern": "[a-z]+" }), json!("ab1")),
            ["body"]
        );
    }
}
