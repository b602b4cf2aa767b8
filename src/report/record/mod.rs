//! The run as a record that can be read back: a header, one line a test case, one line a requirement, one
//! line a matrix of an operation, a footer.
//!
//! Every line is one JSON object with a `kind`. What stands in a line are the types of
//! [`crate::result`] as they are, in the envelope of [`Header`] and [`Footer`]. A reader takes every
//! version from [`FIRST_VERSION`] on, so a field that is added later has a default. The last line ends with a
//! digest of everything before it, and with a signature where the run had a key.
//! `specs/record.schema.json` describes a line.

mod read;
mod seal;
mod verify;
mod write;

pub use read::{FooterError, Record, RecordError, holds_no_run, read};
pub use seal::seal;
pub use verify::{Damage, Signature, Verified, verify};
pub use write::{render, write};

use serde::{Deserialize, Serialize};

use crate::result::{
    CaseResult, Counts, Ending, MatrixState, ProofBeside, Provenance, RequirementState, RunReport,
    Spent, State, Tally,
};

/// The record's name in the report folder.
pub const FILE: &str = "run.jsonl";

/// The version of the format, stated in the header.
pub const VERSION: u32 = 6;

/// The oldest version that is read. Before it, lines had a form of their own beside the results.
pub const FIRST_VERSION: u32 = 4;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line {
    Header(Header),
    Case(Box<CaseResult>),
    Requirement(RequirementState),
    Matrix(MatrixState),
    Footer(Footer),
}

/// What is known of a run before its first row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of Probity that wrote the record.
    pub probity: String,
    /// The version of the format.
    pub version: u32,
    pub run_id: String,
    pub target: String,
    /// RFC 3339, UTC.
    pub started: jiff::Timestamp,
    pub planned: usize,
    pub suite_size: usize,
    pub strict: bool,
    /// What the run was made of; nothing is known of it in a record of version 4.
    #[serde(default)]
    pub provenance: Provenance,
}

/// What is known of a run at its end, and what the lines above add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// How many case lines stand above.
    pub cases: usize,
    pub counts: Counts,
    /// What is amiss with the waivers of the target, each with its place.
    pub waivers: Vec<String>,
    pub conclusion: String,
    pub exit_code: u8,
    pub elapsed_us: u64,
    pub requirements: RequirementCounts,
    /// How many lines of matrices stand above; records had none before.
    #[serde(default)]
    pub matrices: usize,
    /// What was used up; absent where nothing has a cost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spent: Vec<Spent>,
    /// Outputs in which a secret stood before it was masked there, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaks: Vec<String>,
    /// How the run ended; absent where every planned row has a result.
    #[serde(default, skip_serializing_if = "Ending::is_complete")]
    pub ending: Ending,
    /// The proof of strength that lay beside the reports, in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<ProofBeside>,
    /// Planned rows without a line above; 0 unless the run is unfinished.
    #[serde(default)]
    pub not_run: usize,
    /// What the run made and did not remove, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// How many requirement lines stand above, by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementCounts {
    pub total: usize,
    pub satisfied: usize,
    pub violated: usize,
    /// Violated by nothing but what somebody accepted; records had these among the violated before.
    #[serde(default)]
    pub waived: usize,
    pub unproven: usize,
    pub observed: usize,
    pub not_testable: usize,
    pub empty: usize,
}

impl RequirementCounts {
    pub(in crate::report) fn of(report: &RunReport) -> Self {
        let tally = Tally::of(report.requirements.iter().map(|one| one.state));
        Self {
            total: tally.total(),
            satisfied: tally.count(State::Satisfied),
            violated: tally.count(State::Violated),
            waived: tally.count(State::Waived),
            unproven: tally.count(State::Unproven),
            observed: tally.count(State::Observed),
            not_testable: tally.count(State::NotTestable),
            empty: tally.count(State::Empty),
        }
    }
}
