//! What the options of the file change, and what none of them may.

use super::{broken, row, run, state};
use crate::{
    report::{
        self,
        junit::{self, Blocked, Options, Shape, Unproven, render},
    },
    result::{
        Blocker, CaseResult, Ending, ErrorReason, PassReason, RequirementState, RunReport,
        SkipReason, State, Verdict, Waived,
    },
};

fn render_with(run: &RunReport, junit: &Options) -> String {
    let options = report::Options {
        junit: junit.clone(),
        ..report::Options::default()
    };
    junit::render_with(run, &options)
}

fn pass(id: &str) -> CaseResult {
    row(id, Verdict::Pass(PassReason::Clean))
}

fn fail(id: &str) -> CaseResult {
    let mut failed = row(id, Verdict::Fail("status".into()));
    failed.steps = vec![broken(false)];
    failed
}

fn waived(id: &str) -> CaseResult {
    CaseResult {
        waiver: Some(Waived {
            owner: "ann".into(),
            reason: "known".into(),
            expires: "2027-03-10".into(),
            days_left: None,
            age_days: None,
        }),
        ..fail(id)
    }
}

fn error(id: &str, reason: ErrorReason) -> CaseResult {
    row(id, Verdict::Error(reason))
}

/// A row that waits for another one.
fn behind(id: &str, control: &str) -> CaseResult {
    CaseResult {
        blocked_by: Some(Blocker::Control(control.into())),
        ..error(id, ErrorReason::ControlFailed)
    }
}

/// A row whose provider gave nothing.
fn without_provider(id: &str) -> CaseResult {
    CaseResult {
        blocked_by: Some(Blocker::Provider {
            name: "user".into(),
            step: Some("create".into()),
        }),
        detail: Some("the provider 'user' gave nothing".into()),
        ..error(id, ErrorReason::SetupFailed)
    }
}

fn open(id: &str, rows: &[&str]) -> RequirementState {
    RequirementState {
        sentence: "It opens.".into(),
        place: "Door > Answers".into(),
        why: Some("no test case judges all that it is about".into()),
        cases: rows.iter().map(|row| (*row).into()).collect(),
        ..state(id, "ciam", "openDoor", State::Unproven)
    }
}

/// The test cases of a file with their result elements: `ciam.a.b control: failure`.
fn outcomes(xml: &str) -> Vec<String> {
    let attribute = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("{name}=\"")).expect("there");
        rest.split('"').next().expect("a value").to_owned()
    };
    let cases = xml.split("<testcase ").skip(1);
    cases
        .map(|text| {
            let name = attribute(text, "name").replace(" says &lt;this&gt;", "");
            let class = attribute(text, "classname");
            let elements = ["failure", "error", "skipped"];
            let element = elements
                .into_iter()
                .find(|name| text.contains(&format!("<{name} ")));
            format!("{class} {name}: {}", element.unwrap_or("pass"))
        })
        .collect()
}

#[track_caller]
fn counters_agree(xml: &str) {
    for suite in xml.split("<testsuite ").skip(1) {
        for (name, element) in [
            ("tests", "testcase"),
            ("errors", "error"),
            ("failures", "failure"),
            ("skipped", "skipped"),
        ] {
            let count = suite.matches(&format!("<{element} ")).count();
            assert!(
                suite.contains(&format!("{name}=\"{count}\"")),
                "{name} of {suite}"
            );
        }
    }
    let root = xml.split("<testsuite ").next().expect("a root");
    for (name, element) in [("tests", "testcase"), ("errors", "error")] {
        let count = xml.matches(&format!("<{element} ")).count();
        assert!(root.contains(&format!("{name}=\"{count}\"")), "{root}");
    }
}

