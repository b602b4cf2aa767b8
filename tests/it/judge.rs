//! The judge on transcripts made by hand: a right answer passes, every edit of it does not.

use std::time::Duration;

use probity::{
    exchange::{Defect, Exchange, Request, Response, Tape, TransportError},
    judge::{self, Judgement},
    plan::TestCase,
    result::{ErrorReason, Part, PassReason, SkipReason, StepOwner, Stop, Verdict},
    suite::Suite,
    transcript::{StepRecord, Transcript},
};
use serde_json::{Map, Value, json};

use crate::support;

const CONTROL: &str = "ciam/skip-update/documented/control";
const REFUSED: &str = "ciam/skip-update/errors/client-id-missing[en]";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJpYXQiOjEsImV4cCI6Mn0.AAAA";
const HS256: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsifQ.eyJpYXQiOjEsImV4cCI6Mn0.AAAA";

fn row<'s>(suite: &'s Suite, id: &str) -> &'s TestCase {
    suite.plan.get(id).unwrap_or_else(|| panic!("no row {id}"))
}

fn answer(status: u16, body: &Value) -> Response {
    Response {
        status,
        headers: vec![(
            "Content-Type".into(),
            "application/json;charset=UTF-8".into(),
        )],
        body: body.to_string().into(),
        defects: Vec::new(),
    }
}

fn success() -> Response {
    answer(
        200,
        &json!({ "status": "SUCCESS", "expire": 43200, "session_token": "s3ss10n", "id_token": TOKEN }),
    )
}

fn refusal() -> Response {
    answer(
        400,
        &json!({ "error_code": "IDAAS.SDK.PARAM.0002", "error_msg": "clientId cannot be empty" }),
    )
}

fn record(case: &TestCase, part: Part, outcome: Result<Response, TransportError>) -> StepRecord {
    let mut bindings = Map::new();
    bindings.insert("matrix".into(), case.matrix.clone());
    bindings.insert("target".into(), json!({ "session_expire": 43200 }));
    StepRecord {
        name: "request".into(),
        owner: StepOwner::Case,
        part,
        index: Some(0),
        route: String::new(),
        attempts: vec![Exchange {
            request: Request {
                method: case.request.method.clone(),
                url: format!("http://tenant.invalid{}", case.request.path),
                headers: vec![("X-L".into(), "en".into())],
                body: None,
                exact: false,
                hostless: false,
            },
            sent_line: String::new(),
            sent_headers: Vec::new(),
            tape: Tape::default(),
            again: None,
            fault: None,
            outcome,
            elapsed: Duration::ZERO,
            at_ms: 1_000,
        }],
        bindings,
    }
}

fn answered(case: &TestCase, response: Response) -> Transcript {
    Transcript {
        steps: vec![record(case, Part::Request, Ok(response))],
        stopped: None,
    }
}

fn judged(suite: &Suite, case: &TestCase, transcript: &Transcript, strict: bool) -> Judgement {
    let contract = suite
        .contracts
        .iter()
        .find(|contract| contract.edition == case.edition)
        .unwrap_or_else(|| panic!("no contract"));
    judge::case(case, transcript, contract, strict)
}

fn verdict(suite: &Suite, id: &str, response: Response) -> Verdict {
    let case = row(suite, id);
    judged(suite, case, &answered(case, response), false).verdict
}

type Edit = fn(&mut Response);

/// Changes the body's members.
fn body(response: &mut Response, edit: impl FnOnce(&mut Map<String, Value>)) {
    let Some(Value::Object(mut members)) = response.json().cloned() else {
        panic!("the right answer is an object");
    };
    edit(&mut members);
    response.body = Value::Object(members).to_string().into();
}

fn drop_member(response: &mut Response, name: &str) {
    body(response, |members| {
        assert!(members.remove(name).is_some(), "{name} was there");
    });
}

fn set(response: &mut Response, name: &str, value: Value) {
    body(response, |members| {
        members.insert(name.to_owned(), value);
    });
}

fn rename(response: &mut Response, name: &str, other: &str) {
    body(response, |members| {
        let value = members.remove(name).unwrap_or_default();
        members.insert(other.to_owned(), value);
    });
}

fn content_type(response: &mut Response, value: &str) {
    response.headers = vec![("Content-Type".into(), value.into())];
}

