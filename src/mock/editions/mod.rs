//! What each edition answers: one table an edition, read from top to bottom like its documents.
//!
//! A table is a file beside this one; `common.yaml` has what the editions share. `words` knows the rules
//! that a table may name, `effects` what its operations do.

mod effects;
mod table;
mod words;

use std::io;

use super::{
    data::{File, Kept},
    dialect::Dialect,
    operation::Operation,
};

use table::Table;

const COMMON: File = File {
    path: "editions/common.yaml",
    text: include_str!("common.yaml"),
};

const fn file(edition: Dialect) -> File {
    let (path, text) = match edition {
        Dialect::Eiam => ("editions/eiam.yaml", include_str!("eiam.yaml")),
        Dialect::Ciam => ("editions/ciam.yaml", include_str!("ciam.yaml")),
        Dialect::OneAccess => ("editions/oneaccess.yaml", include_str!("oneaccess.yaml")),
    };
    File { path, text }
}

static TABLES: Kept<Table> = Kept::new();

fn table(edition: Dialect) -> io::Result<&'static Table> {
    TABLES.of(edition, |found| Table::read(COMMON, file(edition), found))
}

/// Whether an edition's table can be used. Fails if there is a mistake in its files.
pub(super) fn check(edition: Dialect) -> io::Result<()> {
    table(edition).map(|_| ())
}

/// The table of one edition; none where its files cannot be used.
pub(super) fn operations(edition: Dialect) -> Vec<Operation> {
    table(edition).map_or_else(|_| Vec::new(), Table::operations)
}

/// The number that an inferred code may have as well.
pub(super) fn other_number(edition: Dialect, code: &str) -> Option<&'static str> {
    let other = table(edition).ok()?.renumbered.get(code)?;
    Some(other)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::HeaderMap;

    use super::*;
    use crate::mock::{call::Call, reply::Content, state::State};

    /// A table of these files, and all that is wrong with them.
    fn mistakes(common: &'static str, own: &'static str) -> Vec<String> {
        let file = |path, text| File { path, text };
        let mut found = Vec::new();
        let _ = Table::read(
            file("common.yaml", common),
            file("own.yaml", own),
            &mut found,
        );
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_file_is_read_without_a_mistake() {
        for edition in Dialect::ALL {
            let wrong = check(edition).map_err(|error| error.to_string());
            assert_eq!(wrong, Ok(()), "{edition}");
        }
    }

    #[test]
    fn an_edition_has_what_is_common_and_what_its_own_file_says_otherwise() {
        static TABLE: std::sync::OnceLock<Table> = std::sync::OnceLock::new();
        let common = "groups:\n  who: [{ header: X-Who }]\n  twice: [who, user-exists]\noperations:\n  getKeys: { at: GET /keys, rules: [twice] }\n  disableUser: { at: 'PUT /users/{}', acts_for: path, managed: true, rules: [user-exists] }\n";
        let own = "groups:\n  who: [{ header: X-Caller }]\ncodes:\n  C1: [x-caller-present]\n  C2: [user-exists]\nmanaged_codes:\n  M2: [user-exists]\noperations: [getKeys, { operation: disableUser, at: 'DELETE /users/{}' }]\n";
        let table = TABLE.get_or_init(|| {
            let (path, mut found) = ("a.yaml", Vec::new());
            let table = Table::read(
                File { path, text: common },
                File { path, text: own },
                &mut found,
            );
            assert_eq!(found, []);
            table
        });
        let rows: Vec<String> = table
            .operations()
            .iter()
            .map(|row| {
                let rules = row.rules.iter();
                let rules: Vec<String> = rules
                    .map(|rule| format!("{} {}", rule.name, rule.code))
                    .collect();
                format!("{} {}: {}", row.method, row.path, rules.join(", "))
            })
            .collect();
        let expected = [
            "GET /keys: x-caller-present C1, user-exists C2",
            "DELETE /users/{}: user-exists M2",
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn mistakes_in_a_table_are_shown_with_their_places() {
        let common = "groups: { loop: [loop] }\noperations:\n  getKeys: { at: GET /keys, rules: [user-exists] }\n";
        let own = "groups:\n  spare: [user-enabled]\ncodes:\n  C1: [user-enabled]\n  C2: [user-enabled]\noperations:\n  - getKeys\n  - getKeyz\n  - { operation: getCaptcha, at: NOWHERE, rules: [user-exist] }\n  - { operation: mfaSms, at: GET /a, rules: [loop, { heder: X-A }] }\n  - verifyCaptcha\n  - getKeys\n";
        let expected = [
            "own.yaml:10:54: error[unknown-key]: unknown key `heder`",
            "own.yaml:5:8: error[duplicate-id]: the rule `user-enabled` has two codes",
            "own.yaml:7:5: error[missing-key]: no code is given for the rule `user-exists` of getKeys",
            "own.yaml:8:5: error[unknown-operation]: the mock can do no operation `getKeyz`",
            "own.yaml:9:34: error[wrong-type]: this is no method and path, such as `GET /users`",
            "common.yaml:1:18: error[unknown-word]: the group `loop` contains itself",
            "own.yaml:11:5: error[missing-key]: the operation `verifyCaptcha` has no `at`, here or in common",
            "own.yaml:12:5: error[missing-key]: no code is given for the rule `user-exists` of getKeys",
            "own.yaml:12:5: error[duplicate-id]: the operation `getKeys` is listed twice",
            "own.yaml:5:8: error[unknown-word]: no operation has the rule `user-enabled`",
            "own.yaml:2:3: error[unknown-word]: no operation has the group `spare`",
        ];
        assert_eq!(mistakes(common, own), expected);
        let own = "codes: {}\noperations:\n  - { operation: getCaptcha, at: GET /a, rules: [user-exist] }\n";
        let expected = ["own.yaml:3:50: error[unknown-word]: `user-exist` is no rule and no group"];
        assert_eq!(mistakes(common, own), expected);
    }

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
