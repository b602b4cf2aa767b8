//! The result of a test case: of one that was judged, and of one that was not sent or not finished.

use std::collections::{BTreeMap, BTreeSet};

use super::{case_context::CaseContext, curl::Origins, record, run_context::RunContext};
use crate::{
    contract::{Envelope, Requirement},
    exchange::{Again, Exchange},
    judge::{self, Judgement},
    plan::TestCase,
    result::{
        Blocker, CaseResult, CheckResult, Covered, ErrorReason, Evidence, Repeated, StepResult,
        Verdict,
    },
    secret::Redactor,
    target::Reach,
    transcript::{StepRecord, Stop, Transcript},
};

/// Why a test case did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRun {
    /// The run was told to stop.
    Interrupted,
    Panicked,
}

/// A test case of which nothing is sent.
#[derive(Debug)]
pub(super) struct Unsent {
    pub verdict: Verdict,
    pub why: String,
}

impl Unsent {
    pub(super) fn result(self, run: &RunContext, case: &TestCase) -> CaseResult {
        without_steps(run, case, self.verdict, self.why)
    }
}

/// The result of a test case that did not come to its end.
pub(super) fn not_run(run: &RunContext, case: &TestCase, why: NotRun) -> CaseResult {
    let (reason, why) = match why {
        NotRun::Interrupted => (ErrorReason::Interrupted, Stop::Interrupted.why()),
        // What a panic says may hold what the test case held, so it is not shown.
        NotRun::Panicked => (
            ErrorReason::HarnessFault,
            "the harness panicked in this row",
        ),
    };
    without_steps(run, case, Verdict::Error(reason), why.to_owned())
}

/// The result of a test case that needs one that did not pass: it proves nothing, whatever it would
/// answer.
pub(super) fn blocked(run: &RunContext, case: &TestCase, before: &CaseResult) -> CaseResult {
    let why = before
        .detail
        .clone()
        .or_else(|| {
            before
                .broken()
                .next()
                .map(|(_, _, broken)| broken.to_string())
        })
        .unwrap_or_default();
    // Neither is the target's doing, and so neither is blamed on the target's control.
    if let verdict @ (Verdict::Skip(_) | Verdict::Error(ErrorReason::HarnessFault)) =
        &before.verdict
    {
        return without_steps(run, case, verdict.clone(), why);
    }
    let (role, blocker) = if before.control {
        ("control", Blocker::Control(before.id.clone()))
    } else {
        ("prerequisite", Blocker::Prerequisite(before.id.clone()))
    };
    let (verdict, reason) = (before.verdict.label(), before.verdict.reason());
    let detail = format!(
        "the {role} `{}` did not pass ({verdict} {reason})",
        before.id
    );
    let failed = Verdict::Error(ErrorReason::ControlFailed);
    CaseResult {
        blocked_by: Some(blocker),
        causes: vec![why],
        ..without_steps(run, case, failed, detail)
    }
}

/// The result of a test case that was carried out, with everything masked that it met, and what was
/// sent and came back.
pub(super) fn judged(
    context: CaseContext<'_>,
    case: &TestCase,
    judgement: Judgement,
) -> (CaseResult, Transcript) {
    let run = context.run;
    let mut result = without_steps(run, case, judgement.verdict, String::new());
    judge::note(&mut result.requirements, &judgement.evidence);
    (result.outcome, result.stands) = (judgement.outcome, judgement.stands);
    if !run.evidence {
        return (result, context.transcript);
    }
    let redactor = run.redactor(&context.secrets);
    run.remember(&context.secrets);
    run.versions.look(
        case.edition,
        context.settings,
        &context.transcript,
        |name, value| redactor.header(name, value),
    );
    result.detail = judgement.detail;
    result.blocked_by = blocker(&context);
    result.steps = steps(&context, case, judgement.checks, &redactor);
    record::mask_texts(&mut result, &redactor);
    (result, context.transcript)
}

