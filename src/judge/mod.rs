//! From a row, its transcript and the contract to a verdict. Pure: it sends nothing and reads nothing.
//!
//! Takes: a [`TestCase`], a [`Transcript`], the [`Contract`]. Gives: a [`Judgement`].
//! Never: stops at the first broken check, or lets trouble satisfy a row.

mod blame;
mod coverage;
mod refusal;
mod sample;
mod tests;
mod waiver;

pub use blame::never_judged;
pub(crate) use blame::note;
pub use coverage::{coverage, requirements};
pub use waiver::waive;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    check::{self, Evidence, Finding},
    contract::Contract,
    diag::Span,
    exchange::{Exchange, Response},
    ids::RequirementId,
    plan::{Step, TestCase},
    result::{
        self, CheckResult, ErrorReason, Mismatch, PassReason, RequestOutcome, SkipReason, Source,
        Subject, Verdict,
    },
    template::Bindings,
    transcript::{Part, StepRecord, Stop, Transcript},
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

/// One step of the transcript with what was found in its answer.
#[derive(Debug)]
struct JudgedStep<'t> {
    record: &'t StepRecord,
    /// The step of the test case; a provider's steps have none.
    step: Option<&'t Step>,
    part: Part,
    /// What of its answer was judged, whether it held or not.
    subjects: Vec<Subject>,
    results: Vec<CheckResult>,
}

impl JudgedStep<'_> {
    /// Whether its findings are the target's failures: those of a step that only prepares are not.
    fn counts(&self) -> bool {
        match self.part {
            Part::Request => true,
            Part::Then => self.step.is_some_and(|step| !step.prepares),
            Part::Setup | Part::Cleanup => false,
        }
    }

    fn finding(&self) -> Option<&CheckResult> {
        self.results.iter().find(|result| result.is_finding())
    }

    fn response(&self) -> Option<&Response> {
        self.record.attempts.last()?.outcome.as_ref().ok()
    }

    fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }

    /// Whether the request came to another outcome than expected.
    fn has_another_outcome(&self) -> bool {
        let outcome =
            |found: &Mismatch| matches!(found.subject, Subject::Accepted | Subject::Refused);
        let mut findings = self.results.iter().filter(|result| result.is_finding());
        findings.any(|result| result.mismatch.as_ref().is_some_and(outcome))
    }
}

/// Judges one row.
#[must_use]
pub fn case(
    case: &TestCase,
    transcript: &Transcript,
    contract: &Contract,
    strict: bool,
) -> Judgement {
    let (steps, trouble) = judged_steps(case, transcript, contract, strict);
    let (verdict, detail) = verdict(case, transcript, &steps, trouble, contract);
    let request = steps.iter().find(|judged| judged.part == Part::Request);
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

/// Every step of the transcript, judged; and the first expectation that could not be evaluated.
fn judged_steps<'t>(
    case: &'t TestCase,
    transcript: &'t Transcript,
    contract: &Contract,
    strict: bool,
) -> (Vec<JudgedStep<'t>>, Option<String>) {
    let mut steps: Vec<JudgedStep<'t>> = Vec::new();
    let mut trouble: Option<String> = None;
    let unanswered = unanswered(transcript);
    // After another outcome than expected, or a preparation that failed, later steps show nothing.
    let mut moot = false;
    for (place, record) in transcript.steps.iter().enumerate() {
        let step = step_of(case, record);
        let mut judged = JudgedStep {
            record,
            step,
            part: record.part,
            subjects: Vec::new(),
            results: Vec::new(),
        };
        let answered = unanswered != Some(place) && record.part != Part::Cleanup && !moot;
        if let Some(step) = step.filter(|_| answered) {
            match self::step(step, record, contract) {
                Ok(results) => judged.results = in_order(results),
                Err(message) => {
                    trouble.get_or_insert(message);
                }
            }
            if !judged.results.is_empty() {
                judged.subjects = subjects(step, contract);
            }
        }
        for result in &mut judged.results {
            // An observed row only tells; a strict run takes soft findings for departures.
            result.warning = case.observe.is_some() || (result.warning && !strict);
        }
        blame_findings(case, &mut judged, contract);
        let failed_to_prepare = judged.step.is_some_and(|step| step.prepares);
        moot |= judged.part == Part::Request && judged.has_another_outcome()
            || judged.part == Part::Then && failed_to_prepare && judged.finding().is_some();
        steps.push(judged);
    }
    (steps, trouble)
}

