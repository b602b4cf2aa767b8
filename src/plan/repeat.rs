//! Steps and requests that are carried out several times, each time judged by the same expectations.

use super::{
    fields::count,
    step::{Step, lower_step},
};
use crate::{contract::Contract, diag::Diagnostic, ids::StepId, yaml::Node};

/// The key of a step and of a case.
const KEY: &str = "repeat";

/// The most times that something is carried out.
const MOST_TIMES: usize = 100;

/// How many times a step or the request of a case is carried out.
pub(super) fn often(node: &Node, found: &mut Vec<Diagnostic>) -> usize {
    let Some(node) = node.get(KEY) else {
        return 1;
    };
    match count(node, MOST_TIMES) {
        Some(Ok(often)) => often,
        Some(Err(message)) => {
            let mistake = Diagnostic::new("bad-repeat", &node.span, message);
            found.push(mistake.help(format!("a number from 1 to {MOST_TIMES}")));
            1
        }
        None => 1,
    }
}

/// Reads steps, each as often as it is carried out; mistakes go to `found`.
pub fn lower_steps(
    nodes: &[Node],
    contract: Option<&Contract>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Step> {
    let mut out = Vec::new();
    for node in nodes {
        let often = often(node, found);
        let Some(step) = lower_step(node, contract, found) else {
            continue;
        };
        if often == 1 {
            out.push(step);
            continue;
        }
        out.extend((1..=often).map(|time| Step {
            name: name(&step, time, often),
            ..step.clone()
        }));
    }
    out
}

/// The further times of a request that is sent so often: as it was sent the first time.
pub(super) fn request_again(request: &Step, often: usize) -> impl Iterator<Item = Step> {
    (2..=often).map(move |time| Step {
        name: name(request, time, often),
        repeat: true,
        prepares: false,
        ..request.clone()
    })
}

fn name(step: &Step, time: usize, often: usize) -> StepId {
    format!("{} ({time} of {often})", step.name).into()
}

/// Where a step is sent once, says so of one that wants more.
pub fn refuse_repeat(node: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(often) = node.get(KEY) {
        let mistake = Diagnostic::new("bad-repeat", &often.span, "this step is sent once");
        found.push(mistake.help("`repeat` is for the steps of a case and of a provider"));
    }
}
