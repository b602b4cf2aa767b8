//! Which documented rows each fault of the mock breaks.
//!
//! Decided from the sentences of the registers alone, never from what the test cases of a
//! suite happen to notice: a fault that breaks a row and fails no test case is a gap in the suite.

mod ciam;
mod eiam;
mod oneaccess;

use super::{Change, DocumentedStatus, Family, Mutant};
use crate::mock::{self, Dialect};

/// What the documents say about a server with one fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// It breaks these requirements: the suite must notice.
    Breaks(&'static [&'static str]),
    /// No row promises the opposite, for this reason.
    Undecided(&'static str),
    /// A promise is broken where no run can see it, for this reason.
    Equivalent(&'static str),
}

/// Operation by operation: the fault without its operation's name, and the ruling.
type Table = &'static [(&'static str, &'static [(&'static str, Ruling)])];

const fn table(dialect: Dialect) -> Table {
    match dialect {
        Dialect::Eiam => eiam::TABLE,
        Dialect::Ciam => ciam::TABLE,
        Dialect::OneAccess => oneaccess::TABLE,
    }
}

/// The ruling on a fault, by its full name; nothing if it is not in the table.
pub fn ruling(edition: Dialect, fault: &str) -> Option<Ruling> {
    let (operation, rest) = fault.split_once('/')?;
    let (_, rows) = table(edition)
        .iter()
        .find(|(known, _)| *known == operation)?;
    let (_, ruling) = rows.iter().find(|(known, _)| *known == rest)?;
    Some(*ruling)
}

/// A mutant for every fault of the mock that has a ruling.
pub fn faults(edition: Dialect) -> impl Iterator<Item = Mutant> {
    mock::faults(edition).into_iter().filter_map(move |fault| {
        let (breaks, documented) = match ruling(edition, &fault.name)? {
            Ruling::Breaks(ids) => (ids, DocumentedStatus::Forbidden),
            Ruling::Undecided(why) => (&[][..], DocumentedStatus::Open(why.to_owned())),
            Ruling::Equivalent(why) => (&[][..], DocumentedStatus::Equivalent(why.to_owned())),
        };
        let (_, rest) = fault.name.split_once('/')?;
        let (_, operator) = rest.rsplit_once(':')?;
        Some(Mutant {
            id: format!("{edition}/{}/rule/{rest}", fault.operation),
            edition: edition.edition(),
            operation: fault.operation.into(),
            family: Family::Rule,
            operator: operator.to_owned(),
            what: format!("The operation {}.", fault.wrong),
            breaks: breaks.iter().map(|id| (*id).into()).collect(),
            documented,
            change: Change::Mock(fault.name),
        })
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;
    use crate::{contract::Oracle, mock, suite};

    /// Every fault of an edition that has a ruling, by its full name, in table order.
    fn ruled(edition: Dialect) -> impl Iterator<Item = (String, Ruling)> {
        table(edition).iter().flat_map(|(operation, rows)| {
            let each = rows.iter();
            each.map(move |(rest, ruling)| (format!("{operation}/{rest}"), *ruling))
        })
    }

    #[test]
    fn every_fault_has_one_ruling_and_every_ruling_a_fault() {
        for edition in Dialect::ALL {
            let faults = mock::faults(edition).into_iter();
            let faults: Vec<_> = faults.map(|fault| fault.name).collect();
            let ruled: Vec<_> = ruled(edition).map(|(name, _)| name).collect();
            let (a, b): (BTreeSet<_>, BTreeSet<_>) =
                (faults.iter().collect(), ruled.iter().collect());
            let without: Vec<_> = a.difference(&b).collect();
            assert!(without.is_empty(), "{edition}: no ruling on {without:?}");
            let unknown: Vec<_> = b.difference(&a).collect();
            assert!(unknown.is_empty(), "{edition}: no fault is {unknown:?}");
            assert_eq!(b.len(), ruled.len(), "{edition}: a ruling twice");
            for name in &faults {
                assert!(ruling(edition, name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn what_a_fault_breaks_is_documented_for_its_operation_and_can_be_tested() {
        let suite = suite::load(Path::new(env!("CARGO_MANIFEST_DIR")), None);
        for contract in &suite.contracts {
            let dialect = Dialect::of(contract.edition).expect("a mock");
            for (name, ruling) in ruled(dialect) {
                let Ruling::Breaks(ids) = ruling else {
                    continue;
                };
                assert!(!ids.is_empty(), "{name}");
                for id in ids {
                    let all = &contract.requirements;
                    let found = all.iter().find(|requirement| requirement.id == *id);
                    let found = found.unwrap_or_else(|| panic!("{name}: there is no {id}"));
                    assert!(
                        name.starts_with(&format!("{}/", found.operation)),
                        "{name}: {id}"
                    );
                    assert!(
                        matches!(found.oracle, Oracle::Documented | Oracle::Sibling),
                        "{name}: {id}"
                    );
                    assert!(found.not_tested.is_none(), "{name}: {id} is not tested");
                }
            }
        }
    }

    #[test]
    fn a_reason_names_only_requirements_that_exist() {
        let suite = suite::load(Path::new(env!("CARGO_MANIFEST_DIR")), None);
        for contract in &suite.contracts {
            let dialect = Dialect::of(contract.edition).expect("a mock");
            for (name, ruling) in ruled(dialect) {
                let (Ruling::Undecided(why) | Ruling::Equivalent(why)) = ruling else {
                    continue;
                };
                assert!(!why.is_empty(), "{name}");
                let is_id = |part: &&str| {
                    part.contains('-') && !part.contains(|c: char| c.is_ascii_lowercase())
                };
                let parts = why.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                for id in parts.filter(is_id) {
                    let known = contract
                        .requirements
                        .iter()
                        .any(|requirement| requirement.id == id);
                    assert!(known, "{name}: there is no {id}");
                }
            }
        }
    }
}
