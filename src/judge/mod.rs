//! From a test case, its transcript and the contract to a verdict. Pure: it sends nothing and reads
//! nothing.
//!
//! Takes: a [`TestCase`], a [`Transcript`], the [`Contract`]. Gives: a [`Judgement`]. Never: stops at
//! the first broken check, or lets trouble satisfy a test case.

mod blame;
mod case_result;
mod checks;
mod coverage;
mod judged_step;
mod refusal;
mod sample;
mod steps;
mod tests;
mod waiver;

pub use blame::never_judged;
pub(crate) use blame::note;
pub(crate) use case_result::{blocked, bounded, unsent};
pub use checks::{JudgeError, first_broken, hold, source, step};
pub use coverage::{Seen, coverage, matrices, requirements, requirements_of_shard};
pub(crate) use steps::step_of;
pub use waiver::{waive, waived};

use self::judged_step::JudgedStep;
use crate::{
    check,
    contract::Contract,
    exchange::Exchange,
    ids::RequirementId,
    plan::TestCase,
    result::{
        self, CheckResult, ErrorReason, Part, PassReason, RequestOutcome, SkipReason, Stop, Verdict,
    },
    transcript::{StepRecord, Transcript},
};

/// What the judge says about one row.
#[derive(Debug)]
pub struct Judgement {
    pub verdict: Verdict,
    /// The checks of each step of the transcript, in the same order.
    pub checks: Vec<Vec<CheckResult>>,
    /// One line on an error, a skip or an observation.
    pub detail: Option<String>,
    /// What it says of each requirement that the test case covers.
    pub evidence: Vec<(RequirementId, result::Evidence)>,
    /// What became of the request under test.
    pub outcome: Option<RequestOutcome>,
    /// See [`CaseResult::stands`](crate::result::CaseResult::stands).
    pub stands: bool,
}

/// Judges one test case.
#[must_use]
pub fn case(
    case: &TestCase,
    transcript: &Transcript,
    contract: &Contract,
    strict: bool,
) -> Judgement {
    let (steps, trouble) = steps::all(case, transcript, contract, strict);
    let (verdict, detail) = verdict(case, transcript, &steps, trouble, contract);
    let request = steps.iter().find(|judged| judged.part() == Part::Request);
    let outcome = request.and_then(|judged| outcome(judged, contract));
    let judged = matches!(verdict, Verdict::Pass(_) | Verdict::Fail(_));
    let evidence = if judged && case.observe.is_none() {
        blame::evidence(case, &steps, contract)
    } else {
        Vec::new()
    };
    Judgement {
        stands: request.is_some_and(|judged| stands(&verdict, judged, outcome, case)),
        verdict,
        detail,
        evidence,
        outcome,
        checks: steps.into_iter().map(|judged| judged.results).collect(),
    }
}

/// What became of a request that was answered.
fn outcome(judged: &JudgedStep<'_>, contract: &Contract) -> Option<RequestOutcome> {
    let response = judged.response()?;
    let operation = judged.step.and_then(|step| step.operation.as_deref());
    let operation = operation.and_then(|id| contract.operation(id));
    let documented = operation.is_none_or(|one| one.response(response.status).is_some());
    let code = judged.error_body(contract).code(response.json_or_null());
    // A wrong number is a finding about the number; the operation has refused all the same.
    let refused = match &code {
        Some(code) => contract.errors.code(code).is_some(),
        None => documented && contract.errors.codes.is_empty(),
    };
    let complete = check::delivery(response).is_empty();
    Some(match response.status {
        200..400 if documented && complete && code.is_none() => RequestOutcome::Accepted,
        400.. if refused => RequestOutcome::Refused,
        _ => RequestOutcome::Undocumented,
    })
}

/// Whether the request came to the outcome that the test case expects, by a complete answer.
fn stands(
    verdict: &Verdict,
    judged: &JudgedStep<'_>,
    outcome: Option<RequestOutcome>,
    case: &TestCase,
) -> bool {
    if matches!(verdict, Verdict::Error(_) | Verdict::Skip(_)) || judged.has_another_outcome() {
        return false;
    }
    let statuses = case.expected_statuses();
    let accepts = !statuses.is_empty() && statuses.iter().all(|status| *status < 400);
    match outcome {
        None => false,
        // A further requirement of a test case that expects acceptance: the documented success.
        Some(outcome) if accepts => outcome == RequestOutcome::Accepted,
        Some(_) => verdict.is_pass(),
    }
}

