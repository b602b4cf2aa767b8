//! What test cases take from the target: variables and what its providers give.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::{Diagnostic, Span, misspelt},
    ids::Edition,
    plan::Plan,
    target::{Target, TargetEdition},
    template::no_member,
};

/// A name that is one the target has but for a slip of the hand is a mistake; any other is something
/// that this target does not offer, and the test cases that use it cannot be carried out.
pub(super) fn find(plan: &Plan, target: &Target, found: &mut Vec<Diagnostic>) {
    let mut reported: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut known: BTreeMap<(Edition, &str), Option<BTreeSet<String>>> = BTreeMap::new();
    for case in &plan.cases {
        let Some(settings) = target.editions.get(&case.edition) else {
            continue;
        };
        for used in case.uses.iter() {
            let need = case.all_needs().find(|need| need.name == used.name);
            let provider = need.map_or("", |need| need.provider.as_str());
            let members = known
                .entry((case.edition, provider))
                .or_insert_with(|| members(settings, provider));
            let Some(members) = members else {
                continue;
            };
            if members.contains(&used.member) {
                continue;
            }
            if reported.insert(place(&used.span, &used.name, &used.member)) {
                found.push(lacking(&used.name, &used.member, &used.span, members));
            }
        }
    }
}

/// The members of what a provider gives; without one, the target's variables.
fn members(settings: &TargetEdition, provider: &str) -> Option<BTreeSet<String>> {
    if provider.is_empty() {
        return settings.variable_names();
    }
    let provider = settings.providers.get(provider)?;
    provider.members(&settings.providers)
}

fn place(span: &Span, name: &str, member: &str) -> (String, String, String) {
    (span.to_string(), name.to_owned(), member.to_owned())
}

fn lacking(name: &str, member: &str, span: &Span, known: &BTreeSet<String>) -> Diagnostic {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mistake = no_member(name, member, span, &known);
    if misspelt(member, known).is_some() {
        return mistake;
    }
    mistake
        .help("rows that use it cannot be carried out")
        .warning()
}
