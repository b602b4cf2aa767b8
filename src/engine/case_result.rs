//! The result of a test case: of one that was judged, and of one that was not sent or not finished.

use super::{
    bound::Recorded, case_context::CaseContext, curl::Origins, record, run_context::RunContext,
};
use crate::{
    check,
    contract::ErrorBodies,
    exchange::{Again, Exchange},
    judge::{self, Judgement},
    plan::{Need, Step, TestCase},
    result::{
        Basis, Blocker, CaseResult, CheckResult, ErrorReason, Repeated, StepResult, Stop, Verdict,
    },
    secret::Redactor,
    target::Reach,
    transcript::{StepRecord, Transcript},
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
        judge::unsent(case, run.contract(case.edition), self.verdict, self.why)
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
    judge::unsent(
        case,
        run.contract(case.edition),
        Verdict::Error(reason),
        why.to_owned(),
    )
}

/// The result of a test case that was carried out, with everything masked that it met, and what was
/// sent and came back.
pub(super) fn judged(
    context: CaseContext<'_>,
    case: &TestCase,
    judgement: Judgement,
) -> (CaseResult, Transcript) {
    let run = context.run;
    let contract = run.contract(case.edition);
    let mut result = judge::unsent(case, contract, judgement.verdict, String::new());
    judge::note(&mut result.requirements, &judgement.evidence);
    (result.outcome, result.stands) = (judgement.outcome, judgement.stands);
    if !run.shows(&case.id) {
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
    result.basis = basis(case, &context.transcript);
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
    result.basis = basis(case, &context.transcript);
    record::mask_texts(&mut result, &redactor);
    (result, context.transcript)
}

/// What was sent and expected, and where it stopped.
fn basis(case: &TestCase, transcript: &Transcript) -> Basis {
    Basis {
        sends: case.sends(),
        expects: case.expects(),
        stopped: transcript.stopped.clone(),
        tries: None,
    }
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

fn steps(
    context: &CaseContext<'_>,
    case: &TestCase,
    checks: Vec<Vec<CheckResult>>,
    redactor: &Redactor,
) -> Vec<StepResult> {
    let records = &context.transcript.steps;
    let mut bound = Recorded::new(&context.settings.variables);
    let needs: Vec<&Need> = case.all_needs().collect();
    let each = records.iter().zip(checks).enumerate();
    each.map(|(index, (record, checks))| {
        let origins = Origins {
            declared: &context.settings.variables,
            earlier: &records[..index],
            bindings: &record.bindings,
            needs: &needs,
            computed: &context.computed,
            provider: record.owner.provider(),
            is_preview: false,
        };
        let expected = judge::step_of(case, record);
        let mut step = step(
            record,
            checks,
            redactor,
            &origins,
            &context.run.target.reach,
            &context.contract.errors.bodies,
            expected,
        );
        if let Some(exchange) = &mut step.exchange {
            exchange.route.clone_from(&record.route);
            exchange.bindings = bound.of(record, redactor, &context.secrets);
        }
        step
    })
    .collect()
}

fn step(
    record: &StepRecord,
    checks: Vec<CheckResult>,
    redactor: &Redactor,
    origins: &Origins<'_>,
    reach: &Reach,
    bodies: &ErrorBodies,
    expected: Option<&Step>,
) -> StepResult {
    let (last, earlier) = match record.attempts.split_last() {
        Some((last, earlier)) => (Some(last), earlier),
        None => (None, &[][..]),
    };
    let response = last.and_then(|exchange| exchange.outcome.as_ref().ok());
    let facts = expected
        .zip(response)
        .map_or_else(Vec::new, |(step, response)| {
            check::token_facts(&step.checks, response, &record.bindings)
        });
    let operation = expected.and_then(|step| step.operation.as_deref());
    let form = |exchange: &Exchange| {
        let response = exchange.outcome.as_ref().ok()?;
        let content_type = response.header("Content-Type");
        Some(bodies.of(operation, response.status, content_type))
    };
    StepResult {
        name: record.name.clone(),
        owner: record.owner.clone(),
        part: record.part,
        checks: judge::bounded(checks),
        exchange: last.map(|exchange| {
            let form = form(exchange);
            record::record(exchange, redactor, origins, reach, form, &facts)
        }),
        attempts: record.attempts.len(),
        repeated: repeated(&record.attempts),
        earlier: earlier
            .iter()
            .map(|attempt| record::attempt(attempt, redactor, form(attempt)))
            .collect(),
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