#[test]
fn what_did_not_pass_has_its_place_under_its_message_with_the_base_before_it() {
    let skip = row("ciam/a/b/skip", Verdict::Skip(SkipReason::NotProvided));
    let cases = vec![
        fail("ciam/a/b/fail"),
        error("ciam/a/b/e", ErrorReason::Desync),
        skip,
    ];
    for base in ["", "services/login/"] {
        let options = report::Options {
            base: base.parse().expect("a base"),
            ..report::Options::default()
        };
        let xml = junit::render_with(&run(cases.clone()), &options);
        let file = format!("file=\"{base}cases/a b.yaml\" line=\"7\"");
        assert_eq!(xml.matches(&file).count(), 3, "{xml}");
        for element in ["failure", "error", "skipped"] {
            let (_, text) = xml.split_once(&format!("<{element} ")).expect("there");
            let second = text.lines().nth(1).expect("a second line");
            assert_eq!(second, format!("  at {base}cases/a b.yaml:7"), "{xml}");
        }
    }
}

#[test]
fn a_message_that_is_too_long_for_one_is_whole_in_the_text() {
    let mut long = error("ciam/a/b/e", ErrorReason::Desync);
    long.detail = Some("x".repeat(1_500));
    let xml = render(&run(vec![long]));
    let cut = format!("{}…", "x".repeat(999));
    let element = format!("<error message=\"{cut}\" type=\"error\">{cut}\n  at cases/a b.yaml:7\n");
    assert!(xml.contains(&element), "{xml}");
    assert!(xml.contains(&format!("  {}\n", "x".repeat(1_500))), "{xml}");
}

#[test]
fn a_requirement_without_proof_is_red_where_nothing_else_is_and_a_filter_is_no_finding() {
    #[track_caller]
    fn check(rows: Vec<CaseResult>, suite: usize, left_out: bool, how: Unproven, wanted: &[&str]) {
        let requirement = RequirementState {
            left_out,
            ..open("D-3", &["ciam/a/b/one"])
        };
        let run = RunReport {
            suite_size: suite,
            requirements: vec![requirement],
            ..run(rows)
        };
        let options = Options {
            unproven: how,
            ..Options::default()
        };
        let xml = render_with(&run, &options);
        let prefix = "probity.requirements.ciam.openDoor D-3 It opens.: ";
        let outcomes = outcomes(&xml);
        let found: Vec<&str> = outcomes
            .iter()
            .filter_map(|one| one.strip_prefix(prefix))
            .collect();
        assert_eq!(found, wanted, "{xml}");
        counters_agree(&xml);
    }
    let pass = || vec![pass("ciam/a/b/one")];
    let red = || vec![error("ciam/a/b/one", ErrorReason::Desync)];
    check(pass(), 1, false, Unproven::Error, &["error"]);
    check(
        vec![waived("ciam/a/b/one")],
        1,
        false,
        Unproven::Error,
        &["error"],
    );
    check(red(), 1, false, Unproven::Error, &["skipped"]);
    check(
        vec![fail("ciam/a/b/one")],
        1,
        false,
        Unproven::Error,
        &["skipped"],
    );
    check(pass(), 1, false, Unproven::Skip, &["skipped"]);
    check(pass(), 1, false, Unproven::Omit, &[]);
    // A part of the suite.
    check(pass(), 2, true, Unproven::Error, &[]);
    check(pass(), 2, true, Unproven::Skip, &[]);
    check(pass(), 2, false, Unproven::Error, &["skipped"]);
}

#[test]
fn a_requirement_without_proof_says_why_what_it_demands_and_which_row_is_red_for_it() {
    let mut requirement = open("D-3", &["ciam/a/b/one", "ciam/a/b/two"]);
    requirement.why = Some("ciam/a/b/two is error (desync)".into());
    let run = RunReport {
        requirements: vec![requirement],
        ..run(vec![
            pass("ciam/a/b/one"),
            error("ciam/a/b/two", ErrorReason::Desync),
        ])
    };
    let xml = render(&run);
    let element = "<skipped message=\"unproven: ciam/a/b/two is error (desync)\" type=\"skip\">\
                   unproven: ciam/a/b/two is error (desync)
  at cases/a b.yaml:7
at cases.Row(a b.yaml:7)
  demands   It opens.
  documents Door &gt; Answers
  rows      ciam/a/b/one, ciam/a/b/two
  red       ciam/a/b/two
</skipped>";
    assert!(xml.contains(element), "{xml}");
    let mut waiting = run;
    waiting.cases[1] = without_provider("ciam/a/b/two");
    let options = Options {
        blocked: Blocked::Skip,
        ..Options::default()
    };
    let xml = render_with(&waiting, &options);
    let red = "  red       ciam/a/b/two is blocked by provider &apos;user&apos;, step &apos;create&apos;: \
               setup-failed:";
    assert!(xml.contains(red), "{xml}");
}

