//! What an acceptance is worth: nothing, as long as nothing was refused.
//!
//! A server that calls everything a success answers every test case of accepted requests rightly. Its
//! test cases of refused requests fail, and the acceptances beside them are no evidence either. The
//! other way round needs no rule here: a refusal needs the control of its file.

use std::collections::BTreeSet;

use crate::result::{CaseResult, Part, Verdict};

type Operation<'c> = (&'c str, &'c str);

/// Operations of which some test case did not pass and no passing test case was a refusal.
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

/// The test case passed, and what it passed with was a refusal.
fn refused(case: &CaseResult) -> bool {
    let request = case.steps.iter().find(|step| step.part == Part::Request);
    let exchange = request.and_then(|step| step.exchange.as_ref());
    case.verdict.is_pass()
        && exchange
            .and_then(|exchange| exchange.status)
            .is_some_and(|status| status >= 400)
}
