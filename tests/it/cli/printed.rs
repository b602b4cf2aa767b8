//! What a run prints and where: the summary on standard output, what goes wrong on standard error.

use std::path::Path;

use serde_json::Value;

use super::{Outcome, run_into, target, temporary};

const ROWS: &str = "ciam/skip-update/headers";

/// A run of some rows against a target where nobody listens.
fn dead(folder: &Path, options: &[&str]) -> Outcome {
    let file = target::file(folder, target::DEAD);
    let file = file.to_string_lossy();
    let always = [ROWS, "--no-preflight", "--target", &file];
    run_into(&folder.join("out"), &[&always[..], options].concat()).expect(2)
}

#[test]
fn failures_are_told_as_they_happen_on_standard_error_and_a_short_run_tells_no_progress() {
    let folder = temporary();
    let ran = dead(folder.path(), &[]);
    let (first, rest) = ran.err.split_once('\n').unwrap_or_default();
    assert!(
        first.starts_with("ERROR ciam/skip-update/headers/control: "),
        "{}",
        ran.err
    );
    // All rows behind the control have the same cause, and none is told again.
    assert_eq!(rest, "");
    assert!(!ran.err.contains(" rows, "), "{}", ran.err);
}

#[test]
fn a_quiet_run_prints_the_cause_and_the_conclusion_and_nothing_on_standard_error() {
    let folder = temporary();
    let ran = dead(folder.path(), &["--quiet"]);
    assert_eq!(ran.err, "");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("ERROR "), "{}", ran.out);
    assert!(
        lines[lines.len() - 1].contains("inconclusive"),
        "{}",
        ran.out
    );
    assert!(lines.len() <= 3, "{}", ran.out);
}

#[test]
fn a_quiet_run_of_a_conformant_target_is_one_line() {
    let out = temporary();
    let ran = run_into(out.path(), &["ciam/skip-update/token", "-q"]).expect(0);
    assert_eq!(ran.err, "");
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    assert!(ran.out.contains("conformant"), "{}", ran.out);
}

#[test]
fn quiet_and_verbose_exclude_each_other() {
    let out = temporary();
    let refused = run_into(out.path(), &["-q", "-v"]).expect(3);
    assert!(refused.err.contains("--quiet"), "{}", refused.err);
}

/// Standard output as the one JSON value that it must be.
#[track_caller]
fn json(ran: &Outcome) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}\n{}", ran.out))
}

#[test]
fn json_is_all_of_standard_output_also_where_exchanges_are_wanted() {
    let out = temporary();
    let options = ["ciam/skip-update/token", "--format", "json", "--verbose"];
    let summary = json(&run_into(out.path(), &options).expect(0));
    assert_eq!(summary["conclusion"], "conformant");
    assert_eq!(summary["exit_code"], 0);
    assert_eq!(summary["target"], "mock");
    assert_eq!(summary["files"].as_array().map(Vec::len), Some(3));
}

#[test]
fn json_tells_why_a_run_did_not_start() {
    let out = temporary();
    let ran = run_into(out.path(), &["--format", "json", "--target", "none.yaml"]).expect(3);
    let summary = json(&ran);
    assert_eq!(summary["conclusion"], "not started");
    assert_eq!(summary["exit_code"], 3);
    let because = summary["because"].as_str().unwrap_or_default();
    assert!(because.contains("none.yaml"), "{because}");
    let nothing = ["--format", "json", "no/such/row"];
    let summary = json(&run_into(out.path(), &nothing).expect(3));
    assert_eq!(summary["conclusion"], "not started");
}

#[test]
fn json_tells_that_the_folder_for_reports_cannot_be_had() {
    let out = temporary();
    std::fs::write(out.path().join("file"), "").expect("a file");
    let ran = run_into(&out.path().join("file"), &["--format", "json"]).expect(3);
    let summary = json(&ran);
    assert_eq!(summary["conclusion"], "not started");
    assert_eq!(summary["files"], serde_json::json!([]));
}

#[test]
fn as_many_of_the_slowest_rows_are_named_as_are_asked_for() {
    let out = temporary();
    let options = [ROWS, "--slowest", "2"];
    let ran = run_into(out.path(), &options).expect(0);
    assert!(
        ran.out.contains("2 rows that took longest\n"),
        "{}",
        ran.out
    );
    let ran = run_into(out.path(), &[ROWS, "--long"]).expect(0);
    assert!(
        ran.out.contains("5 rows that took longest\n"),
        "{}",
        ran.out
    );
    let ran = run_into(out.path(), &[ROWS]).expect(0);
    assert!(!ran.out.contains("took longest"), "{}", ran.out);
}
