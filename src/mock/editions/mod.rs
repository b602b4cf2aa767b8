//! What each edition answers: one table an edition, read from top to bottom like its documents.

mod ciam;
mod eiam;
mod oneaccess;

use super::{dialect::Dialect, operation::Operation};

/// Builds a table. Rules hold closures, so it cannot be a constant.
type Table = fn() -> Vec<Operation>;

/// Every edition and its table.
pub(super) const EDITIONS: &[(Dialect, Table)] = &[
    (Dialect::Eiam, eiam::operations),
    (Dialect::Ciam, ciam::operations),
    (Dialect::OneAccess, oneaccess::operations),
];

/// The table of one edition.
pub(super) fn operations(edition: Dialect) -> Vec<Operation> {
    EDITIONS
        .iter()
        .find(|(known, _)| *known == edition)
        .map_or_else(Vec::new, |(_, table)| table())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::HeaderMap;

    use super::*;
    use crate::mock::{call::Call, reply::Content, state::State};

    #[test]
    fn names_and_routes_are_unique_in_every_edition() {
        for edition in Dialect::ALL {
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
    fn an_operation_without_its_rules_still_answers_an_empty_call() {
        for edition in Dialect::ALL {
            for mut row in operations(edition) {
                row.rules.clear();
                let mut state = State::new(edition, 0, String::new(), None);
                let mut call = Call::new(edition, row.actor, false, 0, HeaderMap::new(), "", b"");
                let status = row.answer(&mut call, &mut state).status;
                assert!(matches!(status, 200 | 204), "{edition:?} {}", row.name);
            }
        }
    }

    #[test]
    fn a_call_without_headers_is_first_told_about_its_device() {
        let expected = [
            (Dialect::Eiam, "SDK.COMMON.1001"),
            (Dialect::Ciam, "IDAAS.SDK.PARAM.0001"),
            (Dialect::OneAccess, "PARAM.0001"),
        ];
        for (edition, code) in expected {
            for row in operations(edition)
                .iter()
                .filter(|row| row.path.starts_with("/api/v2/sdk"))
            {
                let mut state = State::new(edition, 0, String::new(), None);
                let mut call = Call::new(edition, row.actor, false, 0, HeaderMap::new(), "", b"");
                let Content::Refused(refusal) = row.answer(&mut call, &mut state).content else {
                    panic!("{edition:?} {} accepts anything", row.name);
                };
                assert_eq!(refusal.code, code, "{edition:?} {}", row.name);
            }
        }
    }

    #[test]
    fn a_rule_occurs_once_in_an_operation() {
        for edition in Dialect::ALL {
            for row in operations(edition) {
                let names: BTreeSet<_> = row.rules.iter().map(|rule| rule.name).collect();
                assert_eq!(names.len(), row.rules.len(), "{edition:?} {}", row.name);
            }
        }
    }

    #[test]
    fn the_policy_is_asked_last() {
        for edition in Dialect::ALL {
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