#[track_caller]
fn with_blocked_skipped(rows: Vec<CaseResult>, wanted: &[&str]) -> String {
    let options = Options {
        blocked: Blocked::Skip,
        ..Options::default()
    };
    let xml = render_with(&run(rows), &options);
    assert_eq!(outcomes(&xml), wanted, "{xml}");
    counters_agree(&xml);
    xml
}

#[test]
fn rows_behind_a_red_row_are_skipped_and_say_what_it_met() {
    let xml = with_blocked_skipped(
        vec![
            fail("ciam/a/b/control"),
            behind("ciam/a/b/one", "ciam/a/b/control"),
            behind("ciam/a/b/two", "ciam/a/b/one"),
            error("ciam/a/c/control", ErrorReason::Desync),
            behind("ciam/a/c/one", "ciam/a/c/control"),
        ],
        &[
            "ciam.a.b control: failure",
            "ciam.a.b one: skipped",
            "ciam.a.b two: skipped",
            "ciam.a.c control: error",
            "ciam.a.c one: skipped",
        ],
    );
    for message in [
        "blocked by ciam/a/b/control: the request, status is 500, expected 200",
        "blocked by ciam/a/c/control: the target sent what nobody asked for",
    ] {
        let element = format!("<skipped message=\"{message}");
        assert!(xml.contains(&element), "{element} in {xml}");
    }
}

#[test]
fn a_provider_that_gave_nothing_is_red_itself_and_the_rows_that_need_it_are_skipped() {
    let xml = with_blocked_skipped(
        vec![
            without_provider("ciam/a/b/control"),
            without_provider("ciam/a/b/one"),
            behind("ciam/a/b/two", "ciam/a/b/control"),
            pass("ciam/a/b/three"),
        ],
        &[
            "probity.causes.ciam provider &apos;user&apos;, step &apos;create&apos;: setup-failed: error",
            "ciam.a.b control: skipped",
            "ciam.a.b one: skipped",
            "ciam.a.b two: skipped",
            "ciam.a.b three: pass",
        ],
    );
    assert!(
        xml.contains("  blocks 3 rows, skipped here: ciam/a/b/control"),
        "{xml}"
    );
}

#[test]
fn a_target_that_is_silent_is_red_once_and_a_single_silence_is_a_row() {
    with_blocked_skipped(
        vec![
            error("ciam/a/b/one", ErrorReason::Unreachable),
            error("ciam/a/b/two", ErrorReason::Unreachable),
        ],
        &[
            "probity.causes.ciam target: unreachable: error",
            "ciam.a.b one: skipped",
            "ciam.a.b two: skipped",
        ],
    );
    with_blocked_skipped(
        vec![
            error("ciam/a/b/one", ErrorReason::Unreachable),
            pass("ciam/a/b/two"),
        ],
        &["ciam.a.b one: error", "ciam.a.b two: pass"],
    );
}

#[test]
fn what_is_behind_rows_is_red_also_where_no_row_of_the_file_shows_it() {
    // The control is waived, is not in the run, or was itself skipped.
    let need = row("ciam/a/b/control", Verdict::Skip(SkipReason::NotProvided));
    for control in [Some(waived("ciam/a/b/control")), None, Some(need)] {
        let mut rows = Vec::from_iter(control);
        rows.push(behind("ciam/a/b/one", "ciam/a/b/control"));
        let options = Options {
            blocked: Blocked::Skip,
            ..Options::default()
        };
        let xml = render_with(&run(rows), &options);
        let outcomes = outcomes(&xml);
        assert!(outcomes[0].starts_with("probity.causes.ciam "), "{xml}");
        assert!(outcomes[0].ends_with(": error"), "{xml}");
        assert_eq!(outcomes.last().expect("a row"), "ciam.a.b one: skipped");
    }
}