/// The result of a test case that was carried out and not judged, with what was exchanged.
pub(super) fn unjudged(
    context: CaseContext<'_>,
    case: &TestCase,
    mut result: CaseResult,
) -> (CaseResult, Transcript) {
    let redactor = context.run.redactor(&context.secrets);
    context.run.remember(&context.secrets);
    let sent = match &context.transcript.stopped {
        Some(stop) => format!("it could not be sent to its end: {}", stop.why()),
        None => "it was sent all the same, and not judged".to_owned(),
    };
    result.causes.push(sent);
    let checks = vec![Vec::new(); context.transcript.steps.len()];
    result.steps = steps(&context, case, checks, &redactor);
    record::mask_texts(&mut result, &redactor);
    (result, context.transcript)
}

/// What kept the test case from being judged, where it was not the answer to the test case itself.
fn blocker(context: &CaseContext<'_>) -> Option<Blocker> {
    let failed = context.provided.failed.as_ref()?;
    Some(match &context.transcript.stopped {
        Some(Stop::NotProvided(_)) => Blocker::Need(failed.provider.clone()),
        _ => Blocker::Provider {
            name: failed.provider.clone(),
            step: failed.record.as_ref().map(|record| record.name.clone()),
        },
    })
}

fn without_steps(
    run: &RunContext,
    case: &TestCase,
    verdict: Verdict,
    detail: String,
) -> CaseResult {
    CaseResult {
        id: case.id.clone(),
        title: case.title.clone(),
        edition: case.edition.to_string(),
        operation: case.operation.clone(),
        control: case.control,
        source: judge::source(&case.span),
        requirements: covered(run, case),
        verdict,
        outcome: None,
        stands: false,
        waiver: None,
        blocked_by: None,
        detail: Some(detail),
        causes: Vec::new(),
        steps: Vec::new(),
        tags: case.tags.clone(),
        elapsed: std::time::Duration::ZERO,
    }
}

fn covered(run: &RunContext, case: &TestCase) -> Vec<Covered> {
    let contract = run.contract(case.edition);
    let ids = case.covers.iter();
    ids.map(|id| {
        let requirement = contract.and_then(|contract| contract.requirement(id));
        Covered {
            id: id.clone(),
            evidence: Evidence::None,
            text: requirement.map_or_else(String::new, Requirement::sentence),
        }
    })
    .collect()
}

fn steps(
    context: &CaseContext<'_>,
    case: &TestCase,
    checks: Vec<Vec<CheckResult>>,
    redactor: &Redactor,
) -> Vec<StepResult> {
    let records = &context.transcript.steps;
    let each = records.iter().zip(checks).enumerate();
    each.map(|(index, (record, checks))| {
        let origins = Origins {
            declared: &context.settings.variables,
            earlier: &records[..index],
            bindings: &record.bindings,
            needs: &case.needs,
            computed: &context.computed,
            provider: record.owner.provider(),
            is_preview: false,
        };
        step(
            record,
            checks,
            redactor,
            &origins,
            &context.run.target.reach,
            &context.contract.errors.envelope,
        )
    })
    .collect()
}

fn step(
    record: &StepRecord,
    checks: Vec<CheckResult>,
    redactor: &Redactor,
    origins: &Origins<'_>,
    reach: &Reach,
    envelope: &Envelope,
) -> StepResult {
    let last = record.attempts.last();
    StepResult {
        name: record.name.clone(),
        owner: record.owner.clone(),
        part: record.part,
        checks: bounded(checks),
        exchange: last.map(|exchange| record::record(exchange, redactor, origins, reach, envelope)),
        attempts: record.attempts.len(),
        repeated: repeated(&record.attempts),
    }
}

/// So many findings of one check are told one by one: one hostile answer can have thousands.
const MOST_FINDINGS: usize = 20;

