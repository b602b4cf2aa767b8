//! Values that answers did not hold: the target's doing where the contract documents their place, and
//! a mistake of the author where it does not.

use serde_json::Value;

use super::case_context::{CaseContext, NotGiven};
use crate::{
    contract::Contract,
    plan::{Capture, CaptureFrom, Need, Step},
};

/// What an earlier answer did not hold although it is wanted now, as a sentence. `None` where nothing
/// is missing, or where the contract documents no such place, so that the mistake is the author's.
pub(super) fn not_answered(
    context: &CaseContext<'_>,
    earlier: &[Step],
    wanted: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut of_needs = context.provided.not_given.iter();
    if let Some(found) = of_needs.find(|one| wanted(&one.binding)) {
        return Some(found.why.clone());
    }
    let (step, capture) = captures(earlier).find(|(_, capture)| {
        !context.bindings.contains_key(&capture.name) && wanted(&capture.name)
    })?;
    absent(context, step, capture)
}

/// Why a name that is wanted is not bound, where a path found no node for it or several.
pub(super) fn unbound<'c>(
    context: &'c CaseContext<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Option<&'c str> {
    let is_it =
        |one: &&NotGiven| !context.bindings.contains_key(&one.binding) && wanted(&one.binding);
    let found = context.unbound.iter().rev().find(is_it);
    found.map(|one| one.why.as_str())
}

/// Remembers what a provider should have given by the answers to its steps, and did not.
pub(super) fn note(context: &mut CaseContext<'_>, need: &Need, given: &Value) {
    let Some(provider) = context.settings.providers.get(&need.provider) else {
        return;
    };
    if provider.yields.is_some() {
        return;
    }
    for (step, capture) in captures(provider.steps()) {
        if given.get(&capture.name).is_none()
            && let Some(why) = absent(context, step, capture)
        {
            context.provided.not_given.push(NotGiven {
                binding: format!("{}.{}", need.name, capture.name),
                why: format!("provider `{}`, {why}", need.provider),
            });
        }
    }
}

/// A capture that the answer had no value for, as a sentence; `None` where the contract documents no
/// such place.
fn absent(context: &CaseContext<'_>, step: &Step, capture: &Capture) -> Option<String> {
    let contract = context.contract;
    let place = match &capture.from {
        CaptureFrom::Node(path) => {
            // A path that may find a node anywhere is documented nowhere.
            let at = path.fixed();
            let is_open = at.is_empty() || documents(contract, step, &at);
            let why = unbound(context, |binding| binding == capture.name);
            return why.filter(|_| is_open).map(str::to_owned);
        }
        CaptureFrom::Body(pointer) if documents(contract, step, pointer) => format!("no {pointer}"),
        CaptureFrom::Body(_) => return None,
        CaptureFrom::Text => "no text".to_owned(),
        CaptureFrom::Header(name) => format!("no header {name}"),
        CaptureFrom::Cookie(name) => format!("no cookie {name}"),
        CaptureFrom::Location(pointer) => format!("no {pointer} in its Location"),
    };
    let name = &capture.name;
    Some(format!(
        "step `{}`: the answer has {place}, from which `{name}` is taken",
        step.name
    ))
}

/// Whether a place in the answer of a step may be there by the contract.
fn documents(contract: &Contract, step: &Step, pointer: &str) -> bool {
    let operation = step
        .operation
        .as_deref()
        .and_then(|id| contract.operation(id));
    let first = pointer.trim_start_matches('/').split('/').next();
    let members = operation.into_iter().flat_map(|one| &one.responses);
    let mut members = members.flat_map(|response| &response.members).peekable();
    members.peek().is_none() || members.any(|member| Some(member.name.as_str()) == first)
}

fn captures(steps: &[Step]) -> impl Iterator<Item = (&Step, &Capture)> {
    steps
        .iter()
        .flat_map(|step| step.captures.iter().map(move |capture| (step, capture)))
}
