//! The result of a test case: of one that was judged, and of one that was not sent or not finished.

use super::{case_context::CaseContext, curl::Origins, record, run_context::RunContext};
use crate::{
    contract::Requirement,
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
) -> StepResult {
    let last = record.attempts.last();
    StepResult {
        name: record.name.clone(),
        owner: record.owner.clone(),
        part: record.part,
        checks,
        exchange: last.map(|exchange| record::record(exchange, redactor, origins, reach)),
        attempts: record.attempts.len(),
        repeated: repeated(&record.attempts),
    }
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
