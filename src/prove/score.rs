//! From the test cases' verdicts to what became of a mutant.

use super::baseline::Baseline;
use crate::{
    ids::CaseId,
    mutant::{DocumentedStatus, Family, Mutant},
    result::{CaseResult, MutantResult, Outcome, Verdict},
};

/// What the test cases made of a mutant. `activated` is `None` where only the mock could tell.
pub(super) fn result(
    mutant: &Mutant,
    results: &[CaseResult],
    baseline: &Baseline,
    activated: Option<usize>,
) -> MutantResult {
    let judged = baseline.rows.iter().map(|row| &row.case);
    let of = |id: &CaseId| judged.clone().find(|case| case.id == *id);
    // One that is not judged on the honest target can notice nothing.
    let sent: Vec<&CaseResult> = results.iter().filter(|one| of(&one.id).is_some()).collect();
    let ids = |wanted: &dyn Fn(&CaseResult) -> bool| -> Vec<CaseId> {
        let wanted = sent.iter().filter(|result| wanted(result));
        wanted.map(|result| result.id.clone()).collect()
    };
    let failed = ids(&|result| baseline.notices(result));
    let unjudged = ids(&|result| matches!(result.verdict, Verdict::Error(_)));
    let covering = |id: &CaseId| {
        of(id).is_some_and(|case| case.covers.iter().any(|id| mutant.breaks.contains(id)))
    };
    let outcome = match &mutant.documented {
        DocumentedStatus::Open(reason) => Outcome::Open(reason.clone()),
        DocumentedStatus::Equivalent(reason) if failed.is_empty() && unjudged.is_empty() => {
            Outcome::Equivalent(reason.clone())
        }
        DocumentedStatus::Equivalent(reason) => Outcome::EquivalentNoticed(reason.clone()),
        DocumentedStatus::Forbidden => {
            // An answer that never arrives can only be an error, and that is the right verdict.
            let lost = mutant.family == Family::Delivery && unjudged.iter().any(covering);
            if lost || failed.iter().any(covering) {
                Outcome::Caught
            } else if !failed.is_empty() {
                Outcome::CaughtElsewhere
            } else if !unjudged.is_empty() {
                Outcome::Errored
            } else if sent.is_empty() || activated == Some(0) {
                Outcome::Unreached
            } else {
                Outcome::Survived
            }
        }
    };
    MutantResult {
        id: mutant.id.clone(),
        edition: mutant.edition.to_string(),
        operation: mutant.operation.clone(),
        family: mutant.family.label().to_owned(),
        operator: mutant.operator.clone(),
        what: mutant.what.clone(),
        breaks: mutant.breaks.clone(),
        outcome,
        sent: sent.len(),
        activated,
        noticed_by: failed,
        unjudged,
        accepted: None,
    }
}
