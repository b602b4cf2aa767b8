//! What is known of a requirement or a cell from the rows that are about it.

#![cfg(test)]
use crate::{
    contract::{
        Contract,
        sample::{contract, numbered},
    },
    ids::CaseId,
    judge::{
        coverage::{
            requirement,
            seen::Seen,
            status::{RequirementStatus, Row, of_run, planned},
        },
        refusal::UnrefusedOperations,
        sample::{plan, result, row},
    },
    result::{
        CaseResult, ErrorReason, Part, PassReason, RequestOutcome, SkipReason, State, Verdict,
    },
};

fn pass() -> Verdict {
    Verdict::Pass(PassReason::Clean)
}

fn fail() -> Verdict {
    Verdict::Fail("status".into())
}

fn error() -> Verdict {
    Verdict::Error(ErrorReason::Unreachable)
}

fn seen_only() -> Verdict {
    Verdict::Skip(SkipReason::OnlyObserved)
}

fn not_provided() -> Verdict {
    Verdict::Skip(SkipReason::NotProvided)
}

/// A result of the control's row under another name, answered with this status.
fn answered(id: &str, verdict: Verdict, status: u16) -> CaseResult {
    let plan = plan("");
    let mut out = result(row(&plan, "control"), verdict, status, "{}");
    out.id = id.into();
    out
}

/// Judged rows begin with `j`, observing ones with `o`; a row without a verdict did not run.
fn with_rows<T>(rows: &[(&'static str, Option<Verdict>)], look: impl Fn(&[Row<'_>]) -> T) -> T {
    let results: Vec<_> = rows
        .iter()
        .map(|(id, verdict)| verdict.clone().map(|verdict| answered(id, verdict, 200)))
        .collect();
    let ids: Vec<CaseId> = rows.iter().map(|(id, _)| CaseId::from(*id)).collect();
    let rows: Vec<_> = ids
        .iter()
        .zip(&results)
        .map(|(id, result)| Row {
            id,
            observes: id.starts_with('o'),
            result: result.as_ref(),
            evidence: None,
        })
        .collect();
    look(&rows)
}

