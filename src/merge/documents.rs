//! What the documents say and a shard had to mask: an example of theirs may be a secret of this target.
//!
//! The shards knew their secrets, and nobody knows them any more. So a text that a shard wrote stands as it
//! wrote it.

use std::collections::HashMap;

use super::parts::ShardPart;
use crate::result::{CellState, MatrixState, RunReport, State};

/// Takes each text of the documents from a shard that wrote it.
pub(super) fn mask(report: &mut RunReport, parts: &[ShardPart]) {
    sentences(report, parts);
    reasons(report, parts);
}

/// Every requirement of the whole is one of a shard; of one that is not, nobody knows what to mask.
fn sentences(report: &mut RunReport, parts: &[ShardPart]) {
    let all = parts.iter().flat_map(|part| &part.report.requirements);
    let written: HashMap<_, _> = all.map(|one| (&one.id, &one.sentence)).collect();
    for one in &mut report.requirements {
        let sentence = written.get(&one.id).copied();
        one.sentence = sentence.cloned().unwrap_or_default();
    }
}

/// The reasons why a cell cannot be tested, which stand in the registers.
fn reasons(report: &mut RunReport, parts: &[ShardPart]) {
    let not_testable = |cell: &&CellState| cell.state == State::NotTestable;
    let mut written = HashMap::new();
    for matrix in parts.iter().flat_map(|part| &part.report.matrices) {
        for cell in matrix.cells.iter().filter(not_testable) {
            written.insert(key(matrix, cell), cell.why.clone());
        }
    }
    for matrix in &mut report.matrices {
        let cells = std::mem::take(&mut matrix.cells);
        matrix.cells = cells
            .into_iter()
            .map(|cell| match written.get(&key(matrix, &cell)) {
                Some(why) if cell.state == State::NotTestable => CellState {
                    why: why.clone(),
                    ..cell
                },
                _ => cell,
            })
            .collect();
    }
}

/// What names a cell.
fn key(of: &MatrixState, cell: &CellState) -> [String; 5] {
    [
        of.edition.clone(),
        of.operation.to_string(),
        of.matrix.label().to_owned(),
        cell.item.clone(),
        cell.mode.clone().unwrap_or_default(),
    ]
}
