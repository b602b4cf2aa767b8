//! What a target file and the cases say of harm and cost, checked against each other.

use std::collections::{BTreeSet, HashSet};

use crate::{
    diag::{Diagnostic, Span, push_once},
    plan::{Need, Plan, Risk, Step, TestCase},
    target::{Provider, Scope, Target, TargetEdition},
};

pub(super) fn find(plan: &Plan, target: &Target, found: &mut Vec<Diagnostic>) {
    shared_accounts(plan, target, found);
    unknown_costs(plan, target, found);
    clocks(plan, target, found);
}

/// While the time of a target is moved, nothing else may be asked of it.
fn clocks(plan: &Plan, target: &Target, found: &mut Vec<Diagnostic>) {
    for case in plan.cases.iter().filter(|case| !case.exclusive) {
        let Some(settings) = target.editions.get(&case.edition) else {
            continue;
        };
        for need in case.all_needs().filter(|need| settings.moves_clock(need)) {
            let message = format!(
                "`{}` moves the clock of the target, and other rows may run beside this one",
                need.provider
            );
            let mistake = Diagnostic::new("bad-exclusive", &need.span, message);
            push_once(found, mistake.help("exclusive: true"));
        }
    }
}

/// A test case for which an account may be locked needs one of its own: a lock of an account that other
/// test cases use would be their end.
fn shared_accounts(plan: &Plan, target: &Target, found: &mut Vec<Diagnostic>) {
    let mut reported: HashSet<&Span> = HashSet::new();
    for case in plan.cases.iter().filter(|case| case.may_lock_out()) {
        let Some(settings) = target.editions.get(&case.edition) else {
            continue;
        };
        let own = own(case, settings);
        let risky = |step: &&Step| step.side_effects.risks.contains(&Risk::Lockout);
        let shared = case.steps().filter(risky).find_map(|step| {
            let named = |need: &&Need| step.names(&need.name);
            let needs: Vec<&Need> = case.all_needs().filter(named).collect();
            // What the target does not provide is a mistake of its own, and its test case is skipped.
            let missing = |need: &Need| !settings.providers.contains_key(&need.provider);
            if needs
                .iter()
                .any(|need| missing(need) || own.contains(need.name.as_str()))
            {
                return None;
            }
            needs.first().copied()
        });
        if let Some(need) = shared
            && reported.insert(&case.span)
        {
            let message = format!(
                "an account may be locked here, and `{}` comes from a provider of scope `run`",
                need.name
            );
            found.push(
                Diagnostic::new("shared-account", &case.span, message)
                    .help("take the account from a provider that is called for each row"),
            );
        }
    }
}

/// The test case's needs that no other test case shares: neither they nor what they are given is fetched once a
/// run.
fn own<'c>(case: &'c TestCase, settings: &TargetEdition) -> BTreeSet<&'c str> {
    let per_run = |need: &Need| {
        let provider = settings.providers.get(&need.provider);
        provider.is_some_and(|provider| provider.scope != Scope::Row)
    };
    let mut shared: Vec<&Need> = Vec::new();
    let mut out = BTreeSet::new();
    for need in case.all_needs() {
        if per_run(need) || shared.iter().any(|other| need.names(&other.name)) {
            shared.push(need);
        } else {
            out.insert(need.name.as_str());
        }
    }
    out
}

/// A budget for what nothing costs bounds nothing, which is not what its author means.
fn unknown_costs(plan: &Plan, target: &Target, found: &mut Vec<Diagnostic>) {
    let of_providers = target
        .editions
        .values()
        .flat_map(|settings| settings.providers.values())
        .flat_map(Provider::steps);
    let steps = plan
        .cases
        .iter()
        .flat_map(|case| case.steps())
        .chain(of_providers);
    let known: BTreeSet<&str> = steps
        .flat_map(|step| step.side_effects.costs.keys().map(String::as_str))
        .collect();
    for name in target.budget.keys() {
        let place = target.place(&[&format!("budget.{name}")]);
        if let (false, Some(place)) = (known.contains(name.as_str()), place) {
            found.push(
                Diagnostic::new("unknown-cost", place, format!("no step costs `{name}`"))
                    .suggest(name, known.iter().copied()),
            );
        }
    }
}
