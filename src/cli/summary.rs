//! What a run prints when it is over, and how much it tells meanwhile: the options for it, and the text.

use clap::{Args, ValueEnum};

use super::{
    output::{colour_of_summary, out},
    terminal,
};
use crate::{
    report::{console, summary_json},
    result::RunReport,
};

/// How many of the slowest rows are named where nobody said how many.
const SLOWEST: u16 = 5;

/// Options of what is printed; [`super::run`] has them among its own.
#[derive(Debug, Clone, Args)]
pub(super) struct SummaryArgs {
    /// Print every id and every value in the summary, nothing folded, and the slowest rows
    #[arg(long)]
    long: bool,
    /// Print every row with all that was exchanged for it, passing ones too, before a summary in text;
    /// and what changes nothing, such as a cache that cannot be used
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
    /// Print the conclusion, a line for each cause of red, and errors; no progress
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Name the N slowest rows with their times; 5 with --long, with --verbose and in JSON
    #[arg(long, value_name = "N")]
    slowest: Option<u16>,
    /// The form of the summary; JSON is one object, described by specs/summary.schema.json
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
}

impl SummaryArgs {
    /// Whether standard output is one JSON object and nothing else.
    pub(super) fn is_json(&self) -> bool {
        self.format == Form::Json
    }

    /// Says in JSON how a run ended before its rows, where that was asked for; in words it was said on
    /// standard error.
    pub(super) fn ended_early(&self, run: &RunReport, written: &[String], exit_code: u8) {
        if self.is_json() {
            out(&self.text(run, written, exit_code));
        }
    }

    /// The summary for standard output, with the files that were written and the exit code of the
    /// process.
    pub(super) fn text(&self, run: &RunReport, written: &[String], exit_code: u8) -> String {
        if self.is_json() {
            let options = summary_json::Options {
                files: written,
                exit_code,
                slowest: usize::from(self.slowest.unwrap_or(SLOWEST)),
            };
            return summary_json::summary(run, &options);
        }
        let more = if self.long || self.verbose {
            SLOWEST
        } else {
            0
        };
        let options = console::Options {
            files: written,
            colour: colour_of_summary(),
            width: terminal::width(),
            long: self.long,
            slowest: usize::from(self.slowest.unwrap_or(more)),
        };
        if self.quiet {
            console::quiet(run, &options).trim_end().to_owned()
        } else {
            console::summary(run, &options)
        }
    }
}
