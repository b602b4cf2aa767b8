//! The test case about the run itself, where no other says that it does not end with 0.

use std::time::Duration;

use super::test_case::{Element, Outcome, TestCase, Totals};
use crate::{
    report::text::one_line,
    result::{Conclusion, ErrorReason, RunReport},
};

/// The suite that it stands in, and its class.
pub(super) const SUITE: &str = "probity.run";

/// One error that says why the run does not end with 0, where nothing else in the file does, or where the
/// run is worth nothing whatever else says.
pub(super) fn test_case<'a>(report: &RunReport, others: &Totals) -> Option<TestCase<'a>> {
    let conclusion = report.conclusion();
    if !is_said(report, conclusion, others) {
        return None;
    }
    let why = report.because().unwrap_or_default();
    let (name, reason, effect) = words(report, conclusion);
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

fn is_said(report: &RunReport, conclusion: Conclusion, others: &Totals) -> bool {
    let worthless = match conclusion {
        Conclusion::NotStarted | Conclusion::Unfinished => true,
        Conclusion::Inconclusive => !report.ending.is_complete(),
        Conclusion::Invalid => report.cases.len() != report.planned,
        _ => false,
    };
    worthless || conclusion.exit_code() != 0 && !others.is_red()
}

/// Its name, the word of its reason, and what follows from it.
fn words(report: &RunReport, conclusion: Conclusion) -> (&'static str, &'static str, &'static str) {
    let interrupted = ErrorReason::Interrupted.label();
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
        Conclusion::Inconclusive if !report.ending.is_complete() => (
            "the run finishes",
            interrupted,
            "No row was sent, so nothing is known about the target.",
        ),
        Conclusion::Inconclusive => (
            "the run is conclusive",
            "inconclusive",
            "No departure was seen, but not all that should be judged was.",
        ),
        Conclusion::WaiversNeedAttention => (
            "no waiver needs attention",
            "waivers-need-attention",
            "No other departure was seen; a person has to look at the waivers.",
        ),
        Conclusion::LeftBehind => (
            "nothing is left behind",
            "left-behind",
            "No departure was seen; a person has to remove what is still on the target.",
        ),
        Conclusion::Conformant
        | Conclusion::WithWaivers
        | Conclusion::NotConformant
        | Conclusion::Invalid => (
            "the run is valid",
            interrupted,
            "The run is not valid, whatever the other rows say.",
        ),
    }
}
