//! What is found of the honest target that somebody knows of: what mutants are compared with.
//!
//! A row that fails for a known reason can still notice a mutant: by a finding that it does not have on the
//! honest target.

use std::collections::BTreeSet;

use crate::{
    ids::StepId,
    result::{CaseResult, CheckKey, CheckResult, Mismatch, StepResult},
};

/// A finding: its step, and its fingerprint.
type Finding = (StepId, String);

/// Where a finding is, whatever was there.
type Place = (StepId, CheckKey, String);

/// A row that fails on the honest target as somebody knows it does.
#[derive(Debug, Clone)]
pub(super) struct KnownFailure {
    /// Who knows: `waived by ann until 2027-01-31`.
    pub by: String,
    /// What is red on the honest target, in a line.
    pub why: String,
    findings: BTreeSet<Finding>,
    /// Places at which two runs found something else: what stands there changes by itself.
    volatile: BTreeSet<Place>,
}

impl KnownFailure {
    /// Of the same row in two runs of the honest target.
    pub(super) fn of(by: String, why: String, runs: [&CaseResult; 2]) -> Self {
        let [first, second] = runs.map(Found::of);
        let varies = |found: &Found, beside: &Found| -> Vec<Place> {
            let each = found.0.iter();
            let alone = each.filter(|(finding, _)| !beside.has(finding));
            alone.map(|(_, place)| place.clone()).collect()
        };
        let volatile = varies(&first, &second).into_iter();
        let volatile = volatile.chain(varies(&second, &first)).collect();
        let findings = first.0.into_iter().chain(second.0);
        Self {
            by,
            why,
            findings: findings.map(|(finding, _)| finding).collect(),
            volatile,
        }
    }

    /// Whether the row finds something that it does not find on the honest target.
    pub(super) fn is_exceeded(&self, result: &CaseResult) -> bool {
        let found = Found::of(result);
        let mut each = found.0.iter();
        each.any(|(finding, place)| {
            !self.findings.contains(finding) && !self.volatile.contains(place)
        })
    }
}

/// The findings of a row that count, each with its place.
struct Found(Vec<(Finding, Place)>);

impl Found {
    fn of(result: &CaseResult) -> Self {
        let broken: Vec<_> = result.broken().collect();
        // Under a strict run it is the warnings that fail a row.
        let warnings = result.warnings().filter(|_| broken.is_empty());
        let all = broken.iter().copied().chain(warnings);
        Self(all.filter_map(found).collect())
    }

    fn has(&self, wanted: &Finding) -> bool {
        self.0.iter().any(|(finding, _)| finding == wanted)
    }
}

fn found(
    (step, check, mismatch): (&StepResult, &CheckResult, &Mismatch),
) -> Option<(Finding, Place)> {
    let place = (
        step.name.clone(),
        check.check.clone(),
        mismatch.place.clone(),
    );
    Some(((step.name.clone(), check.fingerprint()?), place))
}
