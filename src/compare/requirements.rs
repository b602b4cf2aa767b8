//! Requirements that are in another state than before.

use std::collections::HashMap;

use super::facts::RequirementFacts;
use crate::{ids::RequirementId, result::RequirementChange};

/// In the order of the run after, then those that it does not have.
pub(super) fn compare(
    before: &[RequirementFacts],
    after: &[RequirementFacts],
) -> Vec<RequirementChange> {
    let (known, now) = (by_id(before), by_id(after));
    let change = |shown: &RequirementFacts| {
        let (before, after) = (known.get(&shown.id), now.get(&shown.id));
        let state = |one: Option<&&RequirementFacts>| one.map(|one| one.state);
        (state(before) != state(after)).then(|| RequirementChange {
            id: shown.id.clone(),
            sentence: shown.sentence.clone(),
            judged: shown.judged,
            before: state(before),
            after: state(after),
            left_out: after.is_some_and(|one| one.left_out),
        })
    };
    let gone = before.iter().filter(|one| !now.contains_key(&one.id));
    after.iter().chain(gone).filter_map(change).collect()
}

fn by_id(all: &[RequirementFacts]) -> HashMap<&RequirementId, &RequirementFacts> {
    all.iter().map(|one| (&one.id, one)).collect()
}