/// Edits that no right answer survives, whatever the row.
const ANYWHERE: &[(&str, Edit)] = &[
    ("status 500", |r| r.status = 500),
    ("status 401", |r| r.status = 401),
    ("status 302", |r| r.status = 302),
    ("status 204", |r| r.status = 204),
    ("no body", |r| r.body = "".into()),
    ("an empty object", |r| r.body = "{}".into()),
    ("an empty array", |r| r.body = "[]".into()),
    ("null", |r| r.body = "null".into()),
    ("the object inside an array", |r| {
        r.body = [b"[".as_slice(), &r.body, b"]"].concat().into();
    }),
    ("the object as text", |r| {
        r.body = json!(String::from_utf8_lossy(&r.body)).to_string().into();
    }),
    ("not JSON", |r| r.body = "SUCCESS".into()),
    ("not UTF-8", |r| r.body = vec![0xff, 0xfe, 0x00].into()),
    ("a page", |r| {
        r.body = "<html></html>".into();
        content_type(r, "text/html");
    }),
    ("a body cut in half", |r| {
        r.body = r.body[..r.body.len() / 2].to_vec().into();
    }),
    ("a body cut at the limit", |r| {
        r.body = r.body[..r.body.len() - 1].to_vec().into();
        r.defects.push(Defect::CutAtBound { limit: 1 });
    }),
];

const OF_SUCCESS: &[(&str, Edit)] = &[
    ("status 400", |r| r.status = 400),
    ("content type text/html", |r| content_type(r, "text/html")),
    ("no content type", |r| r.headers.clear()),
    ("no status", |r| drop_member(r, "status")),
    ("no expire", |r| drop_member(r, "expire")),
    ("no session_token", |r| drop_member(r, "session_token")),
    ("no id_token", |r| drop_member(r, "id_token")),
    ("status null", |r| set(r, "status", Value::Null)),
    ("expire null", |r| set(r, "expire", Value::Null)),
    ("session_token null", |r| {
        set(r, "session_token", Value::Null);
    }),
    ("id_token null", |r| set(r, "id_token", Value::Null)),
    ("another status", |r| {
        set(r, "status", json!("PASSWORD_WARN"));
    }),
    ("status in lower case", |r| {
        set(r, "status", json!("success"));
    }),
    ("expire as text", |r| set(r, "expire", json!("43200"))),
    ("expire as a fraction", |r| set(r, "expire", json!(43200.5))),
    ("expire of nothing", |r| set(r, "expire", json!(0))),
    ("an empty session_token", |r| {
        set(r, "session_token", json!(""));
    }),
    ("session_token a number", |r| {
        set(r, "session_token", json!(7));
    }),
    ("id_token no JWT", |r| set(r, "id_token", json!("abc"))),
    ("id_token signed otherwise", |r| {
        set(r, "id_token", json!(HS256));
    }),
    ("expire renamed", |r| rename(r, "expire", "expires")),
    ("id_token renamed", |r| rename(r, "id_token", "idToken")),
    ("an error body under 200", |r| r.body = refusal().body),
];

const OF_REFUSAL: &[(&str, Edit)] = &[
    ("status 200", |r| r.status = 200),
    ("status 403", |r| r.status = 403),
    ("another code", |r| {
        set(r, "error_code", json!("IDAAS.SDK.PARAM.0003"));
    }),
    ("the code in lower case", |r| {
        set(r, "error_code", json!("idaas.sdk.param.0002"));
    }),
    ("the code and a blank", |r| {
        set(r, "error_code", json!("IDAAS.SDK.PARAM.0002 "));
    }),
    ("no code", |r| drop_member(r, "error_code")),
    ("no message", |r| drop_member(r, "error_msg")),
    ("code null", |r| set(r, "error_code", Value::Null)),
    ("message null", |r| set(r, "error_msg", Value::Null)),
    ("code a number", |r| set(r, "error_code", json!(2))),
    ("message a number", |r| set(r, "error_msg", json!(2))),
    ("an empty message", |r| set(r, "error_msg", json!(""))),
    ("another message", |r| {
        set(r, "error_msg", json!("something went wrong"));
    }),
    ("the other language", |r| {
        set(r, "error_msg", json!("clientId不能为空"));
    }),
    ("code renamed", |r| rename(r, "error_code", "errorCode")),
    ("message renamed", |r| rename(r, "error_msg", "message")),
    ("a success under 400", |r| r.body = success().body),
];

