//! The runs that the report tests render.

use std::time::Duration;

use probity::ids::RequirementId;
use probity::result::{
    Blocker, CaseResult, CheckResult, Covered, ErrorReason, Mismatch, Part, PassReason,
    RecordedExchange, Repeated, RequirementState, RunReport, SkipReason, Source, Spent, State,
    StepResult, Subject, Verdict,
};

/// A run with every shape of verdict, and text that tries to break out of each format.
pub(crate) fn mixed() -> RunReport {
    let mut cases = vec![
        case(
            "eiam/forced-change-by-mobile/success/control",
            Verdict::Pass(PassReason::Clean),
        ),
        warned("ciam/skip-update/success/control"),
        warned("ciam/skip-update/success/language[zh]"),
        wrong_status(),
        hostile(),
        case(
            "ciam/skip-update/schema/observed",
            Verdict::Skip(SkipReason::OnlyObserved),
        ),
    ];
    for header in [
        "X-client-id",
        "X-L",
        "X-state-token",
        "X-operating-sys-version",
    ] {
        cases.push(blocked(header));
    }
    cases.push(unreachable());
    for row in ["sms-code[expired]", "sms-code[used]"] {
        let id = format!("eiam/forced-change-by-mobile/errors/{row}");
        let mut skipped = case(&id, Verdict::Skip(SkipReason::NotProvided));
        skipped.detail = Some("the target provides no `sms_code`".into());
        cases.push(skipped);
    }
    RunReport {
        provenance: probity::result::Provenance::default(),
        waivers: Vec::new(),
        run_id: "019a2b7c-0000-7000-8000-000000000001".into(),
        target: "mock".into(),
        started: 1_768_469_400_250,
        elapsed: Duration::from_millis(1_234),
        suite_size: 431,
        planned: cases.len(),
        cases: cases.into(),
        strict: false,
        spent: vec![
            Spent {
                what: "accounts".into(),
                spent: 7,
                budget: None,
            },
            Spent {
                what: "sms".into(),
                spent: 12,
                budget: Some(20),
            },
        ],
        leaks: Vec::new(),
        ending: probity::result::Ending::Complete,
        left: Vec::new(),
        matrices: super::matrices::mixed(),
        proof: Some(super::proof::beside()),
        requirements: vec![
            requirement(
                "CIAM-SKIP-U01",
                State::Violated,
                Some("a row of it is fail (status)"),
            ),
            requirement(
                "CIAM-SKIP-H18",
                State::Violated,
                Some("its only row is fail (status)"),
            ),
            requirement("CIAM-SKIP-X01", State::Unproven, Some("no case covers it")),
            RequirementState {
                left_out: true,
                ..requirement(
                    "CIAM-SKIP-X02",
                    State::Unproven,
                    Some("not run: 1 of its 1 rows"),
                )
            },
            requirement("CIAM-SKIP-U02", State::Observed, None),
            requirement(
                "EIAM-FUM-E07",
                State::Unproven,
                Some("the target provides no `sms_code`"),
            ),
            requirement(
                "EIAM-FUM-U04",
                State::NotTestable,
                Some("the target decides the scheme"),
            ),
        ],
    }
}

/// A run of `count` rows that all ended like `template`.
pub(crate) fn many(count: usize, template: &CaseResult) -> RunReport {
    let cases = (0..count).map(|index| CaseResult {
        outcome: None,
        stands: false,
        waiver: None,
        id: format!("{}[{index}]", template.id).into(),
        ..template.clone()
    });
    RunReport {
        cases: cases.collect(),
        planned: count,
        suite_size: count,
        requirements: Vec::new(),
        matrices: Vec::new(),
        proof: None,
        ..mixed()
    }
}

