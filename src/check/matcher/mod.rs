//! Matchers: how one JSON value is compared. Shared by the checks; values keep their JSON type.
//!
//! A map whose keys are all words of [`WORDS`] is a list of conditions; any other map names members;
//! anything else is the value itself.

mod value;

use regex::Regex;
use serde_json::{Map, Value};

use self::value::{TYPES, Type, contains, embedded, is_empty, length};
use super::{Place, escape, show};
use crate::{
    contract::{media_type_of, reason},
    diag::Diagnostic,
    result::{Mismatch, Subject},
    yaml::{Kind, Node},
};

/// A word of matchers.
struct Word {
    name: &'static str,
    /// What it demands, of the value that is written behind it.
    parse: for<'w> fn(&'w Value) -> Test<'w>,
    /// The author's mistakes in that value.
    lint: fn(&Node, &mut Vec<Diagnostic>),
}

/// The words that make a map a matcher when it holds nothing else.
static WORDS: [Word; 15] = [
    plain("equals", |wanted| Test::Equals(wanted)),
    Word {
        name: "type",
        parse: |wanted| test(wanted.as_str().and_then(Type::named), Test::Type),
        lint: lint_type,
    },
    plain("at-least", |wanted| test(wanted.as_f64(), Test::AtLeast)),
    plain("at-most", |wanted| test(wanted.as_f64(), Test::AtMost)),
    Word {
        name: "pattern",
        parse: |wanted| test(wanted.as_str().and_then(whole_text), Test::Pattern),
        lint: lint_pattern,
    },
    plain("contains", |wanted| Test::Contains(wanted)),
    plain("one-of", |wanted| {
        test(wanted.as_array(), |list| Test::OneOf(list))
    }),
    plain("non-empty", |wanted| {
        Test::NonEmpty(wanted == &Value::Bool(true))
    }),
    plain("absent", |wanted| {
        Test::Absent(wanted == &Value::Bool(true))
    }),
    nested("json-text", |wanted| Test::JsonText(Matcher::parse(wanted))),
    nested("items", |wanted| Test::Items(Matcher::parse(wanted))),
    nested("some", |wanted| Test::Some(Matcher::parse(wanted))),
    nested("length", |wanted| Test::Length(Matcher::parse(wanted))),
    Word {
        name: "members",
        parse: |wanted| {
            Test::Members(match wanted {
                Value::Object(members) => Matcher::of_members(members),
                other => Matcher::parse(other),
            })
        },
        lint: |node, found| lint_each(node.entries(), found),
    },
    plain("media-type", |wanted| {
        test(wanted.as_str(), Test::MediaType)
    }),
];

