//! `probity waive`: entries for a waivers file, for what failed in a run.

use std::path::PathBuf;

use clap::Args;

use super::{
    output::{note, out},
    recorded,
};
use crate::report::waivers;

/// Options of `probity waive`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only rows whose ids contain one of these
    filters: Vec<String>,
    /// The record of the run
    #[arg(long, value_name = "RECORD", default_value = LAST)]
    from: PathBuf,
    /// Accept each finding by its fingerprint, in place of by what is found at its place
    #[arg(long)]
    exact: bool,
}

/// Where a run writes its record when nothing else is said.
const LAST: &str = "reports/run.jsonl";

pub(super) fn main(options: &Options) -> u8 {
    let record = match recorded::read(&options.from) {
        Ok(record) => record,
        Err(error) => {
            note(&error.to_string());
            return error.code();
        }
    };
    match waivers::entries(record.report(), &options.filters, options.exact) {
        Some(entries) => out(entries.trim_end()),
        None => note("no such row failed without a waiver, so there is nothing to accept"),
    }
    0
}
