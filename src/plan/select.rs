//! Which test cases of a plan run.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{TestCase, shard};
use crate::{
    ids::{CaseId, Edition},
    result::Shard,
};

/// What the caller asked for; empty parts select everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Prefixes of ids, or parts of them; any may match.
    pub filters: Vec<String>,
    pub editions: Vec<Edition>,
    pub tags: Vec<String>,
    /// Whole ids.
    pub ids: BTreeSet<CaseId>,
    /// Only those that belong to this part.
    pub shard: Option<Shard>,
}

impl Selection {
    /// True when the test case was asked for, whichever shard it belongs to.
    #[must_use]
    pub fn wants(&self, case: &TestCase) -> bool {
        let any = |list: &[String], wanted: &dyn Fn(&str) -> bool| {
            list.is_empty() || list.iter().any(|item| wanted(item))
        };
        any(&self.filters, &|filter| {
            case.id.contains(filter) || case.covers.iter().any(|id| id == filter)
        }) && any(&self.tags, &|tag| {
            case.tags.iter().any(|known| known == tag)
        }) && (self.ids.is_empty() || self.ids.contains(&case.id))
            && (self.editions.is_empty() || self.editions.contains(&case.edition))
    }

    /// The test cases that were asked for and belong to the shard, in the order given.
    #[must_use]
    pub fn asked(&self, cases: &[Arc<TestCase>]) -> Vec<Arc<TestCase>> {
        let own = self.shard.map(|shard| shard::own(cases, shard));
        let is_own = |case: &TestCase| own.as_ref().is_none_or(|own| own.contains(&case.id));
        let asked = cases.iter().filter(|case| self.wants(case) && is_own(case));
        asked.cloned().collect()
    }

    /// The same with their prerequisites: what runs. A prerequisite may run in several shards.
    #[must_use]
    pub fn chosen(&self, cases: &[Arc<TestCase>]) -> Vec<Arc<TestCase>> {
        let asked = self.asked(cases);
        let ids: HashSet<&CaseId> = asked.iter().map(|case| &case.id).collect();
        with_prerequisites(cases, |case| ids.contains(&case.id))
    }

    /// What all shards together select.
    #[must_use]
    pub fn of_all_shards(&self) -> Self {
        Self {
            shard: None,
            ..self.clone()
        }
    }
}

/// The wanted test cases and their prerequisites, in the order given.
#[must_use]
pub fn with_prerequisites(
    cases: &[Arc<TestCase>],
    wants: impl Fn(&TestCase) -> bool,
) -> Vec<Arc<TestCase>> {
    let controls: HashMap<&str, &str> = cases
        .iter()
        .map(|case| (case.id.as_str(), case.control_id.as_str()))
        .collect();
    let mut ids: HashSet<&str> = HashSet::new();
    for case in cases.iter().filter(|case| wants(case)) {
        ids.insert(&case.id);
        for id in case.prerequisites.iter().chain([&case.control_id]) {
            ids.insert(id);
            // A prerequisite of another file needs the control of that file.
            ids.extend(controls.get(id.as_str()));
        }
    }
    let wanted = cases.iter().filter(|case| ids.contains(case.id.as_str()));
    wanted.cloned().collect()
}
