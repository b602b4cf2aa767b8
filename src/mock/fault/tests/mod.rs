//! Every fault exists, has a name of its own, and shows itself in some scenario: the same calls get
//! another answer.
//!
//! Scenarios run on the tables and not through a socket, because they choose the time of each call.

mod run;
mod scenarios;
mod tenant;

use std::collections::BTreeSet;

use scenarios::{Exchange, documented, scenarios};
use tenant::NEW;

use super::*;

#[test]
fn every_rule_of_an_operation_under_test_can_be_off() {
    for (edition, names) in UNDER_TEST {
        let known: BTreeSet<_> = faults(*edition).into_iter().map(|d| d.name).collect();
        let table = editions::operations(*edition);
        for name in *names {
            let row = table.iter().find(|row| row.name == *name);
            let row = row.unwrap_or_else(|| panic!("{edition} has no {name}"));
            assert!(!row.rules.is_empty());
            for rule in &row.rules {
                assert!(
                    known.contains(&format!("{name}/{}:off", rule.name)),
                    "{name} {rule:?}"
                );
            }
        }
    }
}

#[test]
fn names_are_unique_and_say_their_family() {
    for edition in Dialect::ALL {
        let all = faults(edition);
        let names: BTreeSet<_> = all.iter().map(|fault| &fault.name).collect();
        assert_eq!(names.len(), all.len(), "{edition}");
        for fault in &all {
            let (place, how) = fault.name.split_once(':').expect("a colon");
            assert!(place.starts_with(&format!("{}/", fault.operation)));
            let said = match fault.family {
                Family::Off => how == "off",
                Family::Weak => how.starts_with("weak-"),
                Family::Effect => place.ends_with("/effect") && how.starts_with("skip-"),
            };
            assert!(said, "{}", fault.name);
            assert!(!fault.wrong.is_empty());
        }
    }
}

#[test]
fn an_unknown_name_is_an_error() {
    let mut table = editions::operations(Dialect::Ciam);
    for name in [
        "",
        "skipPasswordUpdate/x-agent-present",
        "forcedChangeByMobile/x-agent-present:off",
    ] {
        let error = apply(Dialect::Ciam, name, &mut table).err();
        assert_eq!(
            error.map(|e| e.kind()),
            Some(io::ErrorKind::InvalidInput),
            "{name}"
        );
    }
}

#[test]
fn the_documented_call_succeeds_on_the_tenant_of_the_scenarios() {
    for (edition, names) in UNDER_TEST {
        for name in *names {
            let table = editions::operations(*edition);
            let text = run::answers(&table, *edition, name, &[documented()]);
            let first = text.lines().next().unwrap_or_default();
            assert!(first.contains("status: 200"), "{edition} {name}: {text}");
        }
    }
}

#[test]
fn every_fault_shows_itself_in_some_scenario() {
    let mut unseen = Vec::new();
    for (edition, names) in UNDER_TEST {
        for name in *names {
            unseen.extend(unseen_faults(*edition, name));
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
}

/// The faults of an operation that answer every scenario as the honest table does.
fn unseen_faults(edition: Dialect, operation: &str) -> Vec<String> {
    let scenarios = scenarios();
    let answers = |table: &[Operation], scenario: &[Exchange]| {
        run::answers(table, edition, operation, scenario)
    };
    let table = editions::operations(edition);
    let honest: Vec<_> = scenarios.iter().map(|one| answers(&table, one)).collect();
    let mut names: Vec<_> = faults(edition)
        .into_iter()
        .filter(|fault| fault.operation == operation)
        .map(|fault| fault.name)
        .collect();
    names.retain(|name| {
        let mut table = editions::operations(edition);
        apply(edition, name, &mut table).expect("a fault");
        let mut pairs = scenarios.iter().zip(&honest);
        pairs.all(|(scenario, honest)| answers(&table, scenario) == *honest)
    });
    names
}

#[test]
fn a_code_that_is_left_good_serves_again() {
    let (edition, operation) = (Dialect::Ciam, "changePasswordByMobile");
    let mut table = editions::operations(edition);
    let name = format!("{operation}/effect:skip-code-use");
    apply(edition, &name, &mut table).expect("a fault");
    let mut state = tenant::with_users(edition);
    for new_password in [NEW, "An0ther-Passw0rd"] {
        let exchange = Exchange {
            new_password,
            ..documented()
        };
        let text = run::answer(&exchange, &table, &mut state, operation);
        let first = text.lines().next().unwrap_or_default();
        assert!(first.contains("status: 200"), "{new_password}: {first}");
    }
}
