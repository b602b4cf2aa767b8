//! All shards merged are the run that was not divided.

use std::{fs, path::Path};

use probity::{
    merge::merge,
    report::record,
    result::{
        CaseResult, CheckResult, Covered, ErrorReason, IdPattern, Mismatch, Part as StepPart,
        Provenance, RunReport, Source, StepOwner, Subject, Verdict, Waiver, without_masks,
    },
    suite::Suite,
};
use serde_json::Value;

use super::{FILTER, SMALL, merge as merge_files, parts, report, written};
use crate::{
    cli::{probity, run_into, temporary},
    support,
};

/// What a row came to, beside what it exchanged: ids, codes and times of a run are its own. Which row calls
/// a provider that rows share is nobody's order, so that only the row's own steps are looked at.
fn judged(case: &CaseResult) -> Value {
    let covered = |one: &Covered| serde_json::json!([one.id, one.evidence]);
    let check = |one: &CheckResult| {
        let mismatch = one.mismatch.as_ref();
        serde_json::json!([
            one.check,
            one.source,
            one.warning,
            one.violates,
            mismatch.map(|found| &found.place)
        ])
    };
    let own = case.steps.iter();
    let own = own.filter(|step| step.owner == StepOwner::Case);
    let steps = own.map(|step| {
        let checks: Vec<Value> = step.checks.iter().map(check).collect();
        serde_json::json!([step.name, step.part, step.owner, checks])
    });
    let requirements: Vec<Value> = case.requirements.iter().map(covered).collect();
    let (id, verdict, outcome) = (&case.id, &case.verdict, &case.outcome);
    let (steps, stands): (Vec<Value>, bool) = (steps.collect(), case.stands);
    serde_json::json!([
        id,
        verdict,
        outcome,
        stands,
        requirements,
        steps,
        case.waiver
    ])
}

#[track_caller]
fn assert_the_same(merged: &RunReport, whole: &RunReport) {
    let ids = |run: &RunReport| -> Vec<String> {
        run.cases.iter().map(|case| case.id.to_string()).collect()
    };
    assert_eq!(ids(merged), ids(whole), "the plan's order");
    for (one, other) in merged.cases.iter().zip(&whole.cases) {
        // Masks of secrets are those of one process.
        let of = |case: &CaseResult| without_masks(&judged(case).to_string());
        assert_eq!(of(one), of(other), "{}", one.id);
    }
    let documented =
        |of: &RunReport| without_masks(&format!("{:#?} {:#?}", of.requirements, of.matrices));
    assert_eq!(documented(merged), documented(whole));
    assert_eq!(merged.counts(), whole.counts());
    assert_eq!(merged.conclusion(), whole.conclusion());
    assert_eq!(merged.because(), whole.because());
    assert_eq!(merged.waivers, whole.waivers);
    assert_eq!(
        (merged.planned, merged.suite_size),
        (whole.planned, whole.suite_size)
    );
    let (own, other) = (&merged.provenance, &whole.provenance);
    assert_eq!(own.suite, other.suite);
    let editions = |of: &Provenance| {
        let text = serde_json::to_string(&of.editions).expect("JSON");
        without_masks(&text)
    };
    assert_eq!(editions(own), editions(other));
    assert_eq!(
        (&own.profile, own.jobs, &own.shard),
        (&other.profile, other.jobs, &other.shard)
    );
}

fn read(folder: &Path) -> RunReport {
    report(&fs::read_to_string(folder.join(record::FILE)).expect("a record"))
}

