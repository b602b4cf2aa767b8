//! The runs of a target as one page to hand over: a single file that loads nothing and needs no script.

use serde::Serialize;

use super::{
    changes,
    chart::{Axis, Chart, Series},
    millis, operations, part, when,
};
use crate::{
    report::{
        html::templates::{self, Inline},
        text::one_line,
    },
    result::{Counts, History, Latency, LeftOut, PastRun, Promises},
};

/// The page, and the part of it for a chart.
const TEMPLATES: [(&str, &str); 2] = [
    ("history", include_str!("history.html")),
    ("chart", include_str!("chart.html")),
];

/// What the charts have beside the style of every page.
const STYLE: &str = include_str!("history.css");

#[derive(Serialize)]
struct Page {
    style: Inline,
    title: String,
    tone: &'static str,
    conclusion: String,
    part: Option<String>,
    facts: Vec<(&'static str, String)>,
    charts: Vec<Chart>,
    latencies: Vec<Chart>,
    runs: Vec<Row>,
    left_out: Vec<LeftOut>,
}

#[derive(Serialize)]
struct Row {
    when: String,
    version: String,
    conclusion: String,
    part: Option<String>,
    tone: &'static str,
    exit_code: u8,
    counts: Counts,
    requirements: Promises,
    changes: Vec<(&'static str, String)>,
    file: String,
}

/// The whole page.
///
/// # Errors
/// Never for a template that can be read, which a test holds.
pub fn html(history: &History) -> Result<String, minijinja::Error> {
    templates::page(&TEMPLATES, &page(history))
}

fn page(history: &History) -> Page {
    let days: Vec<String> = history.runs.iter().map(when).collect();
    let axis = Axis { when: &days };
    let last = history.runs.last();
    let target = one_line(&history.target);
    Page {
        style: Inline::style(STYLE),
        title: format!("{target}: {} runs", history.runs.len()),
        tone: last.map_or("open", |run| tone(run.exit_code)),
        conclusion: last.map_or_else(String::new, |run| run.conclusion.clone()),
        part: last.and_then(part),
        facts: facts(history, &target, &days),
        charts: vec![rows(&axis, &history.runs), promises(&axis, &history.runs)],
        latencies: operations(&history.runs)
            .iter()
            .map(|(name, latencies)| answers(&axis, name, latencies))
            .collect(),
        runs: history.runs.iter().rev().map(row).collect(),
        left_out: history.left_out.iter().map(shown).collect(),
    }
}

fn facts(history: &History, target: &str, days: &[String]) -> Vec<(&'static str, String)> {
    let last = history.runs.last();
    let version = last.and_then(|run| run.version.as_deref());
    let mut out = vec![
        ("Target", target.to_owned()),
        ("Runs", history.runs.len().to_string()),
        ("First", days.first().cloned().unwrap_or_default()),
        ("Last", days.last().cloned().unwrap_or_default()),
        ("Version", one_line(version.unwrap_or_default())),
        ("Made by", format!("probity {}", env!("CARGO_PKG_VERSION"))),
    ];
    out.retain(|(_, value)| !value.is_empty());
    out
}

const fn tone(exit_code: u8) -> &'static str {
    match exit_code {
        0 => "good",
        2 | 5 => "open",
        _ => "bad",
    }
}

fn shown(one: &LeftOut) -> LeftOut {
    LeftOut {
        file: one_line(&one.file),
        why: one_line(&one.why),
    }
}

fn row(run: &PastRun) -> Row {
    Row {
        when: when(run),
        version: one_line(run.version.as_deref().unwrap_or_default()),
        conclusion: run.conclusion.clone(),
        part: part(run),
        tone: tone(run.exit_code),
        exit_code: run.exit_code,
        counts: run.counts,
        requirements: run.requirements,
        changes: changes(run)
            .into_iter()
            .map(|(label, text)| (label, one_line(&text)))
            .collect(),
        file: one_line(&run.file),
    }
}

/// A series of counts.
fn counted(
    runs: &[PastRun],
    tone: &'static str,
    name: &'static str,
    count: impl Fn(&PastRun) -> usize,
) -> Series {
    let count = |run| Some(u64::try_from(count(run)).unwrap_or(u64::MAX));
    Series {
        tone,
        name,
        values: runs.iter().map(count).collect(),
    }
}

fn rows(axis: &Axis<'_>, runs: &[PastRun]) -> Chart {
    let series = [
        counted(runs, "good", "passed", |run| run.counts.passed),
        counted(runs, "bad", "failed", |run| run.counts.failed),
        counted(runs, "open", "not judged", |run| run.counts.errors),
    ];
    axis.stacked("Rows", &series)
}

fn promises(axis: &Axis<'_>, runs: &[PastRun]) -> Chart {
    let series = [
        counted(runs, "good", "satisfied", |run| run.requirements.satisfied),
        counted(runs, "bad", "violated", |run| run.requirements.violated),
        counted(runs, "open", "unproven", |run| run.requirements.unproven),
    ];
    axis.stacked("Requirements", &series)
}

fn answers(axis: &Axis<'_>, name: &str, latencies: &[Option<&Latency>]) -> Chart {
    let series = |tone, name, of: fn(&Latency) -> u64| Series {
        tone,
        name,
        values: latencies.iter().map(|one| one.map(of)).collect(),
    };
    let both = [
        series("slowest", "p95", |one| one.p95_us),
        series("median", "median", |one| one.median_us),
    ];
    axis.lines(&one_line(name), &both, |value| {
        format!("{} ms", millis(value))
    })
}
