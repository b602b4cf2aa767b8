//! What the cases reach of the documents, and what a run proved of it.
//!
//! Takes: contracts, planned rows, and results where there was a run. Gives: the state of every
//! requirement and of every cell of the matrices. Never: takes a denominator from the cases.

mod cells;
mod matrices;
mod requirement;
mod seen;
mod status;
mod tests;

pub use matrices::matrices;
pub use seen::Seen;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use self::{
    cells::{Key, member},
    status::{RequirementStatus, Row},
};
use super::refusal::UnrefusedOperations;
use crate::{
    contract::{BodySchema, Contract, Mode, Operation},
    ids::{OperationId, RequirementId},
    plan::TestCase,
    result::{
        CaseResult, Cell, Coverage, Evidence, Matrix, OperationCoverage, RequirementState, State,
        Verdict,
    },
};

/// The state of requirements after a run, in the order of the registers.
///
/// `plan` is the whole suite. Where the run had only a part of it, the requirements of that part
/// are given, and one whose other rows did not run is not called satisfied.
#[must_use]
pub fn requirements(
    contracts: &[Contract],
    plan: &[Arc<TestCase>],
    results: &[CaseResult],
) -> Vec<RequirementState> {
    with_those_without_cases(contracts, plan, results, false)
}

/// As [`requirements`] for one shard of a whole run. What no test case of the suite covers is given as well:
/// it is known without any of them, and no other shard would say it.
#[must_use]
pub fn requirements_of_shard(
    contracts: &[Contract],
    plan: &[Arc<TestCase>],
    results: &[CaseResult],
) -> Vec<RequirementState> {
    with_those_without_cases(contracts, plan, results, true)
}

fn with_those_without_cases(
    contracts: &[Contract],
    plan: &[Arc<TestCase>],
    results: &[CaseResult],
    uncovered: bool,
) -> Vec<RequirementState> {
    let sources = Sources::new(plan, Some(results.iter().collect()));
    let whole = !plan.is_empty() && plan.iter().all(|case| sources.result(&case.id).is_some());
    let ran = |state: &RequirementState| {
        let ran = state.cases.iter().any(|id| sources.result(id).is_some());
        // A finding may violate what none of the test cases of the run covers.
        whole || ran || state.state == State::Violated || uncovered && state.cases.is_empty()
    };
    let mut out = Vec::new();
    for contract in contracts {
        out.extend(sources.requirements(contract).into_iter().filter(ran));
    }
    out
}

/// What the plan reaches, or what results of its rows proved.
#[must_use]
pub fn coverage(
    contracts: &[Contract],
    plan: &[Arc<TestCase>],
    results: Option<&[CaseResult]>,
) -> Coverage {
    let known: BTreeSet<&str> = plan.iter().map(|case| case.id.as_str()).collect();
    let is_known = |case: &&CaseResult| known.contains(case.id.as_str());
    let kept = results.map(|cases| cases.iter().filter(is_known).collect::<Vec<_>>());
    let rows = kept.as_ref().map_or(plan.len(), Vec::len);
    let mut seen = Seen::default();
    for case in kept.iter().flatten() {
        seen.take(contracts, case);
    }
    let sources = Sources::new(plan, kept);
    Coverage {
        target: None,
        cases: rows,
        unknown_cases: results.map_or(0, |cases| cases.len() - rows),
        operations: contracts
            .iter()
            .flat_map(|contract| sources.operations(contract, &seen))
            .collect(),
        neighbours: contracts.iter().map(neighbours).collect(),
    }
}

fn neighbours(contract: &Contract) -> (String, BTreeSet<OperationId>) {
    let tested = tested(contract);
    let others = contract.operations.iter().map(|operation| &operation.id);
    let others = others.filter(|id| !tested.contains(id.as_str())).cloned();
    (contract.edition.to_string(), others.collect())
}

/// Operations that have requirements.
fn tested(contract: &Contract) -> BTreeSet<&str> {
    let requirements = contract.requirements.iter();
    requirements.map(|one| one.operation.as_str()).collect()
}

/// The rows of a suite and their results.
struct Sources<'s> {
    plan: &'s [Arc<TestCase>],
    /// `None` when nothing was run.
    results: Option<Vec<&'s CaseResult>>,
    by_id: BTreeMap<&'s str, &'s CaseResult>,
    unrefused: UnrefusedOperations<'s>,
}

impl<'s> Sources<'s> {
    fn new(plan: &'s [Arc<TestCase>], results: Option<Vec<&'s CaseResult>>) -> Self {
        let cases = results.as_deref().unwrap_or_default();
        Self {
            plan,
            by_id: cases.iter().map(|case| (case.id.as_str(), *case)).collect(),
            unrefused: UnrefusedOperations::of(cases),
            results,
        }
    }

