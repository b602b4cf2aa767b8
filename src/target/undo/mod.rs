//! How what a provider makes is taken away again, by the run itself or by a sweep after a crash.

mod finds;
mod ours;

pub use finds::Finds;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    case::STEP_FIELDS,
    contract::Contract,
    diag::Diagnostic,
    plan::{Step, lower_step, refuse_repeat, scalars},
    template::{Bindings, TemplateError, could_give, fill_unique, holds_unique},
    yaml::{Field, Node, Shape},
};

const fn step_fields() -> [Field; STEP_FIELDS.len() + 2] {
    let mut out = [STEP_FIELDS[0]; STEP_FIELDS.len() + 2];
    let mut at = 0;
    while at < STEP_FIELDS.len() {
        out[at] = STEP_FIELDS[at];
        at += 1;
    }
    (out[at], out[at + 1]) = (finds::FIELDS[0], finds::FIELDS[1]);
    out
}

const STEP_OF_CLEANUP: [Field; STEP_FIELDS.len() + 2] = step_fields();

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
        Shape::List(&Shape::Object(&STEP_OF_CLEANUP)),
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
    pub steps: Vec<UndoStep>,
}

/// Why an entry of a journal names what its run cannot have made; each sentence goes on after the
/// entry. `key` is `creates` or `restores`.
#[derive(Debug, Error)]
pub enum NotOurs {
    #[error("does not say `{name}`")]
    Missing { name: String },
    #[error("has a `{name}` that `{key}` did not give in this run")]
    Value { name: String, key: &'static str },
    #[error("says `{name}`, which `{key}` does not have")]
    Unknown { name: String, key: &'static str },
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// A step of a cleanup.
#[derive(Debug, Clone)]
pub struct UndoStep {
    pub step: Step,
    /// What its answer has to show before the next step is sent.
    pub finds: Option<Finds>,
    /// Left out when this name is known already.
    pub unless: Option<String>,
}

impl UndoStep {
    /// Whether it may change something on the target, and is not one that looks or logs in.
    #[must_use]
    pub fn changes(&self) -> bool {
        let step = &self.step;
        let harmless = step.is_safe() && !step.repeat && step.side_effects.risks.is_empty();
        self.finds.is_none() && !harmless
    }
}

impl Undo {
    /// Whether a step takes a value of this binding.
    #[must_use]
    pub fn names(&self, binding: &str) -> bool {
        self.steps.iter().any(|one| one.step.names(binding))
    }

    /// Whether the cleanup asks for a name before it has found that itself, and so has to have it from
    /// whoever made the thing.
    #[must_use]
    pub fn asks(&self, name: &str) -> bool {
        for one in &self.steps {
            let left_out = one.unless.as_deref() == Some(name);
            if left_out || one.step.names(name) {
                return true;
            }
            let mut gives = one.finds.iter().flat_map(|finds| &finds.gives);
            if one.unless.is_none() && gives.any(|(given, _)| given == name) {
                return false;
            }
        }
        false
    }

    /// The texts of the names of what a run makes next, its unique parts in place.
    ///
    /// # Errors
    /// When a text is not well formed.
    pub fn texts(&self, run: &str, number: u64) -> Result<Vec<(String, Value)>, TemplateError> {
        let filled = self.names.iter().map(|(name, value)| {
            let value = match value {
                Value::String(text) => fill_unique(text, &seed(run, number, name))?.into(),
                other => other.clone(),
            };
            Ok((name.clone(), value))
        });
        filled.collect()
    }

    /// Whether that run can have given these names to what it made under that number. `bindings`
    /// are those that a sweep knows.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn could_be(
        &self,
        names: &Map<String, Value>,
        run: &str,
        number: u64,
        bindings: &Bindings,
    ) -> Result<(), NotOurs> {
        let key = if self.restores { "restores" } else { "creates" };
        for (name, text) in self.texts(run, number)? {
            let Some(value) = names.get(&name) else {
                return Err(NotOurs::Missing { name });
            };
            let path = value
                .as_str()
                .is_some_and(|text| matches!(text, "." | ".."));
            let text = text.as_str().unwrap_or_default();
            if path || !could_give(text, value, bindings) {
                return Err(NotOurs::Value { name, key });
            }
        }
        let known = |name: &String| self.names.iter().any(|(known, _)| known == name);
        match names.keys().find(|name| !known(name)).cloned() {
            Some(name) => Err(NotOurs::Unknown { name, key }),
            None => Ok(()),
        }
    }
}

/// What the unique parts of a name are computed from.
fn seed(run: &str, number: u64, name: &str) -> String {
    format!("{run}/{number}/{name}")
}

/// Bindings that die with a test case, so that no sweep can have them.
const GONE: [&str; 3] = ["with", "matrix", "sent"];

/// The undoing of one provider; `None` for one that leaves nothing behind.
pub(super) fn undo(node: &Node, contract: &Contract, found: &mut Vec<Diagnostic>) -> Option<Undo> {
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
    let undo = Undo {
        names: scalars(Some(names)),
        restores: restores.is_some(),
        steps: Vec::new(),
    };
    Some(with_steps(undo, node, contract, found))
}

fn with_steps(
    mut undo: Undo,
    provider: &Node,
    contract: &Contract,
    found: &mut Vec<Diagnostic>,
) -> Undo {
    let names: Vec<&str> = undo.names.iter().map(|(name, _)| name.as_str()).collect();
    let (mut written, mut steps) = (Vec::new(), Vec::new());
    for node in provider.get("cleanup").map(Node::items).unwrap_or_default() {
        refuse_repeat(node, found);
        let Some(step) = lower_step(node, Some(contract), found) else {
            continue;
        };
        possible(node, &step, undo.restores, found);
        let finds = node
            .get("finds")
            .map(|node| finds::finds(node, &names, found));
        finds::check(node, &step, finds.as_ref(), found);
        let unless = node.get("unless").and_then(Node::text).map(str::to_owned);
        written.push(node);
        steps.push(UndoStep {
            step,
            finds,
            unless,
        });
    }
    undo.steps = steps;
    ours::check(provider, &undo, &written, found);
    undo
}

/// What no step of a cleanup may do or know.
fn possible(node: &Node, step: &Step, restores: bool, found: &mut Vec<Diagnostic>) {
    if restores && step.method.eq_ignore_ascii_case("DELETE") {
        found.push(Diagnostic::new(
            "bad-cleanup",
            &node.span,
            "what was there before the run is never deleted",
        ));
    }
    for name in GONE.iter().filter(|name| step.names(name)) {
        found.push(
            Diagnostic::new(
                "bad-cleanup",
                &node.span,
                format!("`{name}` is not known any more after a crash"),
            )
            .help("use `${target.…}`, `${created.…}`, a capture, or a provider of `needs`"),
        );
    }
}

/// A name that another run might choose too would let a sweep delete what is not ours.
fn unique(names: &Node, found: &mut Vec<Diagnostic>) {
    for (_, value) in names.entries() {
        if !holds_unique(value.text().unwrap_or_default()) {
            found.push(
                Diagnostic::new(
                    "not-unique",
                    &value.span,
                    "a name that something else may have could get that deleted",
                )
                .help("put `${unique()}` into it, with nothing else in its braces"),
            );
        }
    }
}
