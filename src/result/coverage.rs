//! What is known of every documented promise: requirements, and cells of the coverage matrices.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{CaseId, OperationId, RequirementId};

/// What is known of a requirement or a cell. One vocabulary for both, so that a reader learns it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A judged row passed, and so did every other judged row of it.
    Satisfied,
    /// A judged row failed.
    Violated,
    /// A judged row failed, and of each that did somebody accepted it for a while.
    Waived,
    /// Something that should have been judged was not.
    Unproven,
    /// Without a run: a row would judge it.
    Cased,
    /// The documents are silent; a row only looks at it.
    Observed,
    /// Nothing can test it, for a stated reason.
    #[serde(rename = "not testable")]
    NotTestable,
    /// No row is about it.
    Empty,
}

impl State {
    /// Every state, in the order of a table's columns.
    pub const ALL: [Self; 8] = [
        Self::Satisfied,
        Self::Cased,
        Self::Violated,
        Self::Waived,
        Self::Unproven,
        Self::Observed,
        Self::NotTestable,
        Self::Empty,
    ];

    /// The word used in reports and in the record.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Violated => "violated",
            Self::Waived => "waived",
            Self::Unproven => "unproven",
            Self::Cased => "cased",
            Self::Observed => "observed",
            Self::NotTestable => "not testable",
            Self::Empty => "empty",
        }
    }
}

/// One requirement of a register, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementState {
    pub id: RequirementId,
    pub edition: String,
    /// The operationId.
    pub operation: OperationId,
    /// What it is about, a word of the register: `header`, `error`, `token`, …
    #[serde(rename = "about")]
    pub kind: String,
    /// What it demands, in one sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sentence: String,
    /// Where the documents say so: the page, and the row on it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// True where the documents fix the outcome (oracle D or S).
    pub judged: bool,
    pub state: State,
    /// Why it is no better; `None` when satisfied, cased or observed.
    pub why: Option<String>,
    /// True when it is unproven only because rows of it were not selected.
    pub left_out: bool,
    /// The test cases that cover it, selected or not, in the plan's order.
    #[serde(rename = "rows")]
    pub cases: Vec<CaseId>,
}

impl RequirementState {
    /// A promise of the documents that is neither proven nor broken nor excused.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        self.judged && self.state == State::Unproven
    }
}

/// How many requirements or cells are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    counts: [usize; State::ALL.len()],
}

impl Tally {
    #[must_use]
    pub fn of(states: impl IntoIterator<Item = State>) -> Self {
        let mut out = Self::default();
        for state in states {
            out.counts[state as usize] += 1;
        }
        out
    }

    #[must_use]
    pub const fn count(&self, state: State) -> usize {
        self.counts[state as usize]
    }

    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.iter().sum()
    }
}

/// The matrices. Their denominators come from the documents, never from the cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matrix {
    /// Documented statuses of an operation.
    Statuses,
    /// Documented error codes of an operation.
    Errors,
    /// Request headers, by how they stand in the request.
    Headers,
    /// Members of the request body, by how they stand in the request; `/` is the whole body.
    Members,
    /// Documented members of each documented answer.
    Responses,
}

impl Matrix {
    pub const ALL: [Self; 5] = [
        Self::Statuses,
        Self::Errors,
        Self::Headers,
        Self::Members,
        Self::Responses,
    ];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Statuses => "statuses",
            Self::Errors => "errors",
            Self::Headers => "headers",
            Self::Members => "members",
            Self::Responses => "responses",
        }
    }

    /// Whether a cell that is only observed counts as dealt with: for most ways in which a header or
    /// a member can be wrong the documents name no outcome, and looking is all there is to do.
    #[must_use]
    pub const fn observation_counts(self) -> bool {
        matches!(self, Self::Headers | Self::Members)
    }
}

