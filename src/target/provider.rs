//! What comes before a row: providers, as a target file writes them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::undo::{Undo, undo};
use crate::{
    contract::Contract,
    diag::Diagnostic,
    plan::{Need, Step, lower_needs, lower_step},
    yaml::Node,
};

/// One provider, ready to be called.
#[derive(Debug, Clone)]
pub struct Provider {
    pub per_run: bool,
    pub needs: Vec<Need>,
    pub steps: Vec<Step>,
    /// `None` gives every capture.
    pub yields: Option<Value>,
    /// How what it makes is taken away again.
    pub undo: Option<Undo>,
}

pub(super) fn provider(node: &Node, contract: &Contract, found: &mut Vec<Diagnostic>) -> Provider {
    Provider {
        per_run: node.get("scope").and_then(Node::text) == Some("run"),
        needs: lower_needs(node.get("needs")),
        steps: node
            .get("steps")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|step| lower_step(step, Some(contract), found))
            .collect(),
        yields: node.get("yields").map(Node::to_json),
        undo: undo(node, contract, found),
    }
}

/// True when following needs from `at` leads to `wanted`; the depth bounds other cycles.
pub(super) fn reaches(
    providers: &BTreeMap<String, Provider>,
    at: &str,
    wanted: &str,
    depth: usize,
) -> bool {
    depth <= providers.len()
        && providers.get(at).is_some_and(|provider| {
            provider.needs.iter().any(|need| {
                need.provider == wanted || reaches(providers, &need.provider, wanted, depth + 1)
            })
        })
}
