//! `probity report`: what is rendered again from a record is what the run wrote, and what is no record is
//! told.

use std::{
    fs,
    path::{Path, PathBuf},
};

use probity::report::formats;
use serde_json::Value;

use super::{Outcome, finish, probity, program, run_into, target, temporary};

const ROWS: &str = "ciam/skip-update/headers";

/// Every format but those that every run writes, for `--report`.
fn further() -> String {
    let names = formats().skip(3).map(|format| format.name);
    names.collect::<Vec<_>>().join(",")
}

/// A run against nobody, in every format; its folder.
fn red() -> (tempfile::TempDir, PathBuf) {
    let folder = temporary();
    let file = target::file(folder.path(), target::DEAD);
    let out = folder.path().join("out");
    let file = file.to_string_lossy().into_owned();
    run_into(
        &out,
        &[
            ROWS,
            "--no-preflight",
            "--target",
            &file,
            "--report",
            &further(),
        ],
    )
    .expect(2);
    (folder, out)
}

fn again(record: &Path, arguments: &[&str]) -> Outcome {
    let record = record.to_string_lossy();
    let mut all = vec!["report", &*record];
    all.extend(arguments);
    probity(&all)
}

fn names(format: &str) -> &'static str {
    let found = formats().find(|one| one.name == format);
    found.expect("a format").file
}

#[test]
fn what_is_rendered_again_has_the_same_bytes() {
    let green = temporary();
    run_into(green.path(), &[ROWS, "--report", &further()]).expect(0);
    let (folder, red) = red();
    let all: Vec<&str> = formats().map(|format| format.name).collect();
    for out in [green.path(), red.as_path()] {
        let into = folder.path().join("again");
        let record = out.join("run.jsonl");
        let arguments = ["--format", &all.join(","), "--output-dir"];
        again(
            &record,
            &[&arguments[..], &[&into.to_string_lossy()]].concat(),
        )
        .expect(0);
        for format in formats() {
            let written = fs::read(out.join(format.file)).expect("written by the run");
            let rendered = fs::read(into.join(format.file)).expect("rendered again");
            assert!(written == rendered, "{}", format.file);
        }
    }
}

