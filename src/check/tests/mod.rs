//! Expectations as a whole: how they are bound, described and combined.

#![cfg(test)]

mod jwt;
mod matcher;

use serde_json::{Value, json};

use super::{
    BoundCheck, CHECKS, ExpectationError, Response, Shape, Subject,
    sample::{answer, bound, check, lint, refusal, with_evidence},
    shape, show,
};
use crate::{template::Bindings, yaml};

fn keys(checks: &[BoundCheck]) -> Vec<&'static str> {
    checks.iter().map(BoundCheck::key).collect()
}

#[test]
fn an_expectation_takes_the_key_of_every_check_once() {
    let Shape::Object(fields) = shape() else {
        panic!("an expectation is a map");
    };
    let mut names: Vec<_> = fields.iter().map(|field| field.name).collect();
    let mut known: Vec<_> = CHECKS.iter().map(|kind| kind.field.name).collect();
    known.extend(["any-of", "beyond-contract"]);
    names.sort_unstable();
    known.sort_unstable();
    assert_eq!(names, known);

    let mut found = Vec::new();
    let node = yaml::parse("a.yaml", "{ status: 400, stauts: 400 }".into()).unwrap();
    yaml::check(&node, &shape(), &mut found);
    let codes: Vec<_> = found.iter().map(|mistake| mistake.code).collect();
    assert_eq!(codes, ["unknown-key"]);
}

#[test]
fn checks_stand_in_the_order_of_the_list_and_not_in_that_of_the_file() {
    let (checks, found) =
        bound("{ body: { a: 1 }, any-of: [{ status: 400, error: any }], status: 200 }");
    assert_eq!(found, []);
    assert_eq!(keys(&checks), ["status", "body", "any-of"]);
    let columns: Vec<_> = checks
        .iter()
        .map(|check| check.span().position().1)
        .collect();
    assert_eq!(columns, [66, 9, 27]);
}

#[test]
fn a_code_without_a_status_demands_the_documented_one() {
    #[track_caller]
    fn statuses(expect: &str, expected: &[u16]) {
        let (checks, _) = bound(expect);
        let wanted: Vec<_> = checks
            .iter()
            .flat_map(|check| check.wants("status"))
            .collect();
        assert_eq!(json!(wanted), json!(expected), "{expect}");
    }
    statuses("error: A.0001", &[400]);
    statuses("error: A.0002", &[401]);
    statuses("error: [A.0002, A.0001, A.0003]", &[400, 401]);
    statuses("error: any", &[400]);
    statuses("{ error: A.0002, status: 400 }", &[400]);
    statuses("status: [200, 400]", &[200, 400]);
    statuses("body: { a: 1 }", &[]);
    assert_eq!(keys(&bound("error: A.0001").0), ["status", "error"]);
    check(
        "error: A.0002",
        &refusal(400, "A.0002", "m"),
        &["status: expected 401 but was 400"],
    );
}

#[test]
fn what_is_wanted_under_a_key_is_gathered_from_every_alternative() {
    let (checks, _) =
        bound("any-of: [{ error: [A.0001, A.0003] }, { status: 200, body: { a: 1 } }]");
    let wants = |key| {
        checks
            .iter()
            .flat_map(|check| check.wants(key))
            .collect::<Vec<_>>()
    };
    assert_eq!(json!(wants("error")), json!(["A.0001", "A.0003"]));
    assert_eq!(json!(wants("status")), json!([400, 200]));
    assert_eq!(json!(wants("body")), json!([{ "a": 1 }]));
    assert_eq!(json!(wants("message")), json!([]));
}

#[test]
fn an_expectation_that_demands_nothing_is_a_mistake() {
    let empty = "this expectation demands nothing, so it could never fail";
    let none = "this demands nothing, so it could never fail";
    lint("{}", &[(1, "empty-expectation", empty)]);
    lint(
        "{ beyond-contract: why }",
        &[(1, "empty-expectation", empty)],
    );
    lint("any-of: [{}]", &[(10, "empty-expectation", empty)]);
    lint("without-members: []", &[(18, "empty-expectation", none)]);
    lint("headers: {}", &[(10, "empty-expectation", none)]);
    lint("without-members: [a]", &[]);
    lint("headers: { X-A: b }", &[]);
}

#[test]
fn a_refusal_that_names_no_code_is_half_a_refusal() {
    let half = "this refusal has a status and no `error`, so any body would do";
    for expect in ["status: 400", "status: 401", "status: [400]"] {
        let column = if expect.contains('[') { 10 } else { 9 };
        lint(expect, &[(column, "half-a-refusal", half)]);
    }
    lint("status: [200, 400]", &[(15, "half-a-refusal", half)]);
    // These say nothing of the body either.
    lint("{ status: 400, body: {} }", &[(11, "half-a-refusal", half)]);
    lint(
        "{ status: 400, size: { at-least: 0 } }",
        &[(11, "half-a-refusal", half)],
    );
    lint(
        "any-of: [{ status: 200, body: { status: OPEN } }, { status: 400 }]",
        &[(61, "half-a-refusal", half)],
    );
    for whole in [
        "status: 200",
        "{ status: 400, error: any }",
        "{ status: 400, beyond-contract: why }",
        "{ any-of: [{ status: 400 }], error: any }",
        "{ any-of: [{ status: 400 }], beyond-contract: why }",
        "{ status: 400, body: { reason: { type: string } } }",
        "{ status: 400, text: { contains: refused } }",
        "{ status: 400, size: 0 }",
        "{ any-of: [{ status: 400 }], text: refused }",
    ] {
        lint(whole, &[]);
    }
}

