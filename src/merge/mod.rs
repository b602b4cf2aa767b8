//! The shards of a run, made one run again.
//!
//! Takes: the reports of all shards, and the suite that they ran. Gives: the [`RunReport`] that the run would
//! have made undivided, apart from its times. Never: reads a file, or adds up what it can work out anew.
//!
//! What a shard concluded of requirements and matrices is not looked at: the results of all are judged
//! together, in the plan's order.

mod cases;
mod documents;
mod parts;
mod sums;

use jiff::civil::Date;

use crate::{
    ids::CaseId,
    judge,
    plan::digest_of_ids,
    result::{CaseResult, Ending, RunReport, RunShard, Shard},
    suite::Suite,
};

/// The report of one shard, and where it is from.
#[derive(Debug, Clone)]
pub struct Part {
    /// The file, as people name it.
    pub name: String,
    /// The version of Probity that made it.
    pub made_by: String,
    pub report: RunReport,
}

/// Why parts are not made one run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("there is no record to merge")]
    Nothing,
    #[error("`{name}` is the record of no shard: its run had no --shard")]
    NoShard { name: String },
    #[error("`{name}` is of shard {shard}, which did not come to its end: {because}")]
    Unfinished {
        name: String,
        shard: Shard,
        because: String,
    },
    #[error(
        "`{name}` is of shard {shard}, which was interrupted before {rows} of its rows were judged; run \
         this shard again"
    )]
    Interrupted {
        name: String,
        shard: Shard,
        rows: usize,
    },
    #[error(
        "`{name}` is of another run than `{first}`: its {what} is `{own}`, and there it is `{other}`"
    )]
    Foreign {
        name: String,
        first: String,
        what: String,
        own: String,
        other: String,
    },
    #[error("shard {shard} is there twice, in `{first}` and in `{second}`")]
    Twice {
        shard: Shard,
        first: String,
        second: String,
    },
    #[error("of {of} shards these are missing: {}", .missing.join(", "))]
    Missing { of: u32, missing: Vec<String> },
    #[error(
        "the records are of another suite: its {what} has the digest `{records}`, and the files here have \
         `{suite}`; name the project of the run with --root"
    )]
    OtherSuite {
        what: &'static str,
        records: String,
        suite: String,
    },
    #[error(
        "the row `{id}` is {first} in shard {first_shard} and {second} in shard {second_shard}: the target \
         answered the same request in two ways, so there is no one result; run the shards again"
    )]
    Contradiction {
        id: String,
        first: String,
        first_shard: Shard,
        second: String,
        second_shard: Shard,
    },
    #[error(
        "the shards were to run {planned} rows, and the {merged} that the records hold are not these"
    )]
    Rows { planned: usize, merged: usize },
}

impl MergeError {
    /// Whether all records of one run are there and yet do not make one; else the wrong ones were given.
    #[must_use]
    pub const fn is_of_results(&self) -> bool {
        matches!(self, Self::Contradiction { .. } | Self::Rows { .. })
    }
}

/// Makes one run of all its shards, given in any order.
///
/// A test case that ran in several shards, because test cases of each come after it, has the result of the
/// shard that it belongs to.
///
/// # Errors
/// When the parts are not all shards of one run, each once and run to its end; when the suite is not the one
/// that they ran; and when two shards contradict each other.
pub fn merge(parts: Vec<Part>, suite: &Suite) -> Result<RunReport, MergeError> {
    let parts = parts::all_of_one_run(parts)?;
    let Some(first) = parts.first() else {
        return Err(MergeError::Nothing);
    };
    let shard = first.shard.clone();
    same_suite(&first.report, suite)?;
    let mut cases = cases::merged(&parts, &suite.plan.cases)?;
    let ids = digest_of_ids(cases.iter().map(|case| &case.id));
    let RunShard { planned, .. } = shard;
    if cases.len() != planned || ids != shard.ids {
        let merged = cases.len();
        return Err(MergeError::Rows { planned, merged });
    }
    let waivers = waive(&mut cases, &shard, suite, sums::last_day(&parts));
    let mut seen = judge::Seen::default();
    for case in &cases {
        seen.take(&suite.contracts, case);
    }
    let requirements = judge::requirements(&suite.contracts, &suite.plan.cases, &cases);
    let matrices = judge::matrices(&suite.contracts, &suite.plan.cases, &cases, &seen);
    let (started, elapsed) = sums::times(&parts);
    let mut report = RunReport {
        run_id: sums::run_id(&parts),
        target: first.report.target.clone(),
        provenance: sums::provenance(&parts),
        elapsed,
        suite_size: suite.plan.cases.len(),
        planned,
        cases: cases.into(),
        strict: first.report.strict,
        waivers,
        requirements,
        matrices,
        proof: parts.iter().find_map(|part| part.report.proof.clone()),
        spent: sums::spent(&parts),
        leaks: sums::each_once(&parts, |report| &report.leaks),
        left: sums::each_once(&parts, |report| &report.left),
        ..RunReport::without_cases(started, Ending::Complete)
    };
    documents::mask(&mut report, &parts);
    Ok(report)
}

/// Writes each failed test case its waiver, as of the whole: a waiver of many rows may accept so many of all
/// shards, and is idle where no shard needs it. Gives what needs attention.
fn waive(cases: &mut [CaseResult], of: &RunShard, suite: &Suite, day: Date) -> Vec<String> {
    let whole = cases.len() >= suite.plan.cases.len();
    let exists = |id: &CaseId| !whole || suite.plan.get(id).is_some();
    judge::waive(cases, &of.waivers, day, whole, exists)
}

/// What the shards ran is what is here, so that their results can be judged again.
fn same_suite(report: &RunReport, suite: &Suite) -> Result<(), MergeError> {
    let (records, here) = (&report.provenance.suite, &suite.digest);
    let digests = [
        ("contract", &records.contract, &here.contract),
        ("cases", &records.cases, &here.cases),
    ];
    match digests
        .into_iter()
        .find(|(_, records, here)| records != here)
    {
        None => Ok(()),
        Some((what, records, here)) => Err(MergeError::OtherSuite {
            what,
            records: parts::short(records),
            suite: parts::short(here),
        }),
    }
}
