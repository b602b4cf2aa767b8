//! The steps of a transcript, each with what was found in its answer, in the order of judging.

use std::collections::BTreeSet;

use super::{
    blame,
    checks::{self, JudgeError},
};
use crate::{
    contract::Contract,
    exchange::Response,
    ids::RequirementId,
    plan::{CaptureFrom, Step, TestCase},
    result::{CheckResult, Mismatch, Part, Subject},
    transcript::{StepRecord, Stop, Transcript},
};

/// One step of the transcript with what was found in its answer.
#[derive(Debug)]
pub(super) struct JudgedStep<'t> {
    pub(super) record: &'t StepRecord,
    /// The step of the test case; a provider's steps have none.
    pub(super) step: Option<&'t Step>,
    pub(super) part: Part,
    /// What of its answer was judged, whether it held or not.
    pub(super) subjects: Vec<Subject>,
    pub(super) results: Vec<CheckResult>,
}

impl JudgedStep<'_> {
    /// Whether its findings are the target's failures: those of a step that only prepares are not.
    pub(super) fn counts(&self) -> bool {
        match self.part {
            Part::Request => true,
            Part::Then => self.step.is_some_and(|step| !step.prepares),
            Part::Setup | Part::Cleanup => false,
        }
    }

    pub(super) fn finding(&self) -> Option<&CheckResult> {
        self.results.iter().find(|result| result.is_finding())
    }

    pub(super) fn response(&self) -> Option<&Response> {
        self.record.attempts.last()?.outcome.as_ref().ok()
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }

    /// Whether the answer has another status than one that the step expects.
    fn has_another_status(&self) -> bool {
        let status = |found: &Mismatch| {
            matches!(
                found.subject,
                Subject::Status | Subject::Accepted | Subject::Refused
            )
        };
        let asked = self
            .results
            .iter()
            .filter(|result| result.check != "conforms");
        asked
            .filter_map(|result| result.mismatch.as_ref())
            .any(status)
    }

    /// Whether it captures for later steps what a finding is about: a session token of the wrong type
    /// opens nothing, and that is no further finding.
    fn hands_on_something_wrong(&self) -> bool {
        let captures = self.step.map_or(&[][..], |step| &step.captures);
        let wrong = |from: &CaptureFrom| {
            let mut findings = self.results.iter().filter(|result| result.is_finding());
            findings.any(|result| match (from, &result.mismatch) {
                (CaptureFrom::Body(pointer), Some(found)) => match &found.subject {
                    Subject::Member(at) => pointer.starts_with(at.as_str()),
                    subject => subject.hides_the_rest(),
                },
                _ => false,
            })
        };
        captures.iter().any(|capture| wrong(&capture.from))
    }

    /// Whether the answer refuses, by its status or by an error code.
    pub(super) fn is_refusal(&self, contract: &Contract) -> bool {
        self.response().is_some_and(|response| {
            let envelope = &contract.errors.envelope;
            response.status >= 400 || envelope.code(response.json_or_null()).is_some()
        })
    }

    /// Whether the request came to another outcome than expected.
    pub(super) fn has_another_outcome(&self) -> bool {
        let outcome =
            |found: &Mismatch| matches!(found.subject, Subject::Accepted | Subject::Refused);
        let mut findings = self.results.iter().filter(|result| result.is_finding());
        findings.any(|result| result.mismatch.as_ref().is_some_and(outcome))
    }
}

/// Every step of the transcript, judged; and the first expectation that could not be evaluated.
pub(super) fn all<'t>(
    case: &'t TestCase,
    transcript: &'t Transcript,
    contract: &Contract,
    strict: bool,
) -> (Vec<JudgedStep<'t>>, Option<JudgeError>) {
    let mut steps: Vec<JudgedStep<'t>> = Vec::new();
    let mut trouble: Option<JudgeError> = None;
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
            match checks::step(step, record, contract) {
                Ok(results) => judged.results = in_order(results, contract),
                Err(error) => {
                    trouble.get_or_insert(error);
                }
            }
            if !judged.results.is_empty() {
                judged.subjects = if judged.has_another_status() {
                    // What the contract documents for this status was not what is judged.
                    judged.results.retain(|result| result.check != "conforms");
                    asked(step, contract)
                } else {
                    subjects(step, contract)
                };
            }
        }
        for result in &mut judged.results {
            // An observed row only tells; a strict run takes soft findings for departures.
            result.warning = case.observe.is_some() || (result.warning && !strict);
        }
        blame_findings(case, &mut judged, contract);
        let failed_to_prepare = judged.step.is_some_and(|step| step.prepares);
        moot |= judged.part == Part::Request && judged.has_another_outcome()
            || judged.part == Part::Then && failed_to_prepare && judged.finding().is_some()
            || judged.hands_on_something_wrong();
        steps.push(judged);
    }
    (steps, trouble)
}

/// Findings in the order of their subjects, without those that an earlier one makes meaningless: a
/// page of a proxy has no error code to be wrong.
fn in_order(mut results: Vec<CheckResult>, contract: &Contract) -> Vec<CheckResult> {
    let subject =
        |result: &CheckResult| result.mismatch.as_ref().map(|found| found.subject.clone());
    let hiding = results
        .iter()
        .filter(|result| !result.warning)
        .filter_map(subject)
        .filter(Subject::hides_the_rest)
        .min();
    if let Some(hiding) = hiding {
        results.retain(|result| subject(result).is_none_or(|found| found <= hiding));
        // One finding says it: each check that wants a body complains of the page in its place.
        let mut places = BTreeSet::new();
        results.retain(|result| match &result.mismatch {
            Some(found) if found.subject == hiding => places.insert(found.place.clone()),
            _ => true,
        });
    }
    // The documented text belongs to the documented code.
    let code_at = &contract.errors.envelope.code_at;
    let of_code = |found: Subject| match found {
        Subject::Code => true,
        Subject::Member(at) => at == *code_at,
        _ => false,
    };
    let hard = results.iter().filter(|result| !result.warning);
    if hard.filter_map(subject).any(of_code) {
        results.retain(|result| subject(result) != Some(Subject::Message));
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
        .map(|result| {
            if result.is_finding() {
                blame::violated(case, judged, result, contract)
            } else {
                Vec::new()
            }
        })
        .collect();
    for (result, violates) in judged.results.iter_mut().zip(violates) {
        result.violates = violates;
    }
}

/// What of the answer to a step its own checks judge.
fn asked(step: &Step, contract: &Contract) -> Vec<Subject> {
    let checks = step.checks.iter();
    checks.flat_map(|check| check.subjects(contract)).collect()
}

/// What of the answer to a step is judged: by its own checks, and by the contract.
pub(super) fn subjects(step: &Step, contract: &Contract) -> Vec<Subject> {
    let mut out = asked(step, contract);
    let operation = step.operation.as_deref();
    if let Some(operation) = operation.and_then(|id| contract.operation(id)) {
        out.extend(blame::of_contract(operation, &step.expected_statuses()));
    }
    out
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
