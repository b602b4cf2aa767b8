//! The `JUnit` file, row by row.

mod choices;

use std::time::Duration;

use super::render;
use crate::result::{
    CaseResult, CheckResult, Covered, ErrorReason, Evidence, Mismatch, Part, PassReason, Repeated,
    RequirementState, RunReport, SkipReason, Source, State, StepResult, Verdict,
};

fn row(id: &str, verdict: Verdict) -> CaseResult {
    CaseResult {
        waiver: None,
        blocked_by: None,
        id: id.into(),
        title: "says <this>".into(),
        edition: "ciam".into(),
        operation: "openDoor".into(),
        control: false,
        source: Source {
            file: "cases/a b.yaml".into(),
            line: 7,
            ..Source::default()
        },
        requirements: vec![Covered {
            evidence: Evidence::Held,
            id: "D-1".into(),
            text: "Door, first: it opens".into(),
        }],
        verdict,
        outcome: None,
        stands: false,
        detail: None,
        causes: Vec::new(),
        steps: Vec::new(),
        tags: Vec::new(),
        basis: crate::result::Basis::default(),
        elapsed: Duration::from_millis(1_500),
    }
}

fn run(cases: Vec<CaseResult>) -> RunReport {
    RunReport {
        run_id: "run 1".into(),
        target: "a  tenant".into(),
        elapsed: Duration::from_secs(4),
        suite_size: cases.len(),
        planned: cases.len(),
        cases: cases.into(),
        ..RunReport::without_cases(1_768_469_400_250, crate::result::Ending::Complete)
    }
}

/// A step with one check that does not hold.
fn broken(warning: bool) -> StepResult {
    StepResult {
        name: "request".into(),
        owner: crate::result::StepOwner::Case,
        part: Part::Request,
        checks: vec![CheckResult {
            check: "status".into(),
            source: Source {
                file: "cases/a b.yaml".into(),
                line: 9,
                column: 3,
                excerpt: String::new(),
            },
            mismatch: Some(Mismatch {
                subject: crate::result::Subject::Status,
                place: "status".into(),
                expected: vec!["200".into()],
                actual: "500".into(),
            }),
            warning,
            violates: if warning { vec![] } else { vec!["D-1".into()] },
            further: 0,
        }],
        exchange: None,
        attempts: 1,
        repeated: Repeated::default(),
        earlier: Vec::new(),
    }
}

fn state(id: &str, edition: &str, operation: &str, state: State) -> RequirementState {
    RequirementState {
        id: id.into(),
        edition: edition.into(),
        operation: operation.into(),
        kind: "flow".into(),
        sentence: String::new(),
        place: String::new(),
        judged: true,
        state,
        why: None,
        left_out: false,
        cases: Vec::new(),
    }
}

#[test]
fn a_run_is_told_row_by_row_under_the_suites_of_its_operations() {
    let mut warned = row(
        "ciam/door/rows/warned",
        Verdict::Pass(PassReason::WithWarnings),
    );
    warned.steps = vec![broken(true)];
    let mut failed = row("ciam/door/rows/failed", Verdict::Fail("status".into()));
    failed.steps = vec![broken(false)];
    let mut skipped = row(
        "ciam/door/other/skipped",
        Verdict::Skip(SkipReason::NotProvided),
    );
    skipped.detail = Some("the target provides no `bell`".into());
    let mut run = run(vec![
        row("ciam/door/rows/control", Verdict::Pass(PassReason::Clean)),
        row(
            "ciam/bell/rows/control",
            Verdict::Error(ErrorReason::Unreachable),
        ),
        warned,
        failed,
        skipped,
    ]);
    run.cases[1].operation = "ringBell".into();
    run.requirements = vec![
        state("D-1", "ciam", "openDoor", State::Satisfied),
        state("D-2", "ciam", "openDoor", State::Satisfied),
        state("D-3", "ciam", "openDoor", State::Unproven),
        state("E-1", "eiam", "openDoor", State::Violated),
        state("D-4", "ciam", "logIn", State::Violated),
    ];
    assert_eq!(render(&run), include_str!("../sample.xml"));
}

