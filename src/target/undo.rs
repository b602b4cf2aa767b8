//! How what a provider makes is taken away again, by the run itself or by a sweep after a crash.

use std::collections::BTreeMap;

use super::Provider;
use crate::{
    case::STEP_SHAPE,
    contract::Contract,
    diag::Diagnostic,
    plan::{Step, lower_step, scalars},
    yaml::{Field, Node, Shape},
};

use serde_json::Value;

/// The keys of a provider that say what it makes and how that is undone.
pub(super) const FIELDS: [Field; 3] = [
    Field::new(
        "creates",
        Shape::Map(&Shape::Text),
        "Names of what it makes, chosen by the run and written to disk before it is called; \
         read as `${created.name}`. Each holds `${unique()}` or `${run.id}`.",
    ),
    Field::new(
        "restores",
        Shape::Map(&Shape::Text),
        "As `creates`, for something that was there before and is put back by `cleanup`.",
    ),
    Field::new(
        "cleanup",
        Shape::List(&STEP_SHAPE),
        "Steps that undo it, sent whatever happened, also by `probity cleanup` after a crash.",
    ),
];

/// What a provider promises to undo.
#[derive(Debug, Clone)]
pub struct Undo {
    /// Names by which the thing can be found again; they are on disk before it is made.
    pub names: Vec<(String, Value)>,
    /// It was there before the run and is put back; otherwise the run made it.
    pub restores: bool,
    pub steps: Vec<Step>,
}

/// Bindings that die with a row, so that no sweep can have them.
const GONE: [&str; 3] = ["with", "matrix", "sent"];

/// The undoing of one provider; `None` for one that leaves nothing behind.
pub(super) fn undo(node: &Node, contract: &Contract, found: &mut Vec<Diagnostic>) -> Option<Undo> {
    for step in node.get("steps").map(Node::items).unwrap_or_default() {
        if let Some(unless) = step.get("unless") {
            found.push(Diagnostic::new(
                "bad-cleanup",
                &unless.span,
                "only a step of `cleanup` may be left out",
            ));
        }
    }
    let (creates, restores) = (node.get("creates"), node.get("restores"));
    let cleanup = node.get("cleanup");
    let names = match (creates, restores, cleanup) {
        (None, None, None) => return None,
        (Some(names), None, Some(_)) | (None, Some(names), Some(_)) => names,
        (Some(one), Some(_), _) => {
            found.push(Diagnostic::new(
                "bad-cleanup",
                &one.span,
                "a provider either `creates` something or `restores` it",
            ));
            return None;
        }
        (Some(names), None, None) | (None, Some(names), None) => {
            found.push(
                Diagnostic::new(
                    "bad-cleanup",
                    &names.span,
                    "nothing here undoes what is made",
                )
                .help("write `cleanup` steps that find it by these names and remove it"),
            );
            return None;
        }
        (None, None, Some(cleanup)) => {
            found.push(
                Diagnostic::new(
                    "bad-cleanup",
                    &cleanup.span,
                    "`cleanup` does not know what there is to undo after a crash",
                )
                .help(
                    "name it in `creates`, as in `creates: { user_name: \"probity-${unique()}\" }`",
                ),
            );
            return None;
        }
    };
    if creates.is_some() {
        unique(names, found);
    }
    let mut steps = Vec::new();
    for written in cleanup.map(Node::items).unwrap_or_default() {
        let Some(step) = lower_step(written, Some(contract), found) else {
            continue;
        };
        if restores.is_some() && step.method.eq_ignore_ascii_case("DELETE") {
            found.push(Diagnostic::new(
                "bad-cleanup",
                &written.span,
                "what was there before the run is never deleted",
            ));
        }
        for name in GONE {
            if step.names(name) {
                found.push(
                    Diagnostic::new(
                        "bad-cleanup",
                        &written.span,
                        format!("`{name}` is not known any more after a crash"),
                    )
                    .help("use `${target.…}`, `${created.…}`, a capture, or a provider of `needs`"),
                );
            }
        }
        steps.push(step);
    }
    Some(Undo {
        names: scalars(Some(names)),
        restores: restores.is_some(),
        steps,
    })
}

/// A name that another run might choose too would let a sweep delete what is not ours.
fn unique(names: &Node, found: &mut Vec<Diagnostic>) {
    for (_, value) in names.entries() {
        let text = value.text().unwrap_or_default();
        if !text.contains("unique()") && !text.contains("run.id") {
            found.push(
                Diagnostic::new(
                    "not-unique",
                    &value.span,
                    "a name that something else may have could get that deleted",
                )
                .help("put `${unique()}` into it"),
            );
        }
    }
}

/// Undoing may call a provider that it names, and that one must not make anything itself.
pub(super) fn check(
    providers: &BTreeMap<String, Provider>,
    node: &Node,
    name: &str,
    found: &mut Vec<Diagnostic>,
) {
    let Some(provider) = providers.get(name) else {
        return;
    };
    let Some(undo) = &provider.undo else {
        return;
    };
    for need in &provider.needs {
        let named = undo.steps.iter().any(|step| step.names(&need.name));
        let makes = providers
            .get(&need.provider)
            .is_some_and(|other| other.undo.is_some());
        if named && makes {
            found.push(
                Diagnostic::new(
                    "bad-cleanup",
                    &node.get("cleanup").unwrap_or(node).span,
                    format!("to undo this, `{}` would make something new", need.provider),
                )
                .help("capture what the cleanup needs, or put it into `creates`"),
            );
        }
    }
}
