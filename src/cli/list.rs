//! `probity list`: the ids of the rows that would run, one a line.

use std::path::Path;

use clap::Args;

use super::{
    loading::{Filter, unknown_edition},
    output::{note, out},
    reading::{Reading, Verbose},
    refusal::{Refusal, USAGE},
};
use crate::{target::Settings, visible::one_line};

/// Options of `probity list`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    filter: Filter,
    /// Also print what each row covers, or that it is only observed
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    verbose: Verbose,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let verbose = options.verbose.is_on();
    let suite = options
        .reading
        .suite(root, None, Settings::default(), verbose);
    if suite.is_broken() {
        return Refusal::of_suite(&suite).code;
    }
    if let Err(refusal) = unknown_edition(&options.filter.kind.edition, &suite) {
        return refusal.code;
    }
    let selection = options.filter.selection();
    let mut count = 0;
    for case in selection.asked(&suite.plan.cases) {
        count += 1;
        if options.long {
            let kind = if case.observe.is_some() {
                "observed"
            } else {
                "judged"
            };
            let covers = one_line(&case.covers.join(","));
            out(&format!("{}\t{kind}\t{covers}", one_line(&case.id)));
        } else {
            out(&one_line(&case.id));
        }
    }
    // The process ends, and to free every value of the suite before would take a tenth of its time.
    std::mem::forget(suite);
    if count == 0 {
        note(&options.filter.nothing());
        return USAGE;
    }
    0
}
