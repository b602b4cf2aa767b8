//! A plan as a whole, before a run and after one.

#![cfg(test)]

use crate::{
    contract::sample::contracts,
    judge::{
        coverage::{Seen, coverage, matrices, requirements},
        sample::{plan, result, row},
    },
    plan::Plan,
    result::{
        CaseResult, CheckResult, Coverage, Covered, Evidence, Matrix, Mismatch, PassReason,
        SkipReason, Source, State, Subject, Verdict,
    },
};

const REFUSED: &str = r#"{"error_code":"A.0001","error_msg":"m"}"#;

fn rows() -> Plan {
    plan(
        "
  - { id: client, covers: D-CLIENT, without: { header: X-client-id }, expect: { error: A.0001 } }
  - { id: late, covers: D-LOOK, blank: { header: X-agent }, expect: { error: A.0003 } }
  - { id: other, covers: D-LOOK, blank: { header: X-L }, expect: { status: 400, error: A.0004, beyond-contract: why } }
  - { id: look, covers: [D-LOOK, D-AGENT], without: { header: X-agent }, observe: Nobody says. }
",
    )
}

/// The control passed, `client` failed with an answer that nobody documented.
fn results(plan: &Plan) -> Vec<CaseResult> {
    let fail = Verdict::Fail("status".into());
    let observed = Verdict::Skip(SkipReason::OnlyObserved);
    let pass = || Verdict::Pass(PassReason::Clean);
    vec![
        result(row(plan, "control"), pass(), 200, r#"{"status":"OPEN"}"#),
        result(
            row(plan, "client"),
            fail,
            500,
            r#"{"error_code":"A.9999","x":1}"#,
        ),
        result(row(plan, "late"), pass(), 400, REFUSED),
        result(row(plan, "other"), pass(), 400, REFUSED),
        result(row(plan, "look"), observed, 200, r#"{"expire":1}"#),
    ]
}

/// Requirements as `id state (rows)`.
fn listed(plan: &Plan, results: &[CaseResult]) -> Vec<String> {
    let states = requirements(contracts(), &plan.cases, results).into_iter();
    states
        .map(|one| format!("{} {} {}", one.id, one.state.label(), one.cases.len()))
        .collect()
}

/// The cells of an operation that are not just empty, one a line.
fn cells(coverage: &Coverage, operation: &str) -> Vec<String> {
    let mut operations = coverage.operations.iter();
    let one = operations.find(|one| one.operation == operation).unwrap();
    let shown = one
        .cells
        .iter()
        .filter(|cell| cell.state.label() != "empty" || !cell.documented);
    shown
        .map(|cell| {
            let mark = if cell.documented { "" } else { "* " };
            let mode = cell.mode.map(|mode| format!(" {mode}")).unwrap_or_default();
            let names = cell.cases.iter().map(|id| id.rsplit('/').next().unwrap());
            let names = names.collect::<Vec<_>>().join(", ");
            let why = cell
                .why
                .as_deref()
                .map(|why| format!(" ({why})"))
                .unwrap_or_default();
            format!(
                "{mark}{} {}{mode}: {} [{names}] {}{why}",
                cell.matrix.label(),
                cell.item,
                cell.state.label(),
                cell.seen
            )
        })
        .collect()
}

#[test]
fn a_whole_run_says_something_of_every_requirement() {
    let plan = rows();
    assert_eq!(
        listed(&plan, &results(&plan)),
        [
            "D-OPEN satisfied 1",
            "D-CLIENT violated 1",
            "D-CODE unproven 0",
            "D-BODY unproven 0",
            "D-PARTS unproven 0",
            "D-BOTH unproven 0",
            "D-AGENT unproven 1",
            "D-NOTE not testable 0",
            "D-TWICE not testable 0",
            "D-CASE unproven 0",
            "D-WAIT not testable 0",
            "D-LATE not testable 0",
            "D-LOOK observed 3",
            "D-REVIEW not testable 0",
            "B-RING unproven 0",
            "B-CLIENT unproven 0",
        ]
    );
}

#[test]
fn a_part_of_a_run_speaks_of_the_requirements_of_its_rows() {
    let plan = rows();
    assert_eq!(listed(&plan, &results(&plan)[..1]), ["D-OPEN satisfied 1"]);
    assert_eq!(
        listed(&plan, &results(&plan)[4..]),
        ["D-AGENT unproven 1", "D-LOOK observed 3"]
    );
    assert_eq!(listed(&plan, &[]), [""; 0]);
    assert_eq!(requirements(contracts(), &[], &[]), []);
}

#[test]
fn a_record_counts_as_what_it_was_and_not_as_what_the_suite_says_today() {
    let plan = rows();
    let mut results = results(&plan);
    // The row covered something else then.
    results[0].requirements = vec![Covered {
        evidence: Evidence::Held,
        id: "D-CODE".into(),
        text: String::new(),
    }];
    let told_of = |results: &[CaseResult], id: &str| {
        let mut listed = listed(&plan, results).into_iter();
        listed.find(|one| one.starts_with(id))
    };
    assert_eq!(
        told_of(&results, "D-OPEN").as_deref(),
        Some("D-OPEN unproven 1")
    );
    // Rows that the plan no longer has still prove what they covered, or only looked at it.
    for (at, id) in ["D-CODE", "D-CASE"].into_iter().enumerate() {
        let mut gone = results[if at == 0 { 0 } else { 4 }].clone();
        gone.id = format!("ciam/door/rows/gone{at}").into();
        gone.requirements = vec![Covered {
            evidence: Evidence::Held,
            id: id.into(),
            text: String::new(),
        }];
        results.push(gone);
    }
    assert_eq!(
        told_of(&results, "D-CODE").as_deref(),
        Some("D-CODE satisfied 1")
    );
    assert_eq!(
        told_of(&results, "D-CASE").as_deref(),
        Some("D-CASE unproven 1")
    );
    let mut foreign = results[5].clone();
    foreign.edition = "eiam".into();
    results[5] = foreign;
    assert_eq!(
        told_of(&results, "D-CODE").as_deref(),
        Some("D-CODE unproven 0")
    );
}

#[test]
fn the_sums_of_a_coverage_are_those_of_its_rows() {
    let plan = rows();
    let cases = &plan.cases;
    let planned = coverage(contracts(), cases, None);
    assert_eq!((planned.cases, planned.unknown_cases), (5, 0));
    let mut results = results(&plan);
    results.truncate(3);
    let known = coverage(contracts(), cases, Some(&results));
    assert_eq!((known.cases, known.unknown_cases), (3, 0));
    results[1].id = "ciam/door/rows/gone".into();
    let run = coverage(contracts(), cases, Some(&results));
    assert_eq!((run.cases, run.unknown_cases), (2, 1));
    let operations: Vec<_> = run
        .operations
        .iter()
        .map(|one| {
            (
                one.edition.as_str(),
                one.operation.as_str(),
                one.requirements.len(),
            )
        })
        .collect();
    assert_eq!(
        operations,
        [("ciam", "openDoor", 14), ("ciam", "ringBell", 2)]
    );
    assert_eq!(
        run.neighbours,
        [("ciam".to_owned(), ["logIn".into()].into())]
    );
    let of_bell = &run.operations[1].requirements;
    assert!(of_bell.iter().all(|one| one.operation == "ringBell"));
}

#[test]
fn before_a_run_a_cell_shows_the_rows_that_would_fill_it() {
    let plan = rows();
    let planned = coverage(contracts(), &plan.cases, None);
    assert_eq!(
        cells(&planned, "openDoor"),
        [
            "statuses 200: cased [control] 0",
            "statuses 400: cased [client, late, other] 0",
            "statuses 401: not testable [] 0 (D-WAIT: nobody waits)",
            "errors A.0001: cased [client] 0",
            "errors A.0002: not testable [] 0 (D-WAIT: nobody waits)",
            "* errors A.0003: cased [late] 0 (promised for the operation by other pages only)",
            "* errors A.0004: cased [other] 0 (documented for other operations only)",
            "headers X-client-id valid: cased [control] 0",
            "headers X-client-id omitted: cased [client] 0",
            "headers X-agent valid: cased [control] 0",
            "headers X-agent omitted: observed [look] 0",
            "headers X-agent blank: cased [late] 0",
            "headers X-L valid: cased [control] 0",
            "headers X-L blank: cased [other] 0",
            "headers X-L duplicate: not testable [] 0 (D-TWICE: the relay joins them)",
            "headers Content-Type valid: cased [control] 0",
            "members / valid: cased [control] 0",
            "members /code valid: cased [control] 0",
            "members /note valid: cased [control] 0",
            "members /note blank: not testable [] 0 (D-NOTE: nobody can say)",
            "responses 200 /status: cased [control] 0",
            "responses 400 /error_code: cased [client, late, other] 0",
            "responses 400 /error_msg: cased [client, late, other] 0",
        ]
    );
    assert_eq!(cells(&planned, "ringBell"), [""; 0]);
    let documented: Vec<_> = planned.operations[1]
        .cells
        .iter()
        .map(|cell| {
            let mode = cell.mode.unwrap_or_default();
            format!("{} {} {mode}", cell.matrix.label(), cell.item)
                .trim_end()
                .to_owned()
        })
        .collect();
    assert_eq!(
        documented,
        [
            "statuses 204",
            "statuses 400",
            "errors A.0001",
            "headers X-client-id valid",
            "headers X-client-id omitted",
            "headers X-client-id blank",
            "headers X-client-id duplicate",
            "headers X-client-id other-case",
            "headers X-client-id malformed",
            "responses 400 /error_code",
            "responses 400 /error_msg",
        ]
    );
}

#[test]
fn after_a_run_a_cell_is_what_its_rows_and_the_answers_showed() {
    let plan = rows();
    let run = coverage(contracts(), &plan.cases, Some(&results(&plan)));
    assert_eq!(
        cells(&run, "openDoor"),
        [
            "statuses 200: satisfied [control] 2",
            "statuses 400: violated [client, late, other] 2 (ciam/door/rows/client is fail (status))",
            "statuses 401: not testable [] 0 (D-WAIT: nobody waits)",
            "* statuses 500: observed [] 1 (undocumented)",
            "errors A.0001: violated [client] 2 (ciam/door/rows/client is fail (status))",
            "errors A.0002: not testable [] 0 (D-WAIT: nobody waits)",
            "* errors A.0003: satisfied [late] 0 (promised for the operation by other pages only)",
            "* errors A.0004: satisfied [other] 0 (documented for other operations only)",
            "* errors A.9999: observed [] 1 (undocumented)",
            "headers X-client-id valid: satisfied [control] 0",
            "headers X-client-id omitted: violated [client] 0 (ciam/door/rows/client is fail (status))",
            "headers X-agent valid: satisfied [control] 0",
            "headers X-agent omitted: observed [look] 0",
            "headers X-agent blank: satisfied [late] 0",
            "headers X-L valid: satisfied [control] 0",
            "headers X-L blank: satisfied [other] 0",
            "headers X-L duplicate: not testable [] 0 (D-TWICE: the relay joins them)",
            "headers Content-Type valid: satisfied [control] 0",
            "members / valid: satisfied [control] 0",
            "members /code valid: satisfied [control] 0",
            "members /note valid: satisfied [control] 0",
            "members /note blank: not testable [] 0 (D-NOTE: nobody can say)",
            "responses 200 /expire: observed [] 1",
            "responses 200 /status: satisfied [control] 1",
            "responses 400 /error_code: violated [client, late, other] 2 (ciam/door/rows/client is fail (status))",
            "responses 400 /error_msg: violated [client, late, other] 2 (ciam/door/rows/client is fail (status))",
            "* responses 500 /error_code: observed [] 1 (undocumented)",
            "* responses 500 /x: observed [] 1 (undocumented)",
        ]
    );
}

#[test]
fn a_part_of_a_run_speaks_of_what_it_violates_whoever_covers_it() {
    let plan = rows();
    // The finding is on what another row covers.
    let mut client = results(&plan).remove(1);
    client.requirements.clear();
    let broken = CheckResult {
        check: "status".into(),
        source: Source::default(),
        mismatch: Some(Mismatch {
            subject: Subject::Status,
            place: "status".into(),
            expected: vec!["400".into()],
            actual: "500".into(),
        }),
        warning: false,
        violates: vec!["D-OPEN".into()],
        further: 0,
    };
    client.steps[0].checks = vec![broken];
    let states = listed(&plan, &[client]);
    assert!(
        states.contains(&"D-OPEN violated 1".to_owned()),
        "{states:?}"
    );
}

/// The cells of a matrix as `item mode: state [places]`, those that are just empty left out.
fn of_matrix(plan: &Plan, results: &[CaseResult], matrix: Matrix) -> Vec<String> {
    let mut seen = Seen::default();
    for case in results {
        seen.take(contracts(), case);
    }
    let all = matrices(contracts(), &plan.cases, results, &seen);
    let cells = all.iter().filter(|one| one.matrix == matrix);
    let cells = cells.flat_map(|one| &one.cells);
    let cells = cells.filter(|cell| cell.state != State::Empty);
    cells
        .map(|cell| {
            let mode = cell.mode.iter().map(|mode| format!(" {mode}"));
            let state = if cell.left_out {
                "left out"
            } else {
                cell.state.label()
            };
            let mode: String = mode.collect();
            format!("{}{mode}: {state} {:?}", cell.item, cell.cases)
        })
        .collect()
}

#[test]
fn every_cell_of_a_run_has_its_state_and_the_places_of_its_rows() {
    let plan = rows();
    let results = results(&plan);
    let of = |matrix| of_matrix(&plan, &results, matrix);
    assert_eq!(
        of(Matrix::Errors),
        ["A.0001: violated [1]", "A.0002: not testable []"]
    );
    assert_eq!(
        of(Matrix::Headers),
        [
            "X-client-id valid: satisfied [0]",
            "X-client-id omitted: violated [1]",
            "X-agent valid: satisfied [0]",
            "X-agent omitted: observed [4]",
            "X-agent blank: satisfied [2]",
            "X-L valid: satisfied [0]",
            "X-L blank: satisfied [3]",
            "X-L duplicate: not testable []",
            "Content-Type valid: satisfied [0]",
        ]
    );
}

#[test]
fn a_part_of_a_run_has_cells_of_its_operations_alone_and_calls_those_left_out() {
    let plan = rows();
    let all = results(&plan);
    assert_eq!(of_matrix(&plan, &[], Matrix::Headers), [""; 0]);
    assert_eq!(
        of_matrix(&plan, &all[..1], Matrix::Headers),
        [
            "X-client-id valid: satisfied [0]",
            "X-client-id omitted: left out []",
            "X-agent valid: satisfied [0]",
            "X-agent omitted: left out []",
            "X-agent blank: left out []",
            "X-L valid: satisfied [0]",
            "X-L blank: left out []",
            "X-L duplicate: not testable []",
            "Content-Type valid: satisfied [0]",
        ]
    );
}
