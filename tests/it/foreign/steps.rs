//! Steps that are carried out several times: each time judged, or again until an answer is there.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use probity::{report::exchanges, result::CaseResult};

use super::{passed, run, told};
use crate::loopback::{Server, answering, http};

const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

const PATHS: &str = "
  /login: { post: { operationId: logIn, responses: { '200': { description: d }, '401': { description: d } } } }
";

/// A service that locks the account with the wrong password that is `last`: from the next one on, every
/// login is refused as `locked`. A `GET` says how many logins there were.
async fn locking(last: usize) -> (Server, Arc<AtomicUsize>) {
    let logins = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&logins);
    let server = answering(move |request| {
        let text = String::from_utf8_lossy(request).into_owned();
        let json = "application/json";
        if text.starts_with("POST /reset") {
            count.store(0, Ordering::SeqCst);
            return http("200 OK", json, "{}").into_bytes();
        }
        let before = count.load(Ordering::SeqCst);
        let answer = match (text.contains("wrong"), before >= last) {
            (_, true) => http("401 Unauthorized", json, r#"{"error":"locked"}"#),
            (true, false) => http("401 Unauthorized", json, r#"{"error":"wrong"}"#),
            (false, false) => http("200 OK", json, "{}"),
        };
        if text.contains("wrong") {
            count.fetch_add(1, Ordering::SeqCst);
        }
        answer.into_bytes()
    })
    .await;
    (server, logins)
}

fn steps(result: &CaseResult) -> Vec<(&str, Option<u16>)> {
    let steps = result.steps.iter();
    steps
        .map(|step| {
            let status = step.exchange.as_ref().and_then(|one| one.status);
            (step.name.as_str(), status)
        })
        .collect()
}

const THREE_WRONG: &str = "
edition: ciam
operation: logIn
request: { body: { password: right } }
control: { expect: { status: 200 } }
cases:
  - id: request
    setup: [{ request: POST /reset }]
    body: { password: wrong }
    repeat: 3
    expect: { status: 401, body: { error: wrong } }
    then: [{ operation: logIn, body: { password: right }, expect: { status: 401, body: { error: locked } } }]
    cleanup: [{ request: POST /reset }]
";

#[tokio::test]
async fn a_request_is_sent_so_often_and_the_answer_that_departs_is_the_evidence() {
    let (server, logins) = locking(3).await;
    let results = run(&server, PATHS, ERRORS, THREE_WRONG).await;
    passed(&results, &["control", "request"]);
    assert_eq!(
        steps(&results["request"])[1..5],
        [
            ("request", Some(401)),
            ("request (2 of 3)", Some(401)),
            ("request (3 of 3)", Some(401)),
            ("logIn", Some(401)),
        ]
    );
    assert_eq!(logins.load(Ordering::SeqCst), 0);

    // It locks too early: the third wrong password is the first that is answered otherwise.
    let (server, _) = locking(2).await;
    let results = run(&server, PATHS, ERRORS, THREE_WRONG).await;
    passed(&results, &["control"]);
    let row = &results["request"];
    assert_eq!(told(row), [r#"body /error: "locked""#]);
    let (step, ..) = row.broken().next().expect("a finding");
    assert_eq!(step.name.as_str(), "request (3 of 3)");

    // It never locks.
    let (server, _) = locking(usize::MAX).await;
    let results = run(&server, PATHS, ERRORS, THREE_WRONG).await;
    assert_eq!(told(&results["request"])[0], "status: 200");
}

/// A case file of these rows; each is run alone, because the service counts for all.
fn file_of(row: &str) -> String {
    format!(
        "edition: ciam\noperation: logIn\nrequest: {{ body: {{ password: right }} }}\n\
         control: {{ expect: {{ status: 200 }} }}\ncases:\n{row}"
    )
}

#[tokio::test]
async fn a_step_is_carried_out_so_often_before_the_request() {
    let before = file_of(
        "
  - id: before
    matrix: [{ times: 3 }]
    setup:
      - { request: POST /reset }
      - { name: wrong, operation: logIn, body: { password: wrong }, repeat: '${matrix.times}', expect: { status: 401, body: { error: wrong } } }
    expect: { status: 200 }
",
    );
    let (server, logins) = locking(4).await;
    let results = run(&server, PATHS, ERRORS, &before).await;
    passed(&results, &["control", "before[3]"]);
    assert_eq!(logins.load(Ordering::SeqCst), 3);

    let once = before.replace("times: 3", "times: 1");
    let (server, logins) = locking(4).await;
    let results = run(&server, PATHS, ERRORS, &once).await;
    passed(&results, &["control", "before[1]"]);
    assert_eq!(logins.load(Ordering::SeqCst), 1);
    assert_eq!(results["before[1]"].steps[1].name.as_str(), "wrong");

    let (server, _) = locking(2).await;
    let results = run(&server, PATHS, ERRORS, &before).await;
    let before = &results["before[3]"];
    assert_eq!(before.verdict.label(), "error");
    assert_eq!(
        before.detail.as_deref(),
        Some(r#"setup, step `wrong (3 of 3)` body /error: expected "wrong" but was "locked""#)
    );
}

#[tokio::test]
async fn a_step_is_carried_out_so_often_after_the_request_and_computed_each_time() {
    let after = file_of(
        "
  - id: after
    expect: { status: 200 }
    then: [{ name: wrong, operation: logIn, body: { password: 'wrong-${unique()}' }, repeat: 3, expect: { status: 401, body: { error: wrong } } }]
",
    );
    let (server, _) = locking(3).await;
    let results = run(&server, PATHS, ERRORS, &after).await;
    passed(&results, &["control", "after"]);
    let sent = results["after"].steps.iter();
    let bodies: BTreeSet<_> = sent
        .filter(|step| step.name.starts_with("wrong"))
        .filter_map(|step| step.exchange.as_ref()?.request_body.clone())
        .collect();
    assert_eq!(bodies.len(), 3, "{bodies:?}");

    let (server, _) = locking(2).await;
    let results = run(&server, PATHS, ERRORS, &after).await;
    let after = &results["after"];
    assert_eq!(told(after), [r#"body /error: "locked""#]);
    let (step, ..) = after.broken().next().expect("a finding");
    assert_eq!(step.name.as_str(), "wrong (3 of 3)");
}

const JOBS: &str = "
  /job: { get: { operationId: startJob, responses: { '200': { description: d } } } }
";

/// A service with a job that has these states, one after the other; the last one stays.
async fn job(states: &'static [&'static str]) -> Server {
    let asked = AtomicUsize::new(0);
    answering(move |request| {
        if !request.starts_with(b"GET /state") {
            asked.store(0, Ordering::SeqCst);
            return http("200 OK", "application/json", "{}").into_bytes();
        }
        let at = asked.fetch_add(1, Ordering::SeqCst).min(states.len() - 1);
        let body = format!(r#"{{"state":"{}"}}"#, states[at]);
        http("200 OK", "application/json", &body).into_bytes()
    })
    .await
}

/// The row whose step after the request says this, against a job with these states.
async fn waited(states: &'static [&'static str], step: &str) -> CaseResult {
    let case = format!(
        "edition: ciam\noperation: startJob\nrequest: {{}}\ncontrol: {{ expect: {{ status: 200 }} }}\n\
         cases: [{{ id: row, expect: {{ status: 200 }}, then: [{{ name: state, request: GET /state, {step} }}] }}]\n"
    );
    let server = job(states).await;
    let mut results = run(&server, JOBS, ERRORS, &case).await;
    results.remove("row").expect("the row")
}

const SETTLED: &str = "until: { at-most: 4, pause: 1ms, expect: { body: { state: { not: pending } } } }, expect: { body: { state: done } }";

#[tokio::test]
async fn what_is_waited_for_ends_the_waiting_and_the_last_answer_is_judged() {
    let row = waited(&["pending", "pending", "done"], SETTLED).await;
    assert!(row.verdict.is_pass(), "{:?}", told(&row));
    assert_eq!(row.steps[1].attempts, 3);

    let row = waited(&["pending", "failed", "done"], SETTLED).await;
    assert_eq!(told(&row), [r#"body /state: "failed""#]);
    assert_eq!(row.steps[1].attempts, 2);

    // What was waited for never came: that is a finding too, and the first one.
    let row = waited(&["pending"], SETTLED).await;
    assert_eq!(row.steps[1].attempts, 4);
    let (_, _, first) = row.broken().next().expect("a finding");
    assert_eq!(first.expected, [r#"not "pending""#]);
    assert_eq!(told(&row).len(), 2);
}

#[tokio::test]
async fn without_a_condition_the_expectations_are_waited_for() {
    let step = "until: { at-most: 3, pause: 1ms }, expect: { body: { state: done } }";
    let row = waited(&["pending", "failed", "done"], step).await;
    assert!(row.verdict.is_pass(), "{:?}", told(&row));
    let row = waited(&["pending", "failed", "pending", "done"], step).await;
    assert_eq!(told(&row), [r#"body /state: "pending""#]);
    assert_eq!(row.steps[1].attempts, 3);
}

#[tokio::test]
async fn the_record_and_the_console_have_every_attempt() {
    let row = waited(
        &["pending", "queued", "done"],
        SETTLED.replace("not: pending", "equals: done").as_str(),
    )
    .await;
    let earlier: Vec<_> = row.steps[1]
        .earlier
        .iter()
        .map(|one| (one.status, one.response_body.as_deref()))
        .collect();
    assert_eq!(
        earlier,
        [
            (Some(200), Some(r#"{"state":"pending"}"#)),
            (Some(200), Some(r#"{"state":"queued"}"#)),
        ]
    );
    let shown = exchanges::text(&row);
    for line in [
        "the last of 3 attempts",
        r#"-> 200 {"state":"pending"}"#,
        r#"-> 200 {"state":"queued"}"#,
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    let written = serde_json::to_string(&row).expect("JSON");
    let read: CaseResult = serde_json::from_str(&written).expect("a result");
    assert_eq!(read, row);
}

#[tokio::test]
async fn secrets_of_earlier_attempts_are_masked() {
    let asked = AtomicUsize::new(0);
    let server = answering(move |request| {
        if !request.starts_with(b"GET /state") {
            return http("200 OK", "application/json", "{}").into_bytes();
        }
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let body = format!(r#"{{"access_token":"opaque-{number}-0123456789","n":{number}}}"#);
        http("200 OK", "application/json", &body).into_bytes()
    })
    .await;
    let case = "
edition: ciam
operation: startJob
request: {}
control: { expect: { status: 200 } }
cases: [{ id: row, expect: { status: 200 }, then: [{ request: GET /state, until: { at-most: 3, pause: 1ms }, expect: { body: { n: 2 } } }] }]
";
    let results = run(&server, JOBS, ERRORS, case).await;
    let row = &results["row"];
    assert!(row.verdict.is_pass(), "{:?}", told(row));
    let written = serde_json::to_string(row).expect("JSON");
    assert_eq!(row.steps[1].earlier.len(), 2);
    assert!(!written.contains("0123456789"), "{written}");
}
