//! The runs of a target over time: which records they are of, and what is told of each.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use probity::{
    compare::{self, Summarized},
    report::{history, record},
    result::{
        CaseResult, Ending, History, LeftOut, PassReason, Reached, RunReport, RunShard, State,
        Verdict,
    },
};
use regex::Regex;
use serde_json::Value;

use crate::{
    cli::{finish, probity, program, temporary},
    reports::{golden, run},
    support::root,
};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A run so many days after the first, of this version of the target.
fn day(number: u8, version: &str) -> RunReport {
    let mut report = run::mixed();
    report.run_id = format!("run-{number}");
    report.started += i64::from(number) * DAY;
    let reached = Reached {
        address: "https://tenant.example".to_owned(),
        version: Some(version.to_owned()),
        ..Reached::default()
    };
    report.provenance.editions = [("ciam".to_owned(), reached)].into();
    report
}

/// All rows pass, every requirement that was violated is satisfied, and answers take this long.
fn green(mut report: RunReport, took: Duration) -> RunReport {
    let mut cases: Vec<CaseResult> = report.cases.to_vec();
    for case in &mut cases {
        if !matches!(case.verdict, Verdict::Skip(_)) {
            case.verdict = Verdict::Pass(PassReason::Clean);
        }
        let exchanges = case.steps.iter_mut();
        for exchange in exchanges.filter_map(|step| step.exchange.as_mut()) {
            exchange.elapsed = took;
        }
    }
    report.cases = cases.into();
    for one in &mut report.requirements {
        if one.state == State::Violated {
            one.state = State::Satisfied;
            one.why = None;
        }
    }
    report
}

fn summarized(name: &str, report: &RunReport) -> Summarized {
    compare::summarized(&format!("runs/{name}.jsonl"), report)
}

/// Four runs, the second of which broke something, and what lies beside them.
fn four() -> History {
    let took = Duration::from_millis;
    let runs = [
        summarized("monday", &green(day(0, "7.1"), took(8))),
        summarized("tuesday", &day(1, "7.2")),
        summarized("wednesday", &green(day(2, "7.2"), took(250))),
        summarized("thursday", &green(day(3, "7.2.1"), took(9))),
    ];
    let beside = LeftOut {
        file: "runs/baseline.jsonl".to_owned(),
        why: "line 1: the first line must be the header".to_owned(),
    };
    compare::history(runs.to_vec(), None, vec![beside])
}

#[test]
fn four_runs_become_exactly_the_golden_files() {
    let all = four();
    golden("history.txt", &history::text(&all, 80));
    golden("history.json", &format!("{}\n", history::json(&all)));
    let page = history::html(&all).expect("a page");
    let own = concat!("probity ", env!("CARGO_PKG_VERSION"));
    golden("history.html", &page.replace(own, "probity 0.0.0"));
}

#[test]
fn a_run_says_what_is_other_than_in_the_run_before() {
    let all = four();
    let [first, second, third, fourth] = all.runs.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(first.change, None);
    let broke = second.change.as_ref().expect("a change");
    assert_eq!(broke.version_before.as_deref(), Some("7.1"));
    assert_eq!(
        broke.conclusion_before.as_deref(),
        Some(first.conclusion.as_str())
    );
    assert!(!broke.newly_violated.is_empty() && broke.kept_again.is_empty());
    assert!(!broke.other_suite);
    let healed = third.change.as_ref().expect("a change");
    assert_eq!(healed.kept_again, broke.newly_violated);
    assert_eq!(healed.version_before, None);
    let same = fourth.change.as_ref().expect("a change");
    assert_eq!(same.conclusion_before, None);
    assert!(same.newly_violated.is_empty() && same.kept_again.is_empty());
    let median = |run: &probity::result::PastRun| run.latencies[0].median_us;
    assert_eq!((median(first), median(third)), (8_000, 250_000));
}

