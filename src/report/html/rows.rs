//! What the page says of each row, with its evidence: every step, what was sent and what came back.

use std::io;

use serde::Serialize;

use super::{
    exchange::{self, Exchange},
    links::{Link, Places},
    options::Evidence,
    slug,
};
use crate::{
    report::{
        causes, explain,
        text::{counted, one_line},
    },
    result::{CaseResult, CheckResult, Mismatch, PassReason, RunReport, StepResult, Verdict},
};

/// The rows of one case file.
#[derive(Serialize)]
pub(super) struct File {
    name: String,
    to: String,
    count: usize,
    red: usize,
    #[serde(skip)]
    pub places: Vec<usize>,
}

impl File {
    /// The files in the plan's order.
    pub(super) fn all(report: &RunReport) -> Vec<Self> {
        let mut out: Vec<Self> = Vec::new();
        for (place, case) in report.cases.iter().enumerate() {
            let name = one_line(case.id.file());
            if out.last().is_none_or(|last| last.name != name) {
                out.push(Self {
                    to: slug("file", &name),
                    name,
                    count: 0,
                    red: 0,
                    places: Vec::new(),
                });
            }
            let Some(file) = out.last_mut() else { continue };
            let red = matches!(case.verdict, Verdict::Fail(_) | Verdict::Error(_));
            file.count += 1;
            file.red += usize::from(red && case.waiver.is_none());
            file.places.push(place);
        }
        out
    }
}

/// One row.
#[derive(Serialize)]
pub(super) struct Row {
    id: String,
    anchor: String,
    title: String,
    /// `pass`, `fail`, `error`, `waived`, `observed` or `skipped`.
    kind: &'static str,
    kinds: String,
    reason: String,
    message: String,
    waiver: Option<String>,
    requirements: Vec<Link>,
    tags: String,
    written: String,
    millis: u128,
    /// Empty for a row that passed, unless all evidence is asked for: it is in the record.
    steps: Vec<Step>,
    again: String,
}

impl Row {
    /// The row at this place of the report.
    ///
    /// # Errors
    /// When its evidence cannot be read from the spool.
    pub(super) fn of(
        report: &RunReport,
        places: &Places<'_>,
        at: usize,
        evidence: Evidence,
    ) -> io::Result<Self> {
        let case = &report.cases[at];
        let steps = if evidence == Evidence::All || is_shown(case) {
            let whole = report.cases.whole(at)?;
            let steps = whole.steps.iter();
            steps.map(|step| Step::of(&whole, step)).collect()
        } else {
            Vec::new()
        };
        let kinds = kinds(case);
        Ok(Self {
            id: one_line(&case.id),
            anchor: slug("row", &case.id),
            title: one_line(&case.title),
            kind: kinds[0],
            kinds: kinds.join(" "),
            reason: one_line(case.verdict.reason()),
            message: explain::message(case),
            waiver: case.waiver.as_ref().map(|one| one_line(&one.sentence())),
            requirements: case
                .requirements
                .iter()
                .map(|one| places.requirement(&one.id))
                .collect(),
            tags: one_line(&case.tags.join(" ")),
            written: explain::place(&case.source),
            millis: case.elapsed.as_millis(),
            again: causes::again(case),
            steps,
        })
    }
}

/// Whether the page shows what was exchanged for a row: for all but those that simply passed, or were
/// not sent.
fn is_shown(case: &CaseResult) -> bool {
    match case.verdict {
        Verdict::Pass(reason) => reason == PassReason::WithWarnings,
        Verdict::Fail(_) | Verdict::Error(_) => true,
        Verdict::Skip(_) => case.verdict == Verdict::OBSERVED,
    }
}

/// One step of a row.
#[derive(Serialize)]
struct Step {
    owner: String,
    attempts: usize,
    checks: Vec<Judged>,
    exchange: Option<Exchange>,
}

#[derive(Serialize)]
struct Judged {
    /// `held`, `warning` or `broken`.
    word: &'static str,
    key: String,
    written: String,
    found: String,
    fingerprint: Option<String>,
}

impl Step {
    fn of(case: &CaseResult, step: &StepResult) -> Self {
        let findings = step
            .checks
            .iter()
            .filter_map(|check| check.mismatch.as_ref());
        let findings: Vec<&Mismatch> = findings.collect();
        Self {
            owner: explain::owner(step),
            attempts: step.attempts,
            checks: step
                .checks
                .iter()
                .map(|check| Judged {
                    word: match &check.mismatch {
                        None => "held",
                        Some(_) if check.warning => "warning",
                        Some(_) => "broken",
                    },
                    key: one_line(check.check.as_str()),
                    written: explain::place(&check.source),
                    found: found(check),
                    fingerprint: check.fingerprint(),
                })
                .collect(),
            exchange: step
                .exchange
                .as_ref()
                .map(|exchange| Exchange::of(exchange, &findings, exchange::stopped(case, step))),
        }
    }
}

/// What a check found, and how much more of it there is.
fn found(check: &CheckResult) -> String {
    let Some(mismatch) = &check.mismatch else {
        return String::new();
    };
    let sentence = explain::mismatch(mismatch);
    if check.further == 0 {
        return sentence;
    }
    let further = counted(check.further, "further finding");
    format!("{sentence}; {further} of this check")
}

/// The words by which a row is found beside those of its verdict.
fn kinds(case: &CaseResult) -> Vec<&'static str> {
    let mut out = vec![match case.verdict {
        Verdict::Pass(_) => "pass",
        Verdict::Fail(_) if case.waiver.is_some() => "waived",
        Verdict::Fail(_) => "fail",
        Verdict::Error(_) => "error",
        Verdict::Skip(_) if case.verdict == Verdict::OBSERVED => "observed",
        Verdict::Skip(_) => "skipped",
    }];
    let judged = !matches!(case.verdict, Verdict::Skip(_));
    if judged && case.warnings().next().is_some() {
        out.push("warning");
    }
    if case.flaky().is_some() {
        out.push("flaky");
    }
    if case.control {
        out.push("control");
    }
    out
}
