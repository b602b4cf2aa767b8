//! Every verdict there is, made by a run or by the judge; and one cause, told once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use probity::{
    check::{BoundCheck, CHECKS, CheckKind},
    embedded,
    engine::{StopLevel, StopSignal},
    exchange::{Exchange, Request, Response, Tape},
    judge,
    mock::{Dialect, MockOptions, MockServer, Rewrite},
    plan::TestCase,
    rejudge::rejudge,
    report::console,
    result::{
        CaseResult, ErrorReason, Part, PassReason, RunReport, SkipReason, StepOwner, Verdict,
    },
    session,
    suite::Suite,
    target::{Profile, Provider, Target},
    transcript::{StepRecord, Transcript},
    yaml::Node,
};
use serde_json::{Map, Value, json};

use crate::{loopback, support};

const ROWS: &str = "ciam/skip-update/headers/";
const CONTROL: &str = "ciam/skip-update/headers/control";

/// How each reason is made, and in which shape. A reason without an arm does not compile.
async fn made(verdict: &Verdict) -> Verdict {
    match verdict {
        Verdict::Pass(PassReason::Clean) => control(run(Departure::None).await),
        Verdict::Pass(PassReason::WithWarnings) => control(run(Departure::FurtherMember).await),
        Verdict::Fail(_) => control(run(Departure::OtherStatus).await),
        Verdict::Error(ErrorReason::ControlFailed) => row(run(Departure::OtherStatus).await),
        Verdict::Error(ErrorReason::SetupFailed) => control(run(Departure::NoAccounts).await),
        Verdict::Error(ErrorReason::Unreachable) => control(run(Departure::NobodyListens).await),
        Verdict::Error(ErrorReason::Desync) => control(run(Departure::SaysMore).await),
        Verdict::Error(ErrorReason::RateLimited) => control(run(Departure::TurnsAway).await),
        Verdict::Error(ErrorReason::Interrupted) => control(run(Departure::Stopped).await),
        Verdict::Error(ErrorReason::HarnessFault) => row(run(Departure::NoControl).await),
        Verdict::Skip(SkipReason::BreakerOpen) => control(run(Departure::BreaksDown).await),
        Verdict::Skip(SkipReason::BudgetSpent) => control(run(Departure::NoBudget).await),
        Verdict::Skip(SkipReason::NotInProfile) => control(run(Departure::ReadOnly).await),
        Verdict::Skip(SkipReason::NotProvided) => control(run(Departure::NoProvider).await),
        Verdict::Skip(SkipReason::OnlyObserved) => {
            let results = run(Departure::None).await;
            let observed = results
                .into_iter()
                .find(|case| case.id.contains("/open/") && !case.control);
            observed.expect("an observed row").verdict
        }
        Verdict::Skip(SkipReason::ToBeFilledIn) => control(run(Departure::Draft).await),
        Verdict::Skip(SkipReason::NotRejudgeable) => {
            let mut results = run(Departure::None).await;
            for result in &mut results {
                "another request".clone_into(&mut result.basis.sends);
            }
            let report = support::report(results);
            let again = rejudge(&report, &support::shipped()).expect("a record of this suite");
            control(again.report.cases.into_iter().collect())
        }
    }
}

/// What is wrong with the target, or with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Departure {
    None,
    FurtherMember,
    OtherStatus,
    NoAccounts,
    NoProvider,
    NobodyListens,
    BreaksDown,
    NoBudget,
    ReadOnly,
    TurnsAway,
    SaysMore,
    NoControl,
    /// Nobody has filled the rows in.
    Draft,
    Stopped,
}

fn control(results: Vec<CaseResult>) -> Verdict {
    let control = results.into_iter().find(|case| case.id == CONTROL);
    control.expect("the control").verdict
}

/// A row that needs the control.
fn row(results: Vec<CaseResult>) -> Verdict {
    let row = results.into_iter().find(|case| !case.control);
    row.expect("a row").verdict
}