#[test]
fn the_counts_of_all_formats_are_those_of_the_record() {
    let (_folder, out) = red();
    let text = fs::read_to_string(out.join("run.jsonl")).expect("a record");
    let record = probity::report::record::read(&text).expect("a record");
    let counts = record.report().counts();
    assert!(counts.errors > 10);
    let read = |name: &str| fs::read_to_string(out.join(names(name))).expect(name);

    let ctrf: Value = serde_json::from_str(&read("ctrf")).expect("JSON");
    let summary = &ctrf["results"]["summary"];
    let failed = u64::try_from(counts.errors + counts.failed).expect("a number");
    assert_eq!(summary["failed"].as_u64(), Some(failed));
    let tests = ctrf["results"]["tests"].as_array().expect("tests");
    assert_eq!(tests.len(), counts.total);

    let tap = read("tap");
    assert!(tap.starts_with(&format!("TAP version 14\n1..{}\n", counts.total)));
    let failed = tap.lines().filter(|line| line.starts_with("not ok "));
    assert_eq!(failed.count(), counts.errors + counts.failed);

    let causes = read("html").matches("<article class=\"cause").count();
    assert!(causes > 0);
    assert_eq!(read("markdown").matches("\n#### ").count(), causes);
    assert_eq!(read("github").lines().count(), causes);
    let gitlab: Value = serde_json::from_str(&read("gitlab")).expect("JSON");
    assert_eq!(gitlab.as_array().map(Vec::len), Some(causes));
    let sarif: Value = serde_json::from_str(&read("sarif")).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().map(Vec::len);
    assert_eq!(results, Some(causes));
    assert_eq!(
        sarif["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );

    let har: Value = serde_json::from_str(&read("har")).expect("JSON");
    let steps = record.report().cases.iter().flat_map(|case| &case.steps);
    let sent = steps.filter(|step| step.exchange.is_some()).count();
    let entries = har["log"]["entries"].as_array().map(Vec::len);
    assert_eq!(entries, Some(sent));
}

#[test]
fn one_format_goes_to_standard_output_and_the_summary_is_the_first() {
    let (_folder, out) = red();
    let record = out.join("run.jsonl");
    let summary = again(&record, &[]).expect(0);
    assert!(
        summary.out.contains("elsewhere: inconclusive"),
        "{}",
        summary.out
    );
    let junit = again(&record, &["--format", "junit"]).expect(0);
    let written = fs::read_to_string(out.join("junit.xml")).expect("written");
    assert_eq!(junit.out, written);
}

#[test]
fn what_is_no_record_is_told_with_its_exit_code_and_nothing_is_written() {
    let (folder, out) = red();
    let record = out.join("run.jsonl");
    let text = fs::read_to_string(&record).expect("a record");
    let into = folder.path().join("again");
    let check = |text: &str, code: i32, word: &str| {
        fs::write(&record, text).expect("written");
        let into = into.to_string_lossy();
        let told = again(&record, &["--format", "junit,html", "--output-dir", &into]);
        let told = told.expect(code);
        assert!(told.err.contains(word), "{}", told.err);
        assert_eq!(told.out, "");
    };
    check("", 3, "empty");
    check("{}", 3, "line 1");
    check(
        &text.replacen("\"version\":6", "\"version\":7", 1),
        3,
        "version 7",
    );
    check(&text[..text.len() / 2], 4, "line");
    check(&text.replacen("headers", "headerz", 1), 4, "digest");
    assert!(!into.exists());

    fs::write(&record, &text).expect("written");
    again(&record, &["--format", "junti"]).expect(3);
    let told = again(&record, &["--format", "junit,html"]).expect(3);
    assert!(told.err.contains("--output-dir"), "{}", told.err);
    let blocked = folder.path().join("blocked");
    fs::write(&blocked, "").expect("written");
    let blocked = blocked.to_string_lossy().into_owned();
    let told = again(&record, &["--format", "junit", "--output-dir", &blocked]).expect(4);
    assert!(told.err.contains("cannot be written"), "{}", told.err);
}

#[test]
fn a_job_of_github_gets_annotations_and_a_summary_and_no_other_does() {
    let folder = temporary();
    let file = target::file(folder.path(), target::DEAD);
    let summary = folder.path().join("summary.md");
    let call = |more: &[&str]| {
        let mut command = program();
        command
            .args(["run", ROWS, "--no-preflight", "--target"])
            .arg(&file)
            .arg("--output-dir")
            .arg(folder.path().join("out"))
            .args(more)
            .env("GITHUB_STEP_SUMMARY", &summary);
        command
    };
    let quiet = finish(call(&[])).expect(2);
    assert!(!quiet.out.contains("::error"), "{}", quiet.out);
    let mut in_a_job = call(&[]);
    in_a_job.env("GITHUB_ACTIONS", "true");
    let told = finish(in_a_job).expect(2);
    let annotations = told.out.lines().filter(|line| line.starts_with("::error "));
    assert_eq!(annotations.count(), 1, "{}", told.out);
    let text = fs::read_to_string(&summary).expect("a summary");
    assert!(text.contains("`elsewhere`: inconclusive"), "{text}");
    let mut refused = call(&["--ci", "none"]);
    refused.env("GITHUB_ACTIONS", "true");
    let told = finish(refused).expect(2);
    assert!(!told.out.contains("::error"), "{}", told.out);
    assert_eq!(fs::read_to_string(&summary).expect("a summary"), text);
    // A call that sends nothing says so there as well.
    let wrong = finish(call(&["--ci", "github", "--edition", "nowhere"])).expect(3);
    assert!(wrong.out.contains("::error title="), "{}", wrong.out);
}

#[test]
fn mistakes_of_a_suite_are_told_to_machines() {
    let folder = temporary();
    let text = "name: t\neditions:\n  ciam: { base_ur: \"http://127.0.0.1:1\" }\n";
    let file = target::write(folder.path(), "t.yaml", text);
    let file = file.to_string_lossy().into_owned();
    let lint = |form: &str| {
        let told = probity(&["lint", "--target", &file, "--format", form]).expect(3);
        assert_eq!(told.err, "", "{form}");
        told.out
    };
    let json: Value = serde_json::from_str(&lint("json")).expect("JSON");
    let first = &json["problems"][0];
    assert_eq!(first["code"], "unknown-key");
    assert_eq!(
        (first["line"].as_u64(), first["column"].as_u64()),
        (Some(3), Some(11))
    );
    for form in ["sarif", "gitlab"] {
        let text = lint(form);
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
        assert!(text.contains("unknown-key"), "{text}");
    }
    let github = lint("github");
    assert!(github.starts_with("::error file="), "{github}");
}

#[test]
fn a_record_is_rendered_with_the_choices_that_a_run_has() {
    let (_folder, out) = red();
    let record = out.join("run.jsonl");
    for (format, before) in [
        ("junit", " file=\""),
        ("ctrf", "\"filePath\":\""),
        ("gitlab", "\"path\": \""),
        ("sarif", "\"uri\": \""),
        ("github", "file="),
    ] {
        let arguments = ["--format", format, "--base", "services/login"];
        let text = again(&record, &arguments).expect(0).out;
        let named = |folder: &str| text.matches(&format!("{before}{folder}")).count();
        assert!(named("services/login/cases/") > 0, "{format}: {text}");
        assert_eq!(named("cases/"), 0, "{format}: {text}");
    }
    let arguments = ["--format", "junit", "--blocked", "skip"];
    let junit = again(&record, &arguments).expect(0).out;
    assert!(
        junit.contains("name=\"probity.causes\" tests=\"1\""),
        "{junit}"
    );
    assert_eq!(junit.matches("<error ").count(), 1, "{junit}");
}
