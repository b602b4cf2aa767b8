//! Coverage as JSON, for gates and pages of others.

use serde::Serialize;

use crate::{
    ids::{CaseId, OperationId},
    result::{Coverage, Matrix, OperationCoverage, Share},
};

/// The version of the JSON form.
pub const VERSION: u32 = 1;

/// The JSON form: one object.
///
/// - `version`: 1; it changes with the form.
/// - `target`: the run's target, `null` when only the cases were looked at. `rows`: how many rows.
/// - `operations`: one object an operation with `edition`, `operation`, `shares` (`name`, `done`, `of`,
///   `excluded`), `requirements` (`id`, `kind`, `judged`, `state`, `why`, `rows`) and `cells`
///   (`matrix`, `item`, `mode`, `documented`, `state`, `why`, `rows`, `seen`).
/// - `neighbours`: documented operations without requirements, by edition.
///
/// A `state` is `satisfied`, `cased`, `violated`, `unproven`, `observed`, `not testable` or `empty`.
///
/// # Panics
/// Never: strings and numbers are always JSON.
#[must_use]
pub fn json(coverage: &Coverage) -> String {
    let operations = coverage.operations.iter().map(Operation::of);
    let document = Document {
        version: VERSION,
        target: coverage.target.as_deref(),
        rows: coverage.cases,
        unknown_rows: coverage.unknown_cases,
        operations: operations.collect(),
        neighbours: coverage
            .neighbours
            .iter()
            .map(|(edition, operations)| Neighbours {
                edition,
                operations: operations.iter().map(OperationId::as_str).collect(),
            })
            .collect(),
    };
    serde_json::to_string_pretty(&document).expect("strings and numbers are always JSON")
}

#[derive(Serialize)]
struct Document<'c> {
    version: u32,
    target: Option<&'c str>,
    rows: usize,
    unknown_rows: usize,
    operations: Vec<Operation<'c>>,
    neighbours: Vec<Neighbours<'c>>,
}

#[derive(Serialize)]
struct Neighbours<'c> {
    edition: &'c str,
    operations: Vec<&'c str>,
}

#[derive(Serialize)]
struct Operation<'c> {
    edition: &'c str,
    operation: &'c str,
    shares: Vec<Part>,
    requirements: Vec<Requirement<'c>>,
    cells: Vec<Entry<'c>>,
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    done: usize,
    of: usize,
    excluded: usize,
}

#[derive(Serialize)]
struct Requirement<'c> {
    id: &'c str,
    kind: &'c str,
    judged: bool,
    state: &'static str,
    why: Option<&'c str>,
    rows: &'c [CaseId],
}

#[derive(Serialize)]
struct Entry<'c> {
    matrix: &'static str,
    item: &'c str,
    mode: Option<&'static str>,
    documented: bool,
    state: &'static str,
    why: Option<&'c str>,
    rows: &'c [CaseId],
    seen: usize,
}

impl Part {
    const fn of(name: &'static str, share: Share) -> Self {
        Self {
            name,
            done: share.done,
            of: share.of,
            excluded: share.excluded,
        }
    }
}

impl<'c> Operation<'c> {
    fn of(one: &'c OperationCoverage) -> Self {
        let mut shares = vec![Part::of("requirements", one.satisfied())];
        shares.extend(Matrix::ALL.map(|matrix| Part::of(matrix.label(), one.share(matrix))));
        Self {
            edition: &one.edition,
            operation: &one.operation,
            shares,
            requirements: one
                .requirements
                .iter()
                .map(|one| Requirement {
                    id: &one.id,
                    kind: &one.kind,
                    judged: one.judged,
                    state: one.state.label(),
                    why: one.why.as_deref(),
                    rows: &one.cases,
                })
                .collect(),
            cells: one
                .cells
                .iter()
                .map(|cell| Entry {
                    matrix: cell.matrix.label(),
                    item: &cell.item,
                    mode: cell.mode,
                    documented: cell.documented,
                    state: cell.state.label(),
                    why: cell.why.as_deref(),
                    rows: &cell.cases,
                    seen: cell.seen,
                })
                .collect(),
        }
    }
}
