//! Rows as test cases: suites by operation, and what is said of a row that did not pass.

use std::{collections::BTreeMap, fmt::Write as _, io};

use super::{
    causes::Causes,
    names::{Names, dotted},
    test_case::{Element, Outcome, Place, TestCase, Totals},
    xml::Properties,
};
use crate::{
    report::{explain, text::one_line},
    result::{CaseResult, RunReport, State, Tally, Verdict},
};

/// The rows of one operation.
pub(super) struct Suite {
    pub(super) name: String,
    /// In the plan's order.
    pub(super) places: Vec<usize>,
}

impl Suite {
    /// Suites in order of first appearance.
    pub(super) fn all(report: &RunReport) -> Vec<Self> {
        let mut numbers = BTreeMap::new();
        let mut suites: Vec<Self> = Vec::new();
        for (place, case) in report.cases.iter().enumerate() {
            let name = dotted(case.id.file().split('/').take(2));
            let number = *numbers.entry(name.clone()).or_insert_with(|| {
                let places = Vec::new();
                suites.push(Self { name, places });
                suites.len() - 1
            });
            suites[number].places.push(place);
        }
        suites
    }

    pub(super) fn totals(&self, report: &RunReport, causes: &Causes<'_>) -> Totals {
        let places = self.places.iter();
        Totals::of(places.map(|place| element(&report.cases[*place], causes)))
    }

    pub(super) fn properties<'a>(&self, report: &'a RunReport) -> Properties<'a> {
        let mut properties: Properties<'a> = vec![
            ("run".into(), report.run_id.as_str().into()),
            ("target".into(), report.target.as_str().into()),
        ];
        let left = report.left.iter();
        properties.extend(left.map(|left| ("left behind".into(), left.as_str().into())));
        if let Some(first) = self.places.first() {
            let standings = standings(report, &report.cases[*first]).into_iter();
            properties.extend(standings.map(|(state, count)| {
                let name = format!("requirements {state}");
                (name.into(), count.to_string().into())
            }));
        }
        properties
    }
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

/// The result element of a row; `None` where it passed.
fn element(case: &CaseResult, causes: &Causes<'_>) -> Option<Element> {
    match &case.verdict {
        _ if causes.behind(case).is_some() => Some(Element::Skipped),
        // The departure stays to be read, and a gate is not stopped by what somebody answers for.
        Verdict::Fail(_) if case.waiver.is_some() => Some(Element::Skipped),
        Verdict::Pass(_) => None,
        Verdict::Fail(_) => Some(Element::Failure),
        Verdict::Error(_) => Some(Element::Error),
        Verdict::Skip(_) => Some(Element::Skipped),
    }
}

/// The test case of a row.
pub(super) fn test_case<'a>(
    report: &'a RunReport,
    place: usize,
    causes: &Causes<'_>,
    names: &mut Names,
) -> io::Result<TestCase<'a>> {
    let case = &report.cases[place];
    let class = dotted(case.id.file().split('/'));
    let name = format!("{} {}", case.id.name(), case.title);
    let outcome = match (element(case, causes), causes.behind(case)) {
        (Some(element), None) => Some(outcome(element, &*report.cases.whole(place)?)),
        (Some(_), Some(behind)) => Some(blocked(behind, case)),
        (None, _) => None,
    };
    Ok(TestCase {
        name: names.unique(&class, &name),
        class,
        time: case.elapsed,
        place: Some(Place::of(case)),
        properties: properties(case),
        outcome,
        output: warnings(case),
    })
}

fn properties(case: &CaseResult) -> Properties<'_> {
    let required = case.requirements.iter();
    let mut properties: Properties<'_> = required
        .map(|one| ("requirement".into(), one.id.as_str().into()))
        .collect();
    properties.push(("verdict".into(), case.verdict.label().into()));
    properties.push(("reason".into(), case.verdict.reason().into()));
    if let Some(sentence) = case.repeated().sentence() {
        properties.push(("sent again".into(), sentence.into()));
    }
    if let Some(tries) = case.basis.tries {
        properties.push(("tries".into(), tries.sentence().into()));
    }
    properties
}

/// What is said of a row that did not pass: in one line, and in full.
fn outcome(element: Element, case: &CaseResult) -> Outcome {
    let message = match &case.waiver {
        Some(waiver) => one_line(&format!(
            "{}: {}",
            waiver.sentence(),
            explain::message(case)
        )),
        None => explain::message(case),
    };
    let body = if matches!(case.verdict, Verdict::Skip(_)) {
        not_judged(&explain::reason(&case.verdict), case)
    } else {
        let mut lines = Vec::new();
        explain::evidence(&mut lines, case);
        explain::plain(&lines)
    };
    Outcome {
        element,
        kind: case.verdict.label(),
        message,
        body,
    }
}

/// What is said of a row that is skipped because what is behind it is red.
fn blocked(behind: &str, case: &CaseResult) -> Outcome {
    Outcome {
        element: Element::Skipped,
        kind: case.verdict.label(),
        message: behind.to_owned(),
        body: not_judged(&explain::message(case), case),
    }
}

/// Why a row was not judged, and what it would have judged.
fn not_judged(why: &str, case: &CaseResult) -> String {
    let mut lines = Vec::new();
    let mut hang =
        |part, lead: &str, text: &str| explain::hang(&mut lines, explain::WIDTH, part, lead, text);
    hang(explain::Part::Detail, "  ", why);
    for one in &case.requirements {
        let words = one_line(&format!("{} {}", one.id, one.text));
        hang(explain::Part::Label, "  unproven ", &words);
    }
    explain::plain(&lines)
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
