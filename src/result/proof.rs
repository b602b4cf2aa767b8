//! What a proof of strength found: mutants, who noticed them, and what none noticed.

use super::SuiteDigest;
use crate::ids::{CaseId, OperationId, RequirementId};

use std::{collections::BTreeMap, time::Duration};

/// How one mutant fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A row failed that covers a requirement the mutant breaks.
    Caught,
    /// Rows failed, but none that covers what is broken.
    CaughtElsewhere,
    /// No row failed; some could not be judged, so it did not pass unseen, but was not judged either.
    Errored,
    /// Every row that met it passed.
    Survived,
    /// No row met it.
    Unreached,
    /// The documents leave it open, for this reason: noticed or not, it does not count.
    Open(String),
    /// Declared to make no difference that the documents forbid, with the reason, and unnoticed.
    Equivalent(String),
    /// Declared equivalent, and yet a row failed: the reason or the row is wrong.
    EquivalentNoticed(String),
}

impl Outcome {
    /// The word used in reports.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::CaughtElsewhere => "caught-elsewhere",
            Self::Errored => "errored",
            Self::Survived => "survived",
            Self::Unreached => "unreached",
            Self::Open(_) => "open",
            Self::Equivalent(_) => "equivalent",
            Self::EquivalentNoticed(_) => "equivalent-noticed",
        }
    }

    /// Whether it counts in the score: everything that the documents forbid.
    #[must_use]
    pub const fn counts(&self) -> bool {
        !matches!(
            self,
            Self::Open(_) | Self::Equivalent(_) | Self::EquivalentNoticed(_)
        )
    }
}

/// One mutant and what the suite made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutantResult {
    pub id: String,
    pub edition: String,
    pub operation: OperationId,
    pub family: String,
    pub operator: String,
    pub what: String,
    /// Requirement ids it breaks.
    pub breaks: Vec<RequirementId>,
    pub outcome: Outcome,
    /// Test cases sent while it was there, controls included.
    pub sent: usize,
    /// How often it took hold; `None` where only the mock could tell.
    pub activated: Option<usize>,
    /// Ids of the rows that failed: the blast radius.
    pub noticed_by: Vec<CaseId>,
    /// Ids of rows that could not be judged.
    pub unjudged: Vec<CaseId>,
    /// The written reason why its survival is accepted.
    pub accepted: Option<String>,
}

impl MutantResult {
    /// True when it was to be caught by a row about the broken promise, was not, and nobody has
    /// written why.
    #[must_use]
    pub fn is_hole(&self) -> bool {
        match self.outcome {
            Outcome::Caught | Outcome::Open(_) | Outcome::Equivalent(_) => false,
            Outcome::EquivalentNoticed(_)
            | Outcome::CaughtElsewhere
            | Outcome::Errored
            | Outcome::Survived
            | Outcome::Unreached => self.accepted.is_none(),
        }
    }
}

/// A check of the machinery itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfCheck {
    /// Such as `inert ciam/skipPasswordUpdate`.
    pub name: String,
    /// What must happen.
    pub demand: String,
    pub held: bool,
    /// What happened.
    pub seen: String,
}

/// The operators applied to recorded answers and judged without a server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transcripts {
    /// Edited transcripts that were judged.
    pub judged: usize,
    /// Those that turned their row red.
    pub red: usize,
    /// Mutants that were applied to at least one transcript, equivalent ones left out.
    pub mutants: usize,
    /// Those of them that turned a row red which covers what they break.
    pub caught: usize,
    /// The others, by id.
    pub missed: Vec<String>,
    pub elapsed: Duration,
}

/// Servers that differ only where the documents are silent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FalsePositives {
    pub seeds: Vec<u64>,
    /// Test cases judged over all seeds.
    pub judged: usize,
    /// Seed and row of every row that did not pass.
    pub red: Vec<(u64, CaseId)>,
}

/// Caught, counted, left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Score {
    pub caught: usize,
    pub counted: usize,
    /// Left out: open in the documents, or equivalent.
    pub left_out: usize,
}

impl Score {
    /// Adds one mutant.
    pub fn add(&mut self, outcome: &Outcome) {
        if outcome.counts() {
            self.counted += 1;
            self.caught += usize::from(*outcome == Outcome::Caught);
        } else {
            self.left_out += 1;
        }
    }
}

/// Why it is not known of a mutant whether the suite would notice it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undecided {
    /// Test cases about what it breaks were not selected, or are not for this target or profile.
    RowsLeftOut,
    /// What the run may use up did not suffice for the test cases that meet it.
    BudgetSpent,
}