#[test]
fn runs_stand_in_the_order_in_which_they_began_whatever_their_files_are_called() {
    let late = summarized("a", &day(5, "7"));
    let early = summarized("z", &day(1, "7"));
    let all = compare::history(vec![late.clone(), early, late], None, Vec::new());
    let files: Vec<&str> = all.runs.iter().map(|run| run.file.as_str()).collect();
    assert_eq!(files, ["runs/z.jsonl", "runs/a.jsonl"]);
    let why = &all.left_out[0].why;
    assert_eq!(why, "it is the run of `runs/a.jsonl` once more");
}

#[test]
fn runs_of_another_target_are_left_out_and_the_target_can_be_chosen() {
    let mut other = day(9, "1");
    other.target = "other".to_owned();
    let runs = vec![summarized("one", &day(1, "7")), summarized("other", &other)];
    let last = compare::history(runs.clone(), None, Vec::new());
    assert_eq!((last.target.as_str(), last.runs.len()), ("other", 1));
    assert_eq!(last.left_out[0].file, "runs/one.jsonl");
    assert_eq!(last.left_out[0].why, "it is of the target `mock`");
    let chosen = compare::history(runs, Some("mock"), Vec::new());
    assert_eq!(chosen.runs[0].file, "runs/one.jsonl");
}

#[test]
fn no_line_of_the_console_is_wider_than_its_columns() {
    for width in [80, 120] {
        let text = history::text(&four(), width);
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{line}");
        }
    }
}

#[test]
fn a_shard_is_told_as_the_part_that_it_is() {
    let mut shard = day(1, "7");
    shard.provenance.shard = Some(RunShard {
        shard: "2/4".parse().expect("a shard"),
        planned: 431,
        ids: "0".repeat(64),
        waivers: Vec::new(),
    });
    let runs = vec![summarized("shard", &shard)];
    let all = compare::history(runs, None, Vec::new());
    let text = history::text(&all, 80);
    assert!(text.contains("    shard: 2/4\n"), "{text}");
    assert!(text.contains("* in a part of the suite"), "{text}");
    let page = history::html(&all).expect("a page");
    assert!(page.contains("in shard 2/4"));
}

/// What the first group of a pattern takes from a text, everywhere.
fn all(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    let found = pattern.captures_iter(text);
    found.map(|found| found[1].to_owned()).collect()
}

#[test]
fn the_page_loads_nothing_runs_nothing_and_takes_nothing_of_the_targets_for_markup() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    let mut hostile = day(1, "<script>7</script>");
    hostile.target = "<img src=x onerror=y>".to_owned();
    let runs = vec![compare::summarized("\"><b>.jsonl", &hostile)];
    let page = history::html(&compare::history(runs, None, Vec::new())).expect("a page");
    let style = all("(?s)<style>(.*?)</style>", &page);
    let digest = ring::digest::digest(&ring::digest::SHA256, style[0].as_bytes());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        BASE64_STANDARD.encode(digest)
    );
    assert!(page.contains(&policy));
    let elements: BTreeSet<String> = all("<([a-zA-Z]+)", &page).into_iter().collect();
    for forbidden in [
        "script", "img", "b", "link", "iframe", "object", "use", "image",
    ] {
        assert!(!elements.contains(forbidden), "<{forbidden}>");
    }
    let attributes = all(
        r"<[^>]*? (on\w+|src|srcset|style|action|xlink:href)=",
        &page,
    );
    assert_eq!(attributes, [""; 0]);
    assert!(page.contains("&lt;script&gt;7&lt;/script&gt;"));
    let links = all(r#"href="([^"]*)""#, &page);
    let ids: BTreeSet<String> = all(r#" id="([^"]*)""#, &page).into_iter().collect();
    for link in links {
        let to = link.strip_prefix('#').expect("a link inside the page");
        assert!(ids.contains(to), "{link} leads nowhere");
    }
}

fn write(folder: &Path, name: &str, report: &RunReport) {
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join(name), record::render(report)).expect("written");
}

