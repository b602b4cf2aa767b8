//! The matrices of a run: of every cell that the documents make, what is known and which test cases fill
//! it. As the record has them, and so small that they can stand there.

use serde::{Deserialize, Serialize};

use super::{Matrix, Share, State, coverage::share};
use crate::ids::OperationId;

/// One matrix of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixState {
    pub edition: String,
    /// The operationId.
    pub operation: OperationId,
    pub matrix: Matrix,
    /// In the order of the documents.
    pub cells: Vec<CellState>,
}

/// One cell, and what became of it in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellState {
    /// A status, an error code, a header, a JSON Pointer, or `200 /expire` for a member of an answer.
    pub item: String,
    /// How a header or a member stands in the request: `valid`, `omitted`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    pub state: State,
    /// Why it is no better, where something is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// True when it is unproven only because test cases that fill it were not selected.
    #[serde(default, skip_serializing_if = "is_false")]
    pub left_out: bool,
    /// The test cases of the run that fill it, each by its place among the results: ids would make the
    /// record longer by a tenth.
    #[serde(rename = "rows", default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<usize>,
}

impl MatrixState {
    /// The cells that are dealt with.
    #[must_use]
    pub fn share(&self) -> Share {
        let states = self.cells.iter().map(|cell| cell.state);
        share(states, self.matrix.observation_counts())
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that a derive wants"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cell_lacks_is_not_written_and_comes_back() {
        let plain = CellState {
            item: "X-L".to_owned(),
            mode: None,
            state: State::Empty,
            why: None,
            left_out: false,
            cases: Vec::new(),
        };
        let text = serde_json::to_string(&plain).unwrap();
        assert_eq!(text, r#"{"item":"X-L","state":"empty"}"#);
        assert_eq!(serde_json::from_str::<CellState>(&text).unwrap(), plain);
    }
}