/// What makes two findings those of one check.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SameCheck {
    file: String,
    line: usize,
    column: usize,
    check: String,
    warning: bool,
}

impl SameCheck {
    fn of(check: &CheckResult) -> Self {
        Self {
            file: check.source.file.clone(),
            line: check.source.line,
            column: check.source.column,
            check: check.check.as_str().to_owned(),
            warning: check.warning,
        }
    }
}

/// The checks with the first findings of each, and those that violate what no other does; the rest of
/// them are counted.
fn bounded(checks: Vec<CheckResult>) -> Vec<CheckResult> {
    if checks.len() <= MOST_FINDINGS {
        return checks;
    }
    let mut out: Vec<CheckResult> = Vec::new();
    // How many findings of a check are kept, and the place of the last.
    let mut kept: BTreeMap<SameCheck, (usize, usize)> = BTreeMap::new();
    let mut violated = BTreeSet::new();
    for check in checks {
        if check.mismatch.is_none() {
            out.push(check);
            continue;
        }
        let (count, last) = kept.entry(SameCheck::of(&check)).or_default();
        let is_new = check.violates.iter().any(|id| !violated.contains(id));
        if *count < MOST_FINDINGS || is_new {
            violated.extend(check.violates.iter().cloned());
            (*count, *last) = (*count + 1, out.len());
            out.push(check);
        } else {
            out[*last].further += 1;
        }
    }
    out
}

fn repeated(attempts: &[Exchange]) -> Repeated {
    let count = |why: Again| {
        let again = attempts.iter().filter(|one| one.again == Some(why));
        again.count()
    };
    Repeated {
        lost: count(Again::Lost),
        turned_away: count(Again::TurnedAway),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{Mismatch, Source, Subject};

    fn finding(line: usize, violates: &[&str], warning: bool) -> CheckResult {
        CheckResult {
            check: "schema".into(),
            source: Source {
                line,
                ..Source::default()
            },
            mismatch: Some(Mismatch {
                subject: Subject::Closed,
                place: "body".to_owned(),
                expected: Vec::new(),
                actual: "a further member".to_owned(),
            }),
            warning,
            violates: violates.iter().map(|id| (*id).into()).collect(),
            further: 0,
        }
    }

    #[test]
    fn of_thousands_of_findings_of_one_check_the_first_are_told_and_the_rest_is_counted() {
        let mut all = vec![finding(1, &["A"], false); 5_000];
        all.push(CheckResult {
            mismatch: None,
            ..finding(1, &[], false)
        });
        all.extend(vec![finding(2, &[], false); 3]);
        all.extend(vec![finding(1, &[], true); 30]);
        let kept = bounded(all);
        let of = |line: usize, warning: bool| {
            let own = kept.iter().filter(|one| {
                one.source.line == line && one.warning == warning && one.mismatch.is_some()
            });
            let further: usize = own.clone().map(|one| one.further).sum();
            (own.count(), further)
        };
        assert_eq!(of(1, false), (MOST_FINDINGS, 4_980));
        assert_eq!(of(2, false), (3, 0));
        assert_eq!(of(1, true), (MOST_FINDINGS, 10));
        assert!(kept.iter().any(|one| one.mismatch.is_none()));
    }

    #[test]
    fn a_finding_that_violates_what_no_other_does_is_told_however_many_there_are() {
        let mut all = vec![finding(1, &["A"], false); 40];
        all.push(finding(1, &["B"], false));
        all.extend(vec![finding(1, &["B"], false); 4]);
        let kept = bounded(all);
        let violated: BTreeSet<&str> = kept
            .iter()
            .flat_map(|one| one.violates.iter().map(crate::ids::RequirementId::as_str))
            .collect();
        assert_eq!(violated, BTreeSet::from(["A", "B"]));
        assert_eq!(kept.len(), MOST_FINDINGS + 1);
        assert_eq!(kept.iter().map(|one| one.further).sum::<usize>(), 24);
    }
}