    /// The results of an edition; none without a run.
    fn of_edition(&self, edition: &str) -> impl Iterator<Item = &'s CaseResult> {
        let results = self.results.iter().flatten().copied();
        results.filter(move |case| case.edition == edition)
    }

    fn result(&self, id: &str) -> Option<&'s CaseResult> {
        self.by_id.get(id).copied()
    }

    fn stand(&self, rows: &[Row<'_>]) -> RequirementStatus {
        if self.results.is_some() {
            status::of_run(rows, &self.unrefused)
        } else {
            status::planned(rows)
        }
    }

    fn requirements(&self, contract: &Contract) -> Vec<RequirementState> {
        let edition = contract.edition.as_str();
        let mut rows: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
        let mut planned = BTreeSet::new();
        for case in self.plan.iter().filter(|c| c.edition == contract.edition) {
            planned.insert(case.id.as_str());
            for id in &case.covers {
                // A row that was changed since the record covers only what it covered then.
                let result = self.result(&case.id);
                let result =
                    result.filter(|case| case.requirements.iter().any(|one| one.id == *id));
                let evidence = result.and_then(|case| evidence(case, id));
                let row = Row {
                    evidence: Some(evidence.unwrap_or_default()),
                    ..row(case, result)
                };
                rows.entry(id).or_default().push(row);
            }
        }
        let results = self.of_edition(edition);
        for case in results.filter(|case| !planned.contains(case.id.as_str())) {
            for covered in &case.requirements {
                rows.entry(&covered.id).or_default().push(Row {
                    id: &case.id,
                    observes: case.verdict == Verdict::OBSERVED,
                    result: Some(case),
                    evidence: Some(covered.evidence),
                });
            }
        }
        let violators = violators(self.of_edition(edition));
        contract
            .requirements
            .iter()
            .map(|requirement| {
                let stand = |rows: &[Row<'_>]| match violators.get(&requirement.id) {
                    Some(case) => status::violated_by(case),
                    None => self.stand(rows),
                };
                let rows = rows
                    .get(requirement.id.as_str())
                    .map_or(&[][..], Vec::as_slice);
                requirement::state(edition, requirement, rows, stand)
            })
            .collect()
    }

    /// The rows of an edition by the cells that they fill.
    fn filled(&self, contract: &Contract) -> BTreeMap<Key, Vec<Row<'s>>> {
        let cases = self.plan.iter().filter(|c| c.edition == contract.edition);
        let mut filled: BTreeMap<Key, Vec<Row<'s>>> = BTreeMap::new();
        for case in cases {
            for key in cells::filled(case, contract) {
                let result = self.result(&case.id);
                filled.entry(key).or_default().push(row(case, result));
            }
        }
        filled
    }

    fn operations(&self, contract: &Contract, seen: &Seen) -> Vec<OperationCoverage> {
        let edition = contract.edition.as_str();
        let filled = self.filled(contract);
        let seen = seen.of(contract.edition);
        let requirements = self.requirements(contract);
        let tested = tested(contract);
        let operations = contract.operations.iter();
        operations
            .filter(|operation| tested.contains(operation.id.as_str()))
            .map(|operation| {
                let own = |state: &&RequirementState| state.operation == operation.id;
                OperationCoverage {
                    edition: edition.to_owned(),
                    operation: operation.id.clone(),
                    requirements: requirements.iter().filter(own).cloned().collect(),
                    cells: self.cells(contract, operation, &filled, seen),
                }
            })
            .collect()
    }

    /// Documented cells in the order of the documents, then what was sent or seen beside them.
    fn cells(
        &self,
        contract: &Contract,
        operation: &Operation,
        filled: &BTreeMap<Key, Vec<Row<'_>>>,
        seen: &BTreeMap<Key, usize>,
    ) -> Vec<Cell> {
        let documented = documented(contract, operation);
        let beside: BTreeSet<&Key> = filled
            .keys()
            .chain(seen.keys())
            .filter(|key| key.operation == operation.id && !documented.contains(key))
            .collect();
        let mut out: Vec<Cell> = Vec::new();
        let all = documented.iter().map(|key| (key, true));
        for (key, documented) in all.chain(beside.into_iter().map(|key| (key, false))) {
            let rows = filled.get(key).map_or(&[][..], Vec::as_slice);
            let seen = seen.get(key).copied().unwrap_or(0);
            let status = self.cell(contract, operation, key, rows, seen);
            out.push(Cell {
                matrix: key.matrix,
                item: key.item.clone(),
                mode: key.mode.map(Mode::label),
                documented,
                state: status.state,
                why: status
                    .why
                    .or_else(|| (!documented).then(|| origin(contract, key))),
                cases: rows.iter().map(|row| row.id.clone()).collect(),
                seen,
            });
        }
        out.sort_by_key(|cell| (cell.matrix, !cell.documented));
        out
    }

    /// What is known of a cell that these rows fill.
    fn cell(
        &self,
        contract: &Contract,
        operation: &Operation,
        key: &Key,
        rows: &[Row<'_>],
        seen: usize,
    ) -> RequirementStatus {
        let status = self.stand(rows);
        if status.state == State::Empty {
            return empty(contract, operation, key, seen);
        }
        status
    }
}

