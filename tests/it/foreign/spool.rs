//! Results that lie in a spool: what is written of them is what would be written of results in memory,
//! and a secret that the last row makes known is masked in the first.

use probity::{
    report::formats,
    result::{RunReport, Verdict},
    session::{Options, Session},
};

use super::project;
use crate::loopback::{Server, answering, http};

const PATHS: &str = "  /thing:\n    post:\n      operationId: make\n      \
                     responses: { '200': { description: d }, '400': { description: d } }\n";
const ERRORS: &str = "pattern: '^T[0-9]+$'\ncode_at: /error_code\nmessage_at: /error_msg\ncodes: [{ code: T1, status: 400, operations: [make] }]\n";
const CASES: &str = "\
edition: ciam
operation: make
request: {}
control: { expect: { status: 200 } }
cases:
  - id: early
    matrix: [{ name: a }, { name: b }, { name: c }]
    set: { headers: { X-Ask: 'early' } }
    expect: { error: T1 }
  - { id: other, set: { headers: { X-Ask: other } }, expect: { status: 200 } }
  - { id: last, risk: lockout, set: { headers: { X-Ask: last } }, expect: { error: T1 } }
";

/// What the target says aloud in the first rows, and calls a token in the last one.
const SAID: &str = "n0ted-4711-Zq";

async fn target() -> Server {
    answering(|request| {
        let request = String::from_utf8_lossy(request).to_lowercase();
        let refused = |member: &str| {
            let body = format!(r#"{{"error_code":"T1","error_msg":"m","{member}":"{SAID}"}}"#);
            http("400 Bad Request", "application/json", &body)
        };
        let answer = if request.contains("x-ask: last") {
            refused("session_token")
        } else if request.contains("x-ask: early") {
            refused("note")
        } else if request.contains("x-ask: other") {
            http("500 Internal Server Error", "text/plain", "no")
        } else {
            http("200 OK", "application/json", "{}")
        };
        answer.into_bytes()
    })
    .await
}

async fn report(server: &Server, spool: bool) -> (RunReport, Session) {
    let mut suite = project(&server.url, PATHS, ERRORS, CASES);
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let target = suite.target.take().expect("a target");
    let options = Options {
        without_preflight: true,
        spool,
        ..Options::default()
    };
    let session = Session::open(suite, target, &options, None).await;
    let session = session.expect("it opens");
    (session.complete().await, session)
}

/// The text without its times and the number of the run.
fn comparable(text: &str) -> String {
    let times = regex::Regex::new(
        r#"(_us":\d+|at_ms":\d+|time="[^"]*"|stamp="[^"]*"|(in|Took) \d+ ms|Took . \d+\.\d s|<p>\d+ ms,|<dd>\d+\.\d s</dd>|\d\d:\d\d:\d\d UTC|<dt>Run</dt><dd>[^<]*|Run . `[^`]*`|7-4[0-9a-f-]+|"(start|stop|duration|time|wait|startedDateTime)":[^,}]+)"#,
    );
    let text = times.expect("a pattern").replace_all(text, "").into_owned();
    let ids =
        regex::Regex::new(r#""(run_id|run|started|sha256)":"[^"]*"|name="run" value="[^"]*""#);
    ids.expect("a pattern").replace_all(&text, "").into_owned()
}

#[tokio::test]
async fn a_secret_that_the_last_row_makes_known_is_masked_in_the_first() {
    let server = target().await;
    let (report, _session) = report(&server, true).await;
    let early = report
        .cases
        .iter()
        .position(|case| case.id.ends_with("early[a]"));
    let early = report
        .cases
        .whole(early.expect("it is there"))
        .expect("whole");
    let shown = early.steps[0].exchange.as_ref().expect("an exchange");
    let body = shown.response_body.as_deref().expect("a body");
    assert!(body.contains("\"note\":\"[secret:"), "{body}");
    for format in formats() {
        let text = format.render(&report);
        assert!(!text.contains(SAID), "{}: {text}", format.file);
    }
}

#[tokio::test]
async fn reports_of_spooled_results_are_those_of_results_in_memory() {
    let server = target().await;
    let (spooled, _one) = report(&server, true).await;
    let (held, _other) = report(&server, false).await;
    let passed = |report: &RunReport| report.cases.iter().filter(|c| c.verdict.is_pass()).count();
    assert_eq!(passed(&spooled), 5);
    let failed = |case: &&probity::result::CaseResult| matches!(case.verdict, Verdict::Fail(_));
    assert_eq!(spooled.cases.iter().filter(failed).count(), 1);
    let early = &spooled.cases[1];
    assert!(early.steps.is_empty(), "what passed is not held: {early:?}");
    for format in formats() {
        let (one, other) = (format.render(&spooled), format.render(&held));
        assert_eq!(comparable(&one), comparable(&other), "{}", format.file);
    }
    assert_eq!(spooled.conclusion(), held.conclusion());
    assert_eq!(spooled.requirements, held.requirements);
}