impl Undecided {
    /// The words of the reports.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::RowsLeftOut => "rows about what they break were left out",
            Self::BudgetSpent => "the budget of the target was spent",
        }
    }
}

/// A whole proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub target: String,
    /// What was proved.
    pub suite: SuiteDigest,
    /// Milliseconds since 1970, UTC.
    pub started: i64,
    pub elapsed: Duration,
    /// Mutants there are; more than were run when some were chosen or drawn.
    pub enumerated: usize,
    /// The seed of the sample, when one was drawn.
    pub sample: Option<u64>,
    /// Every test case of the suite was selected.
    pub whole: bool,
    /// Ids of the judged test cases of the baseline.
    pub cases: Vec<CaseId>,
    /// Those of them that did not pass and nobody knows why, with what was found.
    pub baseline_red: Vec<(CaseId, String)>,
    /// Those of them that fail for a reason that somebody knows, with what was found and who knows.
    pub known: Vec<(CaseId, String)>,
    /// Test cases that are not judged, because one of the known ones stands in the way.
    pub behind: Vec<CaseId>,
    /// Test cases that are not for this target or its profile, by the reason.
    pub left_out: BTreeMap<&'static str, usize>,
    pub self_checks: Vec<SelfCheck>,
    pub mutants: Vec<MutantResult>,
    /// How many mutants decide nothing, by the reason; they are not among the others.
    pub undecided: BTreeMap<Undecided, usize>,
    pub transcripts: Transcripts,
    pub false_positives: FalsePositives,
    /// Accepted survivors that no longer survive, or name no mutant.
    pub stale: Vec<String>,
}

/// What a proof says of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// Every mutant is caught where it should be, or its survival has a written reason.
    Proved,
    /// The same of those that a sample or a filter chose, and nothing is known of the others.
    Partial,
    /// None of the mutants that were run counts, or none decides anything.
    Inconclusive,
    /// There is a survivor without a reason, a stale reason, or an unfair row.
    Holes,
    /// The baseline is red or the machinery does not work, so the figures mean nothing.
    Void,
}

impl Strength {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Partial => "partial",
            Self::Inconclusive => "inconclusive",
            Self::Holes => "holes in the suite",
            Self::Void => "void",
        }
    }

    /// The process exit code that says the same.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Proved | Self::Partial => 0,
            Self::Holes => 1,
            Self::Inconclusive => 2,
            Self::Void => 4,
        }
    }
}

impl Proof {
    /// Fails closed: without a green baseline, working machinery and at least one mutant nothing is
    /// proved.
    #[must_use]
    pub fn strength(&self) -> Strength {
        let broken = self.self_checks.iter().any(|check| !check.held);
        if !self.baseline_red.is_empty()
            || self.cases.is_empty()
            || self.mutants.is_empty() && self.undecided.is_empty()
            || self.self_checks.is_empty()
            || broken
        {
            Strength::Void
        } else if self.holes().next().is_some()
            || !self.stale.is_empty()
            || !self.false_positives.red.is_empty()
        {
            Strength::Holes
        } else if self.mutants.iter().all(|mutant| !mutant.outcome.counts()) {
            Strength::Inconclusive
        } else if !self.whole || self.mutants.len() < self.enumerated {
            Strength::Partial
        } else {
            Strength::Proved
        }
    }

    /// Mutants that should have been caught and were not, and have no written reason.
    pub fn holes(&self) -> impl Iterator<Item = &MutantResult> {
        self.mutants.iter().filter(|mutant| mutant.is_hole())
    }

    /// Mutants that would be holes without a written reason.
    pub fn accepted(&self) -> impl Iterator<Item = &MutantResult> {
        let mutants = self.mutants.iter();
        mutants.filter(|mutant| mutant.accepted.is_some())
    }

    #[must_use]
    pub fn score(&self) -> Score {
        let mut score = Score::default();
        for mutant in &self.mutants {
            score.add(&mutant.outcome);
        }
        score
    }

    /// Scores by whatever a mutant is filed under, in the order of the keys.
    #[must_use]
    pub fn scores<K: Ord>(&self, keys: impl Fn(&MutantResult) -> Vec<K>) -> BTreeMap<K, Score> {
        let mut out: BTreeMap<K, Score> = BTreeMap::new();
        for mutant in &self.mutants {
            for key in keys(mutant) {
                out.entry(key).or_default().add(&mutant.outcome);
            }
        }
        out
    }
}
