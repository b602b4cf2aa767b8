//! The run as `JUnit` XML, in the one shape that every common reader understands.
//!
//! One level of suites (one an operation), one test case a row, at most one result element a case,
//! always with `message`, `type` and text. A run that lost rows or judged none gets one test case
//! more, an error, so that no reader takes its file for a green one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Duration,
};

use quick_junit::{
    NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite, XmlString,
};

use super::{
    explain,
    text::{one_line, visible},
};
use crate::result::{CaseResult, Conclusion, ErrorReason, RunReport, State, Tally, Verdict};

/// `ReportPortal` cuts longer names, and two cut names may become one.
const MAX_NAME: usize = 256;

/// The whole file.
///
/// # Panics
/// Never: writing to memory cannot fail.
#[must_use]
pub fn render(report: &RunReport) -> String {
    let stamp = jiff::Timestamp::from_millisecond(report.started)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    let name = format!("probity {}", one_line(&report.target));
    let mut xml = Report::new(xml_text(name.trim_end()));
    xml.set_time(report.elapsed);
    let mut names = BTreeSet::new();
    for (name, cases) in suites(report) {
        let mut suite = TestSuite::new(xml_text(&name));
        suite.set_time(cases.iter().map(|case| case.elapsed).sum::<Duration>());
        suite
            .extra
            .insert("timestamp".into(), stamp.as_str().into());
        suite.add_property(property("run", &report.run_id));
        suite.add_property(property("target", &report.target));
        for left in &report.left {
            suite.add_property(property("left behind", left));
        }
        if let Some(first) = cases.first() {
            for (state, count) in standings(report, first) {
                suite.add_property(property(
                    &format!("requirements {state}"),
                    &count.to_string(),
                ));
            }
        }
        for case in cases {
            suite.add_test_case(test_case(case, &mut names));
        }
        xml.add_test_suite(suite);
    }
    let red = |case: &CaseResult| match case.verdict {
        Verdict::Fail(_) => case.waiver.is_none(),
        Verdict::Error(_) => true,
        Verdict::Pass(_) | Verdict::Skip(_) => false,
    };
    let conclusion = report.conclusion();
    let about_the_run = match conclusion {
        Conclusion::NotStarted | Conclusion::Unfinished => true,
        Conclusion::Inconclusive => !report.ending.is_complete(),
        Conclusion::Invalid => {
            report.cases.len() != report.planned || !report.cases.iter().any(red)
        }
        _ => false,
    };
    if about_the_run {
        xml.add_test_suite(of_the_run(report, conclusion, &stamp));
    }
    xml.to_string().expect("writing to memory cannot fail")
}

/// Makes any text fit for XML 1.0 without dropping anything: what the format forbids is spelled
/// out as `\u{…}`, and a tab, which would be lost on the way, becomes four blanks.
#[must_use]
pub fn xml_text(text: &str) -> XmlString {
    XmlString::new(visible(text))
}

/// The rows by suite: suites in order of first appearance, rows in the plan's order.
fn suites(report: &RunReport) -> Vec<(String, Vec<&CaseResult>)> {
    let mut places = BTreeMap::new();
    let mut suites: Vec<(String, Vec<&CaseResult>)> = Vec::new();
    for case in &report.cases {
        let name = dotted(case.id.file().split('/').take(2));
        let place = *places.entry(name.clone()).or_insert_with(|| {
            suites.push((name, Vec::new()));
            suites.len() - 1
        });
        suites[place].1.push(case);
    }
    suites
}

/// How many requirements of a row's operation are in which state; none when none are known.
fn standings(report: &RunReport, case: &CaseResult) -> Vec<(&'static str, usize)> {
    let own = report
        .requirements
        .iter()
        .filter(|one| one.edition == case.edition && one.operation == case.operation);
    let tally = Tally::of(own.map(|one| one.state));
    let states = State::ALL.into_iter().filter(|_| tally.total() > 0);
    states
        .filter(|state| *state != State::Cased)
        .map(|state| (state.label(), tally.count(state)))
        .collect()
}

