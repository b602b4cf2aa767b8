//! Why a subcommand ends before its work, and the mistakes that it prints then.

use super::output::{colour, note};
use crate::{diag::Diagnostic, engine::Preflight, suite::Suite};

/// Usage, file or configuration error.
pub(crate) const USAGE: u8 = 3;

/// Outputs that could not be written.
pub(super) const UNWRITTEN: u8 = 4;

/// Why a subcommand ends before its work. It was printed already; the sentence is for reports.
#[derive(Debug)]
pub(super) struct Refusal {
    pub code: u8,
    pub why: String,
}

impl Refusal {
    /// Prints why a usage, file or configuration error ends the call.
    pub(super) fn usage(why: impl Into<String>) -> Self {
        let why = why.into();
        note(&why);
        Self { code: USAGE, why }
    }

    /// Prints the mistakes of a suite that cannot run.
    pub(super) fn of_suite(suite: &Suite) -> Self {
        let count = complain(&suite.diagnostics, false);
        let mistakes = if count == 1 { "mistake" } else { "mistakes" };
        note(&format!(
            "{count} {mistakes}; nothing was sent (`probity explain CODE` tells more of what stands in [ ])"
        ));
        Self {
            code: USAGE,
            why: listed(&suite.diagnostics),
        }
    }

    /// Prints the faults of the configuration, which keep a run from starting, and what the target
    /// answered wrongly, which does not.
    pub(super) fn of_preflight(found: &Preflight) -> Option<Self> {
        let count = complain(&found.faults, true);
        if count == 0 {
            return None;
        }
        let faults = if count == 1 { "fault" } else { "faults" };
        note(&format!(
            "{count} {faults} in how the target is reached; no row was sent"
        ));
        Some(Self {
            code: USAGE,
            why: listed(&found.faults),
        })
    }
}

/// Prints every mistake, and warnings when asked; gives the number of mistakes that block.
pub(super) fn complain(diagnostics: &[Diagnostic], warnings: bool) -> usize {
    let colour = colour();
    for mistake in diagnostics.iter().filter(|d| warnings || !d.warning) {
        note(&format!("{}\n", mistake.render(colour)));
    }
    diagnostics.iter().filter(|d| !d.warning).count()
}

/// The mistakes that block, a line each, as many as a report can bear.
pub(super) fn listed(diagnostics: &[Diagnostic]) -> String {
    const MOST: usize = 20;
    let blocking: Vec<String> = diagnostics
        .iter()
        .filter(|one| !one.warning)
        .map(ToString::to_string)
        .collect();
    let mut lines: Vec<String> = blocking.iter().take(MOST).cloned().collect();
    if blocking.len() > MOST {
        lines.push(format!("and {} more", blocking.len() - MOST));
    }
    lines.join("\n")
}
