//! What changed between two runs: rows, answers, requirements.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Counts, Ending, State, SuiteDigest};
use crate::ids::{CaseId, OperationId, RequirementId};

/// One of the runs that are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    pub target: String,
    /// The version that the target reported.
    pub version: Option<String>,
    /// The addresses by edition.
    pub addresses: BTreeMap<String, String>,
    pub run_id: String,
    /// RFC 3339, UTC.
    pub started: jiff::Timestamp,
    pub suite: SuiteDigest,
    pub counts: Counts,
    pub conclusion: String,
    pub exit_code: u8,
    /// No filter left rows of the suite out.
    pub whole: bool,
    pub ending: Ending,
    /// Requirements by state.
    pub requirements: BTreeMap<String, usize>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    pub before: Compared,
    pub after: Compared,
    /// How many further runs before showed which values change by themselves.
    pub others: usize,
    pub same_contract: bool,
    pub same_cases: bool,
    /// Every row of either run, in the order of the run after; then those that it does not have.
    #[serde(rename = "rows")]
    pub cases: Vec<CaseChange>,
    /// Answers that are other than before, equal differences together.
    pub answers: Vec<AnswerChange>,
    /// Places of answers whose values differ, and of which nobody knows whether they change by themselves.
    pub undetermined: usize,
    /// Every requirement of either run that is not in the same state.
    pub requirements: Vec<RequirementChange>,
    /// Operations that take much longer; that alone never blocks.
    pub slower: Vec<Slower>,
    /// What the suite alone changed. Then all of the above is what the target changed: the answers before,
    /// judged by the suite of the run after, beside that run. `None` where both are of one suite, or nothing
    /// tells the two apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite_change: Option<SuiteChange>,
}

/// What another suite says of the same answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuiteChange {
    /// The rows of the run before whose verdict is another one, or that the suite does not have any more.
    #[serde(rename = "rows")]
    pub cases: Vec<CaseChange>,
    /// Requirements in another state.
    pub requirements: Vec<RequirementChange>,
    /// Rows that the record does not hold enough of: who changed them is not known.
    #[serde(rename = "not_rejudgeable")]
    pub unknown: Vec<CaseId>,
}

impl SuiteChange {
    /// How many rows there are of a kind.
    #[must_use]
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.cases.iter().filter(|row| row.kind == kind).count()
    }

    /// Whether the suite says what it said before.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.cases.is_empty() && self.requirements.is_empty() && self.unknown.is_empty()
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It fails, and did not fail before, or not in this way.
    Broken,
    /// As broken, and somebody accepted it.
    Accepted,
    /// It was judged before and is not now, and every answer to it that there is is as before.
    BehindAsBefore,
    /// It was judged before and is not now, and it was answered otherwise or not at all.
    Behind,
    /// It failed and passes.
    Fixed,
    /// It fails as it did before.
    StillFailing,
    /// It could not be judged before and passes.
    JudgedNow,
    /// It passes or is observed as before, and was answered otherwise.
    Changed,
    /// Verdict and answers are as before.
    Same,
    /// Neither run judged it.
    StillNotJudged,
    /// Only the run after has it, and it fails there.
    NewFailing,
    /// Only the run after has it.
    New,
    /// Only the run before has it.
    Lost,
    /// The run after did not select it.
    LeftOut,
}

impl ChangeKind {
    pub const ALL: [Self; 14] = [
        Self::Broken,
        Self::NewFailing,
        Self::Accepted,
        Self::Behind,
        Self::BehindAsBefore,
        Self::Fixed,
        Self::StillFailing,
        Self::JudgedNow,
        Self::Changed,
        Self::Same,
        Self::StillNotJudged,
        Self::New,
        Self::Lost,
        Self::LeftOut,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Accepted => "broken, and accepted by a waiver",
            Self::BehindAsBefore => "not judged, answered as before",
            Self::Behind => "not judged",
            Self::Fixed => "fixed",
            Self::StillFailing => "known and unchanged",
            Self::JudgedNow => "judged now",
            Self::Changed => "still green, answered otherwise",
            Self::Same => "the same",
            Self::StillNotJudged => "judged in neither run",
            Self::NewFailing => "new, and it fails",
            Self::New => "new",
            Self::Lost => "lost",
            Self::LeftOut => "left out",
        }
    }
}

/// One row in both runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseChange {
    pub id: CaseId,
    pub kind: ChangeKind,
    /// `pass clean`, `fail status`, …; `None` where the run does not have it.
    pub before: Option<String>,
    pub after: Option<String>,
    /// What it covers.
    pub covers: Vec<RequirementId>,
}

/// How a changed answer stands to the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeClass {
    /// The answer breaks a promise that it kept before.
    Breaking,
    /// Nobody judged it.
    NotJudged,
    /// The documents do not speak of it.
    Undocumented,
    /// The documents allow both answers.
    Compatible,
    /// The answer keeps a promise that it broke before.
    Fixed,
    /// It breaks promises as it did before, and is otherwise.
    StillFailing,
}

impl ChangeClass {
    /// The word in reports.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::NotJudged => "not judged",
            Self::Undocumented => "undocumented",
            Self::Compatible => "compatible",
            Self::Fixed => "fixed",
            Self::StillFailing => "known",
        }
    }
}

