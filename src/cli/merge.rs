//! `probity merge`: the records of all shards of a run as the reports of the whole.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    ci::Ci,
    output::{note, out},
    reading::Reading,
    recorded,
    refusal::{Refusal, UNWRITTEN, USAGE},
    rendering::further,
    report_args::ReportArgs,
    reports::{Reports, Wanted, write_one},
    run::{OUTPUT_DIR, command_line},
    summary::SummaryArgs,
};
use crate::{
    merge::{self, MergeError, Part},
    report::{FURTHER, Format, exchanges, record},
    result::RunReport,
    secret::SecretIndex,
    target::Settings,
    visible::visible,
};

/// Options of `probity merge`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The records of all shards, in any order: each shard's `run.jsonl`
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
    /// Write the merged record to this file, and no other report
    #[arg(long, short, value_name = "FILE", conflicts_with = "output_dir")]
    output: Option<PathBuf>,
    /// Where the reports of the whole are written; those of the run before are kept in its folder
    /// `.previous`
    #[arg(long, value_name = "DIR", default_value = OUTPUT_DIR)]
    output_dir: PathBuf,
    /// Further reports to write, separated by commas: markdown, ctrf, github, gitlab, sarif, tap, har
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = further)]
    report: Vec<&'static Format>,
    /// Which build service to tell by annotations and a job summary: with auto, GitHub Actions where the
    /// call is in one of its jobs
    #[arg(long, value_enum, default_value = "auto", value_name = "SERVICE")]
    ci: Ci,
    /// Sign the merged record with the key in this file
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    record_key: Option<PathBuf>,
    #[command(flatten)]
    summary: SummaryArgs,
    #[command(flatten)]
    reports: ReportArgs,
    #[command(flatten)]
    reading: Reading,
}

/// All is read and found to be one run before anything is written.
pub(super) fn main(root: &Path, options: &Options) -> u8 {
    merged(root, options).map_or_else(
        |code| code,
        |run| match &options.output {
            Some(path) => one_file(path, &run, options),
            None => all_reports(&run, options),
        },
    )
}

/// The run of all shards.
///
/// # Errors
/// With the exit code; why was printed.
fn merged(root: &Path, options: &Options) -> Result<RunReport, u8> {
    let parts = parts(&options.records)?;
    let verbose = options.summary.verbose;
    let suite = options
        .reading
        .suite(root, None, Settings::default(), verbose);
    if suite.is_broken() {
        return Err(Refusal::of_suite(&suite).code);
    }
    let merged = merge::merge(parts, &suite).map_err(|error| {
        note(&visible(&format!("nothing is merged: {error}")));
        code(&error)
    });
    let mut run = merged?;
    run.provenance.command = command_line();
    Ok(run)
}

/// A run that contradicts itself is worth nothing; anything else is the wrong file, or one too few.
const fn code(error: &MergeError) -> u8 {
    if error.is_of_results() {
        UNWRITTEN
    } else {
        USAGE
    }
}

/// Every record that cannot be read is named, and the worst decides the exit code.
fn parts(records: &[PathBuf]) -> Result<Vec<Part>, u8> {
    let mut parts = Vec::new();
    let mut worst = 0;
    for path in records {
        match recorded::open(path) {
            Ok(record) => parts.push(Part {
                name: path.display().to_string(),
                made_by: record.header.probity.clone(),
                report: record.into_report(),
            }),
            Err(error) => {
                note(&visible(&error.to_string()));
                worst = worst.max(error.code());
            }
        }
    }
    if worst > 0 { Err(worst) } else { Ok(parts) }
}

fn one_file(path: &Path, run: &RunReport, options: &Options) -> u8 {
    let name = path.display().to_string();
    if let Err(error) = write_one(path, |file| record::write(run, file)) {
        note(&format!("`{name}` cannot be written: {error}"));
        return UNWRITTEN;
    }
    finish(run, &[name], options)
}

fn all_reports(run: &RunReport, options: &Options) -> u8 {
    let key = options.record_key.as_deref().map(recorded::key);
    let key = match key.transpose() {
        Ok(key) => key,
        Err(error) => {
            note(&error.to_string());
            return USAGE;
        }
    };
    let asked = |format: &&Format| options.report.iter().any(|one| one.name == format.name);
    let wanted = Wanted {
        further: FURTHER.iter().filter(asked).collect(),
        options: options.reports.options(),
        key,
        ci: options.ci,
        output_is_taken: options.summary.is_json(),
    };
    let reports = match Reports::begin(&options.output_dir, wanted) {
        Ok(reports) => reports,
        Err(error) => {
            note(&error.to_string());
            return USAGE;
        }
    };
    if let Err(error) = write(run, &reports) {
        note(&format!("the reports cannot be written: {error}"));
        return UNWRITTEN;
    }
    let code = finish(run, &reports.names(), options);
    reports.tell(run, None);
    code
}

/// What the shards knew as secrets is masked in their records.
fn write(run: &RunReport, reports: &Reports) -> io::Result<()> {
    let staged = reports.stage(run, Some(&SecretIndex::default()))?;
    reports.replace(staged.files)
}

/// Prints the summary, and gives the exit code.
fn finish(run: &RunReport, written: &[String], options: &Options) -> u8 {
    let code = run.conclusion().exit_code();
    if options.summary.verbose && !options.summary.is_json() {
        for case in &run.cases {
            out(&exchanges::text(case));
        }
    }
    out(&options.summary.text(run, written, code));
    code
}
