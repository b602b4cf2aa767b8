//! Requirements without proof as test cases: what the documents promise and no row has shown.

use std::{collections::BTreeMap, time::Duration};

use super::{
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
    names: &mut Names,
) -> Vec<TestCase<'a>> {
    if unproven == Unproven::Omit {
        return Vec::new();
    }
    let cases = report.cases.iter();
    let by_id: BTreeMap<&str, &CaseResult> = cases.map(|case| (case.id.as_str(), case)).collect();
    let all = report.unproven();
    let open = all.filter(|one| report.is_whole() || !one.left_out);
    open.map(|requirement| {
        let covering = requirement.cases.iter();
        let rows: Vec<&CaseResult> = covering
            .filter_map(|id| by_id.get(id.as_str()).copied())
            .collect();
        let red = rows.iter().copied().find(|case| is_red(case));
        // A part of the suite proves what it proves; only a whole run is inconclusive for want of proof.
        let counts = unproven == Unproven::Error && report.is_whole() && red.is_none();
        let element = if counts {
            Element::Error
        } else {
            Element::Skipped
        };
        test_case(requirement, element, &rows, red, names)
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
    element: Element,
    rows: &[&CaseResult],
    red: Option<&CaseResult>,
    names: &mut Names,
) -> TestCase<'a> {
    let class = dotted([SUITE, &requirement.edition, &requirement.operation]);
    let name = format!("{} {}", requirement.id, requirement.sentence);
    let kind = element.verdict();
    let why = requirement.why.as_deref();
    let why = one_line(why.unwrap_or("no row has shown it"));
    TestCase {
        name: names.unique(&class, &name),
        class,
        time: Duration::ZERO,
        place: red.or(rows.first().copied()).map(Place::of),
        properties: vec![
            ("requirement".into(), requirement.id.as_str().into()),
            ("verdict".into(), kind.into()),
            ("reason".into(), requirement.state.label().into()),
        ],
        outcome: Some(Outcome {
            element,
            kind,
            message: format!("{}: {why}", requirement.state.label()),
            body: body(requirement, red),
        }),
        output: String::new(),
    }
}

fn body(requirement: &RequirementState, red: Option<&CaseResult>) -> String {
    let rows: Vec<String> = requirement.cases.iter().map(|id| one_line(id)).collect();
    let fields = [
        ("demands", one_line(&requirement.sentence)),
        ("documents", one_line(&requirement.place)),
        ("rows", explain::folded(&rows)),
        (
            "red",
            red.map_or_else(String::new, |case| one_line(&case.id)),
        ),
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