fn test_case(case: &CaseResult, names: &mut BTreeSet<(String, String)>) -> TestCase {
    let class = dotted(case.id.file().split('/'));
    let name = format!("{} {}", case.id.name(), case.title);
    let name = unique(&class, &one_line(&name), names);
    let mut out = TestCase::new(xml_text(&name), status(case));
    out.set_classname(xml_text(&class));
    out.set_time(case.elapsed);
    out.extra
        .insert("file".into(), xml_text(&one_line(&case.source.file)));
    out.extra
        .insert("line".into(), case.source.line.to_string().into());
    for one in &case.requirements {
        out.add_property(property("requirement", &one.id));
    }
    out.add_property(property("verdict", case.verdict.label()));
    out.add_property(property("reason", case.verdict.reason()));
    if let Some(sentence) = case.repeated().sentence() {
        out.add_property(property("sent again", &sentence));
    }
    let warnings = warnings(case);
    if !warnings.is_empty() {
        out.set_system_out(xml_text(&warnings));
    }
    out
}

fn status(case: &CaseResult) -> TestCaseStatus {
    let mut status = match &case.verdict {
        // The departure stays to be read, and a gate is not stopped by what somebody answers for.
        Verdict::Fail(_) if case.waiver.is_some() => TestCaseStatus::skipped(),
        Verdict::Pass(_) => return TestCaseStatus::success(),
        Verdict::Fail(_) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Error(_) => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Skip(_) => TestCaseStatus::skipped(),
    };
    let message = match &case.waiver {
        Some(waiver) => one_line(&format!(
            "{}: {}",
            waiver.sentence(),
            explain::message(case)
        )),
        None => explain::message(case),
    };
    let mut lines = Vec::new();
    if matches!(case.verdict, Verdict::Skip(_)) {
        let reason = explain::reason(&case.verdict);
        explain::hang(
            &mut lines,
            explain::WIDTH,
            explain::Part::Detail,
            "  ",
            &reason,
        );
        for one in &case.requirements {
            let words = one_line(&format!("{} {}", one.id, one.text));
            explain::hang(
                &mut lines,
                explain::WIDTH,
                explain::Part::Label,
                "  unproven ",
                &words,
            );
        }
    } else {
        explain::evidence(&mut lines, case);
    }
    status.set_type(case.verdict.label());
    status.set_description(xml_text(&format!("{message}\n{}", explain::plain(&lines))));
    status.set_message(xml_text(&message));
    status
}

fn warnings(case: &CaseResult) -> String {
    let mut out = String::new();
    for (_, check, mismatch) in case.warnings() {
        let (place, words) = (&check.source, explain::mismatch(mismatch));
        let file = one_line(&place.file);
        let (line, column) = (place.line, place.column);
        let _ = writeln!(out, "warning: {words} ({file}:{line}:{column})");
    }
    out
}

