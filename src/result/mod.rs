//! What a run concluded: plain data, secrets already gone.

mod again;
mod beside;
mod case;
mod cases;
mod comparison;
mod coverage;
mod fingerprint;
mod history;
mod masks;
mod matrix;
mod proof;
mod provenance;
mod run;
mod shard;
mod source;
mod stop;
mod subject;
mod tries;
mod verdict;
mod waived;
mod waiver;

pub use again::Again;
pub use beside::{MutantList, MutantNote, ProofBeside, ProofSummary};
pub use case::{
    Attempt, Basis, Blocker, CaseResult, CheckResult, Covered, Evidence, Mismatch, Part,
    RecordedExchange, RecordedToken, Repeated, RequestOutcome, StepOwner, StepResult, Verified,
};
pub use cases::{Cases, MaskLine, Spool};
pub use comparison::{
    AnswerChange, CaseChange, ChangeClass, ChangeKind, Compared, Comparison, Decision,
    RequirementChange, Slower, SuiteChange,
};
pub use coverage::{
    Cell, Coverage, Matrix, OperationCoverage, RequirementState, Share, State, Tally,
};
pub use history::{History, Latency, LeftOut, PastRun, Promises, RunChange};
pub use masks::{MASK, without_masks};
pub use matrix::{CellState, MatrixState};
pub use proof::{
    FalsePositives, MutantResult, Outcome, Proof, Score, SelfCheck, Strength, Transcripts,
    Undecided,
};
pub use provenance::{Provenance, Reached, SuiteDigest};
pub use run::{Conclusion, Counts, EXIT_CODES, Ending, RunReport, Spent};
pub use shard::{RunShard, Shard, ShardError};
pub use source::Source;
pub use stop::Stop;
pub use subject::Subject;
pub use tries::Tries;
pub use verdict::{CheckKey, ErrorReason, PassReason, SkipReason, Verdict};
pub use waived::Waived;
pub use waiver::{IdPattern, Waiver};

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that a derive wants"
)]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Durations in the record: whole microseconds.
mod micros {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_micros)
    }
}
