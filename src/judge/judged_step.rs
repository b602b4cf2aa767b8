//! One step of a transcript together with what was found in its answer, and what follows from that.

use crate::{
    contract::{Contract, ErrorBody},
    exchange::Response,
    plan::{CaptureFrom, Step},
    result::{CheckResult, Mismatch, Part, Subject},
    transcript::StepRecord,
};

/// One step of the transcript with what was found in its answer.
#[derive(Debug)]
pub(super) struct JudgedStep<'t> {
    pub(super) record: &'t StepRecord,
    /// The step of the test case; a provider's steps have none.
    pub(super) step: Option<&'t Step>,
    /// What of its answer was judged, whether it held or not.
    pub(super) subjects: Vec<Subject>,
    pub(super) results: Vec<CheckResult>,
    /// Where its answer is not what the contract documents, whichever check complains.
    pub(super) undocumented: Vec<Mismatch>,
}

impl JudgedStep<'_> {
    /// Whether its findings are the target's failures: those of a step that only prepares are not.
    pub(super) fn counts(&self) -> bool {
        match self.part() {
            Part::Request => true,
            Part::Then => self.step.is_some_and(|step| !step.prepares),
            Part::Setup | Part::Cleanup => false,
        }
    }

    pub(super) const fn part(&self) -> Part {
        self.record.part
    }

    /// The subjects of its findings.
    pub(super) fn found(&self) -> impl Iterator<Item = &Subject> {
        let findings = self.results.iter().filter(|result| result.is_finding());
        findings.filter_map(|result| Some(&result.mismatch.as_ref()?.subject))
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
    pub(super) fn has_another_status(&self) -> bool {
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
    pub(super) fn hands_on_something_wrong(&self) -> bool {
        let captures = self.step.map_or(&[][..], |step| &step.captures);
        // What a path may find is anywhere inside of what is fixed of it.
        let mut pointers = captures.iter().filter_map(|capture| match &capture.from {
            CaptureFrom::Body(pointer) => Some((pointer.clone(), false)),
            CaptureFrom::Node(path) => Some((path.fixed(), !path.is_fixed())),
            _ => None,
        });
        pointers.any(|(pointer, around)| {
            self.found().any(|subject| match subject {
                Subject::Member(at) => {
                    pointer.starts_with(at.as_str()) || around && at.starts_with(&pointer)
                }
                subject => subject.hides_the_rest(),
            })
        })
    }

    /// Whether the answer refuses, by its status or by an error code.
    pub(super) fn is_refusal(&self, contract: &Contract) -> bool {
        self.response().is_some_and(|response| {
            let code = self.error_body(contract).code(response.json_or_null());
            response.status >= 400 || code.is_some()
        })
    }

    /// What a refusal looks like that comes as this answer does; the most common one without an answer.
    pub(super) fn error_body<'c>(&self, contract: &'c Contract) -> &'c ErrorBody {
        let operation = self.step.and_then(|step| step.operation.as_deref());
        let bodies = &contract.errors.bodies;
        if let Some(response) = self.response() {
            let content_type = response.header("Content-Type");
            return bodies.of(operation, response.status, content_type);
        }
        let statuses = self.step.map(Step::expected_statuses).unwrap_or_default();
        let status = statuses.into_iter().find(|status| *status >= 400);
        bodies.of(operation, status.unwrap_or(400), None)
    }

    /// Whether the request came to another outcome than expected.
    pub(super) fn has_another_outcome(&self) -> bool {
        let outcome = |found: &Subject| matches!(found, Subject::Accepted | Subject::Refused);
        self.found().any(outcome)
    }
}
