//! What comes before a test case: providers, as a target file writes them.
//!
//! A kind is a file here, which reads it, a file under `engine/provide/`, which calls it, and a row
//! in [`KINDS`].

mod clock;
mod command;
mod graph;
mod names;
mod pool;
mod prompt;
mod steps;
mod values;

pub use clock::{Action, Clock};
pub use command::Command;
pub use pool::{Account, Pool, Reuse};
pub use prompt::Prompt;
pub use values::Values;

pub(super) use graph::{check as check_graph, check_cleanup};
pub(super) use names::check as check_names;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    environment::Outside,
    undo::{self, Undo, undo},
};
use crate::{
    case::NEED_SHAPE,
    contract::Contract,
    diag::{Diagnostic, push_once},
    ids::ProviderId,
    plan::{Need, Step, lower_need, lower_needs},
    yaml::{Field, Node, Shape},
};

/// One provider, ready to be called.
#[derive(Debug, Clone)]
pub struct Provider {
    pub scope: Scope,
    pub needs: Vec<Need>,
    pub kind: Kind,
    /// `None` gives all that the kind gives.
    pub yields: Option<Value>,
    /// It also gives what the first of its needs gives, which is bound to [`BASE`].
    pub extends: bool,
    /// How what it makes is taken away again.
    pub undo: Option<Undo>,
    /// Where it is written.
    pub place: String,
}

/// The name of what the provider gives that another one extends.
pub const BASE: &str = "base";

/// Who shares what a provider gave: the narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    Row,
    File,
    Run,
}

/// The values of `scope`.
const SCOPES: [(&str, Scope); 3] = [
    ("row", Scope::Row),
    ("file", Scope::File),
    ("run", Scope::Run),
];

impl Scope {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Row => SCOPES[0].0,
            Self::File => SCOPES[1].0,
            Self::Run => SCOPES[2].0,
        }
    }
}

/// What a provider does when it is called.
#[derive(Debug, Clone)]
pub enum Kind {
    Steps(Vec<Step>),
    Command(Command),
    Pool(Pool),
    Values(Values),
    Prompt(Prompt),
    Clock(Box<Clock>),
}

/// What reads the value of a kind's key; `None` after a mistake.
type Read = fn(&Node, &Reading<'_>, &mut Vec<Diagnostic>) -> Option<Kind>;

/// What a provider is read against.
pub(super) struct Reading<'r> {
    pub contract: &'r Contract,
    pub outside: &'r Outside,
}

/// Every kind: its key and what reads it.
const KINDS: [(Field, Read); 6] = [
    (steps::FIELD, steps::read),
    (command::FIELD, command::read),
    (pool::FIELD, pool::read),
    (values::FIELD, values::read),
    (prompt::FIELD, prompt::read),
    (clock::FIELD, clock::read),
];

const fn fields() -> [Field; KINDS.len() + 7] {
    let scope = Field::new(
        "scope",
        Shape::Word(&[SCOPES[0].0, SCOPES[1].0, SCOPES[2].0]),
        "Called for each row, or once a case file, or once a run.",
    );
    let needs = Field::new(
        "needs",
        Shape::Map(&NEED_SHAPE),
        "Providers it builds on, called before it; none of a narrower scope.",
    );
    let extends = Field::new(
        "extends",
        NEED_SHAPE,
        "A provider, called before all else, whose bindings it gives too; bound as `base`.",
    );
    let yields = Field::new(
        "yields",
        Shape::Map(&Shape::Any),
        "The bindings it gives; all that its kind gives when absent.",
    );
    let mut out = [yields; KINDS.len() + 7];
    (out[0], out[1]) = (scope, needs);
    let mut at = 0;
    while at < KINDS.len() {
        out[at + 2] = KINDS[at].0;
        at += 1;
    }
    let [creates, restores, cleanup] = undo::FIELDS;
    (out[at + 2], out[at + 3], out[at + 4]) = (creates, restores, cleanup);
    out[at + 5] = extends;
    out
}

static FIELDS: [Field; KINDS.len() + 7] = fields();

/// The shape of a provider.
pub(super) fn shape() -> Shape {
    Shape::Object(&FIELDS)
}

impl Kind {
    /// The key that says what it does.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Steps(steps) if steps.is_empty() => "yields",
            Self::Steps(_) => "steps",
            Self::Command(_) => "command",
            Self::Pool(_) => "pool",
            Self::Values(_) => "values",
            Self::Prompt(_) => "prompt",
            Self::Clock(_) => "clock",
        }
    }

    /// The names it binds; `None` when only a call can tell.
    fn names(&self) -> Option<BTreeSet<String>> {
        match self {
            Self::Steps(steps) => Some(steps::names(steps)),
            Self::Command(_) => None,
            Self::Pool(pool) => Some(pool.names()),
            Self::Values(values) => Some(values.names()),
            Self::Prompt(prompt) => Some(BTreeSet::from([prompt.name.clone()])),
            Self::Clock(clock) => match &clock.forward {
                Action::Step(step) => Some(steps::names(std::slice::from_ref(step))),
                Action::Command(_) => None,
            },
        }
    }
}