/// The verdict, and one line where it is neither a pass nor a fail.
fn verdict(
    case: &TestCase,
    transcript: &Transcript,
    steps: &[JudgedStep<'_>],
    trouble: Option<JudgeError>,
    contract: &Contract,
) -> (Verdict, Option<String>) {
    if let Some(stop @ (Stop::Harness(_) | Stop::Desync(_))) = &transcript.stopped {
        // A fault of ours is no finding about the target, whatever the target answered; nor is an
        // answer that may be the answer to something else.
        return stopped(stop);
    }
    let counting = || steps.iter().filter(|judged| judged.counts());
    let certain = |judged: &&JudgedStep<'_>| !sent_after_loss(judged.record);
    if let Some(found) = counting().filter(certain).find_map(JudgedStep::finding) {
        return (Verdict::Fail(found.check.clone()), None);
    }
    if let Some(judged) = counting().find(|judged| judged.finding().is_some()) {
        let why = format!(
            "step `{}` was sent again after its answer was lost, so what it is told now may be the \
             doing of the first time",
            judged.record.name
        );
        return (Verdict::Error(ErrorReason::Unreachable), Some(why));
    }
    if let Some(stop) = &transcript.stopped {
        return stopped(stop);
    }
    if let Some(message) = trouble
        .map(|error| error.to_string())
        .or_else(|| not_prepared(steps))
    {
        return (Verdict::Error(ErrorReason::SetupFailed), Some(message));
    }
    if case.observe.is_some() {
        let seen = observation(case, transcript, contract);
        return (Verdict::Skip(SkipReason::OnlyObserved), Some(seen));
    }
    if counting().all(|judged| judged.results.is_empty()) {
        let why = "no check was made, so nothing is proven".to_owned();
        return (Verdict::Error(ErrorReason::HarnessFault), Some(why));
    }
    let mut results = steps.iter().flat_map(|judged| &judged.results);
    if results.any(|result| result.mismatch.is_some()) {
        return (Verdict::Pass(PassReason::WithWarnings), None);
    }
    (Verdict::Pass(PassReason::Clean), None)
}

/// Why a step after the request could not prepare for the next.
fn not_prepared(steps: &[JudgedStep<'_>]) -> Option<String> {
    let failed = |judged: &&JudgedStep<'_>| judged.part() == Part::Then && !judged.counts();
    let judged = steps
        .iter()
        .filter(failed)
        .find(|judged| judged.finding().is_some())?;
    let found = judged.finding()?.mismatch.as_ref()?;
    Some(format!("then, step `{}` {found}", judged.record.name))
}

/// An earlier attempt left and got no answer: a departure that is seen now is no certain one.
fn sent_after_loss(record: &StepRecord) -> bool {
    let lost = |sent: &Exchange| sent.outcome.is_err() && !sent.sent_line.is_empty();
    let earlier = record.attempts.split_last().map(|(_, earlier)| earlier);
    earlier.is_some_and(|earlier| earlier.iter().any(lost))
}

fn stopped(stop: &Stop) -> (Verdict, Option<String>) {
    let verdict = match stop {
        Stop::Setup(_) | Stop::Answered(_) => Verdict::Error(ErrorReason::SetupFailed),
        Stop::Unreachable(_) => Verdict::Error(ErrorReason::Unreachable),
        Stop::Desync(_) => Verdict::Error(ErrorReason::Desync),
        Stop::RateLimited(_) => Verdict::Error(ErrorReason::RateLimited),
        Stop::BreakerOpen(_) => Verdict::Skip(SkipReason::BreakerOpen),
        Stop::BudgetSpent(_) => Verdict::Skip(SkipReason::BudgetSpent),
        Stop::NotProvided(_) => Verdict::Skip(SkipReason::NotProvided),
        Stop::Harness(_) => Verdict::Error(ErrorReason::HarnessFault),
        Stop::Interrupted => Verdict::Error(ErrorReason::Interrupted),
    };
    (verdict, Some(stop.why().to_owned()))
}

/// What an observed test case saw, in one line.
fn observation(case: &TestCase, transcript: &Transcript, contract: &Contract) -> String {
    let mut seen = Vec::new();
    for record in &transcript.steps {
        if !matches!(record.part, Part::Request | Part::Then) {
            continue;
        }
        let Some(Ok(response)) = record.attempts.last().map(|exchange| &exchange.outcome) else {
            continue;
        };
        let body = response.json_or_null();
        let operation = step_of(case, record).and_then(|step| blame::operation(case, step));
        let bodies = &contract.errors.bodies;
        let form = bodies.of(operation, response.status, response.header("Content-Type"));
        let code = form.code(body);
        let content = code
            .as_deref()
            .or_else(|| {
                body.pointer(&contract.convention.success.outcome.as_ref()?.0)?
                    .as_str()
            })
            .unwrap_or(if response.body.is_empty() {
                "no body"
            } else {
                "a body"
            });
        seen.push(format!(
            "{} answered {} with {content}",
            record.name, response.status
        ));
    }
    let why = case.observe.as_deref().unwrap_or_default();
    format!("{why} Seen: {}.", seen.join(", "))
}