/// Four processes with the script of `examples/ci`, as four pods of an indexed Job run it.
#[cfg(unix)]
fn four_processes(reports: &Path) {
    use super::Going;
    use crate::cli::program;

    let script = support::root().join("examples/ci/shard.sh");
    let going: Vec<Going> = (0..4)
        .map(|index: u32| {
            let known = program();
            let mut command = std::process::Command::new(&script);
            command.current_dir(support::root());
            for (name, value) in known.get_envs() {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            command
                .env("JOB_COMPLETION_INDEX", index.to_string())
                .env("PROBITY_SHARDS", "4")
                .env("PROBITY_REPORTS", reports)
                .env("PROBITY", known.get_program());
            Going::start(command)
        })
        .collect();
    for one in going {
        assert_eq!(one.code(), Some(0));
    }
}

#[cfg(unix)]
#[test]
fn four_shards_as_four_processes_merged_equal_the_run_that_was_not_divided() {
    let folder = temporary();
    four_processes(folder.path());
    let whole = folder.path().join("whole");
    run_into(&whole, &[]).expect(0);
    let records = [3, 1, 4, 2].map(|index| {
        let shard = folder.path().join(format!("shard-{index}"));
        shard.join(record::FILE)
    });
    for path in &records {
        let shard = report(&fs::read_to_string(path).expect("a record"));
        assert!(!shard.is_whole() && shard.provenance.shard.is_some());
    }
    let merged = folder.path().join("merged");
    let outcome = merge_files(&records, &merged).expect(0);
    assert!(
        outcome.out.contains("mock: conformant (exit code 0)"),
        "{}",
        outcome.out
    );
    for file in ["junit.xml", "report.html", "run.jsonl"] {
        assert!(merged.join(file).is_file(), "{file}");
    }
    let (merged, whole) = (read(&merged), read(&whole));
    assert_the_same(&merged, &whole);
    assert!(merged.is_whole());
    assert_eq!(merged.provenance.merged.len(), 4);
    let path = folder.path().join("merged").join(record::FILE);
    probity(&["verify", &path.display().to_string()]).expect(0);
}

#[test]
fn shards_of_a_filter_merged_equal_the_filtered_run() {
    let folder = temporary();
    let whole = folder.path().join("whole");
    run_into(&whole, &[FILTER]).expect(0);
    let texts: Vec<&str> = SMALL.iter().map(String::as_str).collect();
    let (_records, paths) = written(&texts);
    let output = folder.path().join("merged");
    let outcome = merge_files(&paths, &output).expect(0);
    assert!(
        outcome.out.contains("partial (exit code 0)"),
        "{}",
        outcome.out
    );
    assert_the_same(&read(&output), &read(&whole));
}

#[test]
fn a_shard_without_a_row_is_inconclusive_by_itself_and_a_part_of_the_whole() {
    const ROW: &str = "ciam/skip-update/headers/control";
    let folder = temporary();
    let mut codes = Vec::new();
    let records: Vec<_> = (1..=2)
        .map(|index| {
            let output = folder.path().join(index.to_string());
            let shard = format!("{index}/2");
            codes.push(run_into(&output, &["--shard", &shard, ROW]).code);
            output.join(record::FILE)
        })
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 2]);
    let output = folder.path().join("merged");
    merge_files(&records, &output).expect(0);
    assert_eq!(read(&output).cases.len(), 1);
}

