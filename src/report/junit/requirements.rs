//! Requirements without proof as test cases: what the documents promise and no row has shown.

use std::{collections::BTreeMap, time::Duration};

use super::{
    causes::Causes,
    names::{Names, dotted},
    options::Unproven,
    test_case::{Element, Outcome, Place, TestCase},
};
use crate::{
    report::{
        explain::{self, Part},
        text::one_line,
    },
    result::{CaseResult, RequirementState, RunReport, Verdict},
};

/// The suite that they stand in.
pub(super) const SUITE: &str = "probity.requirements";

/// One test case a requirement without proof. Those of which a filter left rows out are no findings.
pub(super) fn test_cases<'a>(
    report: &'a RunReport,
    unproven: Unproven,
    causes: &Causes<'_>,
    names: &mut Names,
) -> Vec<TestCase<'a>> {
    if unproven == Unproven::Omit {
        return Vec::new();
    }
    let results = report.cases.iter();
    let by_id: BTreeMap<&str, &CaseResult> = results.map(|case| (case.id.as_str(), case)).collect();
    let all = report.unproven();
    let open = all.filter(|one| report.is_whole() || !one.left_out);
    open.map(|requirement| {
        let rows = || {
            let ids = requirement.cases.iter();
            ids.filter_map(|id| by_id.get(id.as_str()).copied())
        };
        let red = rows().find(|case| is_red(case));
        let not_passed = || rows().find(|case| !case.verdict.is_pass());
        // A part of the suite proves what it proves; only a whole run is inconclusive for want of proof.
        let counts = unproven == Unproven::Error && report.is_whole() && red.is_none();
        let element = if counts {
            Element::Error
        } else {
            Element::Skipped
        };
        let outcome = Outcome {
            element,
            kind: element.verdict(),
            message: message(requirement),
            body: body(requirement, red, causes),
        };
        let place = red.or_else(not_passed).or_else(|| rows().next());
        test_case(requirement, outcome, place.map(Place::of), names)
    })
    .collect()
}

/// Whether a row says itself that something is wrong, or what is behind it does.
fn is_red(case: &CaseResult) -> bool {
    match case.verdict {
        Verdict::Fail(_) => case.waiver.is_none(),
        Verdict::Error(_) => true,
        Verdict::Pass(_) | Verdict::Skip(_) => false,
    }
}

fn test_case<'a>(
    requirement: &'a RequirementState,
    outcome: Outcome,
    place: Option<Place>,
    names: &mut Names,
) -> TestCase<'a> {
    let class = dotted([SUITE, &requirement.edition, &requirement.operation]);
    let name = format!("{} {}", requirement.id, requirement.sentence);
    TestCase {
        name: names.unique(&class, &name),
        class,
        time: Duration::ZERO,
        place,
        properties: vec![
            ("requirement".into(), requirement.id.as_str().into()),
            ("verdict".into(), outcome.kind.into()),
            ("reason".into(), requirement.state.label().into()),
        ],
        outcome: Some(outcome),
        output: String::new(),
    }
}

fn message(requirement: &RequirementState) -> String {
    let why = requirement.why.as_deref();
    let why = one_line(why.unwrap_or("no row has shown it"));
    format!("{}: {why}", requirement.state.label())
}

/// What it demands, the rows that are about it, and what is red in its place.
fn body(requirement: &RequirementState, red: Option<&CaseResult>, causes: &Causes<'_>) -> String {
    let rows: Vec<String> = requirement.cases.iter().map(|id| one_line(id)).collect();
    let red = red.map_or_else(String::new, |case| match causes.behind(case) {
        Some(behind) => format!("{} is {behind}", one_line(&case.id)),
        None => one_line(&case.id),
    });
    let fields = [
        ("demands", one_line(&requirement.sentence)),
        ("documents", one_line(&requirement.place)),
        ("rows", explain::folded(&rows)),
        ("red", red),
    ];
    let mut lines = Vec::new();
    for (label, text) in fields {
        if !text.is_empty() {
            let lead = format!("  {label:<10}");
            explain::hang(&mut lines, explain::WIDTH, Part::Label, &lead, &text);
        }
    }
    explain::plain(&lines)
}