fn row<'r>(case: &'r TestCase, result: Option<&'r CaseResult>) -> Row<'r> {
    Row {
        id: &case.id,
        observes: case.observe.is_some(),
        result,
        evidence: None,
    }
}

/// What a test case says of a requirement that it covers.
fn evidence(case: &CaseResult, id: &RequirementId) -> Option<Evidence> {
    let mut covered = case.requirements.iter();
    covered.find(|one| one.id == *id).map(|one| one.evidence)
}

/// By requirement, the first test case that violates it, whether it covers it or not.
fn violators<'r>(
    results: impl Iterator<Item = &'r CaseResult>,
) -> BTreeMap<&'r RequirementId, &'r CaseResult> {
    let mut out = BTreeMap::new();
    let failed = |case: &&CaseResult| matches!(case.verdict, Verdict::Fail(_));
    for case in results.filter(failed) {
        for (_, check, _) in case.broken() {
            for id in &check.violates {
                out.entry(id).or_insert(case);
            }
        }
    }
    out
}

/// The cells that the documents of an operation make, in their order.
fn documented(contract: &Contract, operation: &Operation) -> Vec<Key> {
    let key = |matrix, item: &str| Key::new(&operation.id, matrix, item);
    let mut out = Vec::new();
    for rule in &operation.responses {
        out.push(key(Matrix::Statuses, &rule.statuses.to_string()));
    }
    for code in &contract.errors.codes {
        if code.documented_for(&operation.id) {
            out.push(key(Matrix::Errors, &code.code));
        }
    }
    for (name, _) in &operation.headers {
        out.extend(Mode::ALL.map(|mode| key(Matrix::Headers, name).in_mode(mode)));
    }
    let body = (!operation.members.is_empty()).then(|| "/".to_owned());
    let members = operation.members.iter().map(|(name, _)| format!("/{name}"));
    for at in body.into_iter().chain(members) {
        out.extend(Mode::ALL.map(|mode| key(Matrix::Members, &at).in_mode(mode)));
    }
    for rule in &operation.responses {
        let schema = rule.schemas.iter().map(|(_, schema)| schema).take(1);
        for name in schema.flat_map(BodySchema::documented) {
            let item = format!("{} /{name}", rule.statuses);
            out.push(key(Matrix::Responses, &item));
        }
    }
    out
}

/// Where a cell comes from that the documents of its operation do not make.
fn origin(contract: &Contract, key: &Key) -> String {
    let code = contract.errors.code(&key.item);
    let words = match code.filter(|_| key.matrix == Matrix::Errors) {
        Some(code) if code.operations.contains(&key.operation) => {
            "promised for the operation by other pages only"
        }
        Some(_) => "documented for other operations only",
        None => "undocumented",
    };
    words.to_owned()
}

/// No row is about the cell: an answer may show it by the way, or a requirement may say why not.
fn empty(contract: &Contract, operation: &Operation, key: &Key, seen: usize) -> RequirementStatus {
    if seen > 0 {
        return RequirementStatus::new(State::Observed, None);
    }
    let requirements = contract.requirements.iter();
    let mut excused = requirements
        .filter(|one| one.operation == operation.id)
        .filter_map(|one| Some((one, one.not_tested.as_ref()?)))
        .filter(|(one, _)| {
            let about = &one.about;
            let item = |list: &[String]| list.iter().any(|at| member(at) == key.item);
            match key.matrix {
                Matrix::Statuses => about
                    .answer
                    .is_some_and(|status| operation.key_of(status) == key.item),
                Matrix::Errors => item(&about.codes),
                Matrix::Headers => item(&about.headers) && about.mode == key.mode,
                Matrix::Members => item(&about.members) && about.mode == key.mode,
                Matrix::Responses => false,
            }
        });
    match excused.next() {
        Some((one, reason)) => {
            RequirementStatus::new(State::NotTestable, format!("{}: {reason}", one.id))
        }
        None => RequirementStatus::new(State::Empty, None),
    }
}
