//! Providers that build on each other: every need exists, none leads back, none is narrower.

use std::collections::{BTreeMap, BTreeSet};

use super::Provider;
use crate::{
    diag::{Diagnostic, push_once},
    ids::ProviderId,
    yaml::Node,
};

/// Finds the mistakes between the providers of an edition, each at the need that makes it.
pub(in crate::target) fn check(
    providers: &BTreeMap<ProviderId, Provider>,
    edition: &str,
    found: &mut Vec<Diagnostic>,
) {
    for (name, provider) in providers {
        for need in &provider.needs {
            let Some(other) = providers.get(&need.provider) else {
                let message = format!(
                    "provider `{name}` needs `{}`, which `{edition}` does not have",
                    need.provider
                );
                let known = providers.keys().map(ProviderId::as_str);
                found.push(
                    Diagnostic::new("unknown-provider", &need.span, message)
                        .suggest(&need.provider, known),
                );
                continue;
            };
            if need.provider == *name || reaches(providers, &need.provider, name) {
                let message = format!("provider `{name}` needs itself");
                push_once(
                    found,
                    Diagnostic::new("provider-cycle", &need.span, message),
                );
            } else if other.scope < provider.scope {
                let message = format!(
                    "provider `{name}` is shared by a {}, and `{}` is made anew for each {}",
                    provider.scope.label(),
                    need.provider,
                    other.scope.label()
                );
                let help = format!(
                    "give `{}` the scope `{}`, or `{name}` the scope `{}`",
                    need.provider,
                    provider.scope.label(),
                    other.scope.label()
                );
                let mistake = Diagnostic::new("bad-scope", &need.span, message).help(help);
                push_once(found, mistake);
            }
        }
    }
}

/// True when following needs from `at` leads to `wanted`.
fn reaches(providers: &BTreeMap<ProviderId, Provider>, at: &str, wanted: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::<&str>::new(), vec![at]);
    while let Some(at) = next.pop() {
        let needs = providers.get(at).map(|provider| provider.needs.as_slice());
        for need in needs.unwrap_or_default() {
            if need.provider == wanted {
                return true;
            }
            if seen.insert(&need.provider) {
                next.push(&need.provider);
            }
        }
    }
    false
}

/// Undoing may call a provider that it names, and that one must not make anything itself.
pub(in crate::target) fn check_cleanup(
    providers: &BTreeMap<ProviderId, Provider>,
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
        let named = undo.names(&need.name);
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
