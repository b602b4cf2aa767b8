//! From the rows of a requirement or a cell to what is known of it: three-valued, and fail closed.

use crate::{
    ids::CaseId,
    judge::refusal::UnrefusedOperations,
    result::{CaseResult, Evidence, State, Verdict},
};

/// A row that is about the thing, and its result when it has one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'r> {
    pub id: &'r CaseId,
    /// It looks and does not judge.
    pub observes: bool,
    pub result: Option<&'r CaseResult>,
    /// What the row says of the requirement; `None` for a cell, which goes by the verdict.
    pub evidence: Option<Evidence>,
}

impl<'r> Row<'r> {
    /// Its result, where it was judged and something is wrong with the thing.
    fn violates(&self) -> Option<&'r CaseResult> {
        let violates = |case: &&CaseResult| match self.evidence {
            Some(evidence) => evidence == Evidence::Violated,
            None => matches!(case.verdict, Verdict::Fail(_)),
        };
        self.result.filter(violates)
    }

    /// Its result, where it does not say that the thing is right.
    fn leaves_open(&self) -> Option<&'r CaseResult> {
        let open = |case: &&CaseResult| match self.evidence {
            Some(evidence) => {
                let judged = matches!(case.verdict, Verdict::Pass(_) | Verdict::Fail(_));
                !judged || !matches!(evidence, Evidence::Held | Evidence::Partly)
            }
            None => !case.verdict.is_pass(),
        };
        self.result.filter(open)
    }
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

/// Violated by a row, which may not cover it, because it speaks of every such answer.
pub(super) fn violated_by(case: &CaseResult) -> RequirementStatus {
    match &case.waiver {
        Some(waiver) => {
            RequirementStatus::new(State::Waived, format!("{}: {}", case.id, waiver.sentence()))
        }
        None => RequirementStatus::new(State::Violated, message(case)),
    }
}

/// What rows showed. One failure outweighs everything, one unknown outweighs every pass, and rows
/// that only observe neither prove nor take away.
pub(super) fn of_run(rows: &[Row<'_>], unrefused: &UnrefusedOperations<'_>) -> RequirementStatus {
    let judged: Vec<&Row<'_>> = rows.iter().filter(|row| !row.observes).collect();
    let results = || judged.iter().filter_map(|row| row.result);
    let failed = || judged.iter().filter_map(|row| row.violates());
    if let Some(failed) = failed()
        .find(|case| case.waiver.is_none())
        .or(failed().next())
    {
        return violated_by(failed);
    }
    if judged.is_empty() {
        return observed(rows);
    }
    if let Some(unknown) = judged.iter().find_map(|row| row.leaves_open()) {
        let why = match unknown.verdict {
            // Its subject was not judged: the finding is on another one, and came first.
            Verdict::Fail(_) | Verdict::Pass(_) => format!("not judged: {}", message(unknown)),
            _ => message(unknown),
        };
        return RequirementStatus::new(State::Unproven, why);
    }
    let lacking = judged.iter().filter(|row| row.result.is_none()).count();
    if lacking > 0 {
        return left_out(lacking, judged.len());
    }
    let whole = |row: &&Row<'_>| {
        row.evidence
            .is_none_or(|evidence| evidence == Evidence::Held)
    };
    if !judged.iter().copied().any(|row| whole(&row)) {
        let why = "no test case judges all that it is about".to_owned();
        return RequirementStatus::new(State::Unproven, why);
    }
    match unrefused.rests_on(results()) {
        Some(operation) => RequirementStatus::new(
            State::Unproven,
            format!(
                "no refusal by {operation} was seen in this run, so what it accepts proves nothing"
            ),
        ),
        None => RequirementStatus::new(State::Satisfied, None),
    }
}

fn observed(rows: &[Row<'_>]) -> RequirementStatus {
    let results = || rows.iter().filter_map(|row| row.result);
    if results().any(|case| case.verdict == Verdict::OBSERVED) {
        RequirementStatus::new(State::Observed, None)
    } else if let Some(case) = results().next() {
        RequirementStatus::new(State::Unproven, message(case))
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

fn message(case: &CaseResult) -> String {
    let (word, reason) = (case.verdict.label(), case.verdict.reason());
    format!("{} is {word} ({reason})", case.id)
}
