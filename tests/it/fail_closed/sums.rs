//! What a run adds up to: skips, lost rows and unknowns are never a success.

use std::fs;

use probity::{
    judge,
    result::{CaseResult, Conclusion, Covered, ErrorReason, Part, SkipReason, State, Verdict},
};

use super::{count, ends, lacking, passed, record, row};
use crate::{
    cli::{self, run_into, temporary},
    support,
};

/// G1.
#[test]
fn a_run_of_which_every_row_was_skipped_is_invalid() {
    for reason in [SkipReason::NotProvided, SkipReason::OnlyObserved] {
        let skipped = ["a/control", "a/one", "a/two"]
            .map(|id| row(id, Verdict::Skip(reason)))
            .to_vec();
        let why = "every row was skipped, so nothing was judged";
        ends(&support::report(skipped), 4, why);
    }
}

/// G1, as a caller meets it: the target provides nothing at all.
#[test]
fn a_target_without_providers_ends_in_exit_4() {
    let (out, folder) = (temporary(), temporary());
    let text = "name: bare\neditions:\n  ciam: { base_url: embedded }\n";
    let file = cli::target::write(folder.path(), "bare.yaml", text);
    let arguments = ["ciam/skip-update", "--target", &file.to_string_lossy()];
    let ran = run_into(out.path(), &arguments).expect(4);
    for told in [
        "every row was skipped, so nothing was judged",
        "the target does not provide `account-warn`",
    ] {
        assert!(ran.out.contains(told), "{}", ran.out);
    }
}

/// G1: one skip among passes is no success either.
#[test]
fn a_row_that_lacks_a_provider_leaves_the_run_inconclusive() {
    let rows = vec![passed("a/control"), passed("a/one"), lacking("a/two")];
    let why = "1 row skipped for want of what the target does not provide";
    ends(&support::report(rows), 2, why);
}

/// G2.
#[test]
fn nothing_connected_means_nothing_passed() {
    let (out, folder) = (temporary(), temporary());
    let file = cli::target::file(folder.path(), cli::target::DEAD);
    let ran = run_into(
        out.path(),
        &["--no-preflight", "--target", &file.to_string_lossy()],
    )
    .expect(2);
    let report = record(out.path());
    let counts = report.counts();
    assert_eq!((counts.passed, counts.failed), (0, 0), "{}", ran.out);
    for told in ["cannot connect", "could not be judged\nelsewhere"] {
        assert!(ran.out.contains(told), "{}", ran.out);
    }
}

/// G3 for one row; `trivial` has the whole suite.
#[test]
fn an_acceptance_by_an_operation_that_refuses_nothing_proves_nothing() {
    let suite = support::shipped();
    let covering = |mut case: CaseResult, id: &str, status: Option<u16>| {
        case.requirements.push(Covered {
            evidence: probity::result::Evidence::Held,
            id: id.into(),
            text: String::new(),
        });
        case.steps = vec![probity::result::StepResult {
            name: "request".into(),
            owner: probity::result::StepOwner::Case,
            part: Part::Request,
            checks: Vec::new(),
            exchange: Some(probity::result::RecordedExchange {
                status,
                ..Default::default()
            }),
            attempts: 1,
            repeated: probity::result::Repeated::default(),
            earlier: Vec::new(),
        }];
        case
    };
    let accepted = covering(passed("a/accepted"), "CIAM-SKIP-H08", Some(200));
    let missed = covering(
        row("a/missed", Verdict::Fail("status".into())),
        "CIAM-SKIP-E04",
        Some(200),
    );
    let refused = covering(passed("a/refused"), "CIAM-SKIP-E05", Some(400));
    let why = |cases: &[CaseResult]| {
        let states = judge::requirements(&suite.contracts, &[], cases);
        let state = states.into_iter().find(|one| one.id == "CIAM-SKIP-H08");
        state.expect("the rows cover it").why
    };
    let blind = [accepted.clone(), missed.clone()];
    assert_eq!(
        why(&blind).as_deref(),
        Some(
            "no refusal by skipPasswordUpdate was seen in this run, so what it accepts proves nothing"
        )
    );
    assert_eq!(why(&[accepted.clone(), missed, refused]), None);
    // Where no refusal was asked for, an acceptance stands for itself.
    assert_eq!(why(&[accepted]), None);
}

