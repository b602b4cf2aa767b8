//! Mutants whose fate is known beforehand: they test the machinery and not the suite.

use std::sync::Arc;

use super::{AnswerEdit, Change, Delivery, Family, Mutant, Standing};
use crate::contract::{Contract, Operation};

fn control(contract: &Contract, operation: &Operation, word: &str, change: Change) -> Mutant {
    Mutant {
        id: format!("{}/{}/control:{word}", contract.edition, operation.id),
        edition: contract.edition,
        operation: operation.id.clone(),
        family: Family::Status,
        operator: word.to_owned(),
        what: format!("A control of the machinery, {word}."),
        breaks: Vec::new(),
        standing: Standing::Forbidden,
        change,
    }
}

/// Changes nothing. A row that notices it noticed the machinery.
#[must_use]
pub fn inert(contract: &Contract, operation: &Operation) -> Mutant {
    control(contract, operation, "inert", Change::Nothing)
}

/// Answers every call with 500 and no body. Where that goes unnoticed, mutants do not take hold.
#[must_use]
pub fn gross(contract: &Contract, operation: &Operation) -> Mutant {
    let edit = AnswerEdit {
        applies: Arc::new(|_, _| true),
        edit: Arc::new(|response| {
            response.status = 500;
            response.body.clear();
        }),
        delivery: Delivery::Whole,
    };
    control(contract, operation, "gross", Change::Answer(edit))
}

/// Breaks the answer to every call and is filed under no requirement at all, so that it can never
/// be caught by a row about what it breaks.
#[must_use]
pub fn mislabelled(contract: &Contract, operation: &Operation) -> Mutant {
    Mutant {
        id: format!("{}/{}/control:mislabelled", contract.edition, operation.id),
        breaks: vec!["NO-SUCH-REQUIREMENT".to_owned()],
        ..gross(contract, operation)
    }
}
