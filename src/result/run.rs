//! The result of a run: counts, conclusion, and what stays unproven.

use std::{collections::BTreeSet, time::Duration};

use super::{CaseResult, Reason, RequirementState, Verdict};

/// What a whole run says about the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    Conformant,
    /// What departs is waived.
    WithWaivers,
    /// As before, but a waiver is over, idle or no longer fits.
    WaiversNeedAttention,
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
            Self::WithWaivers => "conformant with waivers",
            Self::WaiversNeedAttention => "waivers need attention",
            Self::NotConformant => "not conformant",
            Self::Inconclusive => "inconclusive",
            Self::Invalid => "invalid",
        }
    }

    /// The process exit code that says the same.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Conformant | Self::WithWaivers => 0,
            Self::WaiversNeedAttention => 5,
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
    /// Those that nobody waived.
    pub failed: usize,
    /// Failed, and accepted by somebody.
    pub waived: usize,
    pub errors: usize,
    pub skipped: usize,
    pub observed: usize,
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
    /// What is amiss with the waivers of the target, each with its place.
    pub waivers: Vec<String>,
    /// The requirements of the registers; where rows were filtered, those that selected rows cover.
    pub requirements: Vec<RequirementState>,
    /// What was used up, in the order of the names.
    pub spent: Vec<Spent>,
    /// Outputs in which a secret stood before it was masked there, a sentence each.
    pub leaks: Vec<String>,
}

/// How much of one thing a run used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    pub what: String,
    pub spent: u64,
    /// How much it might have used; `None` where there is no bound.
    pub budget: Option<u64>,
}

impl RunReport {
    /// False when a filter left rows of the suite out.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.planned >= self.suite_size
    }

    /// D and S requirements that are neither proven nor broken nor excused, in the registers' order.
    pub fn unproven(&self) -> impl Iterator<Item = &RequirementState> {
        self.requirements.iter().filter(|one| one.is_unproven())
    }

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
                Verdict::Fail(_) if case.waiver.is_some() => counts.waived += 1,
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
        self.concluded().0
    }

    /// Why the conclusion is no better, as a sentence; `None` when the run is conformant.
    #[must_use]
    pub fn because(&self) -> Option<String> {
        Some(self.concluded().1).filter(|why| !why.is_empty())
    }

    /// The conclusion with its sentence, so that the two cannot disagree.
    fn concluded(&self) -> (Conclusion, String) {
        let counts = self.counts();
        if let Some(why) = self.invalid(&counts) {
            return (Conclusion::Invalid, why);
        }
        let lacking = counts.skipped - counts.observed;
        // What a filter left out is no finding; the report says that the run is partial.
        let unproven = self.unproven().filter(|_| self.is_whole()).count();
        if counts.failed > 0 {
            let why = format!("{} failed", rows(counts.failed));
            (Conclusion::NotConformant, why)
        } else if counts.errors > 0 {
            let why = format!("{} could not be judged", rows(counts.errors));
            (Conclusion::Inconclusive, why)
        } else if lacking > 0 {
            (Conclusion::Inconclusive, self.lacking())
        } else if unproven > 0 {
            let why = format!("requirements without proof: {unproven}");
            (Conclusion::Inconclusive, why)
        } else if let Some(note) = self.waivers.first() {
            (Conclusion::WaiversNeedAttention, note.clone())
        } else if counts.waived > 0 {
            let why = format!("{} depart by leave of a waiver", rows(counts.waived));
            (Conclusion::WithWaivers, why)
        } else {
            (Conclusion::Conformant, String::new())
        }
    }

    /// Why rows were skipped that would have judged: every reason with its rows.
    fn lacking(&self) -> String {
        let why = |reason: &Reason| match reason {
            Reason::BreakerOpen => "because the target answered nothing any more",
            Reason::BudgetSpent => "because a budget does not suffice",
            Reason::NotInProfile => "because the profile leaves them out",
            _ => "for want of what the target does not provide",
        };
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for case in &self.cases {
            let Verdict::Skip(reason) = &case.verdict else {
                continue;
            };
            if *reason == Reason::OnlyObserved {
                continue;
            }
            match reasons.iter_mut().find(|(known, _)| *known == why(reason)) {
                Some((_, count)) => *count += 1,
                None => reasons.push((why(reason), 1)),
            }
        }
        let told = reasons
            .iter()
            .map(|(why, count)| format!("{} skipped {why}", rows(*count)));
        told.collect::<Vec<_>>().join(", ")
    }

    /// What makes the run worthless whatever its rows say.
    fn invalid(&self, counts: &Counts) -> Option<String> {
        let fault = |case: &&CaseResult| *case.verdict.reason() == Reason::HarnessFault;
        let faults = self.cases.iter().filter(fault).count();
        let mut ids = BTreeSet::new();
        let twice = self.cases.iter().find(|case| !ids.insert(case.id.as_str()));
        let skipped = |case: &CaseResult| matches!(case.verdict, Verdict::Skip(_));
        let mut asked = self.cases.iter().filter(|case| !case.control).peekable();
        if let Some(leak) = self.leaks.first() {
            Some(leak.clone())
        } else if faults > 0 {
            Some(format!("the harness itself failed in {}", rows(faults)))
        } else if counts.total != self.planned {
            let (planned, total) = (self.planned, counts.total);
            Some(format!("{planned} planned, but {total} have a result"))
        } else if let Some(case) = twice {
            Some(format!("the row `{}` has two results", case.id))
        } else if counts.total == 0 {
            Some("there was no row, so nothing was judged".to_owned())
        } else if counts.total == counts.skipped {
            Some("every row was skipped, so nothing was judged".to_owned())
        } else if asked.peek().is_some() && asked.all(skipped) {
            Some("every row beside the controls was skipped, so nothing was judged".to_owned())
        } else {
            None
        }
    }
}

fn rows(count: usize) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}
