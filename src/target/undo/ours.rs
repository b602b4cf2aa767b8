//! Whether all that a cleanup changes is shown to be the run's own.
//!
//! What creating something was answered with is the target's word alone: a target that names another
//! user's id there would have that user deleted. So a step that changes something says what by a name
//! that the run chose, or by what a hit gave that showed this name.

use std::collections::BTreeSet;

use super::{GONE, Undo, UndoStep};
use crate::{diag::Diagnostic, secret::is_secret_member, yaml::Node};

/// Names that a cleanup has from the program, and that nothing else may be called.
const RESERVED: [&str; 3] = ["created", "target", "run"];

/// Judges the steps of a cleanup, each with what it was read from.
pub(super) fn check(provider: &Node, undo: &Undo, written: &[&Node], found: &mut Vec<Diagnostic>) {
    reserved(provider, written, found);
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    for (one, node) in undo.steps.iter().zip(written) {
        if one.changes() {
            check_aims(one, node, &shown, undo, found);
        }
        for capture in &one.step.captures {
            shown.remove(capture.name.as_str());
        }
        for (name, _) in one.finds.iter().flat_map(|finds| &finds.gives) {
            // Left out, it has shown nothing.
            if one.unless.is_none() {
                shown.insert(name);
            } else {
                shown.remove(name.as_str());
            }
        }
    }
}

/// What a changing step is about has to be ours, in every part of it.
fn check_aims(
    one: &UndoStep,
    node: &Node,
    shown: &BTreeSet<&str>,
    undo: &Undo,
    found: &mut Vec<Diagnostic>,
) {
    let aims = one.step.aims();
    let root = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let secret = |name: &str| is_secret_member(name.rsplit('.').next().unwrap_or_default());
    let ours = |name: &String| root(name) == "created" || shown.contains(root(name).as_str());
    let given = |name: &String| RESERVED.contains(&root(name).as_str()) || secret(name);
    // That it is gone after a crash is a mistake of its own.
    let gone = |name: &String| GONE.contains(&root(name).as_str());
    let made = undo.names.first().map_or("name", |(name, _)| name);
    let mut wrong = |message: String| {
        let help = format!(
            "name it by `${{created.{made}}}`, or find it in a step before: \
             `finds: {{ shows: {{ {made}: /{made} }}, gives: {{ id: /id }} }}`"
        );
        found.push(Diagnostic::new("not-ours", &node.span, message).help(help));
    };
    let verb = if undo.restores { "changed" } else { "made" };
    if !aims.iter().any(|name| ours(name) || !given(name)) {
        wrong(format!(
            "this changes something, and does not say what was {verb} here"
        ));
    }
    for name in &aims {
        if !ours(name) && !given(name) && !gone(name) {
            wrong(format!(
                "no step before has shown that `{name}` belongs to what was {verb} here"
            ));
        }
    }
}

fn reserved(provider: &Node, written: &[&Node], found: &mut Vec<Diagnostic>) {
    let of_steps = written.iter().flat_map(|step| {
        let gives = step.get("finds").and_then(|finds| finds.get("gives"));
        step.get("capture").into_iter().chain(gives)
    });
    let maps = of_steps.chain(provider.get("needs")).chain(
        provider
            .get("steps")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|step| step.get("capture")),
    );
    for (name, _) in maps.flat_map(Node::entries) {
        let text = name.text().unwrap_or_default();
        if RESERVED.contains(&text) {
            let message =
                format!("`{text}` is what a cleanup goes by, and nothing else has its name");
            found.push(Diagnostic::new("bad-cleanup", &name.span, message));
        }
    }
}