/// One error that says why the run is worth nothing, where no row of its own says so.
fn of_the_run(report: &RunReport, conclusion: Conclusion, stamp: &str) -> TestSuite {
    let why = report.because().unwrap_or_default();
    let (name, reason, effect) = match conclusion {
        Conclusion::NotStarted => (
            "the run starts",
            "not-started",
            "No row was sent, so nothing is known about the target.",
        ),
        Conclusion::Unfinished => (
            "the run finishes",
            "unfinished",
            "This file was written when the run began; the run did not live to replace it.",
        ),
        Conclusion::Inconclusive => (
            "the run finishes",
            ErrorReason::Interrupted.label(),
            "No row was sent, so nothing is known about the target.",
        ),
        _ => (
            "the run is valid",
            ErrorReason::Interrupted.label(),
            "The run is not valid, whatever the other rows say.",
        ),
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("error");
    status.set_description(xml_text(&format!("{why}\n{effect}\n")));
    status.set_message(xml_text(&one_line(&why)));
    let mut case = TestCase::new(name, status);
    case.set_classname("probity.run");
    case.add_property(property("verdict", "error"));
    case.add_property(property("reason", reason));
    case.set_time(Duration::ZERO);
    let mut suite = TestSuite::new("probity.run");
    suite.set_time(Duration::ZERO);
    suite.extra.insert("timestamp".into(), stamp.into());
    suite.add_test_case(case);
    suite
}

/// A name that stands once under its class and is at most [`MAX_NAME`] characters long.
fn unique(class: &str, name: &str, names: &mut BTreeSet<(String, String)>) -> String {
    let mut candidate = shortened(name, MAX_NAME);
    let mut turn = 2;
    while !names.insert((class.to_owned(), candidate.clone())) {
        let suffix = format!(" ({turn})");
        candidate = format!("{}{suffix}", shortened(name, MAX_NAME - suffix.len()));
        turn += 1;
    }
    candidate
}

/// At most so many characters, the last of them `…` when something was left out.
fn shortened(name: &str, limit: usize) -> String {
    if name.chars().nth(limit).is_none() {
        return name.to_owned();
    }
    let kept: String = name.chars().take(limit - 1).collect();
    format!("{}…", kept.trim_end())
}

/// `eiam.forced-change-by-mobile.headers`: dots between the parts, no blank and no slash in them.
fn dotted<'a>(segments: impl Iterator<Item = &'a str>) -> String {
    let parts: Vec<String> = segments
        .map(|segment| one_line(segment).replace([' ', '/'], "-"))
        .filter(|segment| !segment.is_empty())
        .collect();
    if parts.is_empty() {
        String::from("probity")
    } else {
        parts.join(".")
    }
}

fn property(name: &str, value: &str) -> Property {
    Property::new(xml_text(name), xml_text(&one_line(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::result::{
        CheckResult, Covered, Evidence, Mismatch, Part, PassReason, Repeated, RequirementState,
        SkipReason, Source, StepResult,
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
            elapsed: Duration::from_millis(1_500),
        }
    }

    fn run(cases: Vec<CaseResult>) -> RunReport {
        RunReport {
            leaks: Vec::new(),
            ending: crate::result::Ending::Complete,
            left: Vec::new(),
            waivers: Vec::new(),
            run_id: "run 1".into(),
            target: "a  tenant".into(),
            started: 1_768_469_400_250,
            elapsed: Duration::from_secs(4),
            suite_size: cases.len(),
            planned: cases.len(),
            cases,
            strict: false,
            requirements: Vec::new(),
            spent: Vec::new(),
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
            }],
            exchange: None,
            attempts: 1,
            repeated: Repeated::default(),
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
        assert_eq!(render(&run), include_str!("junit.sample.xml"));
    }

    #[test]
    fn a_class_name_has_neither_blank_nor_slash() {
        assert_eq!(
            dotted(["ciam", "skip update", "h[a/b]"].into_iter()),
            "ciam.skip-update.h[a-b]"
        );
        assert_eq!(dotted([].into_iter()), "probity");
    }

    #[test]
    fn a_name_stands_once_under_its_class_even_when_cut() {
        let mut names = BTreeSet::new();
        let long = "x".repeat(400);
        let first = unique("a", &long, &mut names);
        let second = unique("a", &long, &mut names);
        let elsewhere = unique("b", &long, &mut names);
        assert_ne!(first, second);
        assert_eq!(first, elsewhere);
        assert_eq!([first, second].map(|name| name.chars().count()), [256, 256]);
    }

    #[test]
    fn further_rows_of_one_name_are_counted() {
        let mut names = BTreeSet::new();
        let given: Vec<_> = (0..4).map(|_| unique("a", "x", &mut names)).collect();
        assert_eq!(given, ["x", "x (2)", "x (3)", "x (4)"]);
    }

    #[test]
    fn a_class_name_has_no_empty_part() {
        assert_eq!(dotted(["", "a", " ", "b"].into_iter()), "a.b");
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
        check(&[pass(), skip()], 0, None);
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
}
