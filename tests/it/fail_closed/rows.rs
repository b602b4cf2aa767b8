//! One row: a fault of ours, trouble on the way or a missing fixture is never a pass.

use std::sync::Arc;

use probity::{
    check::{BoundCheck, CheckKind},
    diag::Span,
    engine::{StopLevel, StopSignal},
    exchange::{Exchange, Request, Response, Tape, TransportError},
    judge,
    plan::TestCase,
    report::explain,
    result::{CaseResult, ErrorReason, Part, SkipReason, StepOwner, Stop, Verdict},
    session,
    suite::Suite,
    transcript::{StepRecord, Transcript},
    yaml::{Field, Node, Shape},
};
use serde_json::{Map, Value, json};

use super::{Bench, ends, row};
use crate::support;

/// G5: neither the author nor a step without an operation gets a pass for nothing.
#[test]
fn a_row_without_a_check_is_a_fault_of_the_harness_and_never_a_pass() {
    let suite = support::shipped();
    let control = support::rows(&suite, "ciam/skip-update/documented/control").remove(0);
    let mut case = Arc::unwrap_or_clone(control);
    case.request.checks = Arc::default();
    case.request.operation = None;
    let judged = judged(&suite, &case, Ok(answer(200, "{}")));
    assert_eq!(judged.verdict, Verdict::Error(ErrorReason::HarnessFault));
    let why = "no check was made, so nothing is proven";
    assert_eq!(judged.detail.as_deref(), Some(why));
    ends(
        &support::report(vec![row(&case.id, judged.verdict)]),
        4,
        "the harness itself failed in 1 row",
    );
}

static PANICS: CheckKind = CheckKind {
    field: Field::new("status", Shape::Any, "A check with a mistake of ours."),
    lint: |_, _, _| {},
    subjects: |_, _| Vec::new(),
    evaluate: |_, _| panic!("an index out of bounds"),
};

fn panics(span: &Span) -> BoundCheck {
    BoundCheck::one(&PANICS, Node::from_json(&Value::Null, span), false)
}

/// G6.
#[tokio::test]
async fn a_panic_inside_a_check_is_an_error_and_the_run_is_invalid() {
    let mut bench = Bench::new("ciam/skip-update/token/", None).await;
    let broken = bench
        .cases
        .iter_mut()
        .find(|case| !case.control && case.observe.is_none() && case.prerequisites.is_empty())
        .expect("a judged row");
    let (id, span) = (broken.id.clone(), broken.span.clone());
    Arc::make_mut(broken).request.checks = [panics(&span)].into();
    let report = bench.run().await;
    for case in &report.cases {
        let fault = case.verdict.is_harness_fault();
        assert_eq!(fault, case.id == id, "{}: {:?}", case.id, case.verdict);
        if fault {
            let told = explain::message(case);
            assert!(told.contains("the harness panicked in this row"), "{told}");
        }
    }
    assert!(report.counts().passed > 0);
    ends(&report, 4, "the harness itself failed in 1 row");
}

/// G6: the rows behind a control that cannot be judged are not judged either.
#[tokio::test]
async fn a_panic_in_a_control_leaves_no_row_behind_it_passed() {
    let mut bench = Bench::new("ciam/skip-update/token/", None).await;
    for case in bench.cases.iter_mut().filter(|case| case.control) {
        let span = case.span.clone();
        Arc::make_mut(case).request.checks = [panics(&span)].into();
    }
    let report = bench.run().await;
    assert_eq!(report.counts().passed, 0);
    assert_eq!(report.conclusion().exit_code(), 4);
}

fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: body.into(),
        defects: Vec::new(),
    }
}