/// A folder with two runs of a target and all that may lie beside them.
fn folder() -> tempfile::TempDir {
    let place = temporary();
    let folder = place.path();
    write(folder, "2.jsonl", &day(2, "7.2"));
    write(folder, "1.jsonl", &day(1, "7.1"));
    write(folder, "copy.jsonl", &day(1, "7.1"));
    let other = RunReport {
        target: "other".to_owned(),
        ..day(0, "1")
    };
    write(folder, "other.jsonl", &other);
    let ended = RunReport::without_cases(0, Ending::NotStarted("no file".to_owned()));
    write(folder, "ended.jsonl", &ended);
    let whole = record::render(&day(3, "7.3"));
    fs::write(folder.join("cut.jsonl"), &whole[..whole.len() / 2]).expect("written");
    fs::write(folder.join("baseline.jsonl"), "{\"baseline\":1}\n").expect("written");
    fs::write(folder.join("notes.txt"), "no record").expect("written");
    write(&folder.join("below"), "9.jsonl", &day(9, "9"));
    place
}

#[test]
fn a_folder_gives_its_records_and_names_what_it_leaves_out() {
    let place = folder();
    let mut command = program();
    command.arg("history").arg(place.path());
    let outcome = finish(command).expect(0);
    assert!(outcome.out.starts_with("mock: 2 runs\n"), "{}", outcome.out);
    for told in [
        "7.1",
        "7.2",
        "not conformant",
        "copy.jsonl: it is the run of",
        "other.jsonl: it is of the target `other`",
        "ended.jsonl: no file",
        "cut.jsonl: line ",
        "baseline.jsonl: line 1",
    ] {
        assert!(outcome.out.contains(told), "{told}: {}", outcome.out);
    }
    for silent in ["notes.txt", "below", "7.3"] {
        assert!(!outcome.out.contains(silent), "{silent}: {}", outcome.out);
    }
}

#[test]
fn json_is_as_its_schema_has_it_and_names_what_is_left_out_beside() {
    let place = folder();
    let below = place.path().join("below/9.jsonl");
    let mut command = program();
    command.arg("history").arg(place.path()).arg(below);
    command.args(["--format", "json"]);
    let outcome = finish(command).expect(0);
    let value: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let schema = fs::read(root().join("specs/history.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let complaints: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(complaints, [""; 0]);
    let runs = value["runs"].as_array().expect("runs");
    let ids: Vec<&str> = runs
        .iter()
        .filter_map(|run| run["run_id"].as_str())
        .collect();
    assert_eq!(ids, ["run-1", "run-2", "run-9"]);
    assert!(outcome.err.contains("left out: `"), "{}", outcome.err);
}

#[test]
fn a_page_is_written_beside_its_place_and_renamed() {
    let place = folder();
    let file = place.path().join("history.html");
    let mut command = program();
    command.arg("history").arg(place.path());
    command.args(["--format", "html", "--output"]).arg(&file);
    finish(command).expect(0);
    let page = fs::read_to_string(&file).expect("a page");
    assert!(
        page.starts_with("<!doctype html>") && page.contains("<svg "),
        "{page}"
    );
}

#[test]
fn without_a_record_of_a_run_there_is_no_history() {
    let place = temporary();
    let empty = place.path().display().to_string();
    let outcome = probity(&["history", &empty]).expect(3);
    assert!(
        outcome.err.contains("there is no record of a run here"),
        "{}",
        outcome.err
    );
    probity(&["history", "no-such-folder"]).expect(3);
    let place = folder();
    let folder = place.path().display().to_string();
    let outcome = probity(&["history", &folder, "--target-name", "nobody"]).expect(3);
    assert!(
        outcome.err.contains("no record of a run of `nobody`"),
        "{}",
        outcome.err
    );
}
