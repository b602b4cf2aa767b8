//! `junit.xml` agrees with the run, and no text can break it.

use probity::{
    report::{
        self,
        junit::{Blocked, Options, render, render_with, xml_text},
    },
    result::{PassReason, RunReport, Verdict},
};
use proptest::prelude::*;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};

use super::run;

/// Reads the file back. The reader wants a zone in a time stamp, many others want none.
#[track_caller]
fn parse(xml: &str) -> Report {
    let stamp = "timestamp=\"2026-01-15T09:30:00\"";
    let zoned = "timestamp=\"2026-01-15T09:30:00Z\"";
    match Report::deserialize_from_str(&xml.replace(stamp, zoned)) {
        Ok(report) => report,
        Err(error) => panic!("{error}\n{xml}"),
    }
}

fn cases(report: &Report) -> impl Iterator<Item = &TestCase> {
    report
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
}

/// Whether a test case is a row of the suite.
fn is_row(case: &TestCase) -> bool {
    let class = case.classname.as_deref();
    !class.is_some_and(|class: &str| class.starts_with("probity."))
}

fn count(cases: &[TestCase], shape: &str) -> usize {
    let shape_of = |case: &&TestCase| {
        shape
            == match &case.status {
                TestCaseStatus::Success { .. } => "pass",
                TestCaseStatus::NonSuccess {
                    kind: NonSuccessKind::Failure,
                    ..
                } => "fail",
                TestCaseStatus::NonSuccess {
                    kind: NonSuccessKind::Error,
                    ..
                } => "error",
                TestCaseStatus::Skipped { .. } => "skip",
            }
    };
    cases.iter().filter(shape_of).count()
}

#[test]
fn the_counters_agree_with_the_elements_and_with_the_run() {
    let run = run::mixed();
    let counts = run.counts();
    let xml = parse(&render(&run));
    // What a part of the suite does not prove is told, and is no finding.
    let open = run.unproven().filter(|one| !one.left_out).count();
    assert_eq!(open, 2);
    assert_eq!(
        [xml.tests, xml.failures, xml.errors, xml.skipped],
        [
            counts.total + open,
            counts.failed,
            counts.errors,
            counts.skipped + open
        ],
    );
    for suite in &xml.test_suites {
        let cases = &suite.test_cases;
        assert_eq!(suite.tests, cases.len(), "{}", suite.name.as_str());
        assert_eq!(
            suite.failures,
            count(cases, "fail"),
            "{}",
            suite.name.as_str()
        );
        assert_eq!(
            suite.errors,
            count(cases, "error"),
            "{}",
            suite.name.as_str()
        );
        assert_eq!(
            suite.skipped,
            count(cases, "skip"),
            "{}",
            suite.name.as_str()
        );
    }
}

#[test]
fn what_did_not_pass_has_message_type_and_text_that_begins_with_the_message_and_its_place() {
    for case in cases(&parse(&render(&run::mixed()))) {
        let (message, ty, text) = match &case.status {
            TestCaseStatus::Success { .. } => continue,
            TestCaseStatus::NonSuccess {
                message,
                ty,
                description,
                ..
            }
            | TestCaseStatus::Skipped {
                message,
                ty,
                description,
            } => (message, ty, description),
        };
        let message = message.as_ref().expect("a message").as_str();
        assert!(!message.contains('\n') && !message.is_empty());
        assert!(!ty.as_ref().expect("a type").is_empty());
        let mut lines = text.as_ref().expect("text").lines();
        assert_eq!(lines.next(), Some(message));
        let place = lines.next().expect("a place");
        let file = case.extra.get("file").expect("a file").as_str();
        assert_eq!(place, format!("  at {file}:12"));
    }
}

#[test]
fn every_row_has_its_identity_place_and_requirements() {
    let run = run::mixed();
    let xml = parse(&render(&run));
    let mut seen = std::collections::BTreeSet::new();
    for case in cases(&xml).filter(|case| is_row(case)) {
        let class = case.classname.as_ref().expect("a class name").as_str();
        assert!(!class.contains([' ', '/']), "{class}");
        assert!(case.name.chars().count() <= 256);
        assert!(seen.insert((class.to_owned(), case.name.as_str().to_owned())));
        assert!(
            case.extra
                .get("file")
                .is_some_and(|file| file.ends_with(".yaml"))
        );
        assert!(case.extra.get("line").is_some_and(|line| *line == *"12"));
        assert!(
            case.properties
                .iter()
                .any(|property| property.name == *"requirement")
        );
        assert!(
            case.properties
                .iter()
                .any(|property| property.name == *"verdict")
        );
    }
    assert_eq!(seen.len(), run.cases.len());
}

#[test]
fn a_file_that_lacks_rows_is_never_green() {
    let passed = run::case("ciam/skip-update/a/b", Verdict::Pass(PassReason::Clean));
    let short = RunReport {
        planned: 3,
        ..run::many(1, &passed)
    };
    let empty = run::many(0, &passed);
    assert_eq!(parse(&render(&short)).errors, 1);
    assert_eq!(parse(&render(&empty)).errors, 1);
    assert_eq!(parse(&render(&run::many(3, &passed))).errors, 0);
}

proptest! {
    #[test]
    fn any_text_gives_a_file_that_can_be_read(text in any::<String>(), id in any::<String>()) {
        let hostile = text.clone();
        let mut failed = run::wrong_status();
        failed.title.clone_from(&text);
        failed.source.file.clone_from(&text);
        failed.steps[0].name = text.as_str().into();
        failed.verdict = Verdict::Fail(text.as_str().into());
        if let Some(mismatch) = &mut failed.steps[0].checks[0].mismatch {
            mismatch.place.clone_from(&text);
            mismatch.actual.clone_from(&text);
        }
        let mut blocked = run::blocked(&text);
        blocked.detail = Some(text.clone());
        blocked.id = id.as_str().into();
        blocked.requirements = vec![probity::result::Covered {
            id: id.into(),
            text,
            evidence: probity::result::Evidence::None,
        }];
        let mut run = RunReport { cases: vec![failed, blocked].into(), planned: 2, ..run::mixed() };
        for requirement in &mut run.requirements {
            requirement.id = hostile.as_str().into();
            requirement.sentence.clone_from(&hostile);
            requirement.place.clone_from(&hostile);
            requirement.why = Some(hostile.clone());
        }
        let junit = Options { blocked: Blocked::Skip, ..Options::default() };
        let skipping = report::Options { junit, ..report::Options::default() };
        let skipped = parse(&render_with(&run, &skipping));
        prop_assert_eq!([skipped.failures, skipped.errors], [1, 1]);
        let xml = parse(&render(&run));
        let rows = cases(&xml).filter(|case| is_row(case)).count();
        prop_assert_eq!([rows, xml.failures, xml.errors], [2, 1, 1]);
    }

    #[test]
    fn xml_text_holds_only_what_xml_allows(text in any::<String>()) {
        let kept = xml_text(&text);
        for char in kept.chars() {
            let allowed = matches!(
                char,
                '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..
            );
            prop_assert!(allowed, "{:?}", char);
        }
        prop_assert_eq!(xml_text(&kept), kept);
    }

    #[test]
    fn xml_text_drops_nothing(text in "[\u{0}-\u{20}\u{7f}-\u{9f}\u{fffe}\u{ffff}a-c]{0,20}") {
        let visible = text.replace("\r\n", "\n");
        prop_assert!(xml_text(&text).chars().count() >= visible.chars().count());
    }
}