/// G4.
#[test]
fn a_run_that_planned_more_than_it_has_results_for_is_invalid() {
    let mut report = support::report(vec![passed("a/control"), passed("a/one")]);
    (report.planned, report.suite_size) = (61, 61);
    ends(&report, 4, "61 planned, but 2 have a result");
    (report.planned, report.suite_size) = (1, 1);
    ends(&report, 4, "1 planned, but 2 have a result");
}

/// G4, the other way to the same sum: a result that stands twice hides a row that is lost.
#[test]
fn a_row_with_two_results_makes_the_run_invalid() {
    let rows = vec![passed("a/control"), passed("a/one"), passed("a/one")];
    ends(&support::report(rows), 4, "the row `a/one` has two results");
}

/// G5.
#[test]
fn a_run_without_rows_is_invalid() {
    let why = "there was no row, so nothing was judged";
    ends(&support::report(Vec::new()), 4, why);
}

/// G5: nothing that was asked for was judged.
#[test]
fn a_selection_of_rows_that_are_only_observed_ends_in_exit_4() {
    let out = temporary();
    let ran = run_into(out.path(), &["ciam/skip-update/open/other-method"]).expect(4);
    let why = "every row beside the controls was skipped, so nothing was judged";
    assert!(ran.out.contains(why), "{}", ran.out);
    let xml = fs::read_to_string(out.path().join("junit.xml")).expect("a report");
    assert_eq!(count(&xml, "error"), 1, "{xml}");
}

/// Nothing selected.
#[test]
fn a_filter_that_matches_nothing_ends_in_exit_3() {
    let out = temporary();
    let ran = run_into(out.path(), &["ciam/skip-update/no-such-row"]).expect(3);
    assert!(ran.err.contains("no row matches"), "{}", ran.err);
    let xml = fs::read_to_string(out.path().join("junit.xml")).expect("a report");
    assert_eq!(count(&xml, "error"), 1, "{xml}");
}

/// G13.
#[test]
fn one_pass_outranks_no_unknown() {
    let mut rows = vec![passed("a/control"), passed("a/one")];
    rows.extend((0..9).map(|n| lacking(&format!("a/{n}"))));
    let why = "9 rows skipped for want of what the target does not provide";
    ends(&support::report(rows.clone()), 2, why);
    rows.push(row("a/x", Verdict::Error(ErrorReason::Unreachable)));
    ends(
        &support::report(rows.clone()),
        2,
        "1 row could not be judged",
    );
    rows.push(row("a/y", Verdict::Fail("status".into())));
    let report = support::report(rows);
    assert_eq!(report.conclusion().exit_code(), 1);
    assert_eq!(report.because().as_deref(), Some("1 row failed"));
}

/// G13: a requirement with one row that passed and one that could not be judged is open.
#[test]
fn a_requirement_with_one_unknown_row_is_unproven_and_a_whole_run_says_so() {
    let suite = support::shipped();
    let covering = |mut case: CaseResult| {
        case.requirements.push(Covered {
            evidence: probity::result::Evidence::Held,
            id: "CIAM-SKIP-H08".into(),
            text: String::new(),
        });
        case
    };
    let unknown = row("a/two", Verdict::Error(ErrorReason::ControlFailed));
    let rows = [covering(passed("a/one")), covering(unknown)];
    let states = judge::requirements(&suite.contracts, &[], &rows);
    let ids: Vec<_> = states
        .iter()
        .map(|one| (one.id.as_str(), one.state))
        .collect();
    assert_eq!(ids, [("CIAM-SKIP-H08", State::Unproven)]);

    let mut whole = support::report(vec![passed("a/control"), passed("a/one")]);
    assert_eq!(whole.conclusion(), Conclusion::Conformant);
    whole.requirements = states;
    ends(&whole, 2, "requirements without proof: 1");
}