fn requirement(id: &str, state: State, why: Option<&str>) -> RequirementState {
    let (edition, operation) = if id.starts_with("CIAM") {
        ("ciam", "skipPasswordUpdate")
    } else {
        ("eiam", "forcedChangeByMobile")
    };
    RequirementState {
        id: id.into(),
        edition: edition.into(),
        operation: operation.into(),
        kind: "header".into(),
        sentence: format!("The header that {id} speaks of is sent."),
        place: "Skip Password Update > Request Headers".into(),
        judged: state != State::Observed,
        state,
        why: why.map(Into::into),
        left_out: false,
        cases: vec!["ciam/skip-update/headers/header-missing[X-client-id]".into()],
    }
}

/// A row without steps.
pub(crate) fn case(id: &str, verdict: Verdict) -> CaseResult {
    let mut segments = id.split('/');
    let edition = segments.next().unwrap_or_default();
    let (operation, page) = match segments.next() {
        Some("skip-update") => ("skipPasswordUpdate", "skip-update"),
        _ => ("forcedChangeByMobile", "forced-change-by-mobile"),
    };
    CaseResult {
        outcome: None,
        stands: false,
        waiver: None,
        blocked_by: None,
        id: id.into(),
        title: "what the row is about".into(),
        edition: edition.into(),
        operation: operation.into(),
        control: id.ends_with("control"),
        source: source(
            &format!("cases/{edition}/{page}/rows.yaml"),
            12,
            "  - id: row",
        ),
        requirements: vec![Covered {
            evidence: probity::result::Evidence::Violated,
            id: "CIAM-SKIP-U01".into(),
            text: "skip-update.md, row 1: the operation answers POST".into(),
        }],
        verdict,
        detail: None,
        causes: Vec::new(),
        steps: Vec::new(),
        tags: vec!["smoke".into()],
        basis: probity::result::Basis::default(),
        elapsed: Duration::from_millis(7),
    }
}

pub(crate) fn wrong_status() -> CaseResult {
    let mut failed = case(
        "ciam/skip-update/headers/header-missing[X-client-id]",
        Verdict::Fail("status".into()),
    );
    failed.title = "without X-client-id the request is refused".into();
    failed.requirements.push(Covered {
        evidence: probity::result::Evidence::Violated,
        id: "CIAM-SKIP-H18".into(),
        text: "skip-update.md, row 18: the header X-client-id names the calling application and \
               must be there, or the answer is 400 with IDAAS.SDK.PARAM.0002"
            .into(),
    });
    let mut step = step("request");
    step.checks = vec![
        violating(
            &["CIAM-SKIP-U01", "CIAM-SKIP-H18"],
            broken("status", Subject::Refused, "status", &["400"], "200"),
        ),
        broken(
            "error",
            Subject::Code,
            "body /error_code",
            &["\"IDAAS.SDK.PARAM.0002\"", "\"IDAAS.SDK.PARAM.0013\""],
            "absent",
        ),
        held("body"),
    ];
    failed.steps = vec![step];
    failed
}

fn hostile() -> CaseResult {
    let mut failed = case(
        "ciam/skip-update/content type/accept[application/json; q=\"1\"]",
        Verdict::Fail("body".into()),
    );
    failed.title = format!(
        "a\ttitle\nover lines \u{1b}[31m\u{0}\u{fffe}\u{ffff} <&>\"' ]]> {}",
        "x".repeat(300)
    );
    let mut step = step("request");
    let actual = "{\r\n\t\"message\": \"\u{1b}]0;title\u{7}\"\r\n}\n\
                  ::error::not ours\n##[error]nor this\u{202e}";
    step.checks = vec![broken(
        "body",
        Subject::Form,
        "body",
        &["{\"status\":\"SUCCESS\"}"],
        actual,
    )];
    if let Some(exchange) = &mut step.exchange {
        exchange.response_body = Some(format!("{actual}\u{85}\u{9b}]]></failure>"));
        exchange.curl = "curl -X POST 'http://127.0.0.1/\u{8}'\n::set-output name=a::b".into();
    }
    failed.steps = vec![step];
    failed
}

