//! The summary of a run as one JSON object, for `probity run --format json`.
//!
//! `specs/summary.schema.json` describes every member; this is the outline. Members are added without a
//! new `version`; one that goes or changes its meaning raises it.
//!
//! | Member | What it says |
//! |---|---|
//! | `version` | the version of this format |
//! | `run_id`, `target`, `started`, `elapsed_ms` | which run; empty where it ended before there was one |
//! | `conclusion`, `because`, `exit_code` | what the run says of the target, why it is no better (or null), and the exit code of the process |
//! | `strict`, `planned`, `suite_size` | how it was asked for; fewer planned than the suite has is a partial run |
//! | `shard` | which part of a divided run it was, `2/4`; absent where it was not divided |
//! | `counts` | rows by verdict: `passed`, of these `warned`; `failed`; `waived`; `errors`, which could not be judged; `skipped`, of these `observed` |
//! | `requirements` | requirements by state |
//! | `causes` | what is red, each cause once, those first that keep other rows from being judged |
//! | `slowest` | the rows that took longest |
//! | `spent`, `waivers`, `left`, `leaks` | what was used up; waivers to look at; what may still be on the target; outputs that held a secret |
//! | `files` | the reports that were written; none where they could not be |

use serde::Serialize;

use super::{
    causes::{self, Brief},
    console::defused,
    record::RequirementCounts,
    slowest,
    text::one_line,
};
use crate::result::{CaseResult, Counts, RunReport, Source, Spent};

/// The version of the format.
const VERSION: u32 = 1;

/// What the summary says that the report of the run does not know.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The reports that were written.
    pub files: &'a [String],
    /// The process's, which is another than the conclusion's where reports could not be written.
    pub exit_code: u8,
    /// How many of the slowest rows are named.
    pub slowest: usize,
}

#[derive(Serialize)]
struct Summary<'r> {
    version: u32,
    run_id: &'r str,
    target: &'r str,
    started: jiff::Timestamp,
    elapsed_ms: u128,
    conclusion: &'static str,
    because: Option<String>,
    exit_code: u8,
    strict: bool,
    planned: usize,
    suite_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    counts: Counts,
    requirements: RequirementCounts,
    causes: Vec<CauseEntry<'r>>,
    slowest: Vec<SlowEntry<'r>>,
    spent: &'r [Spent],
    waivers: &'r [String],
    left: &'r [String],
    leaks: &'r [String],
    files: &'r [String],
}

#[derive(Serialize)]
struct CauseEntry<'r> {
    /// `fail` or `error`.
    kind: &'static str,
    /// The key of the check that did not hold, or why the rows could not be judged.
    reason: &'r str,
    sentence: String,
    because: Vec<String>,
    rows: Vec<&'r str>,
    blocked: Vec<&'r str>,
    violates: Vec<Violated<'r>>,
    written: Vec<&'r Source>,
    again: String,
}

#[derive(Serialize)]
struct Violated<'r> {
    id: &'r str,
    sentence: String,
    place: String,
}

#[derive(Serialize)]
struct SlowEntry<'r> {
    row: &'r str,
    elapsed_ms: u128,
}

/// The summary, over several lines for who looks at it.
///
/// # Panics
/// Never: everything in it can be written as JSON.
#[must_use]
pub fn summary(report: &RunReport, options: &Options<'_>) -> String {
    let causes = causes::briefs(report).into_iter();
    let started = jiff::Timestamp::from_millisecond(report.started);
    let summary = Summary {
        version: VERSION,
        run_id: &report.run_id,
        target: &report.target,
        started: started.unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        elapsed_ms: report.elapsed.as_millis(),
        conclusion: report.conclusion().label(),
        because: report.because().map(|why| one_line(&why)),
        exit_code: options.exit_code,
        strict: report.strict,
        planned: report.planned,
        suite_size: report.suite_size,
        shard: report
            .provenance
            .shard
            .as_ref()
            .map(|of| of.shard.to_string()),
        counts: report.counts(),
        requirements: RequirementCounts::of(report),
        causes: causes.map(CauseEntry::from).collect(),
        slowest: slowest::of(report, options.slowest)
            .map(|case| SlowEntry {
                row: &case.id,
                elapsed_ms: case.elapsed.as_millis(),
            })
            .collect(),
        spent: &report.spent,
        waivers: &report.waivers,
        left: &report.left,
        leaks: &report.leaks,
        files: options.files,
    };
    let text = serde_json::to_string_pretty(&summary).expect("a summary is texts and numbers");
    // The console of a build service reads this as well.
    defused(&text)
}

impl<'r> From<Brief<'r>> for CauseEntry<'r> {
    fn from(brief: Brief<'r>) -> Self {
        let promises = brief.violates.into_iter();
        Self {
            kind: if brief.is_fail { "fail" } else { "error" },
            reason: brief.check,
            sentence: brief.sentence,
            because: brief.because,
            rows: ids(&brief.seen),
            blocked: ids(&brief.blocked),
            violates: promises
                .map(|promise| Violated {
                    id: promise.id,
                    sentence: promise.sentence,
                    place: promise.place,
                })
                .collect(),
            written: brief.written,
            again: brief.again,
        }
    }
}

fn ids<'r>(cases: &[&'r CaseResult]) -> Vec<&'r str> {
    cases.iter().map(|case| case.id.as_str()).collect()
}
