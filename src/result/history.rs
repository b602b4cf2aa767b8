//! The runs of one target over time, each in short.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Counts, Shard, SuiteDigest};
use crate::ids::{OperationId, RequirementId};

/// Runs of one target, in the order in which they began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct History {
    pub target: String,
    pub runs: Vec<PastRun>,
    /// The files that were looked at and give none of these runs.
    pub left_out: Vec<LeftOut>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PastRun {
    /// The record.
    pub file: String,
    pub target: String,
    pub run_id: String,
    pub started: jiff::Timestamp,
    /// The version that the target reported.
    pub version: Option<String>,
    pub conclusion: String,
    pub exit_code: u8,
    /// No filter and no shard left rows of the suite out.
    pub whole: bool,
    /// Which part of a divided run it was.
    #[serde(serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    pub suite: SuiteDigest,
    pub counts: Counts,
    pub requirements: Promises,
    /// The requirements that it violated.
    pub violated: BTreeSet<RequirementId>,
    /// By edition and operation.
    pub latencies: Vec<Latency>,
    /// What is other than in the run before; `None` for the first.
    pub change: Option<RunChange>,
}

/// How many requirements that the documents fix were kept, broken, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Promises {
    pub satisfied: usize,
    pub violated: usize,
    /// Violated by nothing but what somebody accepted.
    pub waived: usize,
    pub unproven: usize,
}

/// How long an operation took to answer the requests that were judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Latency {
    pub edition: String,
    pub operation: OperationId,
    pub answers: usize,
    /// In microseconds.
    pub median_us: u64,
    /// The 95th percentile.
    pub p95_us: u64,
}

/// What is other than in the run before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RunChange {
    /// The conclusion of the run before, where it is another.
    pub conclusion_before: Option<String>,
    /// The version before, where it is another and both are known.
    pub version_before: Option<String>,
    /// The files of the suite are other ones.
    pub other_suite: bool,
    pub newly_violated: Vec<RequirementId>,
    /// Violated before, and satisfied now.
    pub kept_again: Vec<RequirementId>,
}

/// A file that gives no run, and why, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LeftOut {
    pub file: String,
    pub why: String,
}

#[expect(clippy::ref_option, reason = "the form that a derive wants")]
fn as_text<S: serde::Serializer>(shard: &Option<Shard>, to: S) -> Result<S::Ok, S::Error> {
    match shard {
        Some(shard) => to.collect_str(shard),
        None => to.serialize_none(),
    }
}
