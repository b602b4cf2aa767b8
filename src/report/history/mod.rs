//! The runs of a target over time: on the console, as JSON, and as one page with charts.
//!
//! A line a run, in the order in which they began, and under it what is other than in the run before. How long
//! operations took to answer is told beside; it decides nothing.

mod chart;
mod html;
mod json;
mod text;

pub use html::html;
pub use json::json;
pub use text::text;

use crate::{
    ids::RequirementId,
    result::{Latency, PastRun, RunChange},
};

/// When a run began, to the minute.
fn when(run: &PastRun) -> String {
    run.started.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Which part of the suite it ran, where that is not all of it.
fn part(run: &PastRun) -> Option<String> {
    match run.shard {
        Some(shard) if !run.whole => Some(format!("shard {shard}")),
        _ => (!run.whole).then(|| "a part of the suite".to_owned()),
    }
}

/// What is other than in the run before: a label, and what belongs to it.
fn changes(run: &PastRun) -> Vec<(&'static str, String)> {
    let Some(RunChange {
        conclusion_before,
        version_before,
        other_suite,
        newly_violated,
        kept_again,
    }) = &run.change
    else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if let Some(before) = version_before {
        let now = run.version.as_deref().unwrap_or_default();
        out.push(("version", format!("{before} -> {now}")));
    }
    if *other_suite {
        out.push(("suite", "other specs or cases than before".to_owned()));
    }
    if let Some(before) = conclusion_before {
        out.push(("conclusion", format!("{before} -> {}", run.conclusion)));
    }
    for (label, ids) in [
        ("newly violated", newly_violated),
        ("kept again", kept_again),
    ] {
        if !ids.is_empty() {
            let names: Vec<&str> = ids.iter().map(RequirementId::as_str).collect();
            out.push((label, names.join(", ")));
        }
    }
    out
}

/// The operations that some run has, each by its edition, with what every run has of it.
fn operations(runs: &[PastRun]) -> Vec<(String, Vec<Option<&Latency>>)> {
    let all = runs.iter().flat_map(|run| &run.latencies);
    let mut names: Vec<(&str, &str)> = all
        .map(|one| (one.edition.as_str(), one.operation.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    let each = names.into_iter().map(|(edition, operation)| {
        let of_runs = runs.iter().map(|run| latency(run, edition, operation));
        (format!("{edition} {operation}"), of_runs.collect())
    });
    each.collect()
}

fn latency<'r>(run: &'r PastRun, edition: &str, operation: &str) -> Option<&'r Latency> {
    let mut all = run.latencies.iter();
    all.find(|one| one.edition == edition && one.operation.as_str() == operation)
}

/// Microseconds as milliseconds, three digits where that is possible.
fn millis(micros: u64) -> String {
    let (whole, tenth) = (micros / 1000, micros % 1000 / 100);
    if whole < 100 {
        format!("{whole}.{tenth}")
    } else {
        whole.to_string()
    }
}
