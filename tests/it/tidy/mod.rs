//! Rules about the source: who may import whom, what every file says first, generated files.

mod imports;
mod sentences;
pub(crate) mod source;
mod vendor;
mod words;

use std::fs;

use probity::{case, contract, mutant, prove, target, yaml};

use self::source::{files, module, read};
use crate::support::root;

#[test]
fn every_file_says_first_what_it_is_for() {
    let mut folders = files(&root().join("src"));
    folders.extend(files(&root().join("tests")));
    for path in folders {
        let text = read(&path);
        assert!(
            text.starts_with("//! "),
            "{} has no `//!` line",
            path.display()
        );
    }
}

#[test]
fn only_the_clock_reads_time_and_only_the_command_line_prints() {
    let rules = [
        ("SystemTime", "clock"),
        ("Instant::now", "clock"),
        ("println!", "cli"),
        ("stdout()", "cli"),
        ("process::exit", "cli"),
    ];
    for path in files(&root().join("src")) {
        let text = read(&path);
        for (word, home) in rules {
            assert!(
                module(&path) == home || !text.contains(word),
                "{} uses `{word}`, which belongs to `{home}`",
                path.display()
            );
        }
    }
}

#[test]
fn generated_schemas_are_current() {
    let files = [
        ("cases/case.schema.json", case::schema()),
        (
            "tenants/target.schema.json",
            yaml::json_schema("A Probity target file", &target::SHAPE),
        ),
        (
            "tenants/waivers.schema.json",
            yaml::json_schema("Accepted faults of a target", &target::WAIVERS_SHAPE),
        ),
        (
            "specs/errors.schema.json",
            yaml::json_schema("A table of error codes", &contract::ERRORS_SHAPE),
        ),
        (
            "specs/edition.schema.json",
            yaml::json_schema(
                "What all answers of an edition have in common",
                &contract::EDITION_SHAPE,
            ),
        ),
        (
            "specs/requirements.schema.json",
            yaml::json_schema("A register of requirements", &contract::REQUIREMENTS_SHAPE),
        ),
        (
            "specs/rulings.schema.json",
            yaml::json_schema("What the faults of a mock break", &mutant::RULINGS_SHAPE),
        ),
        (
            "specs/survivors.schema.json",
            yaml::json_schema("Accepted survivors of a proof", &prove::SURVIVORS_SHAPE),
        ),
    ];
    for (name, schema) in files {
        let path = root().join(name);
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("PROBITY_UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert!(
            fs::read_to_string(&path).is_ok_and(|present| present == text),
            "{name} is not current; run the tests with PROBITY_UPDATE=1"
        );
    }
}

#[test]
fn the_registers_hold_all_requirements_of_the_five_operations() {
    let suite = crate::support::shipped();
    let count = |prefix: &str| {
        let all = suite
            .contracts
            .iter()
            .flat_map(|contract| &contract.requirements);
        all.filter(|requirement| requirement.id.starts_with(prefix))
            .count()
    };
    let counts = [
        "EIAM-FUM-",
        "OA-FUP-",
        "EIAM-SKIP-",
        "CIAM-CPM-",
        "CIAM-SKIP-",
    ]
    .map(count);
    assert_eq!(counts, [95, 85, 79, 115, 88]);
}

#[test]
fn no_documented_requirement_is_without_a_case_or_a_reason() {
    let suite = crate::support::shipped();
    let holes: Vec<_> = suite
        .diagnostics
        .iter()
        .filter(|mistake| mistake.code == "uncovered-requirement")
        .map(|mistake| &mistake.message)
        .collect();
    assert!(holes.is_empty(), "{holes:?}");
}
