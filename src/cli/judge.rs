//! `probity judge`: the answers of a record, judged by the suite as it is now.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    output::note,
    reading::{Reading, Verbose},
    recorded,
    refusal::{USAGE, complain},
    rendering::RenderArgs,
};
use crate::{
    rejudge::{Rejudgement, rejudge},
    result::{SkipReason, Verdict},
    target::Settings,
    visible::visible,
};

/// Options of `probity judge`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The record whose answers are judged: `reports/run.jsonl`
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    #[command(flatten)]
    render: RenderArgs,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    verbose: Verbose,
}

/// So many ids are named on a line.
const NAMED: usize = 5;

/// Sends nothing. Ends with the code of the conclusion that the suite now has of the run.
pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let record = match recorded::read(&options.record) {
        Ok(record) => record,
        Err(error) => {
            note(&error.to_string());
            return error.code();
        }
    };
    let verbose = options.verbose.is_on();
    let suite = options
        .reading
        .suite(root, None, Settings::default(), verbose);
    if suite.is_broken() {
        complain(&suite.diagnostics, verbose);
        return USAGE;
    }
    let rejudged = match rejudge(record.report(), &suite) {
        Ok(rejudged) => rejudged,
        Err(error) => {
            note(&format!("`{}`: {error}", options.record.display()));
            return USAGE;
        }
    };
    for line in lines(&rejudged) {
        note(&visible(&line));
    }
    match options.render.render(&[&rejudged.report]) {
        0 => rejudged.report.conclusion().exit_code(),
        code => code,
    }
}

/// What of the record was not judged again, and what the record does not have.
fn lines(rejudged: &Rejudgement) -> Vec<String> {
    let unknown = Verdict::Skip(SkipReason::NotRejudgeable);
    let not_judged: Vec<&str> = rejudged
        .report
        .cases
        .iter()
        .filter(|case| case.verdict == unknown)
        .map(|case| case.id.as_str())
        .collect();
    let ids = |ids: &[crate::ids::CaseId]| -> Vec<String> {
        ids.iter().map(ToString::to_string).collect()
    };
    let (gone, missing) = (ids(&rejudged.gone), ids(&rejudged.missing));
    [
        line(&not_judged, "not re-judgeable from this record"),
        line(&gone, "in the record and not in the suite any more"),
        line(&missing, "in the suite and not in the record"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn line<T: AsRef<str>>(ids: &[T], what: &str) -> Option<String> {
    if ids.is_empty() {
        return None;
    }
    let named: Vec<&str> = ids.iter().take(NAMED).map(AsRef::as_ref).collect();
    let more = match ids.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let rows = if ids.len() == 1 { "row is" } else { "rows are" };
    Some(format!(
        "{} {rows} {what}: {}{more}",
        ids.len(),
        named.join(", ")
    ))
}
