//! The options of `junit.xml` on the command line: what they change in the file, and what is refused.

use std::fs;

use super::{Outcome, run_into, temporary};

/// The file of a run that passes.
#[track_caller]
fn passing(arguments: &[&str]) -> String {
    let out = temporary();
    let arguments = [&["ciam/skip-update/token"], arguments].concat();
    run_into(out.path(), &arguments).expect(0);
    fs::read_to_string(out.path().join("junit.xml")).expect("a report")
}

#[test]
fn every_file_has_the_base_before_it() {
    let plain = passing(&[]);
    assert!(plain.contains(" file=\"cases/ciam/skip-update/token.yaml\" line="));
    for base in ["services/login", "services/login/", "./services/login"] {
        let based = passing(&["--base", base]);
        let files = |xml: &str, start: &str| xml.matches(&format!(" file=\"{start}")).count();
        let rows = files(&plain, "cases/ciam/");
        assert!(rows > 0);
        assert_eq!(files(&based, "services/login/cases/ciam/"), rows);
        assert_eq!(files(&based, ""), rows, "no other file");
    }
}

#[test]
fn a_strict_file_names_no_file_and_has_the_same_test_cases() {
    let (rich, strict) = (passing(&[]), passing(&["--junit", "strict"]));
    assert!(rich.contains(" file=") && !strict.contains(" file="));
    let rows = |xml: &str| xml.matches("<testcase ").count();
    assert_eq!(rows(&rich), rows(&strict));
}

#[test]
fn a_base_that_is_no_folder_of_a_repository_is_refused_with_the_command_that_prints_it() {
    for base in ["/builds/group", "..", "a\\b"] {
        let out = temporary();
        let Outcome { err, .. } = run_into(out.path(), &["--base", base]).expect(3);
        assert!(err.contains("--base <DIR>"), "{err}");
        let told = ["git rev-parse --show-prefix", "parted by `/`"];
        assert!(told.iter().any(|words| err.contains(words)), "{err}");
        let xml = fs::read_to_string(out.path().join("junit.xml")).expect("a report");
        assert!(xml.contains("the run starts"), "{xml}");
    }
}

#[test]
fn what_is_no_choice_is_refused_with_the_choices() {
    for (option, choices) in [
        ("--junit", "rich, strict"),
        ("--unproven", "error, skip, omit"),
        ("--blocked", "error, skip"),
    ] {
        let out = temporary();
        let refused = run_into(out.path(), &[option, "maybe"]).expect(3);
        assert!(refused.err.contains(choices), "{}", refused.err);
    }
}
