//! Which derived requirements a test case shows without naming them: what a document says needs no list
//! of ids in the cases.

use super::{Alteration, step::Step};
use crate::{
    contract::{Contract, Derived, Mode, Operation, Requirement},
    ids::RequirementId,
};

/// The derived requirements of an operation.
pub(super) fn of<'c>(contract: &'c Contract, operation: &str) -> Vec<&'c Requirement> {
    let all = contract.requirements_of(operation);
    all.filter(|requirement| requirement.derived.is_some())
        .collect()
}

/// Those of the derived requirements of an operation that the request under test shows: those of the answer
/// it expects, and that of the one part it leaves out.
pub(super) fn shown(
    derived: &[&Requirement],
    operation: &Operation,
    step: &Step,
    alterations: &[Alteration],
) -> Vec<RequirementId> {
    let statuses = step.expected_statuses();
    let codes = step.expected_codes();
    let is_refused = step.expects_no_success()
        || !codes.is_empty()
        || !statuses.is_empty() && statuses.iter().all(|s| *s >= 400);
    let shows = |requirement: &&Requirement| match requirement.derived {
        None => false,
        Some(Derived::Answer(own)) => {
            let is_own = |status: &u16| {
                operation
                    .response(*status)
                    .is_some_and(|rule| rule.statuses == own)
            };
            !statuses.is_empty() && statuses.iter().all(is_own)
        }
        Some(Derived::Omission) => is_refused && leaves_out(requirement, alterations),
        Some(Derived::Code) => {
            let is_own = |code: &&str| requirement.about.codes.iter().any(|own| own == code);
            !codes.is_empty() && codes.iter().all(is_own)
        }
    };
    let own = derived.iter().filter(|one| shows(one));
    own.map(|one| one.id.clone()).collect()
}

/// Whether the part that a requirement is about is all that is left out.
fn leaves_out(requirement: &Requirement, alterations: &[Alteration]) -> bool {
    let about = &requirement.about;
    let [one] = alterations else {
        return false;
    };
    match one {
        Alteration::Header(name, Mode::Omitted) => about
            .headers
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name)),
        Alteration::Member(at, Mode::Omitted) => about.members.contains(at),
        Alteration::Query(name) => about.query.contains(name),
        _ => false,
    }
}
