//! The result of a run: counts, conclusion, and what stays unproven.

use std::{collections::HashSet, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    CaseResult, Cases, MatrixState, PassReason, ProofBeside, Provenance, RequirementState,
    SkipReason, Verdict,
};

/// What a whole run says about the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    Conformant,
    /// What departs is waived.
    WithWaivers,
    /// As before, but a waiver is over, idle or no longer fits.
    WaiversNeedAttention,
    /// Nothing departs that is not waived, but something that the run made is still on the target.
    LeftBehind,
    NotConformant,
    /// Something could not be judged, so nothing more than "no departure seen" can be said.
    Inconclusive,
    /// A usage, file or configuration error kept the run from sending a row.
    NotStarted,
    /// Nothing was judged, or the harness itself failed.
    Invalid,
    /// Written while the run was going on; found afterwards, it says that the run was killed.
    Unfinished,
}

impl Conclusion {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Conformant => "conformant",
            Self::WithWaivers => "conformant with waivers",
            Self::WaiversNeedAttention => "waivers need attention",
            Self::LeftBehind => "conformant, but something is left behind",
            Self::NotConformant => "not conformant",
            Self::Inconclusive => "inconclusive",
            Self::NotStarted => "not started",
            Self::Invalid => "invalid",
            Self::Unfinished => "unfinished",
        }
    }

    /// The process exit code that says the same; the table is [`EXIT_CODES`].
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Conformant | Self::WithWaivers => 0,
            Self::NotConformant => 1,
            Self::Inconclusive => 2,
            Self::NotStarted => 3,
            Self::Invalid | Self::Unfinished => 4,
            Self::WaiversNeedAttention | Self::LeftBehind => 5,
        }
    }
}

/// Every exit code of the program with its meaning: the one table that help and README show.
pub const EXIT_CODES: [(u8, &str); 6] = [
    (0, "conformant"),
    (1, "not conformant"),
    (2, "inconclusive or partial"),
    (3, "usage, file or configuration error"),
    (4, "invalid run, or outputs that could not be written"),
    (
        5,
        "conformant, but a person must act: a waiver needs attention, or something that the run \
         made is left behind",
    ),
];

/// How far a run came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Every planned row has a result.
    #[default]
    Complete,
    /// The run is still going on, or was killed.
    Unfinished,
    /// A usage, file or configuration error, told here, kept every row from being sent.
    NotStarted(String),
    /// A signal, told here, ended the run before its rows were known.
    Stopped(String),
}

/// How many rows ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    pub provenance: Provenance,
    /// Milliseconds since 1970, UTC.
    pub started: i64,
    pub elapsed: Duration,
    /// Rows the suite has; more than were planned when a filter was given.
    pub suite_size: usize,
    pub planned: usize,
    pub cases: Cases,
    pub strict: bool,
    /// What is amiss with the waivers of the target, each with its place.
    pub waivers: Vec<String>,
    /// The requirements of the registers; where rows were filtered, those that selected rows cover.
    pub requirements: Vec<RequirementState>,
    /// The matrices of the operations that test cases of the run are for.
    pub matrices: Vec<MatrixState>,
    /// The proof of strength that lies beside the reports, where there is one.
    pub proof: Option<ProofBeside>,
    /// What was used up, in the order of the names.
    pub spent: Vec<Spent>,
    /// Outputs in which a secret stood before it was masked there, a sentence each.
    pub leaks: Vec<String>,
    pub ending: Ending,
    /// What the run made and did not remove, or did not yet, a sentence each.
    pub left: Vec<String>,
}

/// How much of one thing a run used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    pub what: String,
    pub spent: u64,
    /// How much it might have used; `None` where there is no bound.
    pub budget: Option<u64>,
}

impl Ending {
    #[must_use]
    pub fn is_complete(&self) -> bool {
        *self == Self::Complete
    }
}

impl RunReport {
    /// A run of which there is nothing yet but how it stands.
    #[must_use]
    pub fn without_cases(started: i64, ending: Ending) -> Self {
        Self {
            run_id: String::new(),
            target: String::new(),
            provenance: Provenance::default(),
            started,
            elapsed: Duration::ZERO,
            suite_size: 0,
            planned: 0,
            cases: Cases::default(),
            strict: false,
            waivers: Vec::new(),
            requirements: Vec::new(),
            matrices: Vec::new(),
            proof: None,
            spent: Vec::new(),
            leaks: Vec::new(),
            ending,
            left: Vec::new(),
        }
    }