#[test]
fn a_mistake_that_every_row_of_a_matrix_makes_is_told_once() {
    let node = yaml::parse("a.yaml", "status: 400".into()).unwrap();
    let mut found = Vec::new();
    for _ in 0..2 {
        super::half_a_refusal(&node, false, &mut found);
    }
    assert_eq!(found.len(), 1);
}

#[test]
fn what_goes_beyond_the_contract_is_no_contradiction_inside_either() {
    let status = "`openDoor` documents no status 418";
    lint(
        "status: 418",
        &[
            (9, "contradicts-contract", status),
            (
                9,
                "half-a-refusal",
                "this refusal has a status and no `error`, so any body would do",
            ),
        ],
    );
    lint("{ status: 418, beyond-contract: why }", &[]);
    lint(
        "{ beyond-contract: why, any-of: [{ status: 418 }, { error: A.0004 }] }",
        &[],
    );
}

#[test]
fn one_alternative_that_holds_is_enough() {
    let expect = "any-of: [{ status: 200, body: { status: OPEN } }, { error: A.0001 }]";
    check(expect, &answer(200, r#"{"status":"OPEN"}"#), &[]);
    check(expect, &refusal(400, "A.0001", "m"), &[]);
}

#[test]
fn of_alternatives_that_all_break_the_one_that_fits_longest_is_blamed() {
    let expect = "any-of: [{ status: 200, body: { status: OPEN } }, { error: A.0001 }]";
    check(
        expect,
        &answer(401, "{}"),
        &[
            "status: expected 200 or 400 but was 401",
            "body /error_code: expected A.0001 but was absent",
        ],
    );
    check(
        expect,
        &answer(200, "{}"),
        &["body /status: expected \"OPEN\" but was absent"],
    );
    // What all alternatives would have taken at this place is told, each value once.
    check(
        "any-of: [{ status: 200 }, { status: 200, error: any }, { status: [200, 401], body: { a: 1 } }]",
        &answer(400, "{}"),
        &[
            "status: expected 200 or 401 but was 400",
            "body /a: expected 1 but was absent",
        ],
    );
}

#[test]
fn a_value_is_filled_in_before_it_is_compared() {
    let (checks, _) = bound("body: { code: \"${sent.code}\" }");
    let [check] = checks.as_slice() else {
        panic!("one check");
    };
    let response = answer(200, r#"{"code":7}"#);
    let evaluated = |bindings: &Bindings| {
        with_evidence(&response, |evidence| check.evaluate(evidence, bindings))
    };
    let mismatches = |code: Value| -> Vec<String> {
        let mut bindings = Bindings::new();
        bindings.insert("sent".into(), json!({ "code": code }));
        let mismatches = evaluated(&bindings).expect("a bound name");
        mismatches.iter().map(ToString::to_string).collect()
    };
    assert_eq!(mismatches(json!(7)), [""; 0]);
    assert_eq!(
        mismatches(json!("7")),
        ["body /code: expected \"7\" but was 7"]
    );
    let error = evaluated(&Bindings::new()).expect_err("`sent` is not bound");
    let sentence = error.to_string();
    assert!(
        sentence.starts_with("expect.yaml:1:15: `${sent.code}`: "),
        "{sentence}"
    );
    assert!(
        matches!(error, ExpectationError::Template { .. }),
        "{sentence}"
    );
}

/// Why the expectation cannot be used, where `x` is this value.
#[track_caller]
fn unusable(expect: &str, x: Value) -> String {
    let (checks, found) = bound(expect);
    assert_eq!(found, [], "{expect}");
    let mut bindings = Bindings::new();
    bindings.insert("x".into(), x);
    let response = refusal(400, "A.0001", "clientId cannot be empty");
    let message = checks.iter().find_map(|check| {
        with_evidence(&response, |evidence| check.evaluate(evidence, &bindings)).err()
    });
    message.map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_computed_value_that_the_check_cannot_have_is_the_authors_mistake() {
    #[track_caller]
    fn check(expect: &str, x: Value, place: &str, why: &str) {
        let message = unusable(expect, x);
        assert!(
            message.starts_with(&format!("expect.yaml:1:{place}: ")),
            "{message}"
        );
        assert!(message.ends_with(why), "{message}");
    }
    let found = |kind: &str| format!("expected a whole number, found {kind}");
    check("status: \"${x}\"", json!("400"), "9", &found("a text"));
    check(
        "status: [200, \"${x}\"]",
        json!([400]),
        "15",
        &found("a list"),
    );
    check(
        "status: \"${x}\"",
        json!(99),
        "9",
        "99 is not an HTTP status",
    );
    check(
        "error: \"${x}\"",
        json!(40001),
        "8",
        "expected a text, found a number",
    );
    check(
        "body: { error_code: { at-least: \"${x}\" } }",
        json!("2"),
        "33",
        "`at-least` takes a number, not \"2\"",
    );
    check(
        "body: { error_code: { pattern: \"${x}\" } }",
        json!("("),
        "32",
        "unclosed group",
    );
    check(
        "body: { error_code: { type: \"${x}\" } }",
        json!("text"),
        "29",
        "is not a JSON type",
    );
    check(
        "body: { a: { absent: \"${x}\" } }",
        json!("true"),
        "22",
        "`absent` takes true or false, not \"true\"",
    );
    check(
        "headers: { X-A: \"${x}\" }",
        json!(5),
        "17",
        "and never equal",
    );
    check(
        "headers: { \"X ${x}\": a }",
        json!("b"),
        "12",
        "cannot be the name of a header",
    );
    check("text: \"${x}\"", json!(["a"]), "7", "and never equal");
    check("size: \"${x}\"", json!("5"), "7", "and never equal");
    check(
        "empty-body: \"${x}\"",
        json!("no"),
        "13",
        "expected true or false, found a text",
    );
    check(
        "not-success: \"${x}\"",
        json!(false),
        "14",
        "where a success is allowed",
    );
    check(
        "message: { contains: \"${x}\" }",
        json!(5),
        "22",
        "expected a text, found a number",
    );
    check(
        "message: { language: \"${x}\" }",
        json!("fr"),
        "22",
        "has no text in `fr`",
    );
    check(
        "any-of: [{ status: 200 }, { status: \"${x}\" }]",
        json!("a"),
        "37",
        &found("a text"),
    );
    check(
        "jwt: { at: /t, fresh: \"${x}\" }",
        json!("t"),
        "23",
        "expected true or false, found a text",
    );
    assert_eq!(unusable("status: \"${x}\"", json!(401)), "");
}

#[test]
fn a_doubled_dollar_is_a_text_of_its_own_also_in_what_was_computed() {
    let message = unusable("status: \"$${x}\"", json!(400));
    assert!(
        message.ends_with("expected a whole number, found a text"),
        "{message}"
    );
    check(
        "body: { a: \"$${x}\" }",
        &answer(200, r#"{"a":"${x}"}"#),
        &[],
    );
}

#[test]
fn a_code_without_a_text_in_the_language_is_the_authors_mistake_only_where_it_is_expected() {
    let response = refusal(400, "A.0003", "Too late");
    let evaluated = |expect: &str| {
        let (checks, found) = bound(expect);
        assert_eq!(found, [], "{expect}");
        let [check] = checks.as_slice() else {
            panic!("one check in {expect}");
        };
        with_evidence(&response, |evidence| {
            check.evaluate(evidence, &Bindings::new())
        })
    };
    let error = evaluated("message: { language: zh }").expect_err("no text in Chinese");
    assert!(error.yields());
    assert_eq!(
        error.to_string(),
        "expect.yaml:1:10: the documents have no text of `A.0003` in `zh`"
    );
    let alternatives = |code: &str| {
        format!("any-of: [{{ error: {code}, message: {{ language: zh }} }}, {{ status: 200 }}]")
    };
    let error = evaluated(&alternatives("any")).expect_err("no text in Chinese");
    assert!(error.yields(), "{error}");
    let found = evaluated(&alternatives("A.0001")).expect("a finding on the code");
    assert_eq!(found.len(), 1, "{found:?}");
    let held = evaluated("any-of: [{ error: any, message: { language: zh } }, { error: A.0003 }]");
    assert_eq!(held.expect("the second alternative"), []);
}

#[test]
fn a_long_value_is_cut_after_three_hundred_characters() {
    let text = |length: usize| Value::from("密".repeat(length - 2));
    assert_eq!(show(&text(299)).chars().count(), 299);
    assert_eq!(show(&text(300)), text(300).to_string());
    let cut = show(&text(301));
    assert_eq!(cut.chars().count(), 301);
    assert!(cut.ends_with("密…"), "{cut}");
}

#[test]
fn of_alternatives_only_the_one_that_held_was_judged() {
    let (checks, _) = bound(
        "any-of: [{ status: 404 }, { status: 503, headers: { Retry-After: { type: string } } }]",
    );
    let judged = |response: &Response| -> Vec<Subject> {
        with_evidence(response, |evidence| {
            let all = checks.iter();
            all.flat_map(|check| check.judged(evidence, &Bindings::new()))
                .collect()
        })
    };
    let header = Subject::header("Retry-After");
    let mut unavailable = answer(503, "");
    unavailable.headers.push(("Retry-After".into(), "3".into()));
    assert!(judged(&unavailable).contains(&header));
    // The other alternative says nothing of the header, and where none held nothing did.
    assert!(!judged(&answer(404, "")).contains(&header));
    assert_eq!(judged(&answer(500, "")), []);
    let all = checks[0].subjects(&[]);
    assert!(
        all.contains(&header),
        "what a case may judge is every alternative"
    );
}
