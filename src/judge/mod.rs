//! From a test case, its transcript and the contract to a verdict. Pure: it sends nothing and reads
//! nothing.
//!
//! Takes: a [`TestCase`], a [`Transcript`], the [`Contract`]. Gives: a [`Judgement`]. Never: stops at
//! the first broken check, or lets trouble satisfy a test case.

mod coverage;
mod refusal;
mod sample;
mod tests;
mod waiver;

pub use coverage::{coverage, requirements};
pub use waiver::waive;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    check::{self, Evidence, Finding},
    contract::Contract,
    diag::Span,
    exchange::Exchange,
    plan::{Step, TestCase},
    result::{CheckResult, ErrorReason, Mismatch, PassReason, SkipReason, Source, Verdict},
    template::{Bindings, TemplateError},
    transcript::{Part, StepRecord, Stop, Transcript},
};

/// What the judge says about one test case.
#[derive(Debug)]
pub struct Judgement {
    pub verdict: Verdict,
    /// The checks of each step of the transcript, in the same order.
    pub checks: Vec<Vec<CheckResult>>,
    /// One line on an error, a skip or an observation.
    pub detail: Option<String>,
}

/// Why a step cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The URL of a key set that the transcript does not hold.
    #[error("the keys at `{0}` were not fetched")]
    KeysMissing(String),
}

/// Judges one test case.
#[must_use]
pub fn case(
    case: &TestCase,
    transcript: &Transcript,
    contract: &Contract,
    strict: bool,
) -> Judgement {
    let judged = JudgedCase::of(case, transcript, contract, strict);
    let (verdict, detail) = judged.verdict(contract);
    Judgement {
        verdict,
        checks: judged.checks,
        detail,
    }
}

/// A test case with the checks of each of its steps.
struct JudgedCase<'j> {
    case: &'j TestCase,
    transcript: &'j Transcript,
    checks: Vec<Vec<CheckResult>>,
    /// The first step that could not be judged.
    unjudged: Option<JudgeError>,
}

impl<'j> JudgedCase<'j> {
    fn of(
        case: &'j TestCase,
        transcript: &'j Transcript,
        contract: &Contract,
        strict: bool,
    ) -> Self {
        let mut judged = Self {
            case,
            transcript,
            checks: Vec::new(),
            unjudged: None,
        };
        let unanswered = unanswered(transcript);
        for (place, record) in transcript.steps.iter().enumerate() {
            let step = step_of(case, record)
                .filter(|_| unanswered != Some(place) && record.part != Part::Cleanup);
            let results = step.map_or(Ok(Vec::new()), |step| self::step(step, record, contract));
            let mut results = results.unwrap_or_else(|error| {
                judged.unjudged.get_or_insert(error);
                Vec::new()
            });
            for result in &mut results {
                // An observed test case only tells; a strict run takes soft findings for broken.
                result.warning = case.observe.is_some() || (result.warning && !strict);
            }
            judged.checks.push(results);
        }
        judged
    }

    /// The steps that the verdict is about.
    fn steps(&self) -> impl Iterator<Item = (&'j StepRecord, &[CheckResult])> {
        let all = self.transcript.steps.iter().zip(&self.checks);
        all.filter(|(record, _)| is_judged(record))
            .map(|(record, results)| (record, results.as_slice()))
    }

    fn verdict(&self, contract: &Contract) -> (Verdict, Option<String>) {
        let stop = self.transcript.stopped.as_ref();
        // A fault of ours is no finding about the target, whatever the target answered; nor is an
        // answer that may be the answer to something else.
        if let Some(stop @ (Stop::Harness(_) | Stop::Desync(_))) = stop {
            return stopped(stop);
        }
        if let Some(verdict) = self.failed() {
            return verdict;
        }
        if let Some(stop) = stop {
            return stopped(stop);
        }
        if let Some(error) = &self.unjudged {
            let failed = Verdict::Error(ErrorReason::SetupFailed);
            return (failed, Some(error.to_string()));
        }
        if self.case.observe.is_some() {
            let seen = observation(self.case, self.transcript, contract);
            return (Verdict::Skip(SkipReason::OnlyObserved), Some(seen));
        }
        if self.steps().all(|(_, results)| results.is_empty()) {
            let why = "no check was made, so nothing is proven";
            let fault = Verdict::Error(ErrorReason::HarnessFault);
            return (fault, Some(why.to_owned()));
        }
        let mut all = self.checks.iter().flatten();
        if all.any(|result| result.mismatch.is_some()) {
            return (Verdict::Pass(PassReason::WithWarnings), None);
        }
        (Verdict::Pass(PassReason::Clean), None)
    }

    /// The verdict on a test case with a broken check, if it has one.
    fn failed(&self) -> Option<(Verdict, Option<String>)> {
        let mut certain = self.steps().filter(|(record, _)| !sent_after_loss(record));
        if let Some(broken) = certain.find_map(|(_, results)| first_failed(results)) {
            return Some((Verdict::Fail(broken.check.clone()), None));
        }
        let (record, _) = self
            .steps()
            .find(|(_, results)| first_failed(results).is_some())?;
        let why = format!(
            "step `{}` was sent again after its answer was lost, so what it is told now may be the \
             doing of the first time",
            record.name
        );
        Some((Verdict::Error(ErrorReason::Unreachable), Some(why)))
    }
}

/// Whether a step is part of what the verdict is about, and neither prepares nor cleans up.
fn is_judged(record: &StepRecord) -> bool {
    matches!(record.part, Part::Request | Part::Then)
}