/// Findings in the order of their subjects, without those that an earlier one makes meaningless: a
/// page of a proxy has no error code to be wrong.
fn in_order(mut results: Vec<CheckResult>) -> Vec<CheckResult> {
    let subject =
        |result: &CheckResult| result.mismatch.as_ref().map(|found| found.subject.clone());
    let hiding = results
        .iter()
        .filter(|result| !result.warning)
        .filter_map(subject)
        .filter(Subject::hides_the_rest)
        .min();
    if let Some(hiding) = hiding {
        results.retain(|result| match subject(result) {
            Some(found) => found <= hiding || found == Subject::Delivery,
            None => true,
        });
        let same = |result: &CheckResult| subject(result).as_ref() == Some(&hiding);
        let first = results.iter().position(same);
        let mut at = 0;
        // One finding says it: each check that wants a body complains of the page in its place.
        results.retain(|result| {
            let keep = !same(result) || Some(at) == first;
            at += 1;
            keep
        });
    }
    results.sort_by_key(subject);
    results
}

fn blame_findings(case: &TestCase, judged: &mut JudgedStep<'_>, contract: &Contract) {
    if !judged.counts() {
        return;
    }
    let violates: Vec<Vec<RequirementId>> = judged
        .results
        .iter()
        .map(|result| match result.is_finding() {
            true => blame::violated(case, judged, result, contract),
            false => Vec::new(),
        })
        .collect();
    for (result, violates) in judged.results.iter_mut().zip(violates) {
        result.violates = violates;
    }
}

/// What of the answer to a step is judged: by its own checks, and by the contract.
fn subjects(step: &Step, contract: &Contract) -> Vec<Subject> {
    let checks = step.checks.iter();
    let mut out: Vec<Subject> = checks.flat_map(|check| check.subjects(contract)).collect();
    let operation = step.operation.as_deref();
    if let Some(operation) = operation.and_then(|id| contract.operation(id)) {
        out.extend(blame::of_contract(operation, &step.expected_statuses()));
    }
    out
}