#[test]
fn a_strict_file_has_only_what_the_schema_knows() {
    let options = Options {
        shape: Shape::Strict,
        ..Options::default()
    };
    let run = run(vec![fail("ciam/a/b/fail"), pass("ciam/a/b/pass")]);
    let xml = render_with(&run, &options);
    assert!(!xml.contains(" file=") && !xml.contains(" line="), "{xml}");
    let root = xml.lines().nth(1).expect("a root");
    assert_eq!(
        root,
        "<testsuites name=\"probity a tenant\" tests=\"2\" failures=\"1\" errors=\"0\" time=\"4.000\">"
    );
    assert_eq!(
        xml.matches("<properties>").count(),
        1,
        "of the suite: {xml}"
    );
    assert!(xml.contains("\n  at cases/a b.yaml:7\n"), "{xml}");
}

/// Runs that end in every way.
fn runs() -> Vec<RunReport> {
    let proven = |rows: Vec<CaseResult>| run(rows);
    let lacking = |rows: Vec<CaseResult>| RunReport {
        requirements: vec![open("D-3", &["ciam/a/b/one"])],
        ..run(rows)
    };
    let one = "ciam/a/b/one";
    let skip = || row("ciam/a/b/skip", Verdict::Skip(SkipReason::BudgetSpent));
    let rows = [
        vec![pass(one)],
        vec![pass(one), fail("ciam/a/b/two")],
        vec![pass(one), skip()],
        vec![skip()],
        vec![waived(one), pass("ciam/a/b/two")],
        vec![waived(one), behind("ciam/a/b/two", one)],
        vec![fail(one), behind("ciam/a/b/two", one)],
        vec![
            behind(one, "ciam/a/b/two"),
            behind("ciam/a/b/two", one),
            pass("ciam/a/b/three"),
        ],
        vec![without_provider(one), pass("ciam/a/b/two")],
        vec![
            error(one, ErrorReason::HarnessFault),
            behind("ciam/a/b/two", one),
        ],
        vec![
            error(one, ErrorReason::Interrupted),
            error("ciam/a/b/two", ErrorReason::Interrupted),
        ],
        vec![pass(one), pass(one)],
        Vec::new(),
    ];
    let mut out: Vec<RunReport> = rows.iter().cloned().map(proven).collect();
    out.extend(rows.into_iter().map(lacking));
    let part = out.clone().into_iter().map(|run| RunReport {
        suite_size: run.suite_size + 1,
        ..run
    });
    out.extend(part.collect::<Vec<_>>());
    let again = |run: &RunReport| run.clone();
    out.push(RunReport {
        leaks: vec!["a secret stood in junit.xml".into()],
        ..again(&out[0])
    });
    out.push(RunReport {
        left: vec!["user u is still there".into()],
        ..again(&out[0])
    });
    out.push(RunReport {
        waivers: vec!["a waiver is over".into()],
        ..again(&out[0])
    });
    let endings = [
        Ending::Unfinished,
        Ending::NotStarted("no file".into()),
        Ending::Stopped("a signal".into()),
    ];
    out.extend(endings.map(|ending| RunReport::without_cases(0, ending)));
    out
}

#[test]
fn the_file_is_red_exactly_when_the_run_does_not_end_with_0_whatever_is_chosen() {
    let mut codes = std::collections::BTreeSet::new();
    for run in runs() {
        let code = run.conclusion().exit_code();
        codes.insert(code);
        for unproven in [Unproven::Error, Unproven::Skip, Unproven::Omit] {
            for blocked in [Blocked::Error, Blocked::Skip] {
                for shape in [Shape::Rich, Shape::Strict] {
                    let options = Options {
                        shape,
                        unproven,
                        blocked,
                    };
                    let xml = render_with(&run, &options);
                    let red = xml.contains("<error ") || xml.contains("<failure ");
                    assert_eq!(red, code != 0, "{options:?} {:?}\n{xml}", run.because());
                    counters_agree(&xml);
                }
            }
        }
    }
    assert_eq!(Vec::from_iter(codes), [0, 1, 2, 3, 4, 5]);
}
