//! Which rows belong to which shard.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::PathBuf,
    process::Command,
    sync::Arc,
};

use probity::{
    ids::CaseId,
    plan::{Selection, TestCase},
    result::Shard,
};

use super::FILTER;
use crate::{cli::probity, support};

fn shards(of: u32) -> impl Iterator<Item = Shard> {
    (1..=of).map(move |index| Shard::new(index, of).expect("a shard"))
}

fn of_shard(shard: Shard) -> Selection {
    Selection {
        shard: Some(shard),
        ..Selection::default()
    }
}

fn ids(cases: &[Arc<TestCase>]) -> BTreeSet<CaseId> {
    cases.iter().map(|case| case.id.clone()).collect()
}

#[test]
fn every_row_belongs_to_one_shard_and_each_has_about_as_many() {
    let suite = support::shipped();
    let all = &suite.plan.cases;
    for of in [1, 2, 3, 4, 7, 16] {
        let own: Vec<_> = shards(of).map(|shard| of_shard(shard).asked(all)).collect();
        let total: usize = own.iter().map(Vec::len).sum();
        assert_eq!(total, all.len(), "{of} shards");
        let union: BTreeSet<CaseId> = own.iter().flat_map(|own| ids(own)).collect();
        assert_eq!(union, ids(all), "{of} shards");
        let most = own.iter().map(Vec::len).max().unwrap_or_default();
        let fair = all.len() / usize::try_from(of).expect("small");
        assert!(most < fair * 5 / 2 + 10, "{most} of {}", all.len());
    }
}

#[test]
fn a_shard_runs_the_controls_and_prerequisites_of_its_rows_as_well() {
    let suite = support::shipped();
    let all = &suite.plan.cases;
    for shard in shards(4) {
        let chosen = of_shard(shard).chosen(all);
        let there = ids(&chosen);
        for case in of_shard(shard).asked(all) {
            let mut before = case
                .prerequisites
                .iter()
                .chain([&case.control_id, &case.id]);
            assert!(before.all(|id| there.contains(id)), "{}", case.id);
        }
        // In the plan's order.
        let mut rest = all.iter();
        assert!(chosen.iter().all(|case| rest.any(|one| one.id == case.id)));
    }
}

#[test]
fn a_row_stays_where_it_is_whatever_else_the_suite_has() {
    let suite = support::shipped();
    let all = suite.plan.cases;
    let mut fewer = all.clone();
    let mut number = 0;
    fewer.retain(|case| {
        number += 1;
        case.control || number % 3 > 0
    });
    let mut reversed = all.clone();
    reversed.reverse();
    assert!(fewer.len() < all.len());
    for shard in shards(4) {
        let own = ids(&of_shard(shard).asked(&all));
        assert_eq!(ids(&of_shard(shard).asked(&reversed)), own);
        let kept = ids(&fewer);
        let expected: BTreeSet<CaseId> = own.intersection(&kept).cloned().collect();
        assert_eq!(ids(&of_shard(shard).asked(&fewer)), expected, "{shard}");
    }
}

#[test]
fn rows_that_may_lock_an_account_of_an_edition_out_are_in_one_shard() {
    let suite = support::shipped();
    let mut homes: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for shard in shards(8) {
        for case in of_shard(shard).asked(&suite.plan.cases) {
            if case.may_lock_out() {
                let home = homes.entry(case.edition.as_str()).or_default();
                home.insert(shard.index());
            }
        }
    }
    assert_eq!(homes.len(), 3, "every edition has such rows");
    assert!(homes.values().all(|shards| shards.len() == 1), "{homes:?}");
}

#[test]
fn list_prints_the_rows_of_a_shard_and_a_filter_narrows_them() {
    let lines = |arguments: &[&str]| -> BTreeSet<String> {
        let outcome = probity(arguments).expect(0);
        outcome.out.lines().map(str::to_owned).collect()
    };
    let all = lines(&["list", FILTER]);
    let mut union = BTreeSet::new();
    let mut total = 0;
    for index in 1..=3 {
        let own = lines(&["list", FILTER, "--shard", &format!("{index}/3")]);
        total += own.len();
        union.extend(own);
    }
    assert_eq!((union, total), (all.clone(), all.len()));
}

#[test]
fn what_is_no_shard_is_a_mistake_of_the_call() {
    for (text, because) in [
        ("0/4", "there is no shard 0 of 4"),
        ("5/4", "numbered from 1 to 4"),
        ("1/0", "not into 0"),
        ("half", "write its number, a slash, and how many there are"),
    ] {
        for command in ["run", "list"] {
            let folder = crate::cli::temporary();
            let output = folder.path().display().to_string();
            let mut arguments = vec![command, "--shard", text];
            if command == "run" {
                arguments.extend(["--output-dir", &output]);
            }
            let outcome = probity(&arguments).expect(3);
            assert!(outcome.err.contains(because), "{}", outcome.err);
        }
    }
}

/// The program of the test `conformance`, which lies beside this one; built where only this one was.
fn conformance() -> PathBuf {
    let own = env::current_exe().expect("a program");
    let deps = own.parent().expect("a folder");
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(support::root());
    build.args(["test", "--locked", "--offline", "--no-run", "--quiet"]);
    build.args(["--test", "conformance", "--message-format", "json"]);
    let profile = deps.parent().and_then(|folder| folder.file_name());
    if profile.is_some_and(|name| name == "release") {
        build.arg("--release");
    }
    let target = deps.ancestors().nth(2).expect("a target folder");
    build.arg("--target-dir").arg(target);
    let output = build.output().expect("cargo");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut messages = text.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let name = message["target"]["name"].as_str()?;
        let path = message["executable"].as_str()?;
        (name == "conformance").then(|| PathBuf::from(path))
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    messages.next_back().unwrap_or_else(|| panic!("{errors}"))
}

#[test]
fn the_harness_lists_one_line_a_row_as_runners_of_tests_read_it() {
    let program = conformance();
    let listed = |more: &[&str]| -> Vec<String> {
        let mut command = Command::new(&program);
        command.args(["--list", "--format", "terse"]).args(more);
        command.env_remove("PROBITY_TARGET");
        let output = command.output().expect("a list");
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let names = text.lines().map(|line| {
            let name = line.strip_suffix(": test");
            name.unwrap_or_else(|| panic!("no line of a test: {line}"))
                .to_owned()
        });
        names.collect()
    };
    let suite = support::shipped();
    let all: Vec<String> = suite
        .plan
        .cases
        .iter()
        .map(|case| case.id.to_string())
        .collect();
    assert_eq!(listed(&[]), all);
    assert!(all.iter().all(|id| !id.contains(char::is_whitespace)));
    // What is only observed is ignored, and told apart in the list already.
    let observed = suite
        .plan
        .cases
        .iter()
        .filter(|case| case.observe.is_some());
    assert!(listed(&["--ignored"]).len() >= observed.count());
    // One row by its whole name, as a runner starts it.
    let one = &all[1];
    assert_eq!(listed(&["--exact", one]), all[1..2]);
}
