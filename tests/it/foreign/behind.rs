//! Behind a red control: what is sent all the same and recorded, what is not sent, and why.

use probity::{
    result::{Blocker, CaseResult, ErrorReason, Part, Verdict},
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
  - { id: plain, set: { headers: { X-Ask: a } }, expect: { error: T1 } }
  - { id: locks, risk: lockout, set: { headers: { X-Ask: b } }, expect: { error: T1 } }
  - { id: destroys, risk: destructive, set: { headers: { X-Ask: c } }, expect: { error: T1 } }
  - id: costs
    set: { headers: { X-Ask: d } }
    expect: { status: 200 }
    then: [{ name: text, request: GET /text, costs: sms, expect: { status: 200 } }]
";

async fn results(server: &Server) -> Vec<CaseResult> {
    let mut suite = project(&server.url, PATHS, ERRORS, CASES);
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let target = suite.target.take().expect("a target");
    let options = Options {
        without_preflight: true,
        ..Options::default()
    };
    let session = Session::open(suite, target, &options, None).await;
    session.expect("it opens").complete().await.cases.to_vec()
}

fn sent(result: &CaseResult) -> Option<u16> {
    let request = result.steps.iter().find(|step| step.part == Part::Request);
    request.and_then(|step| step.exchange.as_ref()?.status)
}

fn row<'r>(results: &'r [CaseResult], name: &str) -> &'r CaseResult {
    let mut all = results.iter();
    let found = all.find(|one| one.id.as_str().ends_with(name));
    found.unwrap_or_else(|| panic!("there is no row {name}"))
}

#[tokio::test]
async fn behind_a_refused_control_what_does_no_harm_is_sent_recorded_and_not_judged() {
    let refusal = http(
        "400 Bad Request",
        "application/json",
        r#"{"error_code":"T1","error_msg":"m"}"#,
    );
    let server = answering(move |_| refusal.clone().into_bytes()).await;
    let results = results(&server).await;
    let control = row(&results, "control");
    assert!(matches!(control.verdict, Verdict::Fail(_)) && !control.stands);
    let blocked = results.iter().filter(|one| !one.control);
    for result in blocked {
        let failed = Verdict::Error(ErrorReason::ControlFailed);
        // What the profile keeps back is kept back for that reason.
        if result.verdict == failed {
            let by = Some(Blocker::Control(control.id.clone()));
            assert_eq!(result.blocked_by, by, "{}", result.id);
        }
        assert!(result.steps.iter().all(|step| step.checks.is_empty()));
        assert!(!result.verdict.is_pass(), "{}", result.id);
    }
    let plain = row(&results, "plain");
    assert_eq!(sent(plain), Some(400));
    assert_eq!(plain.causes[1], "it was sent all the same, and not judged");
    let unsent = [
        ("locks", "it was not sent, because it may lock an account"),
        ("costs", "it was not sent, because it costs sms"),
    ];
    for (name, why) in unsent {
        let result = row(&results, name);
        assert_eq!(sent(result), None, "{name}");
        assert!(result.causes.iter().any(|cause| cause == why), "{result:?}");
    }
    assert_eq!(sent(row(&results, "destroys")), None);
}

#[tokio::test]
async fn behind_a_control_that_was_not_answered_nothing_is_sent() {
    let server = answering(|_| b"no HTTP at all\r\n\r\n".to_vec()).await;
    let results = results(&server).await;
    for result in results.iter().filter(|one| !one.control) {
        assert_eq!(sent(result), None, "{}", result.id);
        assert!(result.steps.is_empty(), "{}", result.id);
    }
}