#[test]
fn the_documented_success_passes_and_no_edit_of_it_does() {
    let suite = support::shipped();
    assert_eq!(
        verdict(&suite, CONTROL, success()),
        Verdict::Pass(PassReason::Clean)
    );
    survivors(&suite, CONTROL, &success(), &[ANYWHERE, OF_SUCCESS]);
}

#[test]
fn the_documented_refusal_passes_and_no_edit_of_it_does() {
    let suite = support::shipped();
    assert_eq!(
        verdict(&suite, REFUSED, refusal()),
        Verdict::Pass(PassReason::Clean)
    );
    survivors(&suite, REFUSED, &refusal(), &[ANYWHERE, OF_REFUSAL]);
}

/// Panics naming every edit that still passes.
fn survivors(suite: &Suite, id: &str, right: &Response, tables: &[&[(&str, Edit)]]) {
    let mut passed = Vec::new();
    for (name, edit) in tables.iter().copied().flatten() {
        let mut response = right.clone();
        edit(&mut response);
        assert_ne!(response, *right, "{name} changes nothing");
        let verdict = verdict(suite, id, response);
        if !matches!(verdict, Verdict::Fail(_)) {
            passed.push(format!("{name}: {verdict:?}"));
        }
    }
    assert!(passed.is_empty(), "{passed:#?}");
}

#[test]
fn every_broken_check_is_told_and_not_only_the_first() {
    let suite = support::shipped();
    let case = row(&suite, CONTROL);
    let wrong = answer(200, &json!({ "status": "FAILED", "expire": "1" }));
    let judgement = judged(&suite, case, &answered(case, wrong), false);
    let places: Vec<&str> = judgement.checks[0]
        .iter()
        .filter_map(|check| check.mismatch.as_ref())
        .map(|told| told.place.as_str())
        .collect();
    for place in ["body /status", "body /expire"] {
        assert!(places.contains(&place), "{places:?}");
    }
}

#[test]
fn trouble_on_the_way_is_an_error_and_never_a_fail() {
    let suite = support::shipped();
    let case = row(&suite, REFUSED);
    let trouble = TransportError::Lost("connection reset".into());
    let transcript = Transcript {
        steps: vec![record(case, Part::Request, Err(trouble))],
        stopped: Some(Stop::Unreachable("connection reset".into())),
    };
    let judgement = judged(&suite, case, &transcript, false);
    assert_eq!(judgement.verdict, Verdict::Error(ErrorReason::Unreachable));
    assert_eq!(judgement.detail.as_deref(), Some("connection reset"));
}

#[test]
fn each_stop_has_a_verdict_of_its_own_and_none_is_a_pass() {
    let suite = support::shipped();
    let case = row(&suite, REFUSED);
    let why = || "why".to_owned();
    for (stop, wanted) in [
        (Stop::Setup(why()), Verdict::Error(ErrorReason::SetupFailed)),
        (
            Stop::Unreachable(why()),
            Verdict::Error(ErrorReason::Unreachable),
        ),
        (
            Stop::RateLimited(why()),
            Verdict::Error(ErrorReason::RateLimited),
        ),
        (
            Stop::BreakerOpen(why()),
            Verdict::Skip(SkipReason::BreakerOpen),
        ),
        (
            Stop::BudgetSpent(why()),
            Verdict::Skip(SkipReason::BudgetSpent),
        ),
        (
            Stop::NotProvided(why()),
            Verdict::Skip(SkipReason::NotProvided),
        ),
        (
            Stop::Harness(why()),
            Verdict::Error(ErrorReason::HarnessFault),
        ),
        (Stop::Interrupted, Verdict::Error(ErrorReason::Interrupted)),
    ] {
        // Even a right answer does not make up for the part that is missing.
        let mut transcript = answered(case, refusal());
        transcript.stopped = Some(stop.clone());
        assert_eq!(
            judged(&suite, case, &transcript, false).verdict,
            wanted,
            "{stop:?}"
        );
    }
}