/// One difference between answers, with all rows that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerChange {
    pub class: ChangeClass,
    pub edition: String,
    /// `POST /path`.
    pub call: String,
    /// The operation of the first row.
    pub operation: OperationId,
    /// `status`, `error code`, `header x-y`, `body /a/b`, `token body /id_token, claim exp`.
    pub place: String,
    /// `None` where there was nothing.
    pub before: Option<String>,
    pub after: Option<String>,
    #[serde(rename = "rows")]
    pub cases: Vec<CaseId>,
    /// What the rows cover that are about it, where something is violated.
    pub requirements: Vec<RequirementId>,
}

/// A requirement whose state is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequirementChange {
    pub id: RequirementId,
    pub sentence: String,
    /// The documents fix its outcome.
    pub judged: bool,
    /// `None` where the run does not have it.
    pub before: Option<State>,
    pub after: Option<State>,
    /// Rows of it were left out of the run after by a filter.
    pub left_out: bool,
}

impl RequirementChange {
    /// Violated now and not before.
    #[must_use]
    pub fn is_newly_violated(&self) -> bool {
        self.after == Some(State::Violated)
    }

    /// Proven before and not now.
    #[must_use]
    pub fn is_proof_lost(&self) -> bool {
        self.before == Some(State::Satisfied)
            && matches!(
                self.after,
                None | Some(State::Unproven | State::Empty | State::Observed | State::NotTestable)
            )
            && !self.left_out
    }

    /// Violated before and proven now.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.before == Some(State::Violated) && self.after == Some(State::Satisfied)
    }
}

/// An operation whose answers take much longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slower {
    pub edition: String,
    pub operation: OperationId,
    /// Medians, in microseconds.
    pub before_us: u64,
    pub after_us: u64,
}

/// What a comparison says to a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Same,
    /// Only what the documents allow or do not speak of, or what is better.
    Changed,
    /// Something is not proven any more, or a run is a part.
    LessProven,
    /// The suite of the run after fails answers that its predecessor let pass; the target gave them before.
    Stricter,
    /// A promise is broken that was kept.
    Broken,
}

impl Decision {
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Same => 0,
            Self::Stricter | Self::Broken => 1,
            Self::LessProven => 2,
            Self::Changed => 6,
        }
    }
}

impl Comparison {
    /// How many rows there are of a kind.
    #[must_use]
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.cases.iter().filter(|row| row.kind == kind).count()
    }

    /// What it says to a gate, with why.
    #[must_use]
    pub fn decision(&self) -> (Decision, String) {
        let broken = self.count(ChangeKind::Broken) + self.count(ChangeKind::NewFailing);
        let newly = self.requirements.iter();
        let newly = newly.filter(|one| one.is_newly_violated()).count();
        // A requirement that only accepted rows violate stops no gate.
        if broken > 0 {
            let why = format!(
                "{} broken, {} newly violated",
                counted(broken, "row"),
                counted(newly, "requirement")
            );
            return (Decision::Broken, why);
        }
        let suite = self.suite_change.as_ref();
        let stricter = suite.map_or(0, |suite| suite.count(ChangeKind::Broken));
        if stricter > 0 {
            let verb = if stricter == 1 { "fails" } else { "fail" };
            let why = format!(
                "{} {verb} by what is expected now",
                counted(stricter, "row")
            );
            return (Decision::Stricter, why);
        }
        if let Some(why) = self.less_proven() {
            return (Decision::LessProven, why);
        }
        let same = [
            ChangeKind::Same,
            ChangeKind::StillFailing,
            ChangeKind::StillNotJudged,
            ChangeKind::LeftOut,
        ];
        let changed = self
            .cases
            .iter()
            .filter(|row| !same.contains(&row.kind))
            .count();
        if suite.is_some_and(|suite| !suite.is_nothing()) && changed == 0 {
            let why = "the suite judges otherwise".to_owned();
            return (Decision::Changed, why);
        }
        if changed > 0 || !self.requirements.is_empty() || !self.answers.is_empty() {
            let why = format!("{} not the same", counted(changed, "row"));
            return (Decision::Changed, why);
        }
        (Decision::Same, "every row is as it was".to_owned())
    }

    fn less_proven(&self) -> Option<String> {
        for (run, name) in [(&self.before, "before"), (&self.after, "after")] {
            if !run.ending.is_complete() {
                return Some(format!("the run {name} did not come to its end"));
            }
        }
        let behind = self.count(ChangeKind::Behind) + self.count(ChangeKind::BehindAsBefore);
        let proven_now = |id: &RequirementId| {
            let mut all = self.requirements.iter();
            all.any(|one| one.id == *id && one.after == Some(State::Satisfied))
        };
        // What the record could not show is shown by the run after.
        let by_suite = self
            .suite_change
            .iter()
            .flat_map(|suite| &suite.requirements);
        let by_suite = by_suite.filter(|one| one.is_proof_lost() && !proven_now(&one.id));
        let lost = self.requirements.iter().filter(|one| one.is_proof_lost());
        let lost = lost.chain(by_suite).count();
        if behind > 0 || lost > 0 {
            return Some(format!(
                "{} not judged any more, {} not proven any more",
                counted(behind, "row"),
                counted(lost, "requirement")
            ));
        }
        let left_out = self.count(ChangeKind::LeftOut);
        (left_out > 0).then(|| {
            format!(
                "the run after is a part: it left out {} of the run before",
                counted(left_out, "row")
            )
        })
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
