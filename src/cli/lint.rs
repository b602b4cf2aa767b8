//! `probity lint`: every mistake in specs, cases and a target file; sends nothing.

use std::path::Path;

use clap::Args;

use super::{
    output::out,
    reading::Verbose,
    refusal::{USAGE, complain},
    target_args::TargetArgs,
};

/// Options of `probity lint`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    verbose: Verbose,
    /// Expectations that prove little count as mistakes, as in a strict run
    #[arg(long)]
    strict: bool,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let mut suite = options.target.look(root, options.verbose.is_on());
    if options.strict {
        suite.be_strict();
    }
    let mistakes = complain(&suite.diagnostics, true);
    let warnings = suite.diagnostics.len() - mistakes;
    let requirements: usize = suite.contracts.iter().map(|c| c.requirements.len()).sum();
    out(&format!(
        "{} files, {} rows, {requirements} requirements: {mistakes} mistakes, {warnings} warnings",
        suite.files.len(),
        suite.plan.cases.len(),
    ));
    // The process ends, and to free every value of the suite before would take a tenth of its time.
    std::mem::forget(suite);
    if mistakes > 0 { USAGE } else { 0 }
}
