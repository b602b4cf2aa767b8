//! The test case about the run itself, where the rows do not say that it is worth nothing.

use std::time::Duration;

use super::test_case::{Element, Outcome, TestCase, Totals};
use crate::{
    report::text::one_line,
    result::{Conclusion, ErrorReason, RunReport},
};

/// The suite that it stands in, and its class.
pub(super) const SUITE: &str = "probity.run";

/// One error that says why the run is worth nothing, where no row of its own says so.
pub(super) fn test_case<'a>(report: &RunReport, rows: &Totals) -> Option<TestCase<'a>> {
    let conclusion = report.conclusion();
    if !is_said(report, conclusion, rows) {
        return None;
    }
    let why = report.because().unwrap_or_default();
    let (name, reason, effect) = words(conclusion);
    Some(TestCase {
        name: name.to_owned(),
        class: SUITE.to_owned(),
        time: Duration::ZERO,
        place: None,
        properties: vec![
            ("verdict".into(), "error".into()),
            ("reason".into(), reason.into()),
        ],
        outcome: Some(Outcome {
            element: Element::Error,
            kind: "error",
            message: one_line(&why),
            body: format!("{effect}\n"),
        }),
        output: String::new(),
    })
}

fn is_said(report: &RunReport, conclusion: Conclusion, rows: &Totals) -> bool {
    match conclusion {
        Conclusion::NotStarted | Conclusion::Unfinished => true,
        Conclusion::Inconclusive => !report.ending.is_complete(),
        Conclusion::Invalid => report.cases.len() != report.planned || !rows.is_red(),
        _ => false,
    }
}

/// Its name, the word of its reason, and what follows from it.
const fn words(conclusion: Conclusion) -> (&'static str, &'static str, &'static str) {
    match conclusion {
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
    }
}
