//! `probity lint`: every mistake in specs, cases and a target file; sends nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{USAGE, complain, out};
use crate::suite;

/// Options of `probity lint`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A target file to check with the rest
    #[arg(long, value_name = "FILE", default_value = "tenants/mock.yaml")]
    target: PathBuf,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let target = root.join(&options.target);
    let suite = suite::load(root, Some(&target));
    let mistakes = complain(&suite.diagnostics, true);
    let warnings = suite.diagnostics.len() - mistakes;
    let requirements: usize = suite.contracts.iter().map(|c| c.requirements.len()).sum();
    out(&format!(
        "{} files, {} rows, {requirements} requirements: {mistakes} mistakes, {warnings} warnings",
        suite.files.len(),
        suite.plan.cases.len(),
    ));
    if mistakes > 0 { USAGE } else { 0 }
}
