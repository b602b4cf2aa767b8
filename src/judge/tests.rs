//! The judge on rows about the door: what each part of a transcript adds to the verdict.

#![cfg(test)]

use super::{
    Judgement,
    sample::{answer, no_answer, plan, plan_of, record, row},
    steps,
};
use crate::{
    contract::sample::{contract, numbered},
    plan::Plan,
    result::{ErrorReason, Part, PassReason, RequestOutcome, SkipReason, Stop, Subject, Verdict},
    transcript::{StepRecord, Transcript},
};

const OPEN: &str = r#"{"status":"OPEN"}"#;
const REFUSED: &str = r#"{"error_code":"A.0001","error_msg":"m"}"#;

/// `refused` has a step in every part, each an answer of the bell; `seen` is only observed.
fn rows() -> Plan {
    let bell = "[{ name: bell, operation: ringBell, expect: { status: 204 } }]";
    plan(&format!(
        "
  - id: refused
    covers: D-CLIENT
    without: {{ header: X-client-id }}
    setup: {bell}
    expect: {{ error: A.0001 }}
    then: {bell}
    cleanup: {bell}
  - id: seen
    covers: D-LOOK
    without: {{ header: X-L }}
    observe: Nobody says.
    then: [{{ name: bell, operation: ringBell }}]
  - id: bound
    covers: D-CLIENT
    without: {{ header: X-client-id }}
    expect: {{ error: \"${{target.code}}\" }}
  - id: beyond
    covers: D-CLIENT
    without: {{ header: X-client-id }}
    expect:
      any-of:
        - {{ status: 200, body: {{ colour: red }}, beyond-contract: It is seen. }}
        - {{ status: 418, beyond-contract: It is seen. }}
        - {{ error: A.0004, beyond-contract: It is seen. }}
        - {{ error: A.0001 }}
  - id: spoken
    covers: D-CLIENT
    without: {{ header: X-client-id }}
    expect: {{ error: any, message: {{ language: zh }} }}
  - id: elsewhere
    covers: D-OPEN
    without: {{ header: X-L }}
    expect: {{ status: 200 }}
    then: [{{ name: other, request: GET /other, expect: {{ status: 200 }} }}]
"
    ))
}

fn judge(
    plan: &Plan,
    name: &str,
    steps: Vec<StepRecord>,
    stop: Option<Stop>,
    strict: bool,
) -> Judgement {
    let stopped = stop;
    super::case(
        row(plan, name),
        &Transcript { steps, stopped },
        contract(),
        strict,
    )
}

/// What was told of each step; of a held check its key, of another the mismatch, `?` before a warning.
fn findings(judgement: &Judgement) -> Vec<Vec<String>> {
    let one = |result: &crate::result::CheckResult| {
        let mark = if result.warning { "? " } else { "" };
        match &result.mismatch {
            None => format!("{mark}{}", result.check),
            Some(mismatch) => format!("{mark}{} {mismatch}", result.check),
        }
    };
    let steps = judgement.checks.iter();
    steps.map(|step| step.iter().map(one).collect()).collect()
}

/// The four steps of `refused`, each answered with these statuses.
fn steps(setup: u16, request: u16, then: u16, cleanup: u16) -> Vec<StepRecord> {
    let bell = |part, status| record(part, Some(0), vec![answer(status, "")]);
    let refused = vec![answer(request, REFUSED)];
    vec![
        bell(Part::Setup, setup),
        record(Part::Request, Some(0), refused),
        bell(Part::Then, then),
        bell(Part::Cleanup, cleanup),
    ]
}

#[test]
fn a_row_passes_when_its_request_and_what_follows_are_right() {
    let judgement = judge(&rows(), "refused", steps(204, 400, 204, 204), None, false);
    assert_eq!(judgement.verdict, Verdict::Pass(PassReason::Clean));
    assert_eq!(judgement.detail, None);
    assert_eq!(
        findings(&judgement),
        [
            vec!["status", "conforms"],
            vec!["status", "error-code", "conforms"],
            vec!["status", "conforms"],
            vec![]
        ]
    );
}

#[test]
fn request_and_then_fail_a_row_and_the_parts_around_them_do_not() {
    let plan = rows();
    let verdict = |steps| judge(&plan, "refused", steps, None, false).verdict;
    let broken = || Verdict::Fail("status".into());
    assert_eq!(verdict(steps(204, 401, 204, 204)), broken());
    assert_eq!(verdict(steps(204, 400, 500, 204)), broken());
    assert_eq!(
        verdict(steps(500, 400, 204, 204)),
        Verdict::Pass(PassReason::WithWarnings)
    );
    assert_eq!(
        verdict(steps(204, 400, 204, 500)),
        Verdict::Pass(PassReason::Clean)
    );
}

#[test]
fn a_row_of_which_nothing_was_judged_is_a_fault_of_ours() {
    let plan = rows();
    let fault = |steps| {
        let judgement = judge(&plan, "refused", steps, None, false);
        assert_eq!(judgement.verdict, Verdict::Error(ErrorReason::HarnessFault));
        let why = "no check was made, so nothing is proven";
        assert_eq!(judgement.detail.as_deref(), Some(why));
    };
    let right = || vec![answer(204, "")];
    fault(Vec::new());
    fault(vec![record(Part::Setup, Some(0), right())]);
    fault(vec![record(Part::Cleanup, Some(0), right())]);
    // A provider's step has no place among the row's own.
    fault(vec![record(
        Part::Request,
        None,
        vec![answer(400, REFUSED)],
    )]);
    fault(vec![record(Part::Request, Some(0), Vec::new())]);
    fault(vec![record(Part::Request, Some(0), vec![no_answer()])]);
}

#[test]
fn the_last_attempt_counts() {
    let plan = rows();
    let verdict = |outcomes| {
        let steps = vec![record(Part::Request, Some(0), outcomes)];
        judge(&plan, "refused", steps, None, false).verdict
    };
    let (wrong, right) = (|| answer(401, REFUSED), || answer(400, REFUSED));
    assert_eq!(
        verdict(vec![wrong(), right()]),
        Verdict::Pass(PassReason::Clean)
    );
    assert!(matches!(verdict(vec![right(), wrong()]), Verdict::Fail(_)));
}

#[test]
fn a_soft_finding_warns_and_fails_a_strict_run() {
    let plan = rows();
    let more = || {
        vec![record(
            Part::Request,
            Some(0),
            vec![answer(200, r#"{"status":"OPEN","x":1}"#)],
        )]
    };
    let judgement = judge(&plan, "control", more(), None, false);
    assert_eq!(judgement.verdict, Verdict::Pass(PassReason::WithWarnings));
    let finding =
        "conforms body /x: expected absent: the contract documents no such member but was 1";
    assert_eq!(
        findings(&judgement),
        [["status", "body", &format!("? {finding}")]]
    );
    let judgement = judge(&plan, "control", more(), None, true);
    assert_eq!(judgement.verdict, Verdict::Fail("conforms".into()));
    assert_eq!(findings(&judgement), [["status", "body", finding]]);
}

#[test]
fn a_strict_run_forgives_what_is_expected_beyond_the_contract_and_nothing_else() {
    let plan = rows();
    let verdict = |status, body: &str| {
        let steps = vec![record(Part::Request, Some(0), vec![answer(status, body)])];
        judge(&plan, "beyond", steps, None, true).verdict
    };
    let warned = || Verdict::Pass(PassReason::WithWarnings);
    let refusal = |code: &str| format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#);
    assert_eq!(verdict(418, ""), warned());
    assert_eq!(verdict(400, &refusal("A.0004")), warned());
    assert_eq!(
        verdict(400, &refusal("A.0001")),
        Verdict::Pass(PassReason::Clean)
    );
    assert_eq!(
        verdict(200, r#"{"status":"OPEN","colour":"red"}"#),
        warned()
    );
    // A further member is one that nobody expects.
    assert_eq!(
        verdict(200, r#"{"status":"OPEN","colour":"red","size":1}"#),
        Verdict::Fail("conforms".into())
    );
}

#[test]
fn a_computed_value_of_another_type_is_an_error_with_its_place_and_never_a_fail() {
    let code = |code: serde_json::Value| {
        let mut step = record(Part::Request, Some(0), vec![answer(400, REFUSED)]);
        let target = serde_json::json!({ "code": code });
        step.bindings.insert("target".into(), target);
        judge(&rows(), "bound", vec![step], None, false)
    };
    assert_eq!(
        code("A.0001".into()).verdict,
        Verdict::Pass(PassReason::Clean)
    );
    assert_eq!(code("A.0003".into()).verdict, Verdict::Fail("error".into()));
    let judgement = code(40001.into());
    assert_eq!(judgement.verdict, Verdict::Error(ErrorReason::SetupFailed));
    let detail = judgement.detail.unwrap();
    assert!(detail.starts_with("cases/ciam/door/rows.yaml:"), "{detail}");
    assert!(
        detail.ends_with("`error` as computed: expected a text, found a number"),
        "{detail}"
    );
}

#[test]
fn a_text_that_the_documents_lack_is_an_error_where_nothing_else_is_wrong() {
    let plan = rows();
    let judgement = |status, body: &str| {
        let steps = vec![record(Part::Request, Some(0), vec![answer(status, body)])];
        judge(&plan, "spoken", steps, None, false)
    };
    let late = r#"{"error_code":"A.0003","error_msg":"Too late"}"#;
    let judged = judgement(400, late);
    assert_eq!(judged.verdict, Verdict::Error(ErrorReason::SetupFailed));
    let detail = judged.detail.unwrap();
    assert!(
        detail.ends_with("the documents have no text of `A.0003` in `zh`"),
        "{detail}"
    );
    let judged = judgement(401, late);
    assert_eq!(judged.verdict, Verdict::Fail("status".into()));
}

#[test]
fn a_departure_from_the_contract_fails_a_row_that_did_not_ask() {
    let text = answer(200, r#"{"status":"OPEN","expire":"1"}"#);
    let judgement = judge(
        &rows(),
        "control",
        vec![record(Part::Request, Some(0), vec![text])],
        None,
        false,
    );
    assert_eq!(judgement.verdict, Verdict::Fail("conforms".into()));
}

#[test]
fn what_an_expectation_complains_about_is_not_told_twice_and_the_rest_is() {
    let wrong = answer(200, r#"{"status":3,"expire":"1","x":1}"#);
    let judgement = judge(
        &rows(),
        "control",
        vec![record(Part::Request, Some(0), vec![wrong])],
        None,
        false,
    );
    let findings = findings(&judgement);
    let places: Vec<_> = findings[0]
        .iter()
        .map(|one| one.split(':').next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "status",
            "conforms body /expire",
            "body body /status",
            "? conforms body /x"
        ]
    );
    assert_eq!(judgement.verdict, Verdict::Fail("conforms".into()));
}

#[test]
fn two_findings_at_one_place_are_both_told() {
    let without_message = || vec![record(Part::Request, Some(0), vec![answer(400, "{}")])];
    let judgement = judge(&rows(), "refused", without_message(), None, false);
    let findings = findings(&judgement);
    let places: Vec<_> = findings[0]
        .iter()
        .map(|one| one.split(':').next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "status",
            "error-code body /error_code",
            "conforms body /error_msg"
        ]
    );
}

#[test]
fn outside_the_contract_only_what_was_asked_is_judged() {
    let steps = vec![
        record(Part::Request, Some(0), vec![answer(200, OPEN)]),
        record(Part::Then, Some(0), vec![answer(200, "<p>")]),
    ];
    let judgement = judge(&rows(), "elsewhere", steps, None, false);
    assert_eq!(
        findings(&judgement),
        [vec!["status", "conforms"], vec!["status"]]
    );
}

#[test]
fn an_observed_row_tells_what_it_saw_and_warns_at_most() {
    let plan = rows();
    let seen = |steps: Vec<StepRecord>| {
        let judgement = judge(&plan, "seen", steps, None, true);
        assert_eq!(judgement.verdict, Verdict::Skip(SkipReason::OnlyObserved));
        let all = judgement.checks.iter().flatten();
        assert!(all.clone().count() > 0 && all.clone().all(|result| result.warning));
        judgement.detail.unwrap()
    };
    let request = |outcome| record(Part::Request, Some(0), vec![outcome]);
    let detail = |seen: &str| format!("Nobody says. Seen: {seen}.");
    for (status, body, word) in [
        (400, REFUSED, "A.0001"),
        (200, OPEN, "OPEN"),
        (200, r#"{"error_code":"A.2","status":"OPEN"}"#, "A.2"),
        (500, "", "no body"),
        (200, "[1]", "a body"),
    ] {
        let text = format!("request answered {status} with {word}");
        assert_eq!(seen(vec![request(answer(status, body))]), detail(&text));
    }
    let more = vec![
        record(Part::Setup, None, vec![answer(200, "")]),
        request(answer(200, OPEN)),
        record(Part::Then, Some(0), vec![no_answer()]),
        record(Part::Then, Some(0), vec![answer(204, "")]),
        record(Part::Cleanup, Some(0), vec![answer(200, "")]),
    ];
    let text = "request answered 200 with OPEN, then answered 204 with no body";
    assert_eq!(seen(more), detail(text));
}

#[test]
fn an_observed_row_tells_the_code_that_stands_where_the_error_table_says() {
    let body = r#"{"fault":{"number":40001},"error_code":"A.0001","status":"OPEN"}"#;
    let transcript = Transcript {
        steps: vec![record(Part::Request, Some(0), vec![answer(400, body)])],
        stopped: None,
    };
    let judgement = super::case(row(&rows(), "seen"), &transcript, numbered(), false);
    let text = "Nobody says. Seen: request answered 400 with 40001.";
    assert_eq!(judgement.detail.as_deref(), Some(text));
}

#[test]
fn a_value_that_is_not_bound_is_trouble_of_the_preparation() {
    let steps = vec![record(Part::Request, Some(0), vec![answer(400, REFUSED)])];
    let judgement = judge(&rows(), "bound", steps, None, false);
    assert_eq!(judgement.verdict, Verdict::Error(ErrorReason::SetupFailed));
    assert!(judgement.detail.unwrap().contains("code"));
}

#[test]
fn each_stop_has_its_verdict_and_its_words() {
    let plan = rows();
    let why = || "why".to_owned();
    let stops = [
        (Stop::Setup(why()), Verdict::Error(ErrorReason::SetupFailed)),
        (
            Stop::Answered(why()),
            Verdict::Error(ErrorReason::SetupFailed),
        ),
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
            Stop::NotProvided(why()),
            Verdict::Skip(SkipReason::NotProvided),
        ),
        (
            Stop::Harness(why()),
            Verdict::Error(ErrorReason::HarnessFault),
        ),
        (Stop::Interrupted, Verdict::Error(ErrorReason::Interrupted)),
    ];
    for (stop, verdict) in stops {
        let words = match &stop {
            Stop::Interrupted => "the run was stopped before this row",
            _ => "why",
        };
        let judged = |name, steps| judge(&plan, name, steps, Some(stop.clone()), false);
        for steps in [Vec::new(), steps(204, 400, 204, 204)] {
            let judgement = judged("refused", steps);
            assert_eq!(judgement.verdict, verdict, "{stop:?}");
            assert_eq!(judgement.detail.as_deref(), Some(words));
        }
        // A departure that was seen stays one, unless the fault is ours.
        let judgement = judged("refused", steps(204, 401, 204, 204));
        let masked = matches!(stop, Stop::Harness(_));
        assert_eq!(
            matches!(judgement.verdict, Verdict::Fail(_)),
            !masked,
            "{stop:?}"
        );
        assert_eq!(judgement.detail.is_some(), masked);
    }
}

#[test]
fn what_the_target_turned_away_until_the_end_was_never_answered() {
    let plan = rows();
    let judged = |steps, stop| judge(&plan, "refused", steps, Some(stop), false);
    let limited = || Stop::RateLimited("too many".into());
    // The step before it was, and what is cleaned up after it is no part of the matter.
    let judgement = judged(steps(204, 400, 429, 204), limited());
    assert_eq!(judgement.verdict, Verdict::Error(ErrorReason::RateLimited));
    let counts: Vec<_> = judgement.checks.iter().map(Vec::len).collect();
    assert_eq!(counts, [2, 3, 0, 0]);
    let departed = judged(steps(204, 401, 429, 204), limited());
    assert_eq!(departed.verdict, Verdict::Fail("status".into()));
    let other = judged(steps(204, 400, 429, 204), Stop::Unreachable("why".into()));
    assert_eq!(other.verdict, Verdict::Fail("status".into()));
}

#[test]
fn a_departure_after_an_answer_was_lost_is_in_doubt() {
    let plan = rows();
    let verdict = |outcomes, sent: bool, then: u16| {
        let mut request = record(Part::Request, Some(0), outcomes);
        for attempt in &mut request.attempts {
            attempt.sent_line = if sent {
                "POST /door/open".into()
            } else {
                String::new()
            };
        }
        let then = record(Part::Then, Some(0), vec![answer(then, "")]);
        judge(&plan, "refused", vec![request, then], None, false)
    };
    let (lost, wrong, right) = (no_answer, || answer(401, REFUSED), || answer(400, REFUSED));
    let doubt = verdict(vec![lost(), wrong()], true, 204);
    assert_eq!(doubt.verdict, Verdict::Error(ErrorReason::Unreachable));
    let why = "step `request` was sent again after its answer was lost, so what it is told now may \
               be the doing of the first time";
    assert_eq!(doubt.detail.as_deref(), Some(why));
    let fail = Verdict::Fail("status".into());
    let pass = Verdict::Pass(PassReason::Clean);
    for (outcomes, sent, then, expected) in [
        (vec![lost(), right()], true, 204, &pass),
        // Nothing had left the first time.
        (vec![lost(), wrong()], false, 204, &fail),
        // No answer was lost.
        (vec![wrong(), wrong()], true, 204, &fail),
        // Another step departs for certain.
        (vec![lost(), wrong()], true, 500, &fail),
        (vec![lost(), lost(), right()], true, 500, &fail),
    ] {
        assert_eq!(&verdict(outcomes, sent, then).verdict, expected);
    }
    // What a preparation answered was never a departure of the row.
    let mut setup = record(Part::Setup, Some(0), vec![lost(), answer(500, "")]);
    setup.attempts[0].sent_line = "GET /door/bell".into();
    let steps = vec![setup, record(Part::Request, Some(0), vec![right()])];
    let judgement = judge(&plan, "refused", steps, None, false);
    assert_eq!(judgement.verdict, Verdict::Pass(PassReason::WithWarnings));
}

#[test]
fn a_result_points_to_where_its_expectation_is_written() {
    let file = "edition: ciam\noperation: ringBell\nrequest: { headers: { X-client-id: me } }\n\
                control: { covers: B-RING, expect: { status: 204 } }\n";
    let plan = plan_of(file);
    let steps = vec![record(Part::Request, Some(0), vec![answer(204, "")])];
    let judgement = judge(&plan, "control", steps, None, false);
    let source = &judgement.checks[0][0].source;
    assert_eq!(source.file, "cases/ciam/door/rows.yaml");
    assert_eq!((source.line, source.column), (4, 46));
    assert_eq!(Some(source.excerpt.as_str()), file.lines().nth(3));
}

#[test]
fn a_documented_error_is_a_refusal_under_any_number() {
    let outcome = |status: u16, body: &str| {
        let steps = vec![record(Part::Request, Some(0), vec![answer(status, body)])];
        judge(&rows(), "refused", steps, None, false).outcome
    };
    assert_eq!(outcome(400, REFUSED), Some(RequestOutcome::Refused));
    assert_eq!(outcome(403, REFUSED), Some(RequestOutcome::Refused));
    for (status, body) in [
        (400, "{}"),
        (403, r#"{"error_code":"A.9999"}"#),
        (502, "<p>"),
    ] {
        let found = outcome(status, body);
        assert_eq!(found, Some(RequestOutcome::Undocumented), "{status} {body}");
    }
    assert_eq!(outcome(200, OPEN), Some(RequestOutcome::Accepted));
    assert_eq!(outcome(201, OPEN), Some(RequestOutcome::Undocumented));
}

#[test]
fn a_check_that_could_not_be_made_says_nothing_of_what_it_is_about() {
    let plan = rows();
    let subjects = |status: u16, body: &str| {
        let steps = vec![record(Part::Request, Some(0), vec![answer(status, body)])];
        let transcript = Transcript {
            steps,
            stopped: None,
        };
        let (judged, _) = steps::all(row(&plan, "spoken"), &transcript, contract(), false);
        judged[0].subjects.clone()
    };
    assert!(subjects(400, REFUSED).contains(&Subject::Message));
    // The documents have no Chinese text of this code, and the status is a finding beside it.
    let without = r#"{"error_code":"A.0003","error_msg":"m"}"#;
    assert!(!subjects(401, without).contains(&Subject::Message));
}
