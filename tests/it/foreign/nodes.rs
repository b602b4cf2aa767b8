//! Parts of an answer that are chosen by a condition: JSONPath in what is captured and in what is
//! expected of a body, against servers that answer right, wrong, and with more than can be searched.

use std::fmt::Write as _;

use probity::result::{ErrorReason, Verdict};

use super::{passed, project, run, told};
use crate::loopback::{Server, answering, http};

const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

const PATHS: &str = "
  /list: { get: { operationId: getList, responses: { '200': { description: d } } } }
";

const RIGHT: &str = r#"{"items":[
    {"kind":"other","id":1},{"kind":"x","id":2,"tags":["a","b"]},{"kind":"other","id":3}]}"#;

/// A list at `/list`, and at `/item/N` the item of that number alone.
async fn list(body: &str) -> Server {
    let body = body.to_owned();
    answering(move |request| {
        let asked = String::from_utf8_lossy(request);
        let asked = asked.split(' ').nth(1).unwrap_or_default();
        let answer = match asked.strip_prefix("/item/") {
            Some(id) => http("200 OK", "application/json", &format!("{{\"id\":{id}}}")),
            None => http("200 OK", "application/json", &body),
        };
        answer.into_bytes()
    })
    .await
}

/// A case file whose control is sound and whose rows expect this of the list.
fn expecting(rows: &[(&str, &str)]) -> String {
    let mut out = "edition: ciam\noperation: getList\nrequest: {}\n\
                   control: { expect: { status: 200 } }\ncases:\n"
        .to_owned();
    for (name, body) in rows {
        let _ = writeln!(
            out,
            "  - id: {name}\n    expect:\n      body:\n        {body}"
        );
    }
    out
}