#[test]
fn a_merged_record_alone_can_be_written_to_a_file() {
    let texts: Vec<&str> = SMALL.iter().map(String::as_str).collect();
    let (folder, paths) = written(&texts);
    let file = folder.path().join("whole.jsonl").display().to_string();
    let mut arguments = vec!["merge".to_owned(), "-o".to_owned(), file.clone()];
    arguments.extend(paths.iter().map(|path| path.display().to_string()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    probity(&arguments).expect(0);
    let one = report(&fs::read_to_string(&file).expect("a record"));
    // The same records in another order are the same run.
    let mut reversed = parts();
    reversed.reverse();
    let again = merge(reversed, &suite()).expect("one run");
    assert_eq!((&one.run_id, &one.cases), (&again.run_id, &again.cases));
}

fn suite() -> Suite {
    support::shipped()
}

/// A row that ran in two shards, and that belongs to the first of these: its places there and in the other.
fn shared(parts: &[probity::merge::Part]) -> (usize, usize, usize, usize) {
    for (first, one) in parts.iter().enumerate() {
        for (second, other) in parts.iter().enumerate().filter(|(at, _)| *at != first) {
            for (place, case) in one.report.cases.iter().enumerate() {
                let there = other.report.cases.iter().position(|row| row.id == case.id);
                if let Some(there) = there {
                    return (first, place, second, there);
                }
            }
        }
    }
    panic!("no row is in two shards");
}

#[test]
fn a_row_that_one_shard_could_not_judge_has_the_result_of_another() {
    let mut parts = parts();
    let (_, _, second, there) = shared(&parts);
    let case = &mut parts[second].report.cases[there];
    let (id, was) = (case.id.clone(), case.verdict.clone());
    case.verdict = Verdict::Error(ErrorReason::Unreachable);
    let merged = merge(parts, &suite()).expect("one run");
    let kept = merged.cases.iter().find(|case| case.id == id);
    assert_eq!(kept.map(|case| &case.verdict), Some(&was));
}

#[test]
fn a_row_that_two_shards_judged_in_two_ways_makes_no_run() {
    let mut parts = parts();
    let (_, _, second, there) = shared(&parts);
    let case = &mut parts[second].report.cases[there];
    case.verdict = Verdict::Fail("status".into());
    let id = case.id.to_string();
    // The cells of the matrices would no longer be what their rows say.
    parts[second].report.matrices.clear();
    let texts: Vec<String> = parts
        .iter()
        .map(|part| record::render(&part.report))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (folder, paths) = written(&texts);
    let output = folder.path().join("merged");
    let outcome = merge_files(&paths, &output).expect(4);
    for part in [
        &*id,
        "fail (status)",
        "pass (",
        "in two ways",
        "run the shards again",
    ] {
        assert!(outcome.err.contains(part), "{}", outcome.err);
    }
    assert!(!output.exists(), "nothing is written");
}

/// The last row of a shard that is only there, failed with a status that nobody expected.
fn failed(part: &mut probity::merge::Part) {
    let case = part.report.cases.iter_mut().rfind(|case| {
        let own = case.steps.iter().any(|step| step.part == StepPart::Request);
        !case.control && case.verdict.is_pass() && own
    });
    let case = case.expect("a row");
    case.verdict = Verdict::Fail("status".into());
    let step = case
        .steps
        .iter_mut()
        .find(|step| step.part == StepPart::Request);
    step.expect("its request").checks.push(CheckResult {
        check: "status".into(),
        source: Source::default(),
        mismatch: Some(Mismatch {
            subject: Subject::Status,
            place: "status".to_owned(),
            expected: vec!["200".to_owned()],
            actual: "500".to_owned(),
        }),
        warning: false,
        violates: Vec::new(),
        further: 0,
    });
}

/// A waiver that accepts so many rows of this status.
fn waiver(max_matches: usize) -> Waiver {
    Waiver {
        cases: Vec::new(),
        patterns: vec![IdPattern::new("ciam/*")],
        max_matches,
        departs: [("status".to_owned(), "500".to_owned())].into(),
        fingerprints: Vec::new(),
        owner: "ann".to_owned(),
        reason: "known".to_owned(),
        since: None,
        expires: jiff::civil::date(2999, 12, 31),
        source: Source::default(),
    }
}

#[test]
fn a_waiver_of_many_rows_counts_those_of_all_shards() {
    for (most, failures, waived) in [(1, 2, 0), (2, 0, 2)] {
        let mut parts = parts();
        for part in &mut parts {
            let of = part.report.provenance.shard.as_mut().expect("a shard");
            of.waivers = vec![waiver(most)];
        }
        failed(&mut parts[0]);
        failed(&mut parts[1]);
        let merged = merge(parts, &suite()).expect("one run");
        let counts = merged.counts();
        assert_eq!((counts.failed, counts.waived), (failures, waived), "{most}");
        assert_eq!(
            merged.waivers.len(),
            usize::from(waived == 0),
            "{:?}",
            merged.waivers
        );
    }
}

#[test]
fn shards_with_other_waivers_are_of_no_one_run() {
    let mut parts = parts();
    let of = parts[1].report.provenance.shard.as_mut().expect("a shard");
    of.waivers = vec![waiver(1)];
    let error = merge(parts, &suite()).expect_err("no run");
    assert!(
        error.to_string().contains("its list of waivers is"),
        "{error}"
    );
}

#[test]
fn a_merged_run_has_the_failures_of_every_shard() {
    let mut parts = parts();
    let case = parts[2].report.cases.iter_mut().rfind(|case| !case.control);
    let case = case.expect("a row");
    case.verdict = Verdict::Fail("status".into());
    let id = case.id.clone();
    let merged = merge(parts, &suite()).expect("one run");
    assert_eq!(merged.conclusion().exit_code(), 1);
    assert!(
        merged
            .cases
            .iter()
            .any(|case| case.id == id && !case.verdict.is_pass())
    );
}
