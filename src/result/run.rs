//! The result of a run: counts, conclusion, and what stays unproven.

use std::time::Duration;

use super::{CaseResult, Reason, Verdict};

/// What a whole run says about the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    Conformant,
    NotConformant,
    /// Something could not be judged, so nothing more than "no departure seen" can be said.
    Inconclusive,
    /// Nothing was judged, or the harness itself failed.
    Invalid,
}

impl Conclusion {
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Conformant => "conformant",
            Self::NotConformant => "not conformant",
            Self::Inconclusive => "inconclusive",
            Self::Invalid => "invalid",
        }
    }

    /// The process exit code that says the same.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Conformant => 0,
            Self::NotConformant => 1,
            Self::Inconclusive => 2,
            Self::Invalid => 4,
        }
    }
}

/// How many rows ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub total: usize,
    pub passed: usize,
    pub warned: usize,
    pub failed: usize,
    pub errors: usize,
    pub skipped: usize,
    pub observed: usize,
}

/// A documented requirement that no passing row proved, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncoveredRequirement {
    pub id: String,
    pub why: String,
}

/// Everything a report may say. Case results are in the plan's order, never completion's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    pub run_id: String,
    pub target: String,
    /// Milliseconds since 1970, UTC.
    pub started: i64,
    pub elapsed: Duration,
    /// Rows the suite has; more than were planned when a filter was given.
    pub suite_size: usize,
    pub planned: usize,
    pub cases: Vec<CaseResult>,
    pub strict: bool,
    /// D and S requirements of the selected operations that are neither proven nor carry a reason.
    pub unproven: Vec<UncoveredRequirement>,
}

impl RunReport {
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            total: self.cases.len(),
            ..Counts::default()
        };
        for case in &self.cases {
            match &case.verdict {
                Verdict::Pass(reason) => {
                    counts.passed += 1;
                    counts.warned += usize::from(*reason == Reason::WithWarnings);
                }
                Verdict::Fail(_) => counts.failed += 1,
                Verdict::Error(_) => counts.errors += 1,
                Verdict::Skip(reason) => {
                    counts.skipped += 1;
                    counts.observed += usize::from(*reason == Reason::OnlyObserved);
                }
            }
        }
        counts
    }

    /// Fails closed: a run that lost rows, judged nothing or met a fault of ours is never conformant.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        let counts = self.counts();
        let harness = self
            .cases
            .iter()
            .any(|case| *case.verdict.reason() == Reason::HarnessFault);
        if harness || counts.total != self.planned || counts.total == counts.skipped {
            Conclusion::Invalid
        } else if counts.failed > 0 {
            Conclusion::NotConformant
        } else if counts.errors > 0 || counts.skipped > counts.observed {
            Conclusion::Inconclusive
        } else {
            Conclusion::Conformant
        }
    }
}
