//! Requirements that a test case names and cannot prove, because none of its checks is about them.

use crate::{contract::Contract, diag::Diagnostic, judge, plan::Plan};

/// Names every test case that covers something it does not judge.
pub(super) fn find(contracts: &[Contract], plan: &Plan, found: &mut Vec<Diagnostic>) {
    for case in &plan.cases {
        let contract = contracts.iter().find(|one| one.edition == case.edition);
        let Some(contract) = contract else { continue };
        for id in judge::never_judged(case, contract) {
            let about = contract.requirement(id).map(|one| &one.about.subjects);
            let about: Vec<String> = about
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            let help = if about.is_empty() {
                "say in its `about` what of the answer it fixes".to_owned()
            } else {
                format!(
                    "it is about the {}: add such a check, or take the id from `covers`",
                    about.join(", the ")
                )
            };
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