/// What became of a request that was answered.
fn outcome(judged: &JudgedStep<'_>, contract: &Contract) -> Option<RequestOutcome> {
    let response = judged.response()?;
    let operation = judged.step.and_then(|step| step.operation.as_deref());
    let operation = operation.and_then(|id| contract.operation(id));
    let documented = operation.is_none_or(|one| one.response(response.status).is_some());
    let code = contract.errors.envelope.code(response.json_or_null());
    let known = |code: &String| contract.errors.code(code).is_some();
    let complete = check::delivery(response).is_empty();
    Some(match (response.status, code) {
        (200..400, None) if documented && complete => RequestOutcome::Accepted,
        (400.., code)
            if documented
                && (contract.errors.codes.is_empty() || code.as_ref().is_some_and(known)) =>
        {
            RequestOutcome::Refused
        }
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
    trouble: Option<String>,
    contract: &Contract,
) -> (Verdict, Option<String>) {
    if let Some(stop @ (Stop::Harness(_) | Stop::Desync(_))) = &transcript.stopped {
        // A fault of ours is no finding about the target, whatever the target answered; nor is an
        // answer that may be the answer to something else.
        let (verdict, detail) = stopped(stop);
        return (verdict, Some(detail));
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
        let (verdict, detail) = stopped(stop);
        return (verdict, Some(detail));
    }
    if let Some(message) = trouble.or_else(|| not_prepared(steps)) {
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
    let failed = |judged: &&JudgedStep<'_>| judged.part == Part::Then && !judged.counts();
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

/// The step that the target turned away until the end: what came back is no answer to its request.
fn unanswered(transcript: &Transcript) -> Option<usize> {
    let turned_away = matches!(transcript.stopped, Some(Stop::RateLimited(_)));
    let mut steps = transcript.steps.iter();
    let last = steps.rposition(|record| record.part != Part::Cleanup);
    last.filter(|_| turned_away)
}

/// The step of the row that a record belongs to; provider steps have none.
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
/// A sentence when an expectation names something that is not bound.
pub fn step(
    step: &Step,
    record: &StepRecord,
    contract: &Contract,
) -> Result<Vec<CheckResult>, String> {
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
) -> Result<Vec<CheckResult>, String> {
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
        let sources = check.key_sources(bindings);
        for source in sources.map_err(|error| error.to_string())? {
            let body = response.json_or_null();
            let token = body.pointer(&source.at).is_some_and(Value::is_string);
            if token && source.find(evidence.fetched).is_none() {
                return Err(format!("the keys at `{}` were not fetched", source.url));
            }
        }
        let mismatches = check
            .evaluate(&evidence, bindings)
            .map_err(|error| error.to_string())?;
        let found = mismatches.into_iter().map(|found| {
            let written = check.written(&found).clone();
            (found, written)
        });
        push(&mut out, check.key(), check.span(), found.collect());
    }
    // However right it is what an answer says, it has to arrive as HTTP and JSON demand.
    let defects = check::delivery(response);
    if !defects.is_empty() {
        let found = defects.into_iter().map(|found| (found, step.span.clone()));
        push(&mut out, "delivery", &step.span, found.collect());
    }
    let operation = step
        .operation
        .as_deref()
        .and_then(|id| contract.operation(id));
    if let Some(operation) = operation {
        let findings = check::conforms(&evidence, operation);
        if findings.is_empty() {
            push(&mut out, "conforms", &step.span, Vec::new());
        }
        // What an expectation already complains about is not told twice.
        let told = out.iter().filter_map(|result| result.mismatch.as_ref());
        let told: BTreeSet<String> = told.map(|mismatch| mismatch.place.clone()).collect();
        let new = |finding: &Finding| !told.contains(&finding.mismatch.place);
        out.extend(findings.into_iter().filter(new).map(|finding| CheckResult {
            check: "conforms".into(),
            source: source(&finding.written),
            mismatch: Some(finding.mismatch),
            warning: finding.soft,
            violates: Vec::new(),
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
) -> Result<Option<String>, String> {
    let results = self::step(step, record, contract)?;
    let mut broken = results.into_iter().filter(|result| !result.warning);
    Ok(broken
        .find_map(|result| result.mismatch)
        .map(|told| told.to_string()))
}

/// Adds what a check found, each with the place that it breaks; or that the check at `span` held.
fn push(out: &mut Vec<CheckResult>, key: &str, span: &Span, found: Vec<(Mismatch, Span)>) {
    let result = |mismatch, span: &Span| CheckResult {
        check: key.into(),
        source: source(span),
        mismatch,
        warning: false,
        violates: Vec::new(),
    };
    if found.is_empty() {
        out.push(result(None, span));
    }
    let found = found.into_iter();
    out.extend(found.map(|(mismatch, span)| result(Some(mismatch), &span)));
}

fn stopped(stop: &Stop) -> (Verdict, String) {
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
    (verdict, stop.why().to_owned())
}

/// What an observed row saw, in one line.
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
        let code = contract.errors.envelope.code(body);
        let word = code
            .as_deref()
            .or_else(|| body["status"].as_str())
            .unwrap_or(if response.body.is_empty() {
                "no body"
            } else {
                "a body"
            });
        seen.push(format!(
            "{} answered {} with {word}",
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