/// One cell of a matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub matrix: Matrix,
    /// A status, an error code, a header, a JSON Pointer, or `200 /expire` for a member of an answer.
    pub item: String,
    /// How a header or a member stands in the request: `valid`, `omitted`, …
    pub mode: Option<&'static str>,
    /// False for what rows send or answers show although no document names it.
    pub documented: bool,
    pub state: State,
    /// Why it is no better, where something is known; of what is not documented, where it comes from.
    pub why: Option<String>,
    /// The test cases that fill it, in the plan's order.
    pub cases: Vec<CaseId>,
    /// In how many rows an answer showed it; 0 without a run.
    pub seen: usize,
}

/// A share that never stands alone: `done` of `of`, with what was taken out of the denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub done: usize,
    pub of: usize,
    /// Not testable, each with a reason; not part of `of`.
    pub excluded: usize,
}

impl Share {
    /// Whether at least this many of a hundred are done; nothing to do is done.
    #[must_use]
    pub const fn reaches(self, percent: usize) -> bool {
        self.done * 100 >= percent * self.of
    }
}

/// One operation that has requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationCoverage {
    pub edition: String,
    /// The operationId.
    pub operation: OperationId,
    /// In the order of the register.
    pub requirements: Vec<RequirementState>,
    /// By matrix; inside one in the order of the documents, then what is not documented.
    pub cells: Vec<Cell>,
}

impl OperationCoverage {
    /// Documented cells of a matrix.
    pub fn documented(&self, matrix: Matrix) -> impl Iterator<Item = &Cell> {
        let of = move |cell: &&Cell| cell.matrix == matrix && cell.documented;
        self.cells.iter().filter(of)
    }

    /// Requirements that the documents fix and that are proven, or would be judged.
    #[must_use]
    pub fn satisfied(&self) -> Share {
        let judged = self.requirements.iter().filter(|one| one.judged);
        share(judged.map(|one| one.state), false)
    }

    /// Documented cells of a matrix that are dealt with.
    #[must_use]
    pub fn share(&self, matrix: Matrix) -> Share {
        let states = self.documented(matrix).map(|cell| cell.state);
        share(states, matrix.observation_counts())
    }
}

/// Of these states, how many are dealt with.
pub(super) fn share(states: impl Iterator<Item = State>, observation_counts: bool) -> Share {
    let tally = Tally::of(states);
    let observed = if observation_counts {
        tally.count(State::Observed)
    } else {
        0
    };
    let excluded = tally.count(State::NotTestable);
    Share {
        done: tally.count(State::Satisfied) + tally.count(State::Cased) + observed,
        of: tally.total() - excluded,
        excluded,
    }
}

/// How much of the documents the cases reach, or a run proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The target of the run; `None` when only the cases were looked at.
    pub target: Option<String>,
    /// Test cases that were looked at: of the plan, or of the run.
    pub cases: usize,
    /// Test cases of the record that the suite no longer has; they prove nothing.
    pub unknown_cases: usize,
    pub operations: Vec<OperationCoverage>,
    /// Documented operations without requirements of their own, by edition: flows use them.
    pub neighbours: Vec<(String, BTreeSet<OperationId>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_written_as_its_word() {
        for state in State::ALL {
            let written = serde_json::to_value(state).unwrap();
            assert_eq!(written, state.label());
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }

    #[test]
    fn every_matrix_is_written_as_its_word() {
        for matrix in Matrix::ALL {
            assert_eq!(serde_json::to_value(matrix).unwrap(), matrix.label());
        }
    }

    #[test]
    fn a_share_leaves_out_what_cannot_be_tested_and_counts_nothing_else_as_done() {
        let states = || {
            [
                State::Satisfied,
                State::Violated,
                State::Unproven,
                State::Observed,
                State::Empty,
                State::NotTestable,
            ]
            .into_iter()
        };
        let strict = share(states(), false);
        assert_eq!((strict.done, strict.of, strict.excluded), (1, 5, 1));
        let lenient = share(states(), true);
        assert_eq!((lenient.done, lenient.of, lenient.excluded), (2, 5, 1));
        assert!(lenient.reaches(40) && !lenient.reaches(41));
    }
}
