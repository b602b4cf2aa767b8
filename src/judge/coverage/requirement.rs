//! From the standing of a requirement's rows to its state: what its oracle and its reason add.

use super::standing::{Row, Standing};
use crate::{
    contract::{Oracle, Requirement},
    result::{RequirementState, State, Verdict},
};

pub(super) fn state(
    edition: &str,
    requirement: &Requirement,
    rows: &[Row<'_>],
    stand: impl Fn(&[Row<'_>]) -> Standing,
) -> RequirementState {
    let judged = matches!(requirement.oracle, Oracle::Documented | Oracle::Sibling);
    let standing = match requirement.oracle {
        Oracle::Documented | Oracle::Sibling => fixed(requirement, rows, stand(rows)),
        Oracle::Open => open(requirement, rows, &stand(rows)),
        Oracle::Review => Standing::new(
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
        judged,
        state: standing.state,
        why: standing.why,
        left_out: standing.left_out,
        rows: rows.iter().map(|row| row.id.to_owned()).collect(),
    }
}

/// The documents fix the outcome: what is not proven is open, unless a reason stands for it. A row
/// that failed outweighs the reason.
fn fixed(requirement: &Requirement, rows: &[Row<'_>], standing: Standing) -> Standing {
    if standing.state == State::Violated {
        return standing;
    }
    if let Some(reason) = &requirement.not_tested {
        return Standing::new(State::NotTestable, reason.clone());
    }
    match standing.state {
        State::Empty => Standing::new(State::Unproven, "no case covers it".to_owned()),
        State::Observed => Standing::new(
            State::Unproven,
            format!("no row judges it; {} only observes", rows[0].id),
        ),
        _ => standing,
    }
}

/// The documents are silent: all there can be is a look. A judged row that covers it looks as well.
fn open(requirement: &Requirement, rows: &[Row<'_>], standing: &Standing) -> Standing {
    let looked = rows.iter().filter_map(|row| row.result).any(|case| {
        matches!(case.verdict, Verdict::Pass(_) | Verdict::Fail(_))
            || case.verdict == Verdict::OBSERVED
    });
    if looked || matches!(standing.state, State::Cased | State::Observed) {
        return Standing::new(State::Observed, None);
    }
    match (&requirement.not_tested, &standing.why) {
        (Some(reason), _) => Standing::new(State::NotTestable, reason.clone()),
        (None, Some(why)) => Standing::new(State::Empty, why.clone()),
        (None, None) => Standing::new(State::Empty, "no row observes it".to_owned()),
    }
}
