//! The steps of a transcript, each with what was found in its answer, in the order of judging.

use std::collections::BTreeSet;

use super::{
    blame::{self, of_contract},
    checks::{self, JudgeError},
    judged_step::JudgedStep,
};
use crate::{
    contract::{Contract, ErrorBody},
    ids::RequirementId,
    plan::{Step, TestCase},
    result::{CheckResult, Part, Stop, Subject},
    transcript::{StepRecord, Transcript},
};

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
            subjects: Vec::new(),
            results: Vec::new(),
            undocumented: Vec::new(),
        };
        let answered = unanswered != Some(place) && record.part != Part::Cleanup && !moot;
        if let Some(step) = step.filter(|_| answered) {
            match checks::step(step, record, contract, strict) {
                Ok(checks) => {
                    judged.subjects = checks::judged(step, record, &checks.results, contract);
                    judged.results = in_order(checks.results, judged.error_body(contract));
                    judged.undocumented = checks.undocumented;
                }
                Err(error) => {
                    trouble.get_or_insert(error);
                }
            }
            if judged.has_another_status() {
                // What the contract documents for this status was not what is judged.
                judged.results.retain(|result| result.check != "conforms");
            } else if !judged.results.is_empty() {
                judged.subjects.extend(of_contract(step, contract));
            }
        }
        for result in &mut judged.results {
            // An observed row only tells.
            result.warning |= case.observe.is_some();
        }
        blame_findings(case, &mut judged, contract);
        let failed_to_prepare = judged.step.is_some_and(|step| step.prepares);
        moot |= judged.part() == Part::Request && judged.has_another_outcome()
            || judged.part() == Part::Then && failed_to_prepare && judged.finding().is_some()
            || judged.hands_on_something_wrong();
        steps.push(judged);
    }
    (steps, trouble)
}

/// Findings in the order of their subjects, without those that an earlier one makes meaningless: a
/// page of a proxy has no error code to be wrong.
fn in_order(mut results: Vec<CheckResult>, form: &ErrorBody) -> Vec<CheckResult> {
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
    let of_code = |found: Subject| match found {
        Subject::Code => true,
        Subject::Member(at) => Some(at) == form.code_at,
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

/// The step that the target turned away until the end: what came back is no answer to its request.
fn unanswered(transcript: &Transcript) -> Option<usize> {
    let turned_away = matches!(transcript.stopped, Some(Stop::RateLimited(_)));
    let mut steps = transcript.steps.iter();
    let last = steps.rposition(|record| record.part != Part::Cleanup);
    last.filter(|_| turned_away)
}

/// The step of the test case that a record belongs to; provider steps have none.
#[must_use]
pub(crate) fn step_of<'c>(case: &'c TestCase, record: &StepRecord) -> Option<&'c Step> {
    let index = record.index?;
    match record.part {
        Part::Setup => case.setup.get(index),
        Part::Request => Some(&case.request),
        Part::Then => case.then.get(index),
        Part::Cleanup => case.cleanup.get(index),
    }
}