#[test]
fn a_departure_that_was_seen_outlives_a_later_stop() {
    let suite = support::shipped();
    let case = row(&suite, REFUSED);
    let mut transcript = answered(case, success());
    transcript.stopped = Some(Stop::Unreachable("the next step got no answer".into()));
    let verdict = judged(&suite, case, &transcript, false).verdict;
    assert!(matches!(verdict, Verdict::Fail(_)), "{verdict:?}");
}

#[test]
fn after_a_lost_answer_a_departure_is_in_doubt_and_a_right_answer_is_right() {
    let suite = support::shipped();
    let case = row(&suite, REFUSED);
    for (line, wrong) in [
        ("GET / HTTP/1.1", Verdict::Error(ErrorReason::Unreachable)),
        // Nothing left, so the second time was the first.
        ("", Verdict::Fail("status".into())),
    ] {
        let twice = |answer: Response| {
            let mut transcript = answered(case, answer);
            let attempts = &mut transcript.steps[0].attempts;
            let mut lost = attempts[0].clone();
            line.clone_into(&mut lost.sent_line);
            lost.outcome = Err(TransportError::Lost("reset".into()));
            attempts.insert(0, lost);
            judged(&suite, case, &transcript, false).verdict
        };
        assert_eq!(twice(success()), wrong, "{line}");
        assert_eq!(twice(refusal()), Verdict::Pass(PassReason::Clean), "{line}");
    }
}

#[test]
fn being_turned_away_is_no_answer_and_what_an_earlier_step_showed_stays() {
    let suite = support::shipped();
    let case = row(&suite, REFUSED);
    let mut transcript = answered(case, success());
    transcript.stopped = Some(Stop::RateLimited("come again later".into()));
    let judgement = judged(&suite, case, &transcript, false);
    assert_eq!(judgement.verdict, Verdict::Error(ErrorReason::RateLimited));
    assert!(judgement.checks.iter().all(Vec::is_empty));
    let mut later = transcript.steps[0].clone();
    later.part = Part::Then;
    transcript.steps.push(later);
    let verdict = judged(&suite, case, &transcript, false).verdict;
    assert!(matches!(verdict, Verdict::Fail(_)), "{verdict:?}");
}

#[test]
fn a_row_of_which_nothing_was_sent_is_a_fault_of_ours() {
    let suite = support::shipped();
    let case = row(&suite, REFUSED);
    let verdict = judged(&suite, case, &Transcript::default(), false).verdict;
    assert_eq!(verdict, Verdict::Error(ErrorReason::HarnessFault));
}

#[test]
fn an_observed_row_tells_what_it_saw_and_judges_nothing() {
    let suite = support::shipped();
    let case = suite
        .plan
        .cases
        .iter()
        .find(|case| case.observe.is_some())
        .expect("an observed row");
    for response in [success(), refusal(), answer(500, &json!("broken"))] {
        let seen = response.status.to_string();
        for strict in [false, true] {
            let judgement = judged(&suite, case, &answered(case, response.clone()), strict);
            assert_eq!(judgement.verdict, Verdict::Skip(SkipReason::OnlyObserved));
            assert!(judgement.detail.is_some_and(|told| told.contains(&seen)));
        }
    }
}

#[test]
fn an_undocumented_member_warns_and_fails_only_when_strict() {
    let suite = support::shipped();
    let case = row(&suite, CONTROL);
    let mut response = success();
    set(&mut response, "trace", json!("1"));
    let transcript = answered(case, response);
    assert_eq!(
        judged(&suite, case, &transcript, false).verdict,
        Verdict::Pass(PassReason::WithWarnings)
    );
    assert_eq!(
        judged(&suite, case, &transcript, true).verdict,
        Verdict::Fail("conforms".into())
    );
}

#[test]
fn a_fault_of_ours_comes_before_any_finding_about_the_target() {
    let suite = support::shipped();
    let case = row(&suite, CONTROL);
    for response in [success(), refusal()] {
        let mut transcript = answered(case, response);
        transcript.stopped = Some(Stop::Harness("a header left undeclared".into()));
        let judgement = judged(&suite, case, &transcript, false);
        assert_eq!(judgement.verdict, Verdict::Error(ErrorReason::HarnessFault));
        assert_eq!(
            judgement.detail.as_deref(),
            Some("a header left undeclared")
        );
    }
}
