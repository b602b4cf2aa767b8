//! What will be sent and judged: rows that cannot be malformed.
//!
//! Takes: [`CaseFile`]s and contracts. Gives: a [`Plan`] of [`TestCase`]s in file order, and every
//! mistake of meaning. Never: sends anything; `list` and `lint` work offline.

mod alter;
mod lower;
mod matrix;
mod select;
mod step;

pub use select::Selection;
pub use step::{Body, Capture, CaptureFrom, Need, Step, lower_needs, lower_step};

use serde_json::Value;

use crate::{
    case::CaseFile,
    contract::Contract,
    diag::{Diagnostic, Span},
    ids::Edition,
};

/// One runnable row: one variant of one case in one edition, self-contained.
#[derive(Debug, Clone)]
pub struct TestCase {
    pub id: String,
    pub title: String,
    pub edition: Edition,
    /// The operationId under test.
    pub operation: String,
    /// True for the positive control itself.
    pub control: bool,
    /// The id of the control that must have passed first; its own for a control.
    pub control_id: String,
    pub span: Span,
    pub covers: Vec<String>,
    pub tags: Vec<String>,
    pub needs: Vec<Need>,
    pub setup: Vec<Step>,
    /// The request under test, with its checks.
    pub request: Step,
    pub then: Vec<Step>,
    pub cleanup: Vec<Step>,
    /// Why the row is only observed.
    pub observe: Option<String>,
    /// The matrix row's values.
    pub matrix: Value,
}

/// All rows, in the order of the files.
#[derive(Debug, Default)]
pub struct Plan {
    pub cases: Vec<TestCase>,
}

impl Plan {
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&TestCase> {
        self.cases.iter().find(|case| case.id == id)
    }
}

/// Plans every file against its edition's contract.
pub fn plan(files: &[CaseFile], contracts: &[Contract], found: &mut Vec<Diagnostic>) -> Plan {
    let mut plan = Plan::default();
    for file in files {
        let Some(contract) = contracts.iter().find(|c| c.edition == file.edition) else {
            continue;
        };
        for case in lower::file(file, contract, found) {
            if plan.get(&case.id).is_some() {
                found.push(Diagnostic::new(
                    "duplicate-id",
                    &case.span,
                    format!("the id `{}` is used twice", case.id),
                ));
            } else {
                plan.cases.push(case);
            }
        }
    }
    plan
}
