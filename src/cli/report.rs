//! `probity report`: renders the record of a run again, in any format.

use std::path::PathBuf;

use clap::Args;

use super::{output::note, recorded, rendering::RenderArgs};
use crate::{report::record::Record, result::RunReport};

/// Options of `probity report`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The records: `reports/run.jsonl`
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
    #[command(flatten)]
    render: RenderArgs,
}

/// Every record is read before anything is written, so that a wrong one leaves no half of the others.
pub(super) fn main(options: &Options) -> u8 {
    let mut records = Vec::new();
    let mut worst = 0;
    for path in &options.records {
        match recorded::open(path) {
            Ok(record) => records.push(record),
            Err(error) => {
                note(&error.to_string());
                worst = worst.max(error.code());
            }
        }
    }
    if worst > 0 {
        return worst;
    }
    let runs: Vec<&RunReport> = records.iter().map(Record::report).collect();
    options.render.render(&runs)
}
