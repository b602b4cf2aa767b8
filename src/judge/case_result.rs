//! The result of a test case: what of it does not depend on its answers, and how much of its findings is
//! told.

use std::collections::{BTreeMap, BTreeSet};

use super::source;
use crate::{
    contract::{Contract, Requirement},
    plan::TestCase,
    result::{Basis, Blocker, CaseResult, CheckResult, Covered, ErrorReason, Evidence, Verdict},
};

/// The result of a test case before anything is known of its answers, or where there are none.
#[must_use]
pub(crate) fn unsent(
    case: &TestCase,
    contract: Option<&Contract>,
    verdict: Verdict,
    detail: String,
) -> CaseResult {
    CaseResult {
        id: case.id.clone(),
        title: case.title.clone(),
        edition: case.edition.to_string(),
        operation: case.operation.clone(),
        control: case.control,
        source: source(&case.span),
        requirements: covered(case, contract),
        verdict,
        outcome: None,
        stands: false,
        waiver: None,
        blocked_by: None,
        detail: Some(detail),
        causes: Vec::new(),
        steps: Vec::new(),
        tags: case.tags.clone(),
        basis: Basis::default(),
        elapsed: std::time::Duration::ZERO,
    }
}

fn covered(case: &TestCase, contract: Option<&Contract>) -> Vec<Covered> {
    let ids = case.covers.iter();
    ids.map(|id| {
        let requirement = contract.and_then(|contract| contract.requirement(id));
        Covered {
            id: id.clone(),
            evidence: Evidence::None,
            text: requirement.map_or_else(String::new, Requirement::sentence),
        }
    })
    .collect()
}

/// The result of a test case that needs one that did not pass: it proves nothing, whatever it would
/// answer.
#[must_use]
pub(crate) fn blocked(
    case: &TestCase,
    contract: Option<&Contract>,
    before: &CaseResult,
) -> CaseResult {
    let why = before
        .detail
        .clone()
        .or_else(|| {
            before
                .broken()
                .next()
                .map(|(_, _, broken)| broken.to_string())
        })
        .unwrap_or_default();
    // Neither is the target's doing, and so neither is blamed on the target's control.
    if let verdict @ (Verdict::Skip(_) | Verdict::Error(ErrorReason::HarnessFault)) =
        &before.verdict
    {
        return unsent(case, contract, verdict.clone(), why);
    }
    let (role, blocker) = if before.control {
        ("control", Blocker::Control(before.id.clone()))
    } else {
        ("prerequisite", Blocker::Prerequisite(before.id.clone()))
    };
    let (verdict, reason) = (before.verdict.label(), before.verdict.reason());
    let detail = format!(
        "the {role} `{}` did not pass ({verdict} {reason})",
        before.id
    );
    let failed = Verdict::Error(ErrorReason::ControlFailed);
    CaseResult {
        blocked_by: Some(blocker),
        causes: vec![why],
        ..unsent(case, contract, failed, detail)
    }
}

/// So many findings of one check are told one by one: one hostile answer can have thousands.
const MOST_FINDINGS: usize = 20;

/// What makes two findings those of one check.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SameCheck {
    file: String,
    line: usize,
    column: usize,
    check: String,
    warning: bool,
}

impl SameCheck {
    fn of(check: &CheckResult) -> Self {
        Self {
            file: check.source.file.clone(),
            line: check.source.line,
            column: check.source.column,
            check: check.check.as_str().to_owned(),
            warning: check.warning,
        }
    }
}

/// The checks with the first findings of each, and those that violate what no other does; the rest of
/// them are counted.
#[must_use]
pub(crate) fn bounded(checks: Vec<CheckResult>) -> Vec<CheckResult> {
    if checks.len() <= MOST_FINDINGS {
        return checks;
    }
    let mut out: Vec<CheckResult> = Vec::new();
    // How many findings of a check are kept, and the place of the last.
    let mut kept: BTreeMap<SameCheck, (usize, usize)> = BTreeMap::new();
    let mut violated = BTreeSet::new();
    for check in checks {
        if check.mismatch.is_none() {
            out.push(check);
            continue;
        }
        let (count, last) = kept.entry(SameCheck::of(&check)).or_default();
        let is_new = check.violates.iter().any(|id| !violated.contains(id));
        if *count < MOST_FINDINGS || is_new {
            violated.extend(check.violates.iter().cloned());
            (*count, *last) = (*count + 1, out.len());
            out.push(check);
        } else {
            out[*last].further += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{Mismatch, Source, Subject};

    fn finding(line: usize, violates: &[&str], warning: bool) -> CheckResult {
        CheckResult {
            check: "schema".into(),
            source: Source {
                line,
                ..Source::default()
            },
            mismatch: Some(Mismatch {
                subject: Subject::Closed,
                place: "body".to_owned(),
                expected: Vec::new(),
                actual: "a further member".to_owned(),
            }),
            warning,
            violates: violates.iter().map(|id| (*id).into()).collect(),
            further: 0,
        }
    }

    #[test]
    fn of_thousands_of_findings_of_one_check_the_first_are_told_and_the_rest_is_counted() {
        let mut all = vec![finding(1, &["A"], false); 5_000];
        all.push(CheckResult {
            mismatch: None,
            ..finding(1, &[], false)
        });
        all.extend(vec![finding(2, &[], false); 3]);
        all.extend(vec![finding(1, &[], true); 30]);
        let kept = bounded(all);
        let of = |line: usize, warning: bool| {
            let own = kept.iter().filter(|one| {
                one.source.line == line && one.warning == warning && one.mismatch.is_some()
            });
            let further: usize = own.clone().map(|one| one.further).sum();
            (own.count(), further)
        };
        assert_eq!(of(1, false), (MOST_FINDINGS, 4_980));
        assert_eq!(of(2, false), (3, 0));
        assert_eq!(of(1, true), (MOST_FINDINGS, 10));
        assert!(kept.iter().any(|one| one.mismatch.is_none()));
    }

    #[test]
    fn a_finding_that_violates_what_no_other_does_is_told_however_many_there_are() {
        let mut all = vec![finding(1, &["A"], false); 40];
        all.push(finding(1, &["B"], false));
        all.extend(vec![finding(1, &["B"], false); 4]);
        let kept = bounded(all);
        let violated: BTreeSet<&str> = kept
            .iter()
            .flat_map(|one| one.violates.iter().map(crate::ids::RequirementId::as_str))
            .collect();
        assert_eq!(violated, BTreeSet::from(["A", "B"]));
        assert_eq!(kept.len(), MOST_FINDINGS + 1);
        assert_eq!(kept.iter().map(|one| one.further).sum::<usize>(), 24);
    }
}
