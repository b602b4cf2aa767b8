//! Test cases that did not pass and ran once more: a line each, and how many there are of each kind.

use super::{
    explain,
    text::{counted, one_line},
};
use crate::{
    ids::CaseId,
    result::{Again, CaseResult},
};

/// A test case that had not passed.
#[derive(Debug)]
pub enum Rerun<'r> {
    /// It ran once more.
    Ran {
        before: &'r CaseResult,
        now: &'r CaseResult,
    },
    /// The suite has no such test case any more; perhaps one of a similar name.
    Gone {
        id: &'r CaseId,
        near: Option<&'r str>,
    },
}

const GONE: &str = "NOT IN THE SUITE";

/// A line for each, and the counts.
#[must_use]
pub fn text(reruns: &[Rerun<'_>]) -> String {
    let mut out = String::new();
    for one in reruns {
        out.push_str(&line(one));
        out.push('\n');
    }
    let gone = |one: &&Rerun<'_>| matches!(one, Rerun::Gone { .. });
    let kinds = Again::ALL.into_iter().map(|kind| {
        let of_kind = |one: &&Rerun<'_>| again(one) == Some(kind);
        (reruns.iter().filter(of_kind).count(), kind.label())
    });
    let kinds = kinds.chain([(reruns.iter().filter(gone).count(), GONE)]);
    let counts: Vec<String> = kinds
        .filter(|(count, label)| *count > 0 || *label == Again::Fixed.label())
        .map(|(count, label)| format!("{count} {}", label.to_lowercase()))
        .collect();
    let total = counted(reruns.len(), "test case");
    out + &format!("\n{total} run again: {}", counts.join(", "))
}

/// How it compares; `None` where the suite does not have it any more.
#[must_use]
pub fn again(rerun: &Rerun<'_>) -> Option<Again> {
    match rerun {
        Rerun::Ran { before, now } => Some(Again::of(before, now)),
        Rerun::Gone { .. } => None,
    }
}

fn line(rerun: &Rerun<'_>) -> String {
    match rerun {
        Rerun::Ran { before, now } => {
            let kind = Again::of(before, now);
            let id = one_line(&now.id);
            let why = match kind {
                Again::Fixed => String::new(),
                Again::StillFailing | Again::NotJudged => format!(": {}", explain::message(now)),
                Again::FailsOtherwise => format!(
                    ": {} (before: {})",
                    explain::message(now),
                    explain::message(before)
                ),
            };
            format!("{:<16} {id}{why}", kind.label())
        }
        Rerun::Gone { id, near } => {
            let near = near.map_or_else(String::new, |near| format!(": perhaps `{near}` now"));
            format!("{GONE:<16} {}{near}", one_line(id))
        }
    }
}
