//! Which rows of a plan run.

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
