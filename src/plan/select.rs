//! Which rows of a plan run.

use std::collections::BTreeSet;

use super::TestCase;
use crate::ids::Edition;

/// What the caller asked for; empty parts select everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Prefixes of ids, or parts of them; any may match.
    pub filters: Vec<String>,
    pub editions: Vec<Edition>,
    pub tags: Vec<String>,
}

impl Selection {
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.filters.is_empty() && self.editions.is_empty() && self.tags.is_empty()
    }

    /// True when the row was asked for.
    #[must_use]
    pub fn wants(&self, case: &TestCase) -> bool {
        let any = |list: &[String], wanted: &dyn Fn(&str) -> bool| {
            list.is_empty() || list.iter().any(|item| wanted(item))
        };
        any(&self.filters, &|filter| {
            case.id.contains(filter) || case.covers.iter().any(|id| id == filter)
        }) && any(&self.tags, &|tag| {
            case.tags.iter().any(|known| known == tag)
        }) && (self.editions.is_empty() || self.editions.contains(&case.edition))
    }
}

/// The wanted rows, and the controls and twins they stand behind, in the order given.
#[must_use]
pub fn with_anchors(cases: &[TestCase], wants: impl Fn(&TestCase) -> bool) -> Vec<TestCase> {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for case in cases.iter().filter(|case| wants(case)) {
        ids.insert(&case.id);
        for id in case.twins.iter().chain([&case.control_id]) {
            ids.insert(id);
            // A twin of another file stands behind the control of that file.
            let twin = cases.iter().find(|twin| twin.id == *id);
            ids.extend(twin.map(|twin| twin.control_id.as_str()));
        }
    }
    cases
        .iter()
        .filter(|case| ids.contains(case.id.as_str()))
        .cloned()
        .collect()
}
