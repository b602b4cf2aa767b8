//! Matchers: how one JSON value is compared. Shared by the checks; values keep their JSON type.
//!
//! A map whose keys are all words of [`WORDS`] is a list of conditions; any other map names members;
//! anything else is the value itself.

mod lint;
mod value;

use regex::Regex;
use serde_json::{Map, Value};
use thiserror::Error;

pub(super) use self::lint::{Compared, lint};
use self::value::{Type, contains, embedded, is_empty, length};
use super::{Place, patterns::whole, show};
use crate::{
    contract::{media_type_of, pointer_part, reason},
    result::{Mismatch, Subject},
};

/// A word of matchers, and what it demands by the value that is written behind it.
struct Word {
    name: &'static str,
    parse: for<'w> fn(&'w Value) -> Result<Test<'w>, InvalidWord>,
}

/// Why a word cannot have its value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidWord {
    #[error("`{0}` is not a JSON type")]
    Type(String),
    #[error("{0}")]
    Pattern(String),
    #[error("`{word}` takes {takes}, not {given}")]
    Value {
        word: &'static str,
        takes: &'static str,
        given: String,
    },
}

/// The words that make a map a matcher when it holds nothing else.
static WORDS: [Word; 16] = [
    word("equals", |wanted| Ok(Test::Equals(wanted))),
    word("type", |wanted| {
        let name = taken("type", "the name of a JSON type", wanted, Value::as_str)?;
        let named = Type::named(name).map(Test::Type);
        named.ok_or_else(|| InvalidWord::Type(name.to_owned()))
    }),
    word("at-least", |wanted| {
        taken("at-least", "a number", wanted, Value::as_f64).map(Test::AtLeast)
    }),
    word("at-most", |wanted| {
        taken("at-most", "a number", wanted, Value::as_f64).map(Test::AtMost)
    }),
    word("pattern", |wanted| {
        let pattern = taken("pattern", "a regular expression", wanted, Value::as_str)?;
        whole(pattern)
            .map(Test::Pattern)
            .map_err(|error| InvalidWord::Pattern(reason(&error)))
    }),
    word("contains", |wanted| Ok(Test::Contains(wanted))),
    word("one-of", |wanted| {
        let some = |wanted| Value::as_array(wanted).filter(|list| !list.is_empty());
        taken("one-of", "a list that is not empty", wanted, some).map(|list| Test::OneOf(list))
    }),
    word("not", |wanted| Matcher::parse(wanted).map(Test::Not)),
    word("non-empty", |wanted| {
        taken("non-empty", "true or false", wanted, Value::as_bool).map(Test::NonEmpty)
    }),
    word("absent", |wanted| {
        taken("absent", "true or false", wanted, Value::as_bool).map(Test::Absent)
    }),
    word("json-text", |wanted| {
        Matcher::parse(wanted).map(Test::JsonText)
    }),
    word("items", |wanted| Matcher::parse(wanted).map(Test::Items)),
    word("some", |wanted| Matcher::parse(wanted).map(Test::Some)),
    word("length", |wanted| Matcher::parse(wanted).map(Test::Length)),
    word("members", |wanted| {
        let members = taken("members", "a map of members", wanted, Value::as_object)?;
        Matcher::of_members(members).map(Test::Members)
    }),
    word("media-type", |wanted| {
        taken("media-type", "a media type", wanted, Value::as_str).map(Test::MediaType)
    }),
];

const fn word(
    name: &'static str,
    parse: for<'w> fn(&'w Value) -> Result<Test<'w>, InvalidWord>,
) -> Word {
    Word { name, parse }
}

/// The value of a word as what the word takes.
fn taken<'w, T>(
    word: &'static str,
    takes: &'static str,
    wanted: &'w Value,
    read: impl Fn(&'w Value) -> Option<T>,
) -> Result<T, InvalidWord> {
    read(wanted).ok_or_else(|| InvalidWord::Value {
        word,
        takes,
        given: show(wanted),
    })
}

fn known(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name)
}

/// The conditions of a map that holds nothing but words of matchers.
fn conditions(entries: &Map<String, Value>) -> Option<Vec<(&'static Word, &Value)>> {
    let words = entries
        .iter()
        .map(|(name, wanted)| Some((known(name)?, wanted)));
    words
        .collect::<Option<Vec<_>>>()
        .filter(|words| !words.is_empty())
}

/// How one JSON value is compared.
pub(super) enum Matcher<'w> {
    /// It is this value.
    Value(&'w Value),
    /// It is an object, and these members match; others are free. Of a list the names are places.
    Members(Vec<(&'w str, Matcher<'w>)>),
    /// All of these hold.
    All(Vec<Condition<'w>>),
}

/// A word of a matcher and its value.
pub(super) struct Condition<'w> {
    word: &'static str,
    wanted: &'w Value,
    test: Test<'w>,
}

