//! Requirements that a test case names and cannot prove, because none of its checks is about them.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    contract::Contract,
    diag::Diagnostic,
    judge,
    plan::{Plan, TestCase},
};

/// Names every test case that covers something it does not judge.
/// A file with another mistake, or behind specifications with one, is left alone: its checks are not
/// what the author meant yet.
pub(super) fn find(contracts: &[Contract], plan: &Plan, found: &mut Vec<Diagnostic>) {
    let wrong: BTreeSet<String> = found
        .iter()
        .filter(|mistake| !mistake.warning)
        .filter_map(|mistake| Some(mistake.span.as_ref()?.file.path.clone()))
        .collect();
    if wrong.iter().any(|file| file.starts_with("specs/")) {
        return;
    }
    let sound = |case: &&Arc<TestCase>| !wrong.contains(&case.span.file.path);
    for case in plan.cases.iter().filter(sound) {
        let contract = Contract::of_edition(contracts, case.edition.as_str());
        let Some(contract) = contract else { continue };
        for id in judge::never_judged(case, contract) {
            let about = contract.requirement(id).map(|one| &one.about.subjects);
            let about: Vec<String> = about
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            let help = format!(
                "it is about the {}: add such a check, or take the id from `covers`",
                about.join(", the ")
            );
            found.push(
                Diagnostic::new(
                    "covers-unjudged",
                    &case.span,
                    format!(
                        "`{}` covers `{id}`, and none of its checks is about that",
                        case.id
                    ),
                )
                .help(help),
            );
        }
    }
}
