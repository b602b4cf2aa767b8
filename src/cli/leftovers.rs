//! What is printed of the things that providers made and that may still be on a target.

use std::path::Path;

use super::output::{note, out};
use crate::{
    engine::{Swept, Undone, left},
    target::Target,
};

/// Prints what became of each thing; true when something may still be there.
pub(super) fn report(swept: &[Swept]) -> bool {
    let mut trouble = false;
    for one in swept {
        match &one.undone {
            Undone::Removed => out(&format!("removed {}", thing(one))),
            Undone::Absent => out(&format!("was not there: {}", thing(one))),
            Undone::Left(why) => {
                note(&format!("not removed: {}: {why}", thing(one)));
                trouble = true;
            }
        }
    }
    trouble
}

/// Prints what a run could not remove of its own, and how to go on; and what it did not find again,
/// which only the target says is gone. Gives what may be left, a sentence each.
pub(super) fn warn(swept: &[Swept], target: &Path) -> Vec<String> {
    let (mut left, mut absent) = (Vec::new(), Vec::new());
    for one in swept {
        match one.undone {
            Undone::Left(_) => left.push(one.clone()),
            Undone::Absent => absent.push(one),
            Undone::Removed => {}
        }
    }
    if let Some(first) = absent.first() {
        let more = match absent.len() {
            1 => String::new(),
            count => format!(", and {} more like it", count - 1),
        };
        note(&format!(
            "not there when it was looked for: {}{more}",
            thing(first)
        ));
    }
    let still: Vec<String> = left
        .iter()
        .filter_map(|one| match &one.undone {
            Undone::Left(why) => Some(format!("{} may still be there: {why}", thing(one))),
            Undone::Removed | Undone::Absent => None,
        })
        .collect();
    if still.is_empty() {
        return still;
    }
    report(&left);
    note(&format!(
        "{} made by this run could not be removed; `probity cleanup --target {}` tries again",
        match left.len() {
            1 => "one thing".to_owned(),
            count => format!("{count} things"),
        },
        target.display()
    ));
    still
}

/// Says that earlier runs left something on the target, if they did.
pub(super) fn remind(target: &Target) {
    let things: usize = left(target)
        .map(|journals| journals.left.iter().map(|left| left.things().len()).sum())
        .unwrap_or_default();
    if things > 0 {
        note(&format!(
            "runs that ended early left {things} on the target; `probity cleanup --target {}` removes them",
            target.file.display()
        ));
    }
}

/// A thing in words: what it is, and which run made it.
pub(super) fn thing(one: &Swept) -> String {
    format!(
        "{} {} ({}) of run {}",
        one.edition, one.provider, one.names, one.run
    )
}
