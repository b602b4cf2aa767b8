//! The documented cells of the matrices after a run, as the record and the page have them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{Sources, cells::Key, documented, seen::Seen, status::Row, tested};
use crate::{
    contract::{Contract, Mode, Operation},
    plan::TestCase,
    result::{CaseResult, CellState, Matrix, MatrixState},
};

/// The matrices of the operations that these results are for, in the order of the documents. What is sent
/// or answered beside the documents has no cell here: a name that the target made up stays in its
/// exchange.
///
/// `plan` is the whole suite: a cell whose test cases were not selected is left out, and no hole.
#[must_use]
pub fn matrices(
    contracts: &[Contract],
    plan: &[Arc<TestCase>],
    results: &[CaseResult],
    seen: &Seen,
) -> Vec<MatrixState> {
    let sources = Sources::new(plan, Some(results.iter().collect()));
    let numbered = results.iter().enumerate();
    let places: HashMap<&str, usize> = numbered
        .map(|(place, case)| (case.id.as_str(), place))
        .collect();
    let mut out = Vec::new();
    for contract in contracts {
        let tested = tested(contract);
        let has_run = |operation: &&Operation| {
            let mut results = sources.of_edition(contract.edition.as_str());
            tested.contains(operation.id.as_str())
                && results.any(|case| case.operation == operation.id)
        };
        let mut operations = contract.operations.iter().filter(has_run).peekable();
        if operations.peek().is_none() {
            continue;
        }
        let filled = sources.filled(contract);
        let seen = seen.of(contract.edition);
        for operation in operations {
            out.extend(of_operation(
                &sources,
                (contract, operation),
                &filled,
                seen,
                &places,
            ));
        }
    }
    out
}

fn of_operation(
    sources: &Sources<'_>,
    (contract, operation): (&Contract, &Operation),
    filled: &BTreeMap<Key, Vec<Row<'_>>>,
    seen: &BTreeMap<Key, usize>,
    places: &HashMap<&str, usize>,
) -> Vec<MatrixState> {
    let mut out: Vec<MatrixState> = Matrix::ALL
        .into_iter()
        .map(|matrix| MatrixState {
            edition: contract.edition.to_string(),
            operation: operation.id.clone(),
            matrix,
            cells: Vec::new(),
        })
        .collect();
    for key in documented(contract, operation) {
        let rows = filled.get(&key).map_or(&[][..], Vec::as_slice);
        let seen = seen.get(&key).copied().unwrap_or(0);
        let status = sources.cell(contract, operation, &key, rows, seen);
        let ran = rows.iter().filter_map(|row| places.get(row.id.as_str()));
        let cell = CellState {
            mode: key.mode.map(|mode| Mode::label(mode).to_owned()),
            state: status.state,
            why: status.why,
            left_out: status.left_out,
            cases: ran.copied().collect(),
            item: key.item,
        };
        let of = out.iter_mut().find(|one| one.matrix == key.matrix);
        if let Some(of) = of {
            of.cells.push(cell);
        }
    }
    out.retain(|one| !one.cells.is_empty());
    out
}
