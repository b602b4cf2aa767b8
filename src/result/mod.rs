//! What a run concluded: plain data, secrets already gone.

mod case;
mod run;
mod verdict;

pub use case::{CaseResult, CheckResult, Mismatch, RecordedExchange, Source, StepResult};
pub use run::{Conclusion, Counts, RunReport, UncoveredRequirement};
pub use verdict::{Reason, Verdict};
