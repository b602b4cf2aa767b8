//! Records that are not all shards of one run: each is told by its name, and nothing is written.

use std::fs;

use probity::{
    merge::{MergeError, Part, merge},
    report::record,
    result::{ErrorReason, Verdict},
};

use super::{FILTER, Going, SMALL, merge as merge_files, parts, written};
use crate::{
    cli::{probity, program, run_into, target, temporary},
    support,
};

/// Merges these texts, which must end with this code and say this, and leave nothing behind.
#[track_caller]
fn refused(texts: &[&str], code: i32, because: &str) {
    let (folder, paths) = written(texts);
    let output = folder.path().join("merged");
    let outcome = merge_files(&paths, &output).expect(code);
    assert!(outcome.err.contains(because), "{}", outcome.err);
    assert!(!output.exists(), "nothing is written");
}

#[test]
fn a_missing_shard_is_named() {
    let [one, two, three] = [0, 1, 2].map(|at| SMALL[at].as_str());
    refused(&[one, three], 3, "of 3 shards these are missing: 2/3");
    refused(&[two], 3, "these are missing: 1/3, 3/3");
}

#[test]
fn a_shard_that_is_there_twice_is_named_with_both_files() {
    let [one, two, three] = [0, 1, 2].map(|at| SMALL[at].as_str());
    refused(&[one, two, three, two], 3, "shard 2/3 is there twice, in ");
}

#[test]
fn a_record_that_is_cut_or_damaged_is_refused_as_such() {
    let [one, two, three] = [0, 1, 2].map(|at| SMALL[at].as_str());
    let cut = &three[..three.len() / 2];
    refused(&[one, two, cut], 4, "is not a record that counts");
    let lines: Vec<&str> = three.lines().collect();
    let without_end = format!("{}\n", lines[..lines.len() - 1].join("\n"));
    refused(&[one, two, &without_end], 4, "the footer is missing");
    let changed = three.replacen("\"strict\":false", "\"strict\":true", 1);
    refused(&[one, two, &changed], 4, "damaged or changed");
}

#[test]
fn what_is_no_record_or_not_there_is_refused_as_a_wrong_file() {
    refused(&[&SMALL[0], "<html>"], 3, "is not a record that counts");
    probity(&["merge", "no-such-file.jsonl"]).expect(3);
    probity(&["merge"]).expect(3);
}

#[test]
fn the_record_of_a_run_that_was_not_divided_is_no_shard() {
    let folder = temporary();
    run_into(folder.path(), &["ciam/skip-update/headers/control"]).expect(0);
    let text = fs::read_to_string(folder.path().join(record::FILE)).expect("a record");
    refused(
        &[&text],
        3,
        "is the record of no shard: its run had no --shard",
    );
}

#[test]
fn a_shard_that_was_killed_is_known_by_its_record() {
    let folder = temporary();
    let hanging = target::Listener::start();
    let file = target::file(folder.path(), &hanging.url());
    let output = folder.path().join("reports");
    let mut command = program();
    command.args([
        "run",
        FILTER,
        "--shard",
        "1/3",
        "--no-preflight",
        "--target",
    ]);
    command.arg(file).arg("--output-dir").arg(&output);
    let mut going = Going::start(command);
    while hanging.connections() == 0 {
        let ended = going.0.try_wait().expect("a state");
        assert!(ended.is_none(), "the run ended before its first request");
    }
    going.0.kill().expect("killed");
    drop(going);
    let text = fs::read_to_string(output.join(record::FILE)).expect("a record");
    let because = "is of shard 1/3, which did not come to its end: the run did not finish";
    refused(&[&text, &SMALL[1], &SMALL[2]], 3, because);
}

/// Why these parts make no run.
fn error(parts: Vec<Part>) -> MergeError {
    merge(parts, &support::shipped()).expect_err("no run")
}

#[test]
fn a_shard_that_was_interrupted_is_to_be_run_again() {
    let mut parts = parts();
    parts[1].report.cases[0].verdict = Verdict::Error(ErrorReason::Interrupted);
    let error = error(parts);
    assert!(
        matches!(&error, MergeError::Interrupted { rows: 1, .. }),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("shard 2/3, which was interrupted"),
        "{error}"
    );
}

#[test]
fn a_shard_of_another_run_is_told_by_what_is_other() {
    type Edit = fn(&mut Part);
    let edits: [(&str, Edit); 10] = [
        ("target", |part| part.report.target = "other".to_owned()),
        ("profile", |part| {
            part.report.provenance.profile = "read-only".to_owned();
        }),
        ("strictness", |part| part.report.strict = true),
        ("contract", |part| {
            part.report.provenance.suite.contract = "0".repeat(64);
        }),
        ("suite of cases", |part| {
            part.report.provenance.suite.cases = "0".repeat(64);
        }),
        ("version of Probity", |part| part.made_by = "2".to_owned()),
        ("number of shards", |part| {
            let of = part.report.provenance.shard.as_mut().expect("a shard");
            of.shard = "3/4".parse().expect("a shard");
        }),
        ("selection of rows", |part| {
            let of = part.report.provenance.shard.as_mut().expect("a shard");
            of.ids = "0".repeat(64);
        }),
        ("address of ciam", |part| {
            let editions = part.report.provenance.editions.values_mut();
            editions.for_each(|one| one.address = "https://other.example".to_owned());
        }),
        ("variable id_token_lifetime of ciam", |part| {
            for one in part.report.provenance.editions.values_mut() {
                one.variables
                    .insert("id_token_lifetime".to_owned(), "1".into());
            }
        }),
    ];
    for (what, edit) in edits {
        let mut parts = parts();
        edit(&mut parts[2]);
        match error(parts) {
            MergeError::Foreign {
                name, what: found, ..
            } => assert_eq!((name.as_str(), found.as_str()), ("shard-3", what)),
            other => panic!("{what}: {other}"),
        }
    }
}

#[test]
fn two_versions_of_a_target_are_no_one_run() {
    let mut parts = parts();
    for (part, version) in parts.iter_mut().zip(["7", "7", "8"]) {
        for one in part.report.provenance.editions.values_mut() {
            one.version = Some(version.to_owned());
        }
    }
    let error = error(parts);
    assert!(
        error.to_string().contains("version of ciam is `8`"),
        "{error}"
    );
}

#[test]
fn a_suite_that_the_shards_did_not_run_is_not_judged_by() {
    let mut parts = parts();
    for part in &mut parts {
        part.report.provenance.suite.cases = "0".repeat(64);
    }
    let error = error(parts);
    assert!(
        matches!(&error, MergeError::OtherSuite { what: "cases", .. }),
        "{error}"
    );
}

#[test]
fn a_row_that_no_record_holds_is_missed() {
    let mut parts = parts();
    let mut cases: Vec<_> = parts[0].report.cases.to_vec();
    let at = cases.iter().position(|case| !case.control).expect("a row");
    cases.remove(at);
    parts[0].report.cases = cases.into();
    let error = error(parts);
    assert!(matches!(error, MergeError::Rows { planned, merged } if planned == merged + 1));
}

#[cfg(unix)]
#[test]
fn the_script_says_what_it_lacks() {
    let script = support::root().join("examples/ci/shard.sh");
    let mut command = std::process::Command::new(script);
    command.env_remove("JOB_COMPLETION_INDEX");
    let outcome = crate::cli::finish(command);
    assert_ne!(outcome.code, 0);
    assert!(
        outcome.err.contains("JOB_COMPLETION_INDEX"),
        "{}",
        outcome.err
    );
}
