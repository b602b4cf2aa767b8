//! What the unit tests of the judge share: test cases about the door, answers to them, and their
//! results.

#![cfg(test)]

use std::time::Duration;

use crate::{
    case,
    contract::sample::{contracts, project},
    exchange::{Exchange, Request, Response, Tape, TransportError},
    plan::{self, Plan, TestCase},
    result::{
        CaseResult, Covered, Evidence, Part, RecordedExchange, Repeated, Source, StepOwner,
        StepResult, Verdict,
    },
    template::Bindings,
    transcript::StepRecord,
};

/// The front of a file of test cases about the door, up to its `cases`.
const DOOR: &str = "
edition: ciam
operation: openDoor
request:
  headers: { X-client-id: me, X-agent: a, X-L: en, Content-Type: application/json }
  body: { code: x, note: y }
control: { covers: D-OPEN, expect: { status: 200, body: { status: OPEN } } }
cases:
";

/// The plan of these test cases, which have no mistake.
#[track_caller]
pub(super) fn plan(cases: &str) -> Plan {
    let rows = if cases.is_empty() { "  []" } else { cases };
    plan_of(&format!("{DOOR}{rows}"))
}

/// The plan of this file, which has no mistake.
#[track_caller]
pub(super) fn plan_of(file: &str) -> Plan {
    let folder = project(file);
    let mut found = Vec::new();
    let files = case::load(folder.path(), &mut found);
    let plan = plan::plan(&files, contracts(), &mut found);
    let mistakes = found.iter().filter(|one| !one.warning);
    let rendered: Vec<_> = mistakes.map(|one| one.render(false)).collect();
    assert!(rendered.is_empty(), "{}", rendered.join("\n"));
    plan
}

/// The test case of that name.
#[track_caller]
pub(super) fn row<'p>(plan: &'p Plan, name: &str) -> &'p TestCase {
    let row = plan.get(&format!("ciam/door/rows/{name}"));
    row.unwrap_or_else(|| panic!("no row {name}"))
}

/// An answer of JSON.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands in lists beside `no_answer`"
)]
pub(super) fn answer(status: u16, body: &str) -> Result<Response, TransportError> {
    Ok(Response {
        status,
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: body.into(),
        defects: Vec::new(),
    })
}

pub(super) fn no_answer() -> Result<Response, TransportError> {
    Err(TransportError::Lost("connection reset".into()))
}

/// A step as it went: one attempt for each outcome.
pub(super) fn record(
    part: Part,
    index: Option<usize>,
    outcomes: Vec<Result<Response, TransportError>>,
) -> StepRecord {
    let attempts = outcomes.into_iter().map(|outcome| Exchange {
        request: Request {
            method: "POST".into(),
            url: "http://tenant.invalid/door/open".into(),
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
        elapsed: Duration::ZERO,
        at_ms: 1_000,
    });
    StepRecord {
        name: format!("{part:?}").to_lowercase().into(),
        owner: StepOwner::Case,
        part,
        index,
        route: String::new(),
        attempts: attempts.collect(),
        bindings: Bindings::new(),
    }
}

/// The result of a test case, with the answer to its request.
pub(super) fn result(row: &TestCase, verdict: Verdict, status: u16, body: &str) -> CaseResult {
    let exchange = RecordedExchange {
        method: row.request.method.clone(),
        url: format!("http://tenant.invalid{}", row.request.path),
        status: Some(status),
        response_body: Some(body.to_owned()),
        ..RecordedExchange::default()
    };
    let covers = row.covers.iter().map(|id| Covered {
        evidence: match verdict {
            Verdict::Pass(_) => Evidence::Held,
            Verdict::Fail(_) => Evidence::Violated,
            _ => Evidence::None,
        },
        id: id.clone(),
        text: String::new(),
    });
    let stands = verdict.is_pass();
    CaseResult {
        outcome: None,
        stands,
        waiver: None,
        blocked_by: None,
        id: row.id.clone(),
        title: row.title.clone(),
        edition: row.edition.to_string(),
        operation: row.operation.clone(),
        control: row.control,
        source: Source::default(),
        requirements: covers.collect(),
        verdict,
        detail: None,
        causes: Vec::new(),
        steps: vec![StepResult {
            name: "request".into(),
            owner: StepOwner::Case,
            part: Part::Request,
            checks: Vec::new(),
            exchange: Some(exchange),
            attempts: 1,
            repeated: Repeated::default(),
            earlier: Vec::new(),
        }],
        tags: Vec::new(),
        basis: crate::result::Basis::default(),
        elapsed: Duration::ZERO,
    }
}
