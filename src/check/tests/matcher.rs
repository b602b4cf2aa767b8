//! Matchers: what each word takes, how it is described, and an author's mistakes in them.

#![cfg(test)]

use serde_json::{Value, json};

use crate::{
    check::{
        Lint, Place,
        matcher::{Compared, InvalidWord, Matcher, lint},
        sample::bound,
    },
    contract::sample::contract,
    yaml,
};

/// Values that a matcher takes, and values that it refuses.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the tables below read better"
)]
fn check(matcher: Value, taken: Value, refused: Value) {
    for value in taken.as_array().unwrap() {
        assert_eq!(
            mismatches(&matcher, Some(value)),
            [""; 0],
            "{matcher} {value}"
        );
    }
    for value in refused.as_array().unwrap() {
        assert_eq!(
            mismatches(&matcher, Some(value)).len(),
            1,
            "{matcher} {value}"
        );
    }
}

fn mismatches(matcher: &Value, actual: Option<&Value>) -> Vec<String> {
    let mut broken = Vec::new();
    let matcher = Matcher::parse(matcher).unwrap();
    matcher.compare(actual, &Place::body(), &mut broken);
    broken.iter().map(ToString::to_string).collect()
}

#[test]
fn each_word_takes_what_it_says_and_nothing_else() {
    let object = json!({ "a": 1 });
    check(
        json!({ "equals": object }),
        json!([object]),
        json!([{ "a": 2 }, 1, null]),
    );
    check(json!({ "equals": 1 }), json!([1]), json!([1.5, "1", true]));
    check(
        json!({ "at-least": 2 }),
        json!([2, 2.5, 3]),
        json!([1, 1.9, -3, "2", null]),
    );
    check(
        json!({ "at-most": 2 }),
        json!([2, 1.5, -3]),
        json!([3, 2.1, "2", null]),
    );
    check(
        json!({ "pattern": "a|b" }),
        json!(["a", "b"]),
        json!(["ab", "", "c", 1, ["a"]]),
    );
    check(
        json!({ "contains": "b" }),
        json!(["abc", "b", ["a", "b"]]),
        json!(["ac", "", ["abc"], 1]),
    );
    check(
        json!({ "contains": 1 }),
        json!([[2, 1]]),
        json!([["1"], [], 1, "1", { "1": 1 }]),
    );
    check(
        json!({ "one-of": [1, "a"] }),
        json!([1, "a"]),
        json!([2, "1", [1, "a"], null]),
    );
    check(
        json!({ "media-type": "text/html" }),
        json!(["text/html", "Text/HTML; charset=x"]),
        json!(["text/plain", "", 1]),
    );
    check(json!({ "absent": false }), json!([null, 1]), json!([]));
    check(
        json!({ "json-text": { "a": 1 } }),
        json!([r#"{"a":1}"#]),
        json!([r#"{"a":2}"#, "{", 1]),
    );
    check(
        json!({ "items": 1 }),
        json!([[], [1, 1]]),
        json!([[1, 2], 1, { "a": 1 }]),
    );
}

#[test]
fn what_is_empty_is_text_list_and_map_without_anything_and_null() {
    let (empty, full) = (
        json!(["", [], {}, null]),
        json!(["a", [1], { "a": 1 }, 0, false]),
    );
    check(json!({ "non-empty": true }), full.clone(), empty.clone());
    check(json!({ "non-empty": false }), empty, full);
}

#[test]
fn each_type_takes_its_own_values_alone() {
    let values = [
        ("string", json!(["", "1"])),
        ("boolean", json!([true, false])),
        ("object", json!([{}, { "a": 1 }])),
        ("array", json!([[], [1]])),
        ("null", json!([null])),
        (
            "number",
            json!([0, -1, 1.0, 1.5, 18_446_744_073_709_551_615_u64]),
        ),
    ];
    for (name, taken) in &values {
        let others = values.iter().filter(|(other, _)| other != name);
        let refused = others.flat_map(|(_, list)| list.as_array().unwrap().clone());
        check(json!({ "type": name }), taken.clone(), refused.collect());
    }
    let whole = json!([0, -1, 18_446_744_073_709_551_615_u64]);
    check(
        json!({ "type": "integer" }),
        whole,
        json!([1.0, 1.5, "1", true, null]),
    );
}

#[test]
fn every_word_of_a_matcher_has_to_hold() {
    let matcher = json!({ "type": "integer", "at-least": 1, "at-most": 3 });
    check(matcher.clone(), json!([1, 3]), json!([0, 4]));
    assert_eq!(
        mismatches(&matcher, Some(&json!("0"))),
        [
            "body: expected a JSON integer but was \"0\"",
            "body: expected at least 1 but was \"0\"",
            "body: expected at most 3 but was \"0\"",
        ]
    );
}

#[test]
fn a_value_that_a_word_cannot_take_makes_no_matcher() {
    for (matcher, sentence) in [
        (json!({ "type": "text" }), "`text` is not a JSON type"),
        (json!({ "pattern": "(" }), "unclosed group"),
        (
            json!({ "a": { "items": { "at-least": "2" } } }),
            "`at-least` takes a number, not \"2\"",
        ),
        (
            json!({ "absent": "no" }),
            "`absent` takes true or false, not \"no\"",
        ),
        (
            json!({ "members": [] }),
            "`members` takes a map of members, not []",
        ),
    ] {
        let error: Option<InvalidWord> = Matcher::parse(&matcher).err();
        let messages = error.map(|error| error.to_string());
        assert_eq!(messages.as_deref(), Some(sentence), "{matcher}");
    }
}

#[test]
fn a_word_that_is_misspelt_is_no_member_but_of_an_answer_that_has_it() {
    #[track_caller]
    fn check(matcher: &str, messages: &[&str]) {
        let (_, found) = bound(&format!("body: {matcher}"));
        let found: Vec<_> = found.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(found, messages, "{matcher}");
    }
    let near = |name: &str| format!("`{name}` is no word of matchers, and nearly one");
    let beside = |name: &str, word: &str| {
        format!("`{name}` is no word of matchers, and `{word}` beside it is one")
    };
    check("{ id_token: { typ: string } }", &[&near("typ")]);
    check(
        "{ id_token: { patern: a, at-lest: 1 } }",
        &[&near("patern"), &near("at-lest")],
    );
    check(
        "{ id_token: { typ: string, non-empty: true } }",
        &[&beside("typ", "non-empty")],
    );
    check(
        "{ id_token: { type: string, minimum: 3 } }",
        &[&beside("minimum", "type")],
    );
    check(
        "{ id_token: { items: { some: 1, of: 2 } } }",
        &[&beside("of", "some")],
    );
    // These are members: documented ones, ones like no word, and ones that are said to be.
    check("{ expire: 1, status: OPEN }", &[]);
    check("{ data: { user: 1 } }", &[]);
    check("{ members: { typ: string } }", &[]);
    check("{ data: { members: { type: file, size: 3 } } }", &[]);
}

#[test]
fn what_no_answer_can_be_is_a_mistake() {
    #[track_caller]
    fn check(expect: &str, codes: &[&str]) {
        let (_, found) = bound(expect);
        let found: Vec<_> = found.iter().map(|one| one.code).collect();
        assert_eq!(found, codes, "{expect}");
    }
    let (kind, word) = ("wrong-type", "unknown-word");
    check("text: 5", &[kind]);
    check("text: { at-least: 5 }", &[kind]);
    check("text: { foo: 5 }", &[word]);
    check("text: {}", &[kind]);
    check("text: { one-of: [a, 1] }", &[kind]);
    check("text: { length: { at-least: 5 } }", &[]);
    check("size: \"5\"", &[kind]);
    check("size: { contains: a }", &[kind]);
    check("size: { at-lest: 5 }", &[word]);
    check("size: { equals: 5 }", &[]);
    check("headers: { X-A: 5 }", &[kind]);
    check("headers: { X-A: \"${target.a}\" }", &[]);
    check("headers: { X-A: { absent: true } }", &[]);
    check("headers: { X A: a }", &["bad-header"]);
    check("cookies: { sid: { http_only: true } }", &[word]);
    check("cookies: { sid: a }", &[kind]);
    check("location: { pth: /in }", &[word]);
    check("location: { query: { code: a, type: b } }", &[word]);
    check("jwt: { at: /t, lifetime: \"5\" }", &[kind]);
    check("jwt: { at: /t, iss: { patern: a } }", &[word]);
}

#[test]
fn a_map_with_any_other_key_is_a_map_of_members() {
    let matcher = json!({ "type": "integer", "unit": "s" });
    assert_eq!(mismatches(&matcher, Some(&matcher)), [""; 0]);
    assert_eq!(
        mismatches(&matcher, Some(&json!({ "type": "x" }))),
        [
            "body /type: expected \"integer\" but was \"x\"",
            "body /unit: expected \"s\" but was absent",
        ]
    );
    check(json!({}), json!([{}, { "a": 1 }]), json!([[], "", null]));
    assert_eq!(
        mismatches(&json!({ "a~/": 1 }), Some(&json!({}))),
        ["body /a~0~1: expected 1 but was absent"]
    );
    assert_eq!(
        mismatches(&json!({ "a": { "b": 1 } }), Some(&json!({ "a": {} }))),
        ["body /a/b: expected 1 but was absent"]
    );
}

#[test]
fn what_was_expected_is_told_in_words() {
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the tables below read better"
    )]
    fn check(matcher: Value, actual: Option<Value>, sentence: &str) {
        assert_eq!(mismatches(&matcher, actual.as_ref()), [sentence]);
    }
    let number = || Some(json!(1));
    check(json!("a"), None, "body: expected \"a\" but was absent");
    check(
        json!({ "a": 1 }),
        None,
        "body: expected a JSON object but was absent",
    );
    check(
        json!({ "equals": [1] }),
        number(),
        "body: expected [1] but was 1",
    );
    check(
        json!({ "type": "array" }),
        number(),
        "body: expected a JSON array but was 1",
    );
    check(
        json!({ "non-empty": true }),
        Some(json!("")),
        "body: expected not empty but was \"\"",
    );
    check(
        json!({ "non-empty": false }),
        number(),
        "body: expected non empty false but was 1",
    );
    check(
        json!({ "one-of": [2] }),
        number(),
        "body: expected one of [2] but was 1",
    );
    check(
        json!({ "items": 1 }),
        number(),
        "body: expected a list but was 1",
    );
    check(
        json!({ "items": 1 }),
        Some(json!([1, 2])),
        "body /1: expected 1 but was 2",
    );
    check(
        json!({ "json-text": 1 }),
        number(),
        "body: expected a text that is JSON but was 1",
    );
    check(
        json!({ "absent": true }),
        number(),
        "body: expected absent but was 1",
    );
    check(
        json!({ "absent": false }),
        None,
        "body: expected present but was absent",
    );
    check(
        json!({ "type": "integer", "at-least": 1 }),
        None,
        "body: expected a JSON integer, at least 1 but was absent",
    );
}

#[test]
fn one_element_and_the_length_of_a_list_are_told_in_words() {
    let list = json!([1, 2]);
    let some = "body: expected some 3 but was [1,2]";
    assert_eq!(mismatches(&json!({ "some": 3 }), Some(&list)), [some]);
    let none = "body: expected a list but was 7";
    assert_eq!(mismatches(&json!({ "some": 3 }), Some(&json!(7))), [none]);
    let length = "body (its length): expected 3 but was";
    assert_eq!(
        mismatches(&json!({ "length": 3 }), Some(&list)),
        [format!("{length} 2")]
    );
    assert_eq!(
        mismatches(&json!({ "length": 3 }), Some(&json!(7))),
        [format!("{length} absent")]
    );
    check(
        json!({ "length": 1 }),
        json!([[2], { "a": 1 }, "a"]),
        json!([[], {}, "", 1, null, true]),
    );
    check(
        json!({ "members": { "type": 1 } }),
        json!([{ "type": 1 }]),
        json!([{ "type": 2 }, {}, 1]),
    );
}

#[test]
fn an_absent_value_is_what_absent_demands() {
    assert_eq!(mismatches(&json!({ "absent": true }), None), [""; 0]);
    assert_eq!(
        mismatches(&json!({ "absent": true, "type": "null" }), None),
        [""; 0]
    );
    check(
        json!({ "absent": false, "type": "null" }),
        json!([null]),
        json!([1]),
    );
}

#[test]
fn a_mistake_of_the_author_is_found_wherever_the_matcher_stands() {
    #[track_caller]
    fn check(matcher: &str, codes: &[&str]) {
        let node = yaml::parse("a.yaml", matcher.to_owned()).unwrap();
        let mut found = Vec::new();
        let context = Lint {
            contract: contract(),
            operation: contract().operation("openDoor"),
            beyond_contract: false,
            rendered: false,
        };
        lint(&node, Compared::Json, &context, &mut found);
        let found: Vec<_> = found.iter().map(|mistake| mistake.code).collect();
        assert_eq!(found, codes, "{matcher}");
    }
    let (pattern, word) = ("bad-pattern", "unknown-word");
    check("{ pattern: \"(\" }", &[pattern]);
    check("{ type: text, pattern: \"(\" }", &[word, pattern]);
    check(
        "{ a: { pattern: \"(\" }, b: { type: text } }",
        &[pattern, word],
    );
    check("{ items: { pattern: \"(\" } }", &[pattern]);
    check("{ json-text: { a: { type: text } } }", &[word]);
    check(
        "{ some: { pattern: \"(\" }, length: { type: text } }",
        &[pattern, word],
    );
    check(
        "{ members: { type: { type: text }, a: 1, b: { pattern: \"(\" } } }",
        &[word, pattern],
    );
    // A map of which not every key is a word names members, and that is rarely meant.
    check("{ type: text, pattern: \"(\", unit: s }", &[word]);
    check("{ type: text, unit: { type: text } }", &[word]);
    check("{ members: { type: text, unit: { type: text } } }", &[word]);
    check("{ pattern: \"${matrix.x}(\", type: \"${matrix.y}\" }", &[]);
    check("{ pattern: \"[a-z]+\", type: \"null\" }", &[]);
    check("{ equals: { pattern: \"(\" } }", &[]);
    check("{ pattern: 1, type: 2 }", &["wrong-type", "wrong-type"]);
    check(
        "{ at-least: x, at-most: \"1\" }",
        &["wrong-type", "wrong-type"],
    );
    check(
        "{ absent: maybe, non-empty: 1 }",
        &["wrong-type", "wrong-type"],
    );
    check("{ one-of: 1 }", &["wrong-type"]);
    check("{ one-of: [] }", &["wrong-type"]);
    check("{ media-type: 1 }", &["wrong-type"]);
    check("{ members: 1 }", &["wrong-type"]);
    check("{ length: { pattern: a } }", &["wrong-type"]);
    check(
        "{ at-least: \"${target.least}\", one-of: \"${target.all}\" }",
        &[],
    );
    check("{}", &[]);
    check("[{ pattern: \"(\" }]", &[]);
}
