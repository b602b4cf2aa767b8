//! From the standing of a requirement's rows to its state: what its oracle and its reason add.

use super::status::{RequirementStatus, Row};
use crate::{
    contract::{Oracle, Requirement},
    result::{RequirementState, State, Verdict},
};

pub(super) fn state(
    edition: &str,
    requirement: &Requirement,
    rows: &[Row<'_>],
    stand: impl Fn(&[Row<'_>]) -> RequirementStatus,
) -> RequirementState {
    let judged = matches!(requirement.oracle, Oracle::Documented | Oracle::Sibling);
    let status = match requirement.oracle {
        Oracle::Documented | Oracle::Sibling => fixed(requirement, rows, stand(rows)),
        Oracle::Open => open(requirement, rows, &stand(rows)),
        Oracle::Review => RequirementStatus::new(
            State::NotTestable,
            requirement
                .not_tested
                .clone()
                .unwrap_or_else(|| "a person has to look".to_owned()),
        ),
    };
    RequirementState {
        id: requirement.id.clone(),
        edition: edition.to_owned(),
        operation: requirement.operation.clone(),
        kind: requirement.kind.clone(),
        sentence: requirement.text.clone(),
        place: format!("{} > {}", requirement.page, requirement.row),
        judged,
        state: status.state,
        why: status.why,
        left_out: status.left_out,
        cases: rows.iter().map(|row| row.id.clone()).collect(),
    }
}

/// The documents fix the outcome: what is not proven is open, unless a reason stands for it. A row
/// that failed outweighs the reason.
fn fixed(
    requirement: &Requirement,
    rows: &[Row<'_>],
    status: RequirementStatus,
) -> RequirementStatus {
    if matches!(status.state, State::Violated | State::Waived) {
        return status;
    }
    if let Some(reason) = &requirement.not_tested {
        return RequirementStatus::new(State::NotTestable, reason.clone());
    }
    match status.state {
        State::Empty => RequirementStatus::new(State::Unproven, "no case covers it".to_owned()),
        State::Observed => RequirementStatus::new(
            State::Unproven,
            format!("no row judges it; {} only observes", rows[0].id),
        ),
        _ => status,
    }
}

/// The documents are silent: all there can be is a look. A judged row that covers it looks as well.
fn open(
    requirement: &Requirement,
    rows: &[Row<'_>],
    status: &RequirementStatus,
) -> RequirementStatus {
    let looked = rows.iter().filter_map(|row| row.result).any(|case| {
        matches!(case.verdict, Verdict::Pass(_) | Verdict::Fail(_))
            || case.verdict == Verdict::OBSERVED
    });
    if looked || matches!(status.state, State::Cased | State::Observed) {
        return RequirementStatus::new(State::Observed, None);
    }
    match (&requirement.not_tested, &status.why) {
        (Some(reason), _) => RequirementStatus::new(State::NotTestable, reason.clone()),
        (None, Some(why)) => RequirementStatus::new(State::Empty, why.clone()),
        (None, None) => RequirementStatus::new(State::Empty, "no row observes it".to_owned()),
    }
}
