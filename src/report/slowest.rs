//! The rows of a run that took longest.

use std::cmp::Reverse;

use crate::result::{CaseResult, RunReport};

/// So many of the rows that were sent, the slowest first; those that took as long in the plan's order.
pub(super) fn of(report: &RunReport, count: usize) -> impl Iterator<Item = &CaseResult> {
    let sent = |case: &&CaseResult| !case.elapsed.is_zero();
    let mut cases: Vec<&CaseResult> = report.cases.iter().filter(sent).collect();
    cases.sort_by_key(|case| Reverse(case.elapsed));
    cases.into_iter().take(count)
}
