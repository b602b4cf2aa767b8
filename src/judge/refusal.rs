//! What an acceptance is worth: nothing, as long as nothing was refused.
//!
//! A server that calls everything a success answers every row of accepted requests rightly. Its
//! rows of refused requests fail, and the acceptances beside them are no evidence either. The other
//! way round needs no rule here: a refusal stands behind the control of its file.

use std::collections::{BTreeMap, BTreeSet};

use super::coverage;
use crate::{
    contract::{Contract, Oracle},
    result::{CaseResult, UncoveredRequirement, Verdict},
};

/// Requirements that a run left unproven, in the order of the registers: those that the covering
/// rows leave open, and those that rest on acceptances by an operation that was not seen to refuse.
///
/// `whole` is false when rows were filtered.
#[must_use]
pub fn unproven(
    contracts: &[Contract],
    cases: &[CaseResult],
    whole: bool,
) -> Vec<UncoveredRequirement> {
    let mut open: BTreeMap<String, UncoveredRequirement> =
        coverage::unproven(contracts, cases, whole)
            .into_iter()
            .map(|gap| (gap.id.clone(), gap))
            .collect();
    let blind = blind(cases);
    let mut out = Vec::new();
    for requirement in contracts.iter().flat_map(|contract| &contract.requirements) {
        let judged = matches!(requirement.oracle, Oracle::Documented | Oracle::Sibling)
            && requirement.not_tested.is_none();
        let gap = open.remove(&requirement.id);
        out.extend(gap.or_else(|| {
            let operation = judged.then(|| rests_on(&blind, cases, &requirement.id))??;
            Some(UncoveredRequirement {
                id: requirement.id.clone(),
                why: format!(
                    "{operation} refused nothing in this run, so what it accepts proves nothing"
                ),
            })
        }));
    }
    out
}

type Operation<'c> = (&'c str, &'c str);

fn operation(case: &CaseResult) -> Operation<'_> {
    (&case.edition, &case.operation)
}

/// Operations of which some row did not pass and no passing row was a refusal.
fn blind(cases: &[CaseResult]) -> BTreeSet<Operation<'_>> {
    let wrong = |case: &&CaseResult| matches!(case.verdict, Verdict::Fail(_) | Verdict::Error(_));
    let mut out: BTreeSet<_> = cases.iter().filter(wrong).map(operation).collect();
    for case in cases.iter().filter(|case| refused(case)) {
        out.remove(&operation(case));
    }
    out
}

/// The row passed, and what it passed with was a refusal.
fn refused(case: &CaseResult) -> bool {
    let request = case.steps.iter().find(|step| step.part == "request");
    let exchange = request.and_then(|step| step.exchange.as_ref());
    case.verdict.is_pass()
        && exchange
            .and_then(|exchange| exchange.status)
            .is_some_and(|status| status >= 400)
}

/// The operation, when every row that proved the requirement accepted and belongs to a blind one.
fn rests_on<'c>(
    blind: &BTreeSet<Operation<'c>>,
    cases: &'c [CaseResult],
    requirement: &str,
) -> Option<&'c str> {
    let mut proofs = cases
        .iter()
        .filter(|case| case.verdict.is_pass())
        .filter(|case| case.requirements.iter().any(|(id, _)| id == requirement))
        .peekable();
    let first = proofs.peek()?.operation.as_str();
    proofs
        .all(|case| blind.contains(&operation(case)))
        .then_some(first)
}
