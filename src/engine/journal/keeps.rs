//! Which values of what was made are kept in the journal.

use crate::{
    secret::is_secret_member,
    target::{Provider, Undo},
};

/// Whether what creating something told under this name is kept for its cleanup.
pub(crate) fn keeps(provider: &Provider, undo: &Undo, name: &str) -> bool {
    let mut captures = provider.steps().iter().flat_map(|step| &step.captures);
    captures.any(|capture| capture.name == name) && undo.asks(name) && !is_secret_member(name)
}