#[test]
fn a_waived_departure_is_skipped_and_says_who_answers_for_it() {
    let fail = || Verdict::Fail("status".into());
    let mut waived = row("ciam/a/b/c", fail());
    waived.steps = vec![broken(false)];
    waived.waiver = Some(crate::result::Waived {
        owner: "ann".into(),
        reason: "known".into(),
        expires: "2027-03-10".into(),
        days_left: None,
        age_days: None,
    });
    let mut run = run(vec![waived]);
    let xml = render(&run);
    let message = "waived by ann until 2027-03-10: known: status: expected 200 but was 500";
    let element = format!("<skipped message=\"{message}\" type=\"fail\">{message}\n");
    assert!(xml.contains(&element), "{xml}");
    // It stops no gate, so a run that lost a row has to say so itself.
    assert!(xml.contains("failures=\"0\" errors=\"0\""), "{xml}");
    run.planned += 1;
    assert!(render(&run).contains("the run is valid"));
}

#[test]
fn a_run_that_is_worth_nothing_says_so_in_a_row_of_its_own_unless_a_row_does() {
    #[track_caller]
    fn check(verdicts: &[Verdict], lost: usize, message: Option<&str>) {
        let row =
            |(at, verdict): (usize, &Verdict)| row(&format!("ciam/a/b/{at}"), verdict.clone());
        let mut run = run(verdicts.iter().enumerate().map(row).collect());
        run.planned += lost;
        let xml = render(&run);
        let ending = message.map_or_else(String::new, |message| {
            format!(
                r#"    <testsuite name="probity.run" tests="1" skipped="0" errors="1" failures="0" time="0.000" timestamp="2026-01-15T09:30:00">
        <testcase name="the run is valid" classname="probity.run" time="0.000">
            <properties>
                <property name="verdict" value="error"/>
                <property name="reason" value="interrupted"/>
            </properties>
            <error message="{message}" type="error">{message}
The run is not valid, whatever the other rows say.
</error>
        </testcase>
    </testsuite>
</testsuites>
"#
            )
        });
        assert_eq!(xml.contains("probity.run"), message.is_some(), "{xml}");
        assert!(xml.ends_with(&ending), "{xml}");
    }
    let pass = || Verdict::Pass(PassReason::Clean);
    let fail = || Verdict::Fail("status".into());
    let error = || Verdict::Error(ErrorReason::HarnessFault);
    let skip = || Verdict::Skip(SkipReason::NotProvided);
    check(&[pass(), pass()], 0, None);
    check(&[pass(), fail()], 0, None);
    check(&[pass(), Verdict::Error(ErrorReason::Unreachable)], 0, None);
    check(&[pass(), error()], 0, None);
    check(
        &[pass(), error()],
        1,
        Some("the harness itself failed in 1 row"),
    );
    check(&[pass(), fail()], 1, Some("3 planned, but 2 have a result"));
    check(&[pass(), pass()], 2, Some("4 planned, but 2 have a result"));
    check(
        &[skip(), skip()],
        0,
        Some("every row was skipped, so nothing was judged"),
    );
    check(&[], 0, Some("there was no row, so nothing was judged"));
}

#[test]
fn a_run_that_does_not_end_with_0_and_has_no_red_row_says_why_in_one_of_its_own() {
    #[track_caller]
    fn check(run: &RunReport, name: &str) {
        let (xml, why) = (render(run), run.because().expect("a reason"));
        assert_eq!(xml.matches("<error ").count(), 1, "{xml}");
        let element = format!("<error message=\"{why}\" type=\"error\">{why}\n");
        assert!(xml.contains(&element), "{xml}");
        let tag = format!("<testcase name=\"{name}\" classname=\"probity.run\"");
        assert!(xml.contains(&tag), "{xml}");
    }
    let pass = || row("ciam/a/b/pass", Verdict::Pass(PassReason::Clean));
    let skip = row("ciam/a/b/skip", Verdict::Skip(SkipReason::NotProvided));
    check(&run(vec![pass(), skip]), "the run is conclusive");
    let waiver = RunReport {
        waivers: vec![String::from("the waiver of ann is over")],
        ..run(vec![pass()])
    };
    check(&waiver, "no waiver needs attention");
    let left = RunReport {
        left: vec![String::from("user u is still there")],
        ..run(vec![pass()])
    };
    check(&left, "nothing is left behind");
}