const CAPTURES: &str = "
edition: ciam
operation: getList
request: { capture: { id: \"$.items[?@.kind=='x'].id\" } }
control:
  expect: { status: 200 }
  then: [{ request: 'GET /item/${id}', expect: { body: { id: 2 } } }]
cases:
  - id: part-of-it
    capture: { tag: { body: \"$.items[?@.kind=='x'].tags[-1]\", pattern: '^.' } }
    expect: { status: 200 }
    then: [{ request: 'GET /${tag}', expect: { status: 200 } }]
  - id: in-setup
    setup:
      - { name: look, request: GET /list, expect: { status: 200 }, capture: { it: '$..[?@.id==3].kind' } }
      - { name: use, request: 'GET /${it}', expect: { status: 200 } }
    expect: { status: 200 }
";

#[tokio::test]
async fn a_capture_takes_the_one_node_that_a_condition_chooses() {
    let server = list(RIGHT).await;
    let results = run(&server, PATHS, ERRORS, CAPTURES).await;
    passed(&results, &["control", "part-of-it", "in-setup"]);
}

#[tokio::test]
async fn a_capture_that_finds_no_node_or_several_says_how_many_and_where() {
    for (body, found) in [
        (r#"{"items":[{"kind":"other","id":1}]}"#, "none"),
        (
            r#"{"items":[{"kind":"x","id":1},{"kind":"x","id":1}]}"#,
            "2: /items/0/id, /items/1/id",
        ),
        ("[]", "none"),
    ] {
        let server = list(body).await;
        let results = run(&server, PATHS, ERRORS, CAPTURES).await;
        let control = &results["control"];
        let detail = control.detail.as_deref().unwrap_or_default();
        let expected = format!(
            "`id` is taken from exactly one node at $.items[?@.kind=='x'].id, and the answer has {found}"
        );
        assert!(detail.contains(&expected), "{body}: {detail:?}");
        assert_eq!(
            control.verdict,
            Verdict::Error(ErrorReason::SetupFailed),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_state_is_waited_for_until_a_condition_chooses_one_node() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = answering(move |request| {
        let first = request.starts_with(b"GET /list?wait")
            && asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2;
        let body = if first { r#"{"items":[]}"# } else { RIGHT };
        http("200 OK", "application/json", body).into_bytes()
    })
    .await;
    let case = "
edition: ciam
operation: getList
request: {}
control: { expect: { status: 200 } }
cases:
  - id: waits
    setup: [{ request: GET /list?wait, until: { within: 1m }, capture: { id: \"$.items[?@.kind=='x'].id\" } }]
    expect: { status: 200 }
";
    let results = run(&server, PATHS, ERRORS, case).await;
    passed(&results, &["control", "waits"]);
    assert_eq!(results["waits"].steps[0].attempts, 3);
}

const SOUND: [(&str, &str); 9] = [
    ("one", "\"$.items[?@.kind=='x'].id\": 2"),
    (
        "matcher",
        "\"$.items[?@.kind=='x']\": { id: { at-least: 2 }, tags: [a, b] }",
    ),
    ("none", "\"$.items[?@.kind=='z']\": { absent: true }"),
    (
        "every",
        "\"$.items[*].id\": { nodes: { items: { type: integer }, length: 3 } }",
    ),
    ("some", "\"$..tags[*]\": { nodes: { some: b } }"),
    (
        "values",
        "\"$.items[?@.kind=='other'].id\": { nodes: [1, 3] }",
    ),
    (
        "beside-members",
        "{ members: { items: { length: 3 } }, \"$.items[0].id\": 1, \"$.items[-1].id\": 3 }",
    ),
    ("beside-words", "{ type: object, \"$.items[0].id\": 1 }"),
    (
        "really-called-so",
        "{ absent: false, not: { members: { \"$.items\": 1 } } }",
    ),
];

#[tokio::test]
async fn a_body_is_expected_to_have_nodes_by_condition() {
    let server = list(RIGHT).await;
    let results = run(&server, PATHS, ERRORS, &expecting(&SOUND)).await;
    let names: Vec<&str> = SOUND.iter().map(|(name, _)| *name).collect();
    passed(&results, &[&["control"], names.as_slice()].concat());
}

#[tokio::test]
async fn each_wrong_answer_is_told_by_its_path_and_its_place() {
    let wrong =
        r#"{"items":[{"kind":"x","id":2,"tags":["a"]},{"kind":"z","id":"3"},{"kind":"x","id":4}]}"#;
    let server = list(wrong).await;
    let results = run(&server, PATHS, ERRORS, &expecting(&SOUND[..6])).await;
    for (name, place, expected, actual) in [
        (
            "one",
            "body $.items[?@.kind=='x'].id",
            "exactly one node",
            "2: /items/0/id, /items/2/id",
        ),
        (
            "matcher",
            "body $.items[?@.kind=='x']",
            "exactly one node",
            "2: /items/0, /items/2",
        ),
        (
            "none",
            "body $.items[?@.kind=='z']",
            "no node",
            "1: /items/1",
        ),
        (
            "every",
            "body /items/1/id (by $.items[*].id)",
            "a JSON integer",
            "\"3\"",
        ),
        (
            "some",
            "body $..tags[*]",
            "some \"b\"",
            "none of 1: /items/0/tags/0",
        ),
        (
            "values",
            "body $.items[?@.kind=='other'].id",
            "2 nodes",
            "none",
        ),
    ] {
        let mismatch = results[name].broken().next().map(|(_, _, one)| one.clone());
        let found = mismatch.map(|one| (one.place, one.expected.join(" or "), one.actual));
        let expected = (place.to_owned(), expected.to_owned(), actual.to_owned());
        assert_eq!(found, Some(expected), "{name}");
    }
}

#[tokio::test]
async fn a_finding_leads_to_the_line_of_its_path() {
    let rows = [(
        "lines",
        "members: { items: { length: 3 } }\n        \"$.items[0].id\": 1\n        \"$.items[?@.kind=='x'].id\": 5",
    )];
    let server = list(RIGHT).await;
    let results = run(&server, PATHS, ERRORS, &expecting(&rows)).await;
    let checks = results["lines"].steps.iter().flat_map(|step| &step.checks);
    let lines: Vec<_> = checks
        .filter(|check| check.mismatch.is_some())
        .map(|check| (check.source.line, check.source.excerpt.trim().to_owned()))
        .collect();
    assert_eq!(lines, [(11, "\"$.items[?@.kind=='x'].id\": 5".to_owned())]);
    assert_eq!(
        told(&results["lines"]),
        ["body /items/1/id (by $.items[?@.kind=='x'].id): 2"]
    );
}

#[tokio::test]
async fn an_answer_that_is_made_to_be_searched_for_ever_is_not() {
    let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
    let many = format!("{{\"items\":[{}]}}", vec![deep; 800].join(","));
    let long = format!("{{\"items\":[{}]}}", vec!["{\"id\":1}"; 10_000].join(","));
    let rows = [
        ("below", "\"$..id\": 1"),
        ("twice", "\"$..*..*\": { absent: true }"),
        ("root", "\"$.items[?$.items[?@.id==2]]\": { absent: true }"),
    ];
    let server = list(&many).await;
    let results = run(&server, PATHS, ERRORS, &expecting(&rows[..2])).await;
    for name in ["below", "twice"] {
        let told = told(&results[name]);
        assert!(told[0].contains(": not searched: "), "{name}: {told:?}");
    }
    let server = list(&long).await;
    let results = run(&server, PATHS, ERRORS, &expecting(&rows)).await;
    let below = told(&results["below"]);
    let places = "10000: /items/0/id, /items/1/id, /items/2/id and 9997 more";
    assert_eq!(below, [format!("body $..id: {places}")]);
    let root = told(&results["root"]);
    assert!(root[0].contains(": not searched: "), "{root:?}");
}

#[test]
fn what_is_no_path_has_its_column() {
    let case = expecting(&[("wrong", "\"$.items[?@.kind=='x'.id\": 2")]);
    let suite = project("http://127.0.0.1:1", PATHS, ERRORS, &case);
    let mistakes = suite.diagnostics.iter().filter(|one| !one.warning);
    let mistakes: Vec<_> = mistakes.map(ToString::to_string).collect();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    let start = "cases/ciam/thing/rows.yaml:9:30: error[bad-jsonpath]: ";
    assert!(mistakes[0].starts_with(start), "{mistakes:?}");
}