fn first_failed(results: &[CheckResult]) -> Option<&CheckResult> {
    let mut results = results.iter();
    results.find(|result| result.mismatch.is_some() && !result.warning)
}

/// An earlier attempt left and got no answer: a departure that is seen now is no certain one.
fn sent_after_loss(record: &StepRecord) -> bool {
    let lost = |sent: &Exchange| sent.outcome.is_err() && !sent.sent_line.is_empty();
    let earlier = record.attempts.split_last().map(|(_, earlier)| earlier);
    earlier.is_some_and(|earlier| earlier.iter().any(lost))
}

/// The step that the target turned away until the end: what came back is no answer to its request.
fn unanswered(transcript: &Transcript) -> Option<usize> {
    let turned_away = matches!(transcript.stopped, Some(Stop::RateLimited(_)));
    let mut steps = transcript.steps.iter();
    let last = steps.rposition(|record| record.part != Part::Cleanup);
    last.filter(|_| turned_away)
}

/// The step of the test case that a record belongs to; provider steps have none.
fn step_of<'c>(case: &'c TestCase, record: &StepRecord) -> Option<&'c Step> {
    let index = record.index?;
    match record.part {
        Part::Setup => case.setup.get(index),
        Part::Request => Some(&case.request),
        Part::Then => case.then.get(index),
        Part::Cleanup => case.cleanup.get(index),
    }
}

/// Judges one step by its last attempt: its own checks, then what the contract asks of every answer.
///
/// # Errors
/// When an expectation names something that is not bound.
pub fn step(
    step: &Step,
    record: &StepRecord,
    contract: &Contract,
) -> Result<Vec<CheckResult>, JudgeError> {
    let Some(exchange) = record.attempts.last() else {
        return Ok(Vec::new());
    };
    exchange_checks(step, exchange, &record.bindings, contract)
}

fn exchange_checks(
    step: &Step,
    exchange: &Exchange,
    bindings: &Bindings,
    contract: &Contract,
) -> Result<Vec<CheckResult>, JudgeError> {
    let Ok(response) = &exchange.outcome else {
        return Ok(Vec::new());
    };
    let evidence = Evidence {
        request: &exchange.request,
        response,
        contract,
        at: exchange.at,
        fetched: bindings.get(check::FETCHED),
    };
    let mut out = Vec::new();
    for check in &step.checks {
        for source in check.key_sources(bindings)? {
            let body = response.json_or_null();
            let token = body.pointer(&source.at).is_some_and(Value::is_string);
            if token && source.find(evidence.fetched).is_none() {
                return Err(JudgeError::KeysMissing(source.url));
            }
        }
        let source = source(check.span());
        let mismatches = check.evaluate(&evidence, bindings)?;
        push(&mut out, check.key(), &source, mismatches);
    }
    let source = source(&step.span);
    // However right it is what an answer says, it has to arrive as HTTP and JSON demand.
    let defects = check::delivery(response);
    if !defects.is_empty() {
        push(&mut out, "delivery", &source, defects);
    }
    let operation = step
        .operation
        .as_deref()
        .and_then(|id| contract.operation(id));
    if let Some(operation) = operation {
        let findings = check::conforms(&evidence, operation);
        if findings.is_empty() {
            push(&mut out, "conforms", &source, Vec::new());
        }
        // What an expectation already complains about is not reported twice.
        let known = out.iter().filter_map(|result| result.mismatch.as_ref());
        let known: BTreeSet<String> = known.map(|mismatch| mismatch.place.clone()).collect();
        let new = |finding: &Finding| !known.contains(&finding.mismatch.place);
        out.extend(findings.into_iter().filter(new).map(|finding| CheckResult {
            check: "conforms".into(),
            source: source.clone(),
            mismatch: Some(finding.mismatch),
            warning: finding.soft,
        }));
    }
    Ok(out)
}

/// The first thing that is wrong with a step that only prepares or cleans up, in one line.
///
/// # Errors
/// As [`step`].
pub fn first_broken(
    step: &Step,
    record: &StepRecord,
    contract: &Contract,
) -> Result<Option<String>, JudgeError> {
    let results = self::step(step, record, contract)?;
    let mut broken = results.into_iter().filter(|result| !result.warning);
    Ok(broken
        .find_map(|result| result.mismatch)
        .map(|mismatch| mismatch.to_string()))
}

fn push(out: &mut Vec<CheckResult>, key: &str, source: &Source, mismatches: Vec<Mismatch>) {
    let result = |mismatch| CheckResult {
        check: key.into(),
        source: source.clone(),
        mismatch,
        warning: false,
    };
    if mismatches.is_empty() {
        out.push(result(None));
    }
    out.extend(
        mismatches
            .into_iter()
            .map(|mismatch| result(Some(mismatch))),
    );
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
        if !is_judged(record) {
            continue;
        }
        let Some(Ok(response)) = record.attempts.last().map(|exchange| &exchange.outcome) else {
            continue;
        };
        let body = response.json_or_null();
        let code = contract.errors.envelope.code(body);
        let content = code
            .as_deref()
            .or_else(|| body["status"].as_str())
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

/// A place in a file, for results.
#[must_use]
pub fn source(span: &Span) -> Source {
    let (line, column) = span.position();
    Source {
        file: span.file.path.clone(),
        line,
        column,
        excerpt: span.excerpt().to_owned(),
    }
}
