//! Accepting a request proves nothing until the operation has refused at least one.
//!
//! A server that calls everything a success answers every test case of accepted requests rightly. Its
//! test cases of refused requests fail, and the acceptances beside them are no evidence either. The
//! other way round needs no rule here: a refusal needs the control of its file.

use std::collections::BTreeSet;

use crate::result::{CaseResult, Part, RequestOutcome, Verdict};

type Operation<'c> = (&'c str, &'c str);

/// Operations of which some test case did not pass and that refused nothing.
#[derive(Debug, Default)]
pub(super) struct UnrefusedOperations<'c>(BTreeSet<Operation<'c>>);

impl<'c> UnrefusedOperations<'c> {
    pub(super) fn of(cases: &[&'c CaseResult]) -> Self {
        let wrong =
            |case: &&CaseResult| matches!(case.verdict, Verdict::Fail(_) | Verdict::Error(_));
        let cases = || cases.iter().copied();
        let mut out: BTreeSet<_> = cases().filter(wrong).map(operation).collect();
        for case in cases().filter(|case| refused(case)) {
            out.remove(&operation(case));
        }
        Self(out)
    }

    /// The operation, when every one of these passing test cases accepted and belongs to a blind one.
    pub(super) fn rests_on<'r>(
        &self,
        proofs: impl Iterator<Item = &'r CaseResult>,
    ) -> Option<&'r str> {
        let mut proofs = proofs.peekable();
        let first = proofs.peek()?.operation.as_str();
        proofs
            .all(|case| self.0.contains(&operation(case)))
            .then_some(first)
    }
}

fn operation(case: &CaseResult) -> Operation<'_> {
    (&case.edition, &case.operation)
}

/// The test case got a documented error, or passed with a refusal; whatever else was found in it.
fn refused(case: &CaseResult) -> bool {
    // An answer that may be the answer to something else, or that a fault of ours spoiled, is none.
    if matches!(case.verdict, Verdict::Error(_)) {
        return false;
    }
    if case.outcome == Some(RequestOutcome::Refused) {
        return true;
    }
    let request = case.steps.iter().find(|step| step.part == Part::Request);
    let exchange = request.and_then(|step| step.exchange.as_ref());
    let status = exchange.and_then(|exchange| exchange.status);
    case.verdict.is_pass() && status.is_some_and(|status| status >= 400)
}
