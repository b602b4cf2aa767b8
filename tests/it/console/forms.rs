//! The summary in its other forms: as JSON, in few lines, and with the slowest rows.

use std::{fs, time::Duration};

use probity::{
    report::{
        console::{self, Options},
        summary_json,
    },
    result::{Ending, RunReport},
};
use serde_json::{Value, json};

use super::scenarios;
use crate::support::root;

/// The summary as JSON, of the shape that `specs/summary.schema.json` publishes.
#[track_caller]
fn published(report: &RunReport) -> Value {
    let schema = fs::read(root().join("specs/summary.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    let files = ["reports/run.jsonl".to_owned()];
    let options = summary_json::Options {
        files: &files,
        exit_code: report.conclusion().exit_code(),
        slowest: 5,
    };
    let text = summary_json::summary(report, &options);
    let summary: Value = serde_json::from_str(&text).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let complaints: Vec<String> = validator
        .iter_errors(&summary)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}\n{text}");
    summary
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_tells_a_finding_once_with_its_rows_its_requirement_and_its_place() {
    let report = scenarios::DEPARTED_MEMBER.report().await;
    let summary = published(&report);
    assert_eq!(summary["conclusion"], "not conformant");
    assert_eq!(summary["exit_code"], 1);
    assert_eq!(summary["counts"]["total"], report.cases.len());
    assert_eq!(summary["slowest"].as_array().map(Vec::len), Some(5));
    let cause = &summary["causes"][0];
    assert_eq!(cause["kind"], "fail");
    assert_eq!(cause["reason"], "body");
    assert_eq!(
        cause["sentence"],
        "POST /api/v2/sdk/pwd/update -> 200, body /session_token is 7, expected a JSON string"
    );
    assert_eq!(cause["violates"][0]["id"], "OA-FUP-R06");
    assert_eq!(
        cause["written"][0]["file"],
        "cases/oneaccess/forced-change/documented.yaml"
    );
    assert!(cause["rows"].as_array().is_some_and(|rows| rows.len() > 1));
    assert!(
        cause["blocked"]
            .as_array()
            .is_some_and(|rows| !rows.is_empty())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_tells_an_error_with_the_rows_that_it_kept_from_being_judged() {
    let summary = published(&scenarios::SHARED_PROVIDER.report().await);
    let cause = &summary["causes"][0];
    assert_eq!(cause["kind"], "error");
    assert_eq!(cause["reason"], "setup-failed");
    assert_eq!(cause["violates"], json!([]));
    assert!(
        cause["rows"]
            .as_array()
            .is_some_and(|rows| !rows.is_empty())
    );
}

#[test]
fn json_says_of_a_run_that_did_not_start_why_and_nothing_else() {
    let ending = Ending::NotStarted("no file\nhere".to_owned());
    let summary = published(&RunReport::without_cases(0, ending));
    assert_eq!(summary["conclusion"], "not started");
    assert_eq!(summary["because"], "no file here");
    assert_eq!(summary["exit_code"], 3);
    assert_eq!(summary["started"], "1970-01-01T00:00:00Z");
    assert_eq!(summary["causes"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_summary_is_a_line_for_each_cause_and_the_conclusion() {
    let report = scenarios::DEPARTED_MEMBER.report().await;
    let text = console::quiet(&report, &Options::default());
    let lines: Vec<&str> = text.lines().collect();
    let [cause, conclusion] = lines.as_slice() else {
        panic!("{text}");
    };
    assert!(
        cause.starts_with("FAIL  POST /api/v2/sdk/pwd/update -> 200, body /session_token is 7"),
        "{text}"
    );
    assert!(cause.contains("blocks "), "{text}");
    assert!(
        cause.ends_with(": probity rerun oneaccess/forced-change/documented/control"),
        "{text}"
    );
    assert!(conclusion.contains("not conformant"), "{text}");
}

#[test]
fn a_quiet_summary_of_many_causes_says_how_many_it_leaves_out() {
    let report = scenarios::forty_causes();
    let text = console::quiet(&report, &Options::default());
    assert_eq!(text.matches("FAIL").count(), 20, "{text}");
    assert!(text.contains("\nand 20 more causes (--long)\n"), "{text}");
    let long = Options {
        long: true,
        ..Options::default()
    };
    assert_eq!(console::quiet(&report, &long).matches("FAIL").count(), 40);
}

#[test]
fn the_slowest_rows_stand_in_the_summary_with_their_times_where_that_is_asked_for() {
    let mut report = scenarios::forty_causes();
    for (at, case) in (0u64..).zip(report.cases.iter_mut()) {
        case.elapsed = Duration::from_millis(100 * at);
    }
    let count = report.cases.len();
    let (first, second) = (&report.cases[count - 1].id, &report.cases[count - 2].id);
    let options = Options {
        slowest: 2,
        ..Options::default()
    };
    let text = console::summary(&report, &options);
    let expected =
        format!("2 rows that took longest\n     3.900 s  {first}\n     3.800 s  {second}\n\n");
    assert!(text.contains(&expected), "no\n{expected}in\n{text}");
    let text = console::summary(&report, &Options::default());
    assert!(!text.contains("took longest"), "{text}");
}