pub(crate) fn blocked(header: &str) -> CaseResult {
    let mut row = case(
        &format!("ciam/skip-update/controlled/header-blank[{header}]"),
        Verdict::Error(ErrorReason::ControlFailed),
    );
    row.detail = Some("the control ciam/skip-update/controlled/control did not pass".into());
    row.blocked_by = Some(Blocker::Control(
        "ciam/skip-update/controlled/control".into(),
    ));
    row
}

fn unreachable() -> CaseResult {
    let mut row = case(
        "eiam/forced-change-by-mobile/headers/case[lower]",
        Verdict::Error(ErrorReason::Unreachable),
    );
    row.detail = Some("the target gave no answer".into());
    row.causes = vec![
        "the target gave no answer".into(),
        "connection reset by peer".into(),
    ];
    let mut step = step("request");
    if let Some(exchange) = &mut step.exchange {
        exchange.status = None;
        exchange.response_body = None;
        exchange.response_headers.clear();
        exchange.trouble = Some("connection reset by peer".into());
    }
    step.attempts = 3;
    row.steps = vec![step];
    row
}

fn warned(id: &str) -> CaseResult {
    let mut row = case(id, Verdict::Pass(PassReason::WithWarnings));
    let mut step = step("request");
    let mut check = broken(
        "conforms",
        Subject::MediaType,
        "header Content-Type",
        &["application/json"],
        "text/json",
    );
    check.warning = true;
    step.checks = vec![held("status"), check];
    row.steps = vec![step];
    row
}

fn held(check: &str) -> CheckResult {
    CheckResult {
        check: check.into(),
        source: source(
            "cases/ciam/skip-update/headers.yaml",
            40,
            "    expect: { body: {} }",
        ),
        mismatch: None,
        warning: false,
        violates: Vec::new(),
        further: 0,
    }
}

fn violating(ids: &[&str], mut check: CheckResult) -> CheckResult {
    check.violates = ids.iter().map(|id| RequirementId::from(*id)).collect();
    check
}

fn broken(
    check: &str,
    subject: Subject,
    place: &str,
    expected: &[&str],
    actual: &str,
) -> CheckResult {
    CheckResult {
        check: check.into(),
        source: source(
            "cases/ciam/skip-update/headers.yaml",
            41,
            "    expect: { status: 400 }",
        ),
        mismatch: Some(Mismatch {
            subject,
            place: place.into(),
            expected: expected.iter().map(ToString::to_string).collect(),
            actual: actual.into(),
        }),
        warning: false,
        violates: Vec::new(),
        further: 0,
    }
}

pub(crate) fn step(name: &str) -> StepResult {
    StepResult {
        name: name.into(),
        owner: probity::result::StepOwner::Case,
        part: Part::Request,
        checks: Vec::new(),
        exchange: Some(RecordedExchange {
            method: "POST".into(),
            url: "http://127.0.0.1:8080/api/v2/sdk/after-login/pwd/skip".into(),
            request_headers: vec![("X-state-token".into(), "***".into())],
            request_body: Some("{}".into()),
            curl: "curl -X POST -H 'X-state-token: ***' \\\n  \
                   http://127.0.0.1:8080/api/v2/sdk/after-login/pwd/skip"
                .into(),
            status: Some(200),
            code: None,
            message: None,
            response_headers: vec![("Content-Type".into(), "text/json".into())],
            response_body: Some("{\"status\":\"SUCCESS\",\"expire\":43200}".into()),
            tokens: Vec::new(),
            trouble: None,
            elapsed: Duration::from_millis(4),
            at_ms: 1_788_000_000_123,
            response_bytes: 36,
            ..RecordedExchange::default()
        }),
        attempts: 1,
        repeated: Repeated::default(),
        earlier: Vec::new(),
    }
}

fn source(file: &str, line: usize, excerpt: &str) -> Source {
    Source {
        file: file.into(),
        line,
        column: 13,
        excerpt: excerpt.into(),
    }
}
