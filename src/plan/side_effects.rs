//! What sending a step may do to a tenant besides its answer: what it risks and what it costs.

use std::collections::{BTreeMap, BTreeSet};

use crate::{diag::Diagnostic, yaml::Node};

/// Harm that others on the tenant may notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Disables, deletes or locks something; what a run makes for itself and uses up is no harm.
    Destructive,
    /// Spends wrong passwords or codes, for which an account may be locked.
    Lockout,
}

/// How much of what is used up when a step is sent.
pub type Costs = BTreeMap<String, u64>;

/// What a step may do besides its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SideEffects {
    pub risks: BTreeSet<Risk>,
    /// It changes nothing although its method may.
    pub safe: bool,
    pub costs: Costs,
}

pub(super) fn side_effects(node: &Node, found: &mut Vec<Diagnostic>) -> SideEffects {
    SideEffects {
        risks: risks(node),
        safe: node.get("safe").and_then(Node::boolean) == Some(true),
        costs: costs(node, found),
    }
}

pub(super) fn risks(node: &Node) -> BTreeSet<Risk> {
    let names = node.get("risk").map(Node::one_or_many).unwrap_or_default();
    let names = names.into_iter().filter_map(Node::text);
    names
        .filter_map(|name| match name {
            "destructive" => Some(Risk::Destructive),
            "lockout" => Some(Risk::Lockout),
            _ => None,
        })
        .collect()
}

/// `sms` is one of it; `{ sms: 2 }` is two.
fn costs(node: &Node, found: &mut Vec<Diagnostic>) -> Costs {
    let Some(costs) = node.get("costs") else {
        return Costs::new();
    };
    if let Some(name) = costs.text() {
        return Costs::from([(name.to_owned(), 1)]);
    }
    let mut out = Costs::new();
    for (name, amount) in costs.entries() {
        match amount.integer().map(u64::try_from) {
            Some(Ok(amount)) => {
                out.insert(name.text().unwrap_or_default().to_owned(), amount);
            }
            Some(Err(_)) => found.push(Diagnostic::new(
                "bad-cost",
                &amount.span,
                "nothing costs less than nothing",
            )),
            // The shape of the file has no other type: that mistake is in `found` already.
            None => {}
        }
    }
    out
}
