//! What changed between two runs, and who changed it.
//!
//! Takes: the [`RunFacts`] of one or more runs before, and of the run after. Gives: a [`Comparison`].
//! Never: sends anything, reads a file, or takes two values for different that no rule says can be
//! compared.
//!
//! Rows are compared by their ids, and answers by the steps that both runs have. Statuses and error codes
//! are always compared. Another value is compared only where it is known not to change by itself:
//! because no row has another value there in another run of the same target, or because all rows of the run
//! have the same one. What comes from the request, from the target file or from the run itself
//! is replaced by the name of where it comes from, and secrets are all alike.

mod align;
mod answer;
mod baseline;
mod difference;
mod facts;
mod history;
mod latency;
mod requirements;
mod rows;
mod stable;

pub use baseline::{BaselineError, read as read_baseline, write as write_baseline};
pub use facts::{CaseFacts, RunFacts, StepFacts};
pub use history::{Summarized, history, summarized};

use std::collections::{HashMap, HashSet};

use self::stable::Stable;
use crate::{
    ids::CaseId,
    result::{ChangeKind, Comparison, SkipReason, SuiteChange, Verdict},
};

/// Why runs cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    #[error("there is no run before to compare with")]
    NoBefore,
    #[error("the runs are of different suites: no row of `{before}` is in `{after}`")]
    AnotherSuite { before: String, after: String },
    #[error(
        "the runs before are not of one target: `{one}` and `{other}`; give several of the same target to \
         show which values change by themselves"
    )]
    SeveralTargets { one: String, other: String },
    #[error("the runs before are of different suites, so that they show nothing about each other")]
    SeveralSuites,
    #[error(
        "the runs before are of two versions of the target, `{one}` and `{other}`: what differs between them \
         did not change by itself"
    )]
    SeveralVersions { one: String, other: String },
}

/// Compares the run after with the first run before; further runs before show which values change by
/// themselves.
///
/// # Errors
/// When there is nothing to compare with, or the runs are not of one suite.
pub fn compare(before: &[RunFacts], after: &RunFacts) -> Result<Comparison, CompareError> {
    let first = of_one_target(before)?;
    let known: HashMap<&CaseId, &CaseFacts> =
        first.cases.iter().map(|row| (&row.id, row)).collect();
    let common = after.cases.iter().filter(|row| known.contains_key(&row.id));
    if common.count() == 0 && !(first.cases.is_empty() && after.cases.is_empty()) {
        return Err(CompareError::AnotherSuite {
            before: first.side.target.clone(),
            after: after.side.target.clone(),
        });
    }
    let stable = Stable::of(before, after);
    let rows = rows::compare(first, after, &stable);
    let requirements = requirements::compare(&first.requirements, &after.requirements);
    let slower = latency::compare(first, after);
    Ok(Comparison {
        before: first.side.clone(),
        after: after.side.clone(),
        others: before.len() - 1,
        same_contract: first.side.suite.contract == after.side.suite.contract,
        same_cases: first.side.suite.cases == after.side.suite.cases,
        cases: rows.cases,
        answers: rows.answers,
        undetermined: rows.undetermined,
        requirements,
        slower,
        suite_change: None,
    })
}

/// A run before as it was judged, and as the suite of the run after judges its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    pub recorded: RunFacts,
    /// `None` where the suites are the same, or the answers are not there.
    pub rejudged: Option<RunFacts>,
}

/// As [`compare`], with what the suite changed told apart from what the target changed, where the runs before
/// were judged again by the suite of the run after.
///
/// # Errors
/// As [`compare`].
pub fn attribute(before: &[Before], after: &RunFacts) -> Result<Comparison, CompareError> {
    let recorded: Vec<RunFacts> = before.iter().map(|one| one.recorded.clone()).collect();
    let of_its_suite = |one: &Before| {
        let same = one.recorded.side.suite == after.side.suite;
        let own = || same.then(|| one.recorded.clone());
        one.rejudged.clone().or_else(own)
    };
    let any = before.iter().any(|one| one.rejudged.is_some());
    let rejudged: Option<Vec<RunFacts>> = before.iter().map(of_its_suite).collect();
    let rejudged = rejudged.filter(|_| any);
    let Some((rejudged, first)) = rejudged.zip(recorded.first()) else {
        return compare(&recorded, after);
    };
    let mut out = compare(&rejudged, after)?;
    out.before = first.side.clone();
    out.same_contract = first.side.suite.contract == after.side.suite.contract;
    out.same_cases = first.side.suite.cases == after.side.suite.cases;
    out.suite_change = rejudged.first().map(|again| suite_change(first, again));
    // What failed before and cannot be judged again was not kept before, whoever changed what.
    let failed: HashSet<&CaseId> = first
        .cases
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Fail(_)))
        .map(|row| &row.id)
        .collect();
    let unknown = out.suite_change.iter().flat_map(|change| &change.unknown);
    let unknown: HashSet<&CaseId> = unknown.filter(|id| failed.contains(id)).collect();
    for row in &mut out.cases {
        if row.kind == ChangeKind::Broken && unknown.contains(&row.id) {
            row.kind = ChangeKind::StillFailing;
        }
    }
    Ok(out)
}

/// What another suite says of the same answers.
fn suite_change(recorded: &RunFacts, rejudged: &RunFacts) -> SuiteChange {
    let again: HashMap<&CaseId, &CaseFacts> =
        rejudged.cases.iter().map(|row| (&row.id, row)).collect();
    let unknown = |id: &CaseId| {
        let verdict = again.get(id).map(|row| &row.verdict);
        verdict == Some(&Verdict::Skip(SkipReason::NotRejudgeable))
    };
    let runs = std::slice::from_ref(recorded);
    let rows = rows::compare(recorded, rejudged, &Stable::of(runs, rejudged));
    let said_otherwise = |kind: ChangeKind| {
        !matches!(
            kind,
            ChangeKind::Same | ChangeKind::StillFailing | ChangeKind::StillNotJudged
        )
    };
    let (unknown, changed): (Vec<_>, Vec<_>) =
        rows.cases.into_iter().partition(|row| unknown(&row.id));
    let changed = changed.into_iter().filter(|row| said_otherwise(row.kind));
    SuiteChange {
        cases: changed
            .map(|mut row| {
                // What the record has and the suite has not is no part that was left out.
                if row.kind == ChangeKind::LeftOut {
                    row.kind = ChangeKind::Lost;
                }
                row
            })
            .collect(),
        requirements: requirements::compare(&recorded.requirements, &rejudged.requirements),
        unknown: unknown.into_iter().map(|row| row.id).collect(),
    }
}

/// The first of the runs, if all are of one target and of one suite, so that they show which values change
/// by themselves.
///
/// # Errors
/// When there is none, or they are not.
pub fn of_one_target(runs: &[RunFacts]) -> Result<&RunFacts, CompareError> {
    let (first, others) = runs.split_first().ok_or(CompareError::NoBefore)?;
    for other in others {
        if other.side.target != first.side.target {
            return Err(CompareError::SeveralTargets {
                one: first.side.target.clone(),
                other: other.side.target.clone(),
            });
        }
        if other.side.suite != first.side.suite {
            return Err(CompareError::SeveralSuites);
        }
        if let (Some(one), Some(other)) = (&first.side.version, &other.side.version)
            && one != other
        {
            return Err(CompareError::SeveralVersions {
                one: one.clone(),
                other: other.clone(),
            });
        }
    }
    Ok(first)
}
