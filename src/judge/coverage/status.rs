//! From the rows of a requirement or a cell to what is known of it: three-valued, and fail closed.

use crate::{
    ids::CaseId,
    judge::refusal::UnrefusedOperations,
    result::{CaseResult, State, Verdict},
};

/// A row that is about the thing, and its result when it has one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'r> {
    pub id: &'r CaseId,
    /// It looks and does not judge.
    pub observes: bool,
    pub result: Option<&'r CaseResult>,
}

/// What is known, and why it is no better.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequirementStatus {
    pub state: State,
    pub why: Option<String>,
    /// Unproven only because rows were not selected.
    pub left_out: bool,
}

impl RequirementStatus {
    pub(super) fn new(state: State, why: impl Into<Option<String>>) -> Self {
        Self {
            state,
            why: why.into(),
            left_out: false,
        }
    }
}

/// What rows would show, were they run.
pub(super) fn planned(rows: &[Row<'_>]) -> RequirementStatus {
    let state = if rows.iter().any(|row| !row.observes) {
        State::Cased
    } else if rows.is_empty() {
        State::Empty
    } else {
        State::Observed
    };
    RequirementStatus::new(state, None)
}

/// What rows showed. One failure outweighs everything, one unknown outweighs every pass, and rows
/// that only observe neither prove nor take away.
pub(super) fn of_run(rows: &[Row<'_>], unrefused: &UnrefusedOperations<'_>) -> RequirementStatus {
    let judged: Vec<&Row<'_>> = rows.iter().filter(|row| !row.observes).collect();
    let results = || judged.iter().filter_map(|row| row.result);
    if let Some(failed) = results().find(|case| matches!(case.verdict, Verdict::Fail(_))) {
        return RequirementStatus::new(State::Violated, said(failed));
    }
    if judged.is_empty() {
        return observed(rows);
    }
    if let Some(unknown) = results().find(|case| !case.verdict.is_pass()) {
        return RequirementStatus::new(State::Unproven, said(unknown));
    }
    let lacking = judged.iter().filter(|row| row.result.is_none()).count();
    if lacking > 0 {
        return left_out(lacking, judged.len());
    }
    match unrefused.rests_on(results()) {
        Some(operation) => RequirementStatus::new(
            State::Unproven,
            format!("{operation} refused nothing in this run, so what it accepts proves nothing"),
        ),
        None => RequirementStatus::new(State::Satisfied, None),
    }
}

fn observed(rows: &[Row<'_>]) -> RequirementStatus {
    let results = || rows.iter().filter_map(|row| row.result);
    if results().any(|case| case.verdict == Verdict::OBSERVED) {
        RequirementStatus::new(State::Observed, None)
    } else if let Some(case) = results().next() {
        RequirementStatus::new(State::Unproven, said(case))
    } else if rows.is_empty() {
        RequirementStatus::new(State::Empty, None)
    } else {
        left_out(rows.len(), rows.len())
    }
}

fn left_out(lacking: usize, of: usize) -> RequirementStatus {
    RequirementStatus {
        state: State::Unproven,
        why: Some(format!("not run: {lacking} of its {of} rows")),
        left_out: true,
    }
}

fn said(case: &CaseResult) -> String {
    let (word, reason) = (case.verdict.label(), case.verdict.reason());
    format!("{} is {word} ({reason})", case.id)
}
