//! Which names a provider may use where.

use std::collections::{BTreeMap, BTreeSet};

use super::{BASE, KINDS, Kind, Provider};
use crate::{
    diag::Diagnostic,
    ids::ProviderId,
    plan::captured,
    template::{Members, Names},
    yaml::Node,
};

/// Judges every text of a provider, in the order in which names are bound.
pub(in crate::target) fn check(
    node: &Node,
    provider: &Provider,
    others: &BTreeMap<ProviderId, Provider>,
    variables: Option<&BTreeSet<String>>,
    found: &mut Vec<Diagnostic>,
) {
    let known = |members: Option<BTreeSet<String>>| members.map_or(Members::Any, Members::These);
    let mut names = Names::default();
    names.bind("target", known(variables.cloned()));
    names.bind("run", known(Some(BTreeSet::from(["id".to_owned()]))));
    names.bind("with", Members::Any);
    let promised = |key: &str, names: &mut Names, found: &mut Vec<Diagnostic>| {
        if let Some(written) = node.get(key) {
            names.lint(written, found);
            let of = written.entries().iter().filter_map(|(name, _)| name.text());
            names.bind("created", known(Some(of.map(str::to_owned).collect())));
        }
    };
    promised("creates", &mut names, found);
    let base = node.get("extends").map(|base| (BASE, base));
    let needs = node.get("needs").map(Node::entries).unwrap_or_default();
    let needs = needs
        .iter()
        .map(|(name, need)| (name.text().unwrap_or_default(), need));
    for (name, need) in base.into_iter().chain(needs) {
        if let Some(with) = need.get("with") {
            names.lint(with, found);
        }
        let need = provider.needs.iter().find(|need| need.name == name);
        let other = need.and_then(|need| others.get(&need.provider));
        names.bind(name, known(other.and_then(|other| other.members(others))));
    }
    promised("restores", &mut names, found);
    for value in KINDS.iter().filter_map(|(field, _)| node.get(field.name)) {
        if let Kind::Steps(_) = provider.kind {
            steps(&mut names, value, found);
        } else {
            names.lint(value, found);
        }
    }
    match provider.kind.names() {
        Some(given) => given
            .into_iter()
            .for_each(|name| names.bind(name, Members::Any)),
        None => names.open(),
    }
    if let Some(yields) = node.get("yields") {
        names.lint(yields, found);
    }
    if let Some(cleanup) = node.get("cleanup") {
        steps(&mut names, cleanup, found);
    }
}

/// Steps one after the other: what one captures is bound for the next.
fn steps(names: &mut Names, list: &Node, found: &mut Vec<Diagnostic>) {
    for step in list.items() {
        names.lint(step, found);
        for name in captured(step) {
            names.bind(name, Members::Any);
        }
    }
}