    /// Planned rows that have no result because the run did not come to them; a run that came to its
    /// end has none, and one that lost a row is invalid.
    #[must_use]
    pub fn not_run(&self) -> usize {
        match self.ending {
            Ending::Complete => 0,
            _ => self.planned.saturating_sub(self.cases.len()),
        }
    }

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
                    counts.warned += usize::from(*reason == PassReason::WithWarnings);
                }
                Verdict::Fail(_) if case.waiver.is_some() => counts.waived += 1,
                Verdict::Fail(_) => counts.failed += 1,
                Verdict::Error(_) => counts.errors += 1,
                Verdict::Skip(reason) => {
                    counts.skipped += 1;
                    counts.observed += usize::from(*reason == SkipReason::OnlyObserved);
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
        match &self.ending {
            Ending::Complete => {}
            Ending::Unfinished => return (Conclusion::Unfinished, self.unfinished()),
            Ending::NotStarted(why) => return (Conclusion::NotStarted, why.clone()),
            Ending::Stopped(why) => return (Conclusion::Inconclusive, why.clone()),
        }
        if let Some(why) = self.invalid(&counts) {
            return (Conclusion::Invalid, why);
        }
        if let Some(why) = self.judged_nothing(&counts) {
            // Of a divided run one part may have nothing to judge; the whole has to.
            return match self.provenance.shard {
                Some(_) => (Conclusion::Inconclusive, why.to_owned()),
                None => (Conclusion::Invalid, why.to_owned()),
            };
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
        } else if let Some(left) = self.left.first() {
            (Conclusion::LeftBehind, left.clone())
        } else if counts.waived > 0 {
            let why = format!("{} depart by leave of a waiver", rows(counts.waived));
            (Conclusion::WithWaivers, why)
        } else {
            (Conclusion::Conformant, String::new())
        }
    }

    fn unfinished(&self) -> String {
        match self.not_run() {
            0 => "the run did not finish; no result of it was written".to_owned(),
            count => format!(
                "the run did not finish; of {} planned, no result was written",
                rows(count)
            ),
        }
    }

    /// Why rows were skipped that would have judged: every reason with its rows.
    fn lacking(&self) -> String {
        let mut reasons: Vec<(SkipReason, usize)> = Vec::new();
        for case in &self.cases {
            let Verdict::Skip(reason) = case.verdict else {
                continue;
            };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        let texts = reasons.into_iter().filter_map(|(reason, count)| {
            let why = match reason {
                SkipReason::OnlyObserved => return None,
                SkipReason::BreakerOpen => "because the target answered nothing any more",
                SkipReason::BudgetSpent => "because a budget does not suffice",
                SkipReason::NotInProfile => "because the profile leaves them out",
                SkipReason::ToBeFilledIn => "because something in them is to be filled in",
                SkipReason::NotRejudgeable => "because the record does not hold what judging takes",
                SkipReason::NotProvided => "for want of what the target does not provide",
            };
            Some(format!("{} skipped {why}", rows(count)))
        });
        texts.collect::<Vec<_>>().join(", ")
    }

    /// What makes the run worthless whatever its rows say.
    fn invalid(&self, counts: &Counts) -> Option<String> {
        let fault = |case: &&CaseResult| case.verdict.is_harness_fault();
        let faults = self.cases.iter().filter(fault).count();
        let mut ids = HashSet::new();
        let twice = self.cases.iter().find(|case| !ids.insert(case.id.as_str()));
        if let Some(leak) = self.leaks.first() {
            Some(leak.clone())
        } else if faults > 0 {
            Some(format!("the harness itself failed in {}", rows(faults)))
        } else if counts.total != self.planned {
            let (planned, total) = (self.planned, counts.total);
            Some(format!("{planned} planned, but {total} have a result"))
        } else {
            twice.map(|case| format!("the row `{}` has two results", case.id))
        }
    }

    /// Why the rows say nothing at all.
    fn judged_nothing(&self, counts: &Counts) -> Option<&'static str> {
        let skipped = |case: &CaseResult| matches!(case.verdict, Verdict::Skip(_));
        let mut asked = self.cases.iter().filter(|case| !case.control).peekable();
        if counts.total == 0 {
            Some("there was no row, so nothing was judged")
        } else if counts.total == counts.skipped {
            Some("every row was skipped, so nothing was judged")
        } else if asked.peek().is_some() && asked.all(skipped) {
            Some("every row beside the controls was skipped, so nothing was judged")
        } else {
            None
        }
    }
}

fn rows(count: usize) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}

#[cfg(test)]
mod tests {
    use super::{super::ErrorReason, *};

    fn run(verdict: Verdict) -> RunReport {
        let case = CaseResult {
            id: "a/b/c".into(),
            title: String::new(),
            edition: "ciam".to_owned(),
            operation: "openDoor".into(),
            control: false,
            source: crate::result::Source::default(),
            requirements: Vec::new(),
            verdict,
            outcome: None,
            stands: false,
            waiver: None,
            blocked_by: None,
            detail: None,
            causes: Vec::new(),
            steps: Vec::new(),
            tags: Vec::new(),
            basis: crate::result::Basis::default(),
            elapsed: Duration::ZERO,
        };
        RunReport {
            planned: 1,
            suite_size: 1,
            cases: vec![case].into(),
            left: vec!["user u is still there".to_owned()],
            ..RunReport::without_cases(0, Ending::Complete)
        }
    }

    #[test]
    fn what_is_left_behind_wants_a_person_and_is_outranked_by_what_the_rows_say() {
        #[track_caller]
        fn check(verdict: Verdict, code: u8) {
            assert_eq!(run(verdict).conclusion().exit_code(), code);
        }
        check(Verdict::Pass(PassReason::Clean), 5);
        check(Verdict::Fail("status".into()), 1);
        check(Verdict::Error(ErrorReason::Interrupted), 2);
        check(Verdict::Error(ErrorReason::HarnessFault), 4);
    }

    #[test]
    fn a_run_that_did_not_come_to_its_rows_is_never_conformant_and_gives_its_reason() {
        #[track_caller]
        fn check(ending: Ending, code: u8, why: &str) {
            let report = RunReport {
                planned: 7,
                ..RunReport::without_cases(0, ending)
            };
            assert_eq!(report.conclusion().exit_code(), code);
            assert_eq!(report.because().as_deref(), Some(why));
            assert_eq!(report.not_run(), 7);
        }
        check(
            Ending::Unfinished,
            4,
            "the run did not finish; of 7 rows planned, no result was written",
        );
        check(Ending::NotStarted("no file".into()), 3, "no file");
        check(Ending::Stopped("a signal".into()), 2, "a signal");
    }

    #[test]
    fn every_exit_code_stands_once_in_the_table() {
        let codes = EXIT_CODES.map(|(code, _)| code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5]);
    }
}