/// What the judge says about a row whose request got this.
fn judged(
    suite: &Suite,
    case: &TestCase,
    outcome: Result<Response, TransportError>,
) -> judge::Judgement {
    let stopped = outcome
        .as_ref()
        .err()
        .map(|e| Stop::Unreachable(e.to_string()));
    let mut bindings = Map::new();
    bindings.insert("matrix".into(), case.matrix.clone());
    bindings.insert("target".into(), json!({ "session_expire": 43200 }));
    let record = StepRecord {
        name: "request".into(),
        owner: StepOwner::Case,
        part: Part::Request,
        index: Some(0),
        route: String::new(),
        attempts: vec![Exchange {
            request: Request {
                method: case.request.method.clone(),
                url: format!("http://tenant.invalid{}", case.request.path),
                headers: Vec::new(),
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
            elapsed: std::time::Duration::ZERO,
            at_ms: 1_000,
        }],
        bindings,
    };
    let transcript = Transcript {
        steps: vec![record],
        stopped,
    };
    let contract = suite.contracts.iter().find(|c| c.edition == case.edition);
    judge::case(case, &transcript, contract.expect("a contract"), false)
}

/// G11: of all rows that want a refusal, none takes a fault, a silence or a bare status for it.
#[test]
fn no_row_that_wants_a_refusal_takes_trouble_for_one() {
    let suite = support::shipped();
    let wants = |case: &&Arc<TestCase>| {
        let checks = &case.request.checks;
        case.observe.is_none() && checks.iter().any(|check| check.key() == "error")
    };
    let rows: Vec<&Arc<TestCase>> = suite.plan.cases.iter().filter(wants).collect();
    assert!(rows.len() > 100, "{}", rows.len());
    let code = r#"{"error_code":"IDAAS.SDK.PARAM.0002","error_msg":"clientId cannot be empty"}"#;
    let reset = || Err(TransportError::Lost("connection reset".into()));
    for case in rows {
        for (trouble, outcome) in [
            (
                "a server fault with a documented code",
                Ok(answer(500, code)),
            ),
            ("a success with a documented code", Ok(answer(200, code))),
            ("a bare status", Ok(answer(400, ""))),
            ("a status with an object", Ok(answer(400, "{}"))),
            (
                "another code",
                Ok(answer(400, r#"{"error_code":"X.1","error_msg":"no"}"#)),
            ),
            ("a reset", reset()),
        ] {
            let unreachable = outcome.is_err();
            let verdict = judged(&suite, case, outcome).verdict;
            assert!(!verdict.is_pass(), "{}: {trouble} passed", case.id);
            assert_eq!(
                verdict == Verdict::Error(ErrorReason::Unreachable),
                unreachable,
                "{}: {trouble}: {verdict:?}",
                case.id
            );
        }
    }
}

/// G12.
#[tokio::test]
async fn a_fixture_that_cannot_be_made_is_an_error_that_names_its_provider() {
    let mut bench = Bench::new("ciam/skip-update/headers/", None).await;
    for settings in bench.target.editions.values_mut() {
        let user = settings.providers.get_mut("user").expect("the provider");
        user.steps_mut()[0].path = "/__mock/no-such-path".to_owned();
    }
    let report = bench.run().await;
    let control = report.cases.iter().find(|case| case.control);
    let told = explain::message(control.expect("a control"));
    assert!(
        told.contains("provider `user`, step `create-user`"),
        "{told}"
    );
    let why = format!("{} rows could not be judged", report.planned);
    ends(&report, 2, &why);
}

/// G12: a need that the target does not offer is a skip that names it, and no pass.
#[tokio::test]
async fn a_provider_that_is_missing_is_named_and_the_run_is_no_success() {
    let mut bench = Bench::new("ciam/skip-update/", None).await;
    for settings in bench.target.editions.values_mut() {
        settings
            .providers
            .remove("disable-user")
            .expect("the provider");
    }
    let report = bench.run().await;
    let skipped = Verdict::Skip(SkipReason::NotProvided);
    let lacking: Vec<_> = report
        .cases
        .iter()
        .filter(|c| c.verdict == skipped)
        .collect();
    assert!(!lacking.is_empty());
    for case in &lacking {
        let told = explain::message(case);
        assert_eq!(told, "the target does not provide `disable-user`");
    }
    assert_eq!(report.conclusion().exit_code(), 2);
}

/// Planned is executed plus not run: a run that is stopped says so for every row.
#[tokio::test]
async fn rows_that_a_stopped_run_did_not_start_are_told_and_are_no_success() {
    let bench = Bench::new("ciam/skip-update/token/", None).await;
    let engine = support::engine(bench.suite.contracts, &bench.cases, bench.target);
    let stopped = StopSignal::fixed(StopLevel::Finish);
    let engine = Arc::new(engine);
    let results = session::run(&engine, &bench.cases, 4, stopped, &mut |_: &CaseResult| {}).await;
    assert_eq!(results.len(), bench.cases.len());
    for case in &results {
        assert_eq!(case.verdict, Verdict::Error(ErrorReason::Interrupted));
        let told = explain::message(case);
        assert_eq!(told, "the run was stopped before this row");
    }
    let why = format!("{} rows could not be judged", results.len());
    ends(&support::report(results), 2, &why);
}
