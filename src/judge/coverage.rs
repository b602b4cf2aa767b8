//! Which requirements a run proved. The denominator is the register, never the cases.

use std::collections::BTreeMap;

use crate::{
    contract::{Contract, Oracle},
    result::{CaseResult, UncoveredRequirement, Verdict},
};

/// D and S requirements without a reason of their own that no passing row proved.
///
/// A requirement is proven when a covering row passed and none of its covering rows did anything
/// else: one pass never hides a failure or an unknown. `whole` is false when rows were filtered;
/// then only requirements that selected rows cover are looked at.
#[must_use]
pub(super) fn unproven(
    contracts: &[Contract],
    cases: &[CaseResult],
    whole: bool,
) -> Vec<UncoveredRequirement> {
    let mut rows: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for case in cases {
        for (id, _) in &case.requirements {
            rows.entry(id).or_default().push(case);
        }
    }
    let mut out = Vec::new();
    for requirement in contracts.iter().flat_map(|contract| &contract.requirements) {
        let open = matches!(requirement.oracle, Oracle::Open | Oracle::Review);
        if open || requirement.not_tested.is_some() {
            continue;
        }
        let covering = rows.get(requirement.id.as_str());
        let why = match covering {
            None if whole => "no case covers it".to_owned(),
            None => continue,
            Some(covering) => match worst(covering) {
                None => continue,
                Some(why) => why,
            },
        };
        out.push(UncoveredRequirement {
            id: requirement.id.clone(),
            why,
        });
    }
    out
}

fn worst(covering: &[&CaseResult]) -> Option<String> {
    let said = |case: &CaseResult| {
        format!(
            "{} is {} ({})",
            case.id,
            case.verdict.word(),
            case.verdict.reason().word()
        )
    };
    let failed = covering
        .iter()
        .find(|case| matches!(case.verdict, Verdict::Fail(_)));
    let unknown = covering
        .iter()
        .find(|case| matches!(case.verdict, Verdict::Error(_)));
    let passed = covering.iter().any(|case| case.verdict.is_pass());
    match (failed.or(unknown), passed) {
        (Some(case), _) => Some(said(case)),
        (None, true) => None,
        (None, false) => covering.first().map(|case| said(case)),
    }
}
