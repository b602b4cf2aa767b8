//! What a run concluded: plain data, secrets already gone.

mod case;
mod proof;
mod run;
mod verdict;

pub use case::{CaseResult, CheckResult, Mismatch, RecordedExchange, Source, StepResult};
pub use proof::{
    Fairness, MachineryCheck, MutantResult, Outcome, Proof, Score, Strength, Transcripts,
};
pub use run::{Conclusion, Counts, RunReport, UncoveredRequirement};
pub use verdict::{Reason, Verdict};
