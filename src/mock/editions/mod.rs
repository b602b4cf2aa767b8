//! What each edition answers: one table an edition, read from top to bottom like its documents.

mod ciam;
mod eiam;
mod oneaccess;

use super::operation::Operation;
use crate::ids::Edition;

/// Every edition and its table.
pub(super) const EDITIONS: &[(Edition, fn() -> Vec<Operation>)] = &[
    (Edition::Eiam, eiam::operations),
    (Edition::Ciam, ciam::operations),
    (Edition::OneAccess, oneaccess::operations),
];

/// The table of one edition.
pub(super) fn operations(edition: Edition) -> Vec<Operation> {
    EDITIONS
        .iter()
        .find(|(known, _)| *known == edition)
        .map_or_else(Vec::new, |(_, table)| table())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_routes_are_unique_in_every_edition() {
        for edition in Edition::ALL {
            let table = operations(edition);
            assert!(!table.is_empty(), "{edition:?}");
            let names: BTreeSet<_> = table.iter().map(|row| row.name).collect();
            let routes: BTreeSet<_> = table
                .iter()
                .map(|row| (row.method.as_str(), row.path))
                .collect();
            assert_eq!(names.len(), table.len(), "{edition:?}");
            assert_eq!(routes.len(), table.len(), "{edition:?}");
        }
    }

    #[test]
    fn a_rule_occurs_once_in_an_operation() {
        for edition in Edition::ALL {
            for row in operations(edition) {
                let names: BTreeSet<_> = row.rules.iter().map(|rule| rule.name).collect();
                assert_eq!(names.len(), row.rules.len(), "{edition:?} {}", row.name);
            }
        }
    }

    #[test]
    fn the_policy_is_asked_last() {
        for edition in Edition::ALL {
            for row in operations(edition) {
                let first = row
                    .rules
                    .iter()
                    .position(|rule| rule.name == "password-length");
                let Some(first) = first else { continue };
                assert_eq!(row.rules.len() - first, 7, "{edition:?} {}", row.name);
            }
        }
    }
}