impl Provider {
    /// A provider that gives these bindings and does nothing: for targets that are made in code.
    #[must_use]
    pub fn of(yields: Value) -> Self {
        Self {
            scope: Scope::Row,
            needs: Vec::new(),
            kind: Kind::Steps(Vec::new()),
            yields: Some(yields),
            extends: false,
            undo: None,
            place: "code".to_owned(),
        }
    }

    /// The steps of a flow, or the one that moves a clock; none for any other kind.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        match &self.kind {
            Kind::Steps(steps) => steps,
            Kind::Clock(clock) => clock.forward.steps(),
            _ => &[],
        }
    }

    /// As [`Self::steps`], to change them.
    #[must_use]
    pub fn steps_mut(&mut self) -> &mut [Step] {
        match &mut self.kind {
            Kind::Steps(steps) => steps,
            _ => &mut [],
        }
    }

    /// The members of what it gives, as far as the file tells; `None` when only a call can.
    #[must_use]
    pub fn members(&self, others: &BTreeMap<ProviderId, Self>) -> Option<BTreeSet<String>> {
        self.members_at(others, 0)
    }

    fn members_at(
        &self,
        others: &BTreeMap<ProviderId, Self>,
        depth: usize,
    ) -> Option<BTreeSet<String>> {
        let mut out = self.own_members(others, depth)?;
        if self.extends {
            // A circle is a mistake of its own.
            let base = self.needs.first().filter(|_| depth <= others.len())?;
            out.extend(others.get(&base.provider)?.members_at(others, depth + 1)?);
        }
        Some(out)
    }

    /// What it gives itself, without what it extends.
    fn own_members(
        &self,
        others: &BTreeMap<ProviderId, Self>,
        depth: usize,
    ) -> Option<BTreeSet<String>> {
        match &self.yields {
            None => self.kind.names(),
            Some(Value::Object(members)) => {
                let fixed = members.keys().all(|name| !name.contains("${"));
                fixed.then(|| members.keys().cloned().collect())
            }
            // All that another provider gave.
            Some(Value::String(text)) if depth <= others.len() => {
                let name = text.strip_prefix("${")?.strip_suffix('}')?.trim();
                let need = self.needs.iter().find(|need| need.name == name)?;
                others.get(&need.provider)?.members_at(others, depth + 1)
            }
            Some(_) => None,
        }
    }
}

/// Whether a name can be called with nobody there: it and all it builds on exist, and none asks.
pub(super) fn unattended(
    name: &str,
    providers: &BTreeMap<ProviderId, Provider>,
    depth: usize,
) -> bool {
    providers.get(name).is_some_and(|provider| {
        let mut needs = provider.needs.iter();
        !matches!(provider.kind, Kind::Prompt(_))
            && (depth > providers.len()
                || needs.all(|need| unattended(&need.provider, providers, depth + 1)))
    })
}

/// Reads a provider. One whose kind cannot be read is a mistake; what it gives is then unknown, so that
/// no further mistakes follow from it.
pub(super) fn read(
    name: &Node,
    node: &Node,
    reading: &Reading<'_>,
    found: &mut Vec<Diagnostic>,
) -> Provider {
    let mut kinds = KINDS
        .iter()
        .filter_map(|(field, read)| Some((node.get(field.name)?, read)));
    let kind = match (kinds.next(), kinds.next()) {
        (Some((value, read)), None) => read(value, reading, found),
        (None, _) if node.get("yields").is_some() => Some(Kind::Steps(Vec::new())),
        _ => {
            push_once(found, no_kind(name));
            None
        }
    };
    let yields = match kind {
        Some(_) => node.get("yields").map(Node::to_json),
        None => Some(Value::Null),
    };
    let scope = node.get("scope").and_then(Node::text);
    let undo = if let Some(Kind::Clock(_)) = kind {
        clock::check(node, found);
        // The time is one, and needs no name to be found by.
        Some(Undo {
            names: Vec::new(),
            restores: true,
            steps: Vec::new(),
        })
    } else {
        undo(node, reading.contract, found)
    };
    let mut needs = lower_needs(node.get("needs"));
    let base = lower_need(BASE, node.get("extends"));
    let extends = base.is_some();
    if extends && needs.iter().any(|need| need.name == BASE) {
        let key = node.get("needs").unwrap_or(node);
        let message = format!("`{BASE}` is what the provider gives that this one extends");
        let mistake = Diagnostic::new("name-taken", &key.span, message);
        push_once(found, mistake.help("give this need another name"));
    }
    needs.splice(0..0, base);
    Provider {
        scope: SCOPES
            .iter()
            .find(|(word, _)| scope == Some(word))
            .map_or(Scope::Row, |(_, scope)| *scope),
        needs,
        kind: kind.unwrap_or_else(|| Kind::Steps(Vec::new())),
        yields,
        extends,
        undo,
        place: name.span.to_string(),
    }
}

fn no_kind(name: &Node) -> Diagnostic {
    let names: Vec<&str> = KINDS.iter().map(|(field, _)| field.name).collect();
    let text = name.text().unwrap_or_default();
    let message = format!("provider `{text}` does not say in one way what it does");
    let help = format!("it has one of {}, or `yields` alone", names.join(", "));
    Diagnostic::new("bad-provider", &name.span, message).help(help)
}
