//! What a run concluded: plain data, secrets already gone.

mod case;
mod coverage;
mod proof;
mod run;
mod verdict;
mod waiver;

pub use case::{CaseResult, CheckResult, Mismatch, RecordedExchange, Repeated, Source, StepResult};
pub use coverage::{
    Cell, Coverage, Matrix, OperationCoverage, RequirementState, Share, State, Tally,
};
pub use proof::{
    Fairness, MachineryCheck, MutantResult, Outcome, Proof, Score, Strength, Transcripts,
};
pub use run::{Conclusion, Counts, EXIT_CODES, Ending, RunReport, Spent};
pub use verdict::{Reason, Verdict};
pub use waiver::{Waived, Waiver};