/// Runs a few rows of CIAM against a mock that departs like this.
async fn run(departure: Departure) -> Vec<CaseResult> {
    let mut options = MockOptions::new(Dialect::Ciam);
    let rewrite: Rewrite = Arc::new(move |operation, answer| {
        if operation != "skipPasswordUpdate" || answer.status != 200 {
            return;
        }
        if departure == Departure::OtherStatus {
            answer.status = 201;
        }
        if let (Departure::FurtherMember, Ok(Value::Object(mut body))) =
            (departure, serde_json::from_slice(&answer.body))
        {
            body.insert("trace".to_owned(), json!("1"));
            answer.body = Value::Object(body).to_string().into_bytes();
        }
    });
    options.rewrite = Some(rewrite);
    let mock = MockServer::start(options).await.expect("a mock");
    let mut suite = support::shipped();
    let mut cases = support::rows(&suite, ROWS);
    cases.extend(support::rows(&suite, "ciam/skip-update/open/"));
    let front = loopback::front(mock.base_url(), move |request| {
        let answer = match departure {
            Departure::TurnsAway => loopback::turned_away(),
            Departure::SaysMore => format!("{0}{0}", loopback::http("200 OK", "text/plain", "")),
            _ => return None,
        };
        request.contains("/pwd/skip-update").then_some(answer)
    })
    .await;
    let mut target = support::target_at(&mut suite, &[support::CIAM], &front.url);
    let settings = target.editions.get_mut(&support::CIAM).expect("CIAM");
    let mut jobs = 8;
    match departure {
        Departure::NoAccounts => {
            let user = settings.providers.get_mut("user").expect("the provider");
            "/__mock/no-such-path".clone_into(&mut user.steps_mut()[0].path);
        }
        Departure::NoProvider => {
            settings
                .providers
                .remove("account-warn")
                .expect("the provider");
        }
        Departure::NobodyListens => {
            // Nothing has to be fetched first, so that it is the request that finds nobody.
            target =
                loopback::with_constants(support::at(target, &[support::CIAM], loopback::DEAD));
        }
        Departure::BreaksDown => {
            // Another control finds nobody first, and that is the end of it.
            target =
                loopback::with_constants(support::at(target, &[support::CIAM], loopback::DEAD));
            target.limits.breaker = 1;
            cases.reverse();
            jobs = 1;
        }
        Departure::NoBudget => target.budget = [("accounts".to_owned(), 0)].into(),
        Departure::ReadOnly => target.permit(Profile::ReadOnly).expect("a permit"),
        Departure::Draft => {
            for case in &mut cases {
                Arc::make_mut(case).todo = Some("who is asked".to_owned());
            }
        }
        Departure::NoControl => cases.retain(|case| !case.control),
        _ => {}
    }
    let engine = support::engine(suite.contracts, &cases, target);
    let stopped = StopSignal::fixed(match departure {
        Departure::Stopped => StopLevel::Finish,
        _ => StopLevel::Go,
    });
    session::run(
        &Arc::new(engine),
        &cases,
        jobs,
        stopped,
        &mut |_: &CaseResult| {},
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reason_is_made_in_its_shape() {
    for wanted in [
        Verdict::Pass(PassReason::Clean),
        Verdict::Pass(PassReason::WithWarnings),
        Verdict::Fail("status".into()),
        Verdict::Error(ErrorReason::ControlFailed),
        Verdict::Error(ErrorReason::SetupFailed),
        Verdict::Error(ErrorReason::Unreachable),
        Verdict::Error(ErrorReason::Desync),
        Verdict::Error(ErrorReason::RateLimited),
        Verdict::Error(ErrorReason::Interrupted),
        Verdict::Error(ErrorReason::HarnessFault),
        Verdict::Skip(SkipReason::BreakerOpen),
        Verdict::Skip(SkipReason::BudgetSpent),
        Verdict::Skip(SkipReason::NotInProfile),
        Verdict::Skip(SkipReason::NotProvided),
        Verdict::Skip(SkipReason::OnlyObserved),
        Verdict::Skip(SkipReason::ToBeFilledIn),
    ] {
        assert_eq!(made(&wanted).await, wanted);
    }
}

/// An expectation of each check, and an answer's body that breaks it.
const BROKEN: [(&str, &str, &str); CHECKS.len()] = [
    ("status", "200", "{}"),
    (
        "error",
        r#""IDAAS.SDK.PARAM.0002""#,
        r#"{"error_code":"X.1","error_msg":"no"}"#,
    ),
    (
        "message",
        r#"{"contains":"clientId"}"#,
        r#"{"error_code":"X.1","error_msg":"no"}"#,
    ),
    ("headers", r#"{"X-Trace":"1"}"#, "{}"),
    ("location", r#"{"path":"/next"}"#, "{}"),
    ("cookies", r#"{"sid":{"value":"1"}}"#, "{}"),
    ("size", "0", "{}"),
    ("text", r#"{"contains":"form"}"#, "{}"),
    ("empty-body", "true", r#"{"status":"SUCCESS"}"#),
    ("body", r#"{"status":"SUCCESS"}"#, r#"{"status":"FAILED"}"#),
    (
        "only-members",
        r#"["status"]"#,
        r#"{"status":"SUCCESS","trace":1}"#,
    ),
    (
        "without-members",
        r#"["trace"]"#,
        r#"{"status":"SUCCESS","trace":1}"#,
    ),
    (
        "jwt",
        r#"{"at":"/id_token","alg":"RS256"}"#,
        r#"{"id_token":"abc"}"#,
    ),
    ("not-success", "true", r#"{"status":"SUCCESS"}"#),
];

fn bound(kind: &'static CheckKind, value: &str, case: &TestCase) -> BoundCheck {
    let value = serde_json::from_str(value).expect("JSON");
    BoundCheck::one(kind, Node::from_json(&value, &case.span), false)
}

/// The verdict on a row with only these checks and this answer.
fn judged(suite: &Suite, checks: Vec<BoundCheck>, operation: bool, body: &str) -> Verdict {
    let mut case = Arc::unwrap_or_clone(support::rows(suite, CONTROL).remove(0));
    case.request.checks = checks.into();
    if !operation {
        case.request.operation = None;
    }
    let status = if body == "{}" { 202 } else { 200 };
    let record = StepRecord {
        name: "request".into(),
        owner: StepOwner::Case,
        part: Part::Request,
        index: Some(0),
        route: String::new(),
        attempts: vec![Exchange {
            request: Request {
                method: case.request.method.clone(),
                url: "http://tenant.invalid/".into(),
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
            outcome: Ok(Response {
                status,
                headers: vec![("Content-Type".into(), "application/json".into())],
                body: body.into(),
                defects: Vec::new(),
            }),
            elapsed: Duration::ZERO,
            at_ms: 1_000,
        }],
        bindings: Map::new(),
    };
    let transcript = Transcript {
        steps: vec![record],
        stopped: None,
    };
    let contract = suite.contracts.iter().find(|c| c.edition == support::CIAM);
    judge::case(&case, &transcript, contract.expect("CIAM"), false).verdict
}

#[test]
fn every_check_that_breaks_gives_a_fail_of_its_own_name() {
    let suite = support::shipped();
    let case = support::rows(&suite, CONTROL).remove(0);
    let table: BTreeMap<_, _> = BROKEN
        .iter()
        .map(|(key, value, body)| (*key, (*value, *body)))
        .collect();
    for kind in CHECKS {
        let key = kind.field.name;
        let (value, body) = table
            .get(key)
            .unwrap_or_else(|| panic!("no example of `{key}`"));
        let check = bound(kind, value, &case);
        assert_eq!(
            judged(&suite, vec![check.clone()], false, body),
            Verdict::Fail(key.into())
        );
        let either = BoundCheck::AnyOf {
            alternatives: vec![vec![check.clone()], vec![check]],
            span: case.span.clone(),
        };
        assert_eq!(
            judged(&suite, vec![either], false, body),
            Verdict::Fail("any-of".into())
        );
    }
    // The contract is asked last, of an answer that keeps every expectation of the row.
    let status = bound(CHECKS[0], "200", &case);
    assert_eq!(
        judged(&suite, vec![status], true, r#"{"status":7}"#),
        Verdict::Fail("conforms".into())
    );
}

/// The shipped suite on honest mocks, the application's own id a wrong one in the target file.
async fn wrong_client_id(prefix: &str, providers: impl Fn(&mut Target)) -> RunReport {
    let mut suite = support::shipped();
    let mut target = suite.target.take().expect("the mock's target file");
    let _mocks = embedded::start_all(&mut target, 0).await.expect("mocks");
    for settings in target.editions.values_mut() {
        settings.variables_from = None;
        for (name, value) in [
            ("client_id", "nobodysApplication00"),
            ("client_secret", "wr0ng"),
        ] {
            settings.variables.insert(name.to_owned(), json!(value));
        }
    }
    providers(&mut target);
    let cases = support::rows(&suite, prefix);
    support::report(support::run(suite, target, cases).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_wrong_client_id_no_row_passes_and_each_cause_is_told_once() {
    let report = wrong_client_id("", |_| {}).await;
    let passed: Vec<&str> = report
        .cases
        .iter()
        .filter(|case| case.verdict.is_pass())
        .map(|case| case.id.as_str())
        .collect();
    assert!(passed.is_empty(), "{passed:?}");
    let summary = console::summary(&report, &console::Options::default());
    let entries: Vec<&str> = summary
        .split("\n\n")
        .filter(|e| e.trim_start().starts_with("ERROR "))
        .collect();
    let told: BTreeSet<&str> = entries.iter().copied().collect();
    assert_eq!(told.len(), entries.len(), "{summary}");
    // Each edition refuses its client in its own words, and that is all there is to tell.
    assert_eq!(entries.len(), support::EDITIONS.len(), "{summary}");
}

#[tokio::test]
async fn one_refused_login_is_one_cause_that_names_its_control_and_counts_the_rows() {
    let report = wrong_client_id(ROWS, |_| {}).await;
    let summary = console::summary(&report, &console::Options::default());
    let behind = report.planned - 1;
    for told in [
        format!("{} not judged for 1 cause ", report.planned),
        "ERROR setup-failed: provider `account-warn`, step `login` status: expected 200".to_owned(),
        "sent by   step 'login' of the provider 'account-warn': POST /".to_owned(),
        format!("seen in   {CONTROL}\n"),
        format!("blocks    {behind} rows: "),
        format!("again     probity rerun {CONTROL}\n"),
    ] {
        assert_eq!(summary.matches(&told).count(), 1, "{told}\n{summary}");
    }
}

/// Where logins take any application, it is the request under test that is refused.
#[tokio::test]
async fn one_refused_control_is_one_cause_with_its_first_mismatch() {
    let report = wrong_client_id(ROWS, |target| {
        for settings in target.editions.values_mut() {
            for provider in settings.providers.values_mut() {
                *provider = Provider::of(loopback::constants());
            }
        }
    })
    .await;
    let summary = console::summary(&report, &console::Options::default());
    let behind = report.planned - 1;
    for told in [
        "FAIL  GET /api/v2/sdk/pwd/skip-update -> 400, expected 200\n".to_owned(),
        format!("seen in   {CONTROL}\n"),
        format!("blocks    {behind} rows: "),
        format!("1 failed for 1 cause, {behind} not judged in "),
    ] {
        assert_eq!(summary.matches(&told).count(), 1, "{told}\n{summary}");
    }
}