/// A word whose value can be wrong in no way that is seen beforehand.
const fn plain(name: &'static str, parse: for<'w> fn(&'w Value) -> Test<'w>) -> Word {
    Word {
        name,
        parse,
        lint: |_, _| {},
    }
}

/// A word whose value is a matcher.
const fn nested(name: &'static str, parse: for<'w> fn(&'w Value) -> Test<'w>) -> Word {
    Word { name, parse, lint }
}

fn word(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name)
}

/// How one JSON value is compared.
pub(super) enum Matcher<'w> {
    /// It is this value.
    Value(&'w Value),
    /// It is an object, and these members match; others are free.
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
    /// Its value is none that the word can take, so nothing holds it.
    Never,
    Equals(&'w Value),
    Type(Type),
    AtLeast(f64),
    AtMost(f64),
    /// The whole text matches.
    Pattern(Regex),
    Contains(&'w Value),
    OneOf(&'w [Value]),
    NonEmpty(bool),
    Absent(bool),
    JsonText(Matcher<'w>),
    Items(Matcher<'w>),
    Some(Matcher<'w>),
    Length(Matcher<'w>),
    Members(Matcher<'w>),
    MediaType(&'w str),
}

fn test<'w, T>(wanted: Option<T>, make: impl FnOnce(T) -> Test<'w>) -> Test<'w> {
    wanted.map_or(Test::Never, make)
}

fn whole_text(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("^(?:{pattern})$")).ok()
}

/// Mistakes of an author in a matcher: bad patterns, unknown types, words mixed with members.
pub(super) fn lint(node: &Node, found: &mut Vec<Diagnostic>) {
    let Kind::Map(entries) = &node.kind else {
        return;
    };
    let words: Option<Vec<_>> = entries
        .iter()
        .map(|(key, value)| Some((word(key.text()?)?, value)))
        .collect();
    match words {
        Some(words) => words
            .into_iter()
            .for_each(|(word, value)| (word.lint)(value, found)),
        None => lint_each(entries, found),
    }
}

fn lint_each(entries: &[(Node, Node)], found: &mut Vec<Diagnostic>) {
    for (_, value) in entries {
        lint(value, found);
    }
}

fn lint_type(node: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(name) = known_text(node)
        && Type::named(name).is_none()
    {
        let message = format!("`{name}` is not a JSON type");
        let names = TYPES.map(|(name, _)| name);
        found.push(Diagnostic::new("unknown-word", &node.span, message).suggest(name, names));
    }
}

fn lint_pattern(node: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(Err(error)) = known_text(node).map(Regex::new) {
        found.push(Diagnostic::new("bad-pattern", &node.span, reason(&error)));
    }
}

/// A text that holds nothing that is computed later.
fn known_text(node: &Node) -> Option<&str> {
    node.text().filter(|text| !text.contains("${"))
}

impl<'w> Matcher<'w> {
    /// The matcher that a value describes.
    pub(super) fn parse(value: &'w Value) -> Self {
        let Value::Object(entries) = value else {
            return Self::Value(value);
        };
        let conditions: Option<Vec<_>> = entries
            .iter()
            .map(|(name, wanted)| Condition::parse(name, wanted))
            .collect();
        match conditions {
            Some(conditions) if !conditions.is_empty() => Self::All(conditions),
            _ => Self::of_members(entries),
        }
    }

    fn of_members(members: &'w Map<String, Value>) -> Self {
        let members = members.iter();
        Self::Members(
            members
                .map(|(name, value)| (name.as_str(), Self::parse(value)))
                .collect(),
        )
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

    /// What of a body it judges: each member that it names, and what these are in.
    pub(super) fn subjects(&self, place: &Place, out: &mut Vec<Subject>) {
        out.push(place.subject());
        match self {
            Self::Value(_) => {}
            Self::Members(members) => {
                for (name, matcher) in members {
                    matcher.subjects(&place.join(&escape(name)), out);
                }
            }
            Self::All(conditions) => {
                for condition in conditions {
                    match &condition.test {
                        Test::Absent(_) => out.push(place.unwanted("", "").subject),
                        Test::Members(inner) => inner.subjects(place, out),
                        _ => {}
                    }
                }
            }
        }
    }

    /// Whether a value matches.
    fn holds(&self, value: &Value) -> bool {
        let mut broken = Vec::new();
        self.compare(Some(value), &Place::body(), &mut broken);
        broken.is_empty()
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
    let Some(Value::Object(object)) = actual else {
        broken.push(mismatch(place, "a JSON object".into(), actual));
        return;
    };
    for (name, matcher) in members {
        matcher.compare(object.get(*name), &place.join(&escape(name)), broken);
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

impl<'w> Condition<'w> {
    fn parse(name: &str, wanted: &'w Value) -> Option<Self> {
        let word = word(name)?;
        Some(Self {
            word: word.name,
            wanted,
            test: (word.parse)(wanted),
        })
    }

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
            Self::Never => false,
            Self::Equals(wanted) => value == *wanted,
            Self::Type(wanted) => wanted.is_of(value),
            Self::AtLeast(bound) => number(&|value| value >= *bound),
            Self::AtMost(bound) => number(&|value| value <= *bound),
            Self::Pattern(pattern) => value.as_str().is_some_and(|text| pattern.is_match(text)),
            Self::Contains(part) => contains(value, part),
            Self::OneOf(list) => list.contains(value),
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
        Matcher::parse(&matcher).compare(Some(&actual), &Place::body(), &mut broken);
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