#[track_caller]
fn check(
    rows: &[(&'static str, Option<Verdict>)],
    state: State,
    why: Option<&str>,
    left_out: bool,
) {
    let found = with_rows(rows, |rows| of_run(rows, &UnrefusedOperations::default()));
    assert_eq!(
        (found.state, found.why.as_deref(), found.left_out),
        (state, why, left_out)
    );
}

#[test]
fn one_failure_outweighs_everything_and_one_unknown_every_pass() {
    check(
        &[("j1", Some(pass())), ("j2", Some(pass()))],
        State::Satisfied,
        None,
        false,
    );
    check(
        &[
            ("j1", Some(pass())),
            ("j2", Some(error())),
            ("j3", Some(fail())),
        ],
        State::Violated,
        Some("j3 is fail (status)"),
        false,
    );
    check(
        &[("j1", Some(pass())), ("j2", Some(error()))],
        State::Unproven,
        Some("j2 is error (unreachable)"),
        false,
    );
    check(
        &[("j1", Some(not_provided()))],
        State::Unproven,
        Some("j1 is skip (need-not-provided)"),
        false,
    );
}

#[test]
fn a_row_that_did_not_run_leaves_the_rest_unproven() {
    check(
        &[("j1", Some(pass())), ("j2", None), ("j3", None)],
        State::Unproven,
        Some("not run: 2 of its 3 rows"),
        true,
    );
    check(
        &[("j1", None)],
        State::Unproven,
        Some("not run: 1 of its 1 rows"),
        true,
    );
    check(
        &[("j1", None), ("j2", Some(error()))],
        State::Unproven,
        Some("j2 is error (unreachable)"),
        false,
    );
}

#[test]
fn rows_that_only_observe_neither_prove_nor_take_away() {
    check(
        &[("j1", Some(pass())), ("o1", Some(fail()))],
        State::Satisfied,
        None,
        false,
    );
    check(
        &[("j1", None), ("o1", Some(seen_only()))],
        State::Unproven,
        Some("not run: 1 of its 1 rows"),
        true,
    );
    check(
        &[("o1", Some(error())), ("o2", Some(seen_only()))],
        State::Observed,
        None,
        false,
    );
    check(
        &[("o1", Some(error()))],
        State::Unproven,
        Some("o1 is error (unreachable)"),
        false,
    );
    check(
        &[("o1", None), ("o2", None)],
        State::Unproven,
        Some("not run: 2 of its 2 rows"),
        true,
    );
    check(&[], State::Empty, None, false);
}

#[test]
fn without_a_run_rows_say_what_they_would_do() {
    let state = |rows| with_rows(rows, planned).state;
    assert_eq!(state(&[("j1", None), ("o1", None)]), State::Cased);
    assert_eq!(state(&[("o1", None), ("j1", None)]), State::Cased);
    assert_eq!(state(&[("o1", None)]), State::Observed);
    assert_eq!(state(&[]), State::Empty);
}

#[test]
fn what_is_accepted_proves_nothing_where_nothing_was_refused() {
    /// What the passing rows among these rest on.
    #[track_caller]
    fn check(results: &[CaseResult], unrefused: Option<&str>) {
        let all: Vec<_> = results.iter().collect();
        let passed = results.iter().filter(|case| case.verdict.is_pass());
        assert_eq!(UnrefusedOperations::of(&all).rests_on(passed), unrefused);
    }
    let accepted = || answered("a", pass(), 200);
    let of_bell = |mut case: CaseResult| {
        case.operation = "ringBell".into();
        case
    };
    check(&[accepted()], None);
    check(&[accepted(), answered("b", fail(), 200)], Some("openDoor"));
    check(&[accepted(), answered("b", error(), 200)], Some("openDoor"));
    check(&[accepted(), answered("b", fail(), 400)], Some("openDoor"));
    check(&[accepted(), answered("b", not_provided(), 200)], None);
    check(
        &[
            accepted(),
            answered("b", fail(), 200),
            answered("c", pass(), 400),
        ],
        None,
    );
    check(
        &[
            accepted(),
            answered("b", fail(), 200),
            answered("c", pass(), 399),
        ],
        Some("openDoor"),
    );
    // Another operation's failures and refusals say nothing.
    check(&[accepted(), of_bell(answered("b", fail(), 200))], None);
    check(
        &[
            of_bell(accepted()),
            answered("b", fail(), 200),
            of_bell(answered("c", fail(), 200)),
        ],
        Some("ringBell"),
    );
    check(
        &[
            accepted(),
            answered("b", fail(), 200),
            of_bell(answered("c", pass(), 400)),
        ],
        None,
    );
    check(&[answered("b", fail(), 200)], None);
    // Only what the request itself was answered with counts.
    let mut before = accepted();
    let mut step = before.steps[0].clone();
    step.part = Part::Setup;
    if let Some(exchange) = &mut step.exchange {
        exchange.status = Some(400);
    }
    before.steps.insert(0, step);
    check(
        &[before.clone(), answered("b", fail(), 200)],
        Some("openDoor"),
    );
    before.steps.pop();
    check(
        &[before.clone(), answered("b", fail(), 200)],
        Some("openDoor"),
    );
    before.steps.clear();
    check(&[before, answered("b", fail(), 200)], Some("openDoor"));

    let fails = answered("b", fail(), 200);
    let found = with_rows(&[("j1", Some(pass()))], |rows| {
        of_run(rows, &UnrefusedOperations::of(&[&fails]))
    });
    let why = "no refusal by openDoor was seen in this run, so what it accepts proves nothing";
    assert_eq!(
        found,
        RequirementStatus::new(State::Unproven, why.to_owned())
    );
}

/// The state of a requirement whose rows are these.
#[track_caller]
fn requirement(
    id: &str,
    rows: &[(&'static str, Option<Verdict>)],
    run: bool,
    expected: State,
    why: Option<&str>,
) {
    let requirement = contract().requirement(id).unwrap();
    let unrefused = UnrefusedOperations::default();
    with_rows(rows, |rows| {
        let stand = |rows: &[Row<'_>]| {
            if run {
                of_run(rows, &unrefused)
            } else {
                planned(rows)
            }
        };
        let found = requirement::state("ciam", requirement, rows, stand);
        assert_eq!(
            (found.id.as_str(), found.operation.as_str()),
            (id, "openDoor")
        );
        assert_eq!(
            (found.edition.as_str(), found.kind.as_str()),
            ("ciam", "flow")
        );
        assert_eq!(
            found.cases,
            rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>()
        );
        assert_eq!(found.judged, !matches!(id, "D-LOOK" | "D-REVIEW"));
        assert_eq!((found.state, found.why.as_deref()), (expected, why), "{id}");
    });
}

#[test]
fn a_promise_is_open_until_it_is_proven_or_a_reason_stands_for_it() {
    let run = |rows: &[_], expected, why| requirement("D-OPEN", rows, true, expected, why);
    run(&[], State::Unproven, Some("no case covers it"));
    run(
        &[("o1", Some(seen_only()))],
        State::Unproven,
        Some("no row judges it; o1 only observes"),
    );
    run(&[("j1", Some(pass()))], State::Satisfied, None);
    run(
        &[("j1", Some(fail()))],
        State::Violated,
        Some("j1 is fail (status)"),
    );
    requirement("D-OPEN", &[("j1", None)], false, State::Cased, None);
    requirement(
        "D-OPEN",
        &[("o1", None)],
        false,
        State::Unproven,
        Some("no row judges it; o1 only observes"),
    );
    let reason = Some("it takes a year");
    requirement("D-LATE", &[], true, State::NotTestable, reason);
    requirement(
        "D-LATE",
        &[("j1", Some(pass()))],
        true,
        State::NotTestable,
        reason,
    );
    requirement(
        "D-LATE",
        &[("j1", Some(fail()))],
        true,
        State::Violated,
        Some("j1 is fail (status)"),
    );
}

#[test]
fn an_open_question_is_observed_by_any_row_that_got_an_answer() {
    let run = |rows: &[_], expected, why| requirement("D-LOOK", rows, true, expected, why);
    for verdict in [pass(), fail(), seen_only()] {
        run(&[("j1", Some(verdict.clone()))], State::Observed, None);
        run(&[("o1", Some(verdict))], State::Observed, None);
    }
    run(
        &[("o1", Some(error()))],
        State::Empty,
        Some("o1 is error (unreachable)"),
    );
    run(
        &[("o1", Some(not_provided()))],
        State::Empty,
        Some("o1 is skip (need-not-provided)"),
    );
    run(&[], State::Empty, Some("no row observes it"));
    requirement("D-LOOK", &[("o1", None)], false, State::Observed, None);
    requirement("D-LOOK", &[("j1", None)], false, State::Observed, None);
    requirement(
        "D-LOOK",
        &[],
        false,
        State::Empty,
        Some("no row observes it"),
    );
}

#[test]
fn what_needs_a_person_is_not_testable_whatever_ran() {
    let reason = Some("somebody has to listen");
    requirement("D-REVIEW", &[], true, State::NotTestable, reason);
    requirement(
        "D-REVIEW",
        &[("j1", Some(fail()))],
        true,
        State::NotTestable,
        reason,
    );
}

#[test]
fn a_cell_was_seen_in_as_many_rows_as_showed_it() {
    let refused = r#"{"error_code":"A.0001","error_msg":"m"}"#;
    let plan = plan("");
    let case = |status, body: &str| result(row(&plan, "control"), pass(), status, body);
    let mut twice = case(400, refused);
    twice.steps.push(twice.steps[0].clone());
    let mut silent = case(400, refused);
    silent.steps[0].exchange = None;
    let results = [
        case(400, refused),
        twice,
        silent,
        case(400, "cut"),
        case(200, "{}"),
    ];
    let found = |contract: &Contract, results: &[CaseResult]| -> Vec<String> {
        let mut found = Seen::default();
        for case in results {
            found.take(std::slice::from_ref(contract), case);
        }
        let listed = found.of(contract.edition).iter();
        listed
            .map(|(key, count)| format!("{} {}: {count}", key.matrix.label(), key.item))
            .collect()
    };
    assert_eq!(
        found(contract(), &results),
        [
            "statuses 200: 1",
            "statuses 400: 3",
            "errors A.0001: 2",
            "responses 400 /error_code: 2",
            "responses 400 /error_msg: 2",
        ]
    );
    let by_number = [
        case(400, r#"{"fault":{"number":40001}}"#),
        case(400, refused),
    ];
    assert_eq!(
        found(numbered(), &by_number),
        [
            "statuses 400: 2",
            "errors 40001: 1",
            "responses 400 /error_code: 1",
            "responses 400 /error_msg: 1",
            "responses 400 /fault: 1",
        ]
    );
}

#[test]
fn an_answer_that_is_no_evidence_is_no_refusal_either() {
    let refused = |verdict: Verdict| {
        let mut accepted = answered("accepted", pass(), 200);
        accepted.outcome = Some(RequestOutcome::Accepted);
        let mut refused = answered("refused", verdict, 400);
        refused.outcome = Some(RequestOutcome::Refused);
        let failed = answered("failed", fail(), 200);
        let all = [&accepted, &refused, &failed];
        let unrefused = UnrefusedOperations::of(&all);
        unrefused.rests_on(std::iter::once(&accepted)).is_none()
    };
    assert!(refused(pass()) && refused(fail()) && refused(seen_only()));
    assert!(!refused(Verdict::Error(ErrorReason::Desync)));
    assert!(!refused(error()));
}