/// What a condition demands.
enum Test<'w> {
    Equals(&'w Value),
    Type(Type),
    AtLeast(f64),
    AtMost(f64),
    /// The whole text matches.
    Pattern(Regex),
    Contains(&'w Value),
    OneOf(&'w [Value]),
    /// It is there, and this does not hold.
    Not(Matcher<'w>),
    NonEmpty(bool),
    Absent(bool),
    JsonText(Matcher<'w>),
    Items(Matcher<'w>),
    Some(Matcher<'w>),
    Length(Matcher<'w>),
    Members(Matcher<'w>),
    MediaType(&'w str),
}

impl<'w> Matcher<'w> {
    /// The matcher that a value describes.
    ///
    /// # Errors
    /// When a word has a value that it cannot take.
    pub(super) fn parse(value: &'w Value) -> Result<Self, InvalidWord> {
        let Value::Object(entries) = value else {
            return Ok(Self::Value(value));
        };
        let Some(words) = conditions(entries) else {
            return Self::of_members(entries);
        };
        let conditions = words.into_iter().map(|(word, wanted)| {
            Ok(Condition {
                word: word.name,
                wanted,
                test: (word.parse)(wanted)?,
            })
        });
        conditions.collect::<Result<_, _>>().map(Self::All)
    }

    fn of_members(members: &'w Map<String, Value>) -> Result<Self, InvalidWord> {
        let members = members
            .iter()
            .map(|(name, value)| Ok((name.as_str(), Self::parse(value)?)));
        members.collect::<Result<_, _>>().map(Self::Members)
    }

    /// Compares a value with the matcher; every mismatch is added to `broken`.
    pub(super) fn compare(
        &self,
        actual: Option<&Value>,
        place: &Place,
        broken: &mut Vec<Mismatch>,
    ) {
        match self {
            Self::Value(wanted) => {
                if actual != Some(wanted) {
                    broken.push(mismatch(place, show(wanted), actual));
                }
            }
            Self::Members(members) => compare_members(members, actual, place, broken),
            Self::All(conditions) => compare_all(conditions, actual, place, broken),
        }
    }

    /// Whether a value matches.
    pub(super) fn holds(&self, value: &Value) -> bool {
        let mut broken = Vec::new();
        self.compare(Some(value), &Place::body(), &mut broken);
        broken.is_empty()
    }
}

/// What of a body a matcher judges: each member that it names, and what these are in. Its texts may
/// still hold templates.
pub(super) fn subjects(value: &Value, place: &Place, out: &mut Vec<Subject>) {
    out.push(place.subject());
    let Value::Object(entries) = value else {
        return;
    };
    match conditions(entries) {
        None => of_members(entries, place, out),
        Some(words) => {
            for (word, wanted) in words {
                match (word.name, wanted) {
                    ("absent", _) => out.push(place.unwanted("", "").subject),
                    ("members", Value::Object(members)) => {
                        out.push(place.subject());
                        of_members(members, place, out);
                    }
                    _ => {}
                }
            }
        }
    }
}

fn of_members(members: &Map<String, Value>, place: &Place, out: &mut Vec<Subject>) {
    for (name, value) in members {
        subjects(value, &place.join(&pointer_part(name)), out);
    }
}

fn mismatch(place: &Place, expected: String, actual: Option<&Value>) -> Mismatch {
    place.mismatch(expected, actual.map_or_else(|| "absent".into(), show))
}

fn compare_members(
    members: &[(&str, Matcher<'_>)],
    actual: Option<&Value>,
    place: &Place,
    broken: &mut Vec<Mismatch>,
) {
    let position = |name: &str| name.parse::<usize>().ok();
    let are_positions =
        !members.is_empty() && members.iter().all(|(name, _)| position(name).is_some());
    let element = |name: &str| match actual? {
        Value::Object(object) => object.get(name),
        Value::Array(items) => items.get(position(name)?),
        _ => None,
    };
    match actual {
        Some(Value::Object(_)) => {}
        Some(Value::Array(_)) if are_positions => {}
        _ => {
            let wanted = if are_positions {
                "a list"
            } else {
                "a JSON object"
            };
            broken.push(mismatch(place, wanted.into(), actual));
            return;
        }
    }
    for (name, matcher) in members {
        matcher.compare(element(name), &place.join(&pointer_part(name)), broken);
    }
}

/// `absent` decides about a value that is not there; everything else is of one that is.
fn compare_all(
    conditions: &[Condition<'_>],
    actual: Option<&Value>,
    place: &Place,
    broken: &mut Vec<Mismatch>,
) {
    let absent = conditions
        .iter()
        .find_map(|condition| match condition.test {
            Test::Absent(absent) => Some(absent),
            _ => None,
        });
    match (absent, actual) {
        (Some(true), Some(value)) => broken.push(place.unwanted("absent", show(value))),
        (Some(false), None) => broken.push(mismatch(place, "present".into(), None)),
        (None, None) => {
            let expected: Vec<_> = conditions.iter().map(Condition::describe).collect();
            broken.push(mismatch(place, expected.join(", "), None));
        }
        (Some(true), None) | (Some(false) | None, Some(_)) => {}
    }
    if let Some(value) = actual {
        for condition in conditions {
            condition.compare(value, place, broken);
        }
    }
}

impl Condition<'_> {
    /// What is expected, in words.
    fn describe(&self) -> String {
        match (self.word, self.wanted) {
            ("equals", wanted) => show(wanted),
            ("type", Value::String(name)) => format!("a JSON {name}"),
            ("non-empty", Value::Bool(true)) => "not empty".into(),
            (word, wanted) => format!("{} {}", word.replace('-', " "), show(wanted)),
        }
    }

    fn compare(&self, value: &Value, place: &Place, broken: &mut Vec<Mismatch>) {
        let mut miss = |expected: String| broken.push(mismatch(place, expected, Some(value)));
        match &self.test {
            Test::JsonText(inner) => match embedded(value) {
                Some(decoded) => {
                    inner.compare(Some(&decoded), &place.note("as JSON"), broken);
                }
                None => miss("a text that is JSON".into()),
            },
            Test::Items(inner) => match value.as_array() {
                Some(items) => {
                    for (at, item) in items.iter().enumerate() {
                        inner.compare(Some(item), &place.join(&at.to_string()), broken);
                    }
                }
                None => miss("a list".into()),
            },
            Test::Some(inner) => match value.as_array() {
                Some(items) if items.iter().any(|item| inner.holds(item)) => {}
                Some(_) => miss(self.describe()),
                None => miss("a list".into()),
            },
            Test::Length(inner) => {
                let length = length(value).map(Value::from);
                inner.compare(length.as_ref(), &place.note("its length"), broken);
            }
            Test::Members(inner) => inner.compare(Some(value), place, broken),
            test => {
                if !test.holds(value) {
                    miss(self.describe());
                }
            }
        }
    }
}

impl Test<'_> {
    /// Whether a value passes; what looks into it, or is about its absence, is compared elsewhere.
    fn holds(&self, value: &Value) -> bool {
        let number = |holds: &dyn Fn(f64) -> bool| value.as_f64().is_some_and(holds);
        match self {
            Self::Equals(wanted) => value == *wanted,
            Self::Type(wanted) => wanted.is_of(value),
            Self::AtLeast(bound) => number(&|value| value >= *bound),
            Self::AtMost(bound) => number(&|value| value <= *bound),
            Self::Pattern(pattern) => value.as_str().is_some_and(|text| pattern.is_match(text)),
            Self::Contains(part) => contains(value, part),
            Self::OneOf(list) => list.contains(value),
            Self::Not(inner) => !inner.holds(value),
            Self::NonEmpty(wanted) => is_empty(value) != *wanted,
            Self::MediaType(wanted) => value
                .as_str()
                .is_some_and(|text| media_type_of(text) == *wanted),
            Self::Absent(_)
            | Self::JsonText(_)
            | Self::Items(_)
            | Self::Some(_)
            | Self::Length(_)
            | Self::Members(_) => true,
        }
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
        let matcher = Matcher::parse(&matcher).unwrap();
        matcher.compare(Some(&actual), &Place::body(), &mut broken);
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
    fn a_value_that_must_not_be_is_any_other_that_is_there() {
        let matcher = json!({ "e": { "not": { "one-of": ["a", "b"] } } });
        assert!(places(matcher.clone(), json!({ "e": "c" })).is_empty());
        assert!(places(matcher.clone(), json!({ "e": null })).is_empty());
        assert_eq!(places(matcher.clone(), json!({ "e": "a" })), ["body /e"]);
        assert_eq!(places(matcher, json!({})), ["body /e"]);
        let inner = json!({ "not": { "role": "admin" } });
        assert!(places(inner.clone(), json!({ "role": "user" })).is_empty());
        assert_eq!(places(inner, json!({ "role": "admin", "id": 1 })), ["body"]);
    }

    #[test]
    fn elements_of_a_list_are_named_by_their_places() {
        let matcher = json!({ "list": { "0": { "id": 1 }, "2": { "non-empty": true } } });
        let right = json!({ "list": [{ "id": 1 }, 5, "x"] });
        assert!(places(matcher.clone(), right).is_empty());
        let wrong = json!({ "list": [{ "id": 2 }, 5] });
        assert_eq!(
            places(matcher.clone(), wrong),
            ["body /list/0/id", "body /list/2"]
        );
        assert_eq!(
            places(matcher.clone(), json!({ "list": 1 })),
            ["body /list"]
        );
        assert!(places(json!({ "0": 1 }), json!({ "0": 1 })).is_empty());
        assert_eq!(places(json!({ "a": 1 }), json!([1])), ["body"]);
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
        assert_eq!(places(json!({ "items": 1 }), json!([1, 2])), ["body /1"]);
    }

    #[test]
    fn a_pattern_covers_the_whole_text() {
        assert_eq!(
            places(json!({ "pattern": "[a-z]+" }), json!("ab1")),
            ["body"]
        );
    }
}
