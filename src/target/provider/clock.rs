//! The clock of a target that lets its time be moved: forward for one test case, and back when that is over.

use serde_json::Value;

use super::{Command, Kind, Reading, command};
use crate::{
    case::STEP_FIELDS,
    diag::Diagnostic,
    plan::{Step, lower_step, refuse_repeat, uses_binding},
    yaml::{Field, Node, Shape},
};

const fn action_fields() -> [Field; STEP_FIELDS.len() + 2] {
    let argv = Field::new(
        "argv",
        Shape::List(&Shape::Scalar),
        "In place of a request: a program and its arguments; it prints one JSON object.",
    );
    let timeout = Field::new(
        "timeout",
        Shape::Text,
        "How long the program may take; `10s` when absent.",
    );
    let mut out = [argv; STEP_FIELDS.len() + 2];
    let mut at = 0;
    while at < STEP_FIELDS.len() {
        out[at] = STEP_FIELDS[at];
        at += 1;
    }
    out[at + 1] = timeout;
    out
}

const ACTION: Shape = Shape::Object(&ACTION_FIELDS);
const ACTION_FIELDS: [Field; STEP_FIELDS.len() + 2] = action_fields();

pub(super) const FIELD: Field = Field::new(
    "clock",
    Shape::Object(&[
        Field::new(
            "move",
            ACTION,
            "The request or the program that moves the time.",
        )
        .required(),
        Field::new(
            "back",
            ACTION,
            "What puts it right again, after the row and after a crash; it knows no `with`.",
        )
        .required(),
    ]),
    "Moves the time of the target for one row, which has to be exclusive.",
);

/// The keys of a provider that say how something else is undone.
const OTHER_UNDOING: [&str; 3] = ["creates", "restores", "cleanup"];

/// Bindings that die with a test case.
const GONE: [&str; 3] = ["with", "matrix", "sent"];

/// How the time of a target is moved.
#[derive(Debug, Clone)]
pub struct Clock {
    pub forward: Action,
    pub back: Action,
}

/// One thing that is done to the clock.
#[derive(Debug, Clone)]
pub enum Action {
    Step(Box<Step>),
    Command(Command),
}

impl Action {
    /// The request, where it is one.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::Step(step) => std::slice::from_ref(step),
            Self::Command(_) => &[],
        }
    }

    /// Whether it takes a value of this binding.
    #[must_use]
    pub fn names(&self, binding: &str) -> bool {
        match self {
            Self::Step(step) => step.names(binding),
            Self::Command(command) => {
                let arguments = Value::Array(command.arguments.clone());
                uses_binding(&arguments, binding)
            }
        }
    }
}

pub(super) fn read(
    node: &Node,
    reading: &Reading<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Kind> {
    let (forward, back) = (node.get("move"), node.get("back"));
    let forward = forward.and_then(|node| action(node, reading, found));
    let back = back.and_then(|node| {
        let action = action(node, reading, found)?;
        for name in GONE.iter().filter(|name| action.names(name)) {
            let message = format!("`{name}` is not known any more after a crash");
            let mistake = Diagnostic::new("bad-cleanup", &node.span, message);
            found.push(mistake.help("use `${target.…}`, or a provider of `needs`"));
        }
        Some(action)
    });
    Some(Kind::Clock(Box::new(Clock {
        forward: forward?,
        back: back?,
    })))
}

fn action(node: &Node, reading: &Reading<'_>, found: &mut Vec<Diagnostic>) -> Option<Action> {
    if node.get("argv").is_none() {
        refuse_repeat(node, found);
        let step = lower_step(node, Some(reading.contract), found)?;
        return Some(Action::Step(Box::new(step)));
    }
    if node
        .get("request")
        .or_else(|| node.get("operation"))
        .is_some()
    {
        let message = "a clock is moved by a request or by a program, not by both";
        found.push(Diagnostic::new("bad-provider", &node.span, message));
        return None;
    }
    match command::read(node, reading, found)? {
        Kind::Command(command) => Some(Action::Command(command)),
        _ => None,
    }
}

/// What a clock cannot have beside it: who would share it, and another way to undo it.
pub(super) fn check(provider: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(scope) = provider
        .get("scope")
        .filter(|scope| scope.text() != Some("row"))
    {
        let message = "the time is moved for one row, and nobody shares that";
        found.push(Diagnostic::new("bad-scope", &scope.span, message).help("scope: row"));
    }
    for key in OTHER_UNDOING {
        if let Some(other) = provider.get(key) {
            let message = "a clock is put right by its `back`";
            found.push(Diagnostic::new("bad-cleanup", &other.span, message));
        }
    }
}
