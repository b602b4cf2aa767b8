//! `probity compare` and `probity baseline`: what changed between runs, and a run as a file to commit.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{
    output::note,
    reading::Reading,
    recorded::{self, ReadError},
    refusal::{UNWRITTEN, USAGE},
    reports::written,
    terminal,
};
use crate::{
    compare::{self, BaselineError, Before, RunFacts},
    rejudge::rejudge,
    report::{comparison, record::Record},
    result::{Comparison, RunReport},
    suite::Suite,
    target::Settings,
    visible::visible,
};

/// Options of `probity compare`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// One or more records of runs before, or a baseline, and the record of the run after, last; several of
    /// the same target before show which values change by themselves
    #[arg(required = true, num_args = 2.., value_name = "RECORD")]
    records: Vec<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
    /// Every row, requirement and difference, nothing folded
    #[arg(long)]
    long: bool,
    /// Where to write it; without it to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
    Markdown,
    /// One page with both answers side by side, without script
    Html,
}

/// Options of `probity baseline`.
#[derive(Debug, Args)]
pub(super) struct BaselineOptions {
    /// The record of the run to go by; further ones of the same target show which values change by
    /// themselves
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
    /// Where to write it; without it to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Why a file gives no run to compare with.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    #[error(transparent)]
    Record(#[from] ReadError),
    #[error("`{}` is no baseline: {source}", .path.display())]
    Baseline {
        path: PathBuf,
        source: BaselineError,
    },
    #[error("`{}` cannot be read back: {source}", .path.display())]
    Spool {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl RunError {
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Record(error) => error.code(),
            Self::Baseline { source, .. } => match source {
                BaselineError::NoBaseline(_) | BaselineError::Version(_) => USAGE,
                BaselineError::Line { .. }
                | BaselineError::NoAnswer { .. }
                | BaselineError::Cut { .. } => UNWRITTEN,
            },
            Self::Spool { .. } => UNWRITTEN,
        }
    }
}

/// A run to compare with, from a record or from a baseline.
#[derive(Debug)]
pub(super) struct RunBefore {
    facts: RunFacts,
    /// With its answers, where it is a record.
    record: Option<Box<Record>>,
}

impl RunBefore {
    /// # Errors
    /// When the file is neither record nor baseline, or is cut or damaged.
    pub(super) fn read(path: &Path) -> Result<Self, RunError> {
        if is_baseline(path) {
            return Ok(Self {
                facts: of_baseline(path)?,
                record: None,
            });
        }
        let record = recorded::open(path)?;
        Ok(Self {
            facts: of_report(path, record.report())?,
            record: Some(Box::new(record)),
        })
    }

    /// With the same answers judged by a suite, where the run was of another one and the answers are there;
    /// else says why the two suites cannot be told apart.
    fn judged_by(&self, suite: &Suite) -> Before {
        if self.facts.side.suite == suite.digest {
            return self.unchanged();
        }
        let again = match self.record.as_deref() {
            None => Err("a baseline holds no answers to be judged again".to_owned()),
            Some(record) => rejudge(record.report(), suite)
                .map_err(|error| error.to_string())
                .and_then(|again| RunFacts::of(&again.report).map_err(|error| error.to_string())),
        };
        match again {
            Ok(rejudged) => Before {
                recorded: self.facts.clone(),
                rejudged: Some(rejudged),
            },
            Err(why) => {
                note(&visible(&format!(
                    "the suite changed as well, and what it changed is not told apart: {why}"
                )));
                self.unchanged()
            }
        }
    }

    fn unchanged(&self) -> Before {
        Before {
            recorded: self.facts.clone(),
            rejudged: None,
        }
    }
}

/// The runs before, their answers judged by the suite of the run after where that is another one.
pub(super) fn judged_by(before: &[RunBefore], suite: &Suite) -> Vec<Before> {
    let each = before.iter();
    each.map(|run| run.judged_by(suite)).collect()
}

fn of_baseline(path: &Path) -> Result<RunFacts, RunError> {
    let text = std::fs::read_to_string(path).map_err(|source| ReadError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    compare::read_baseline(&text).map_err(|source| RunError::Baseline {
        path: path.to_owned(),
        source,
    })
}

fn of_report(path: &Path, report: &RunReport) -> Result<RunFacts, RunError> {
    RunFacts::of(report).map_err(|source| RunError::Spool {
        path: path.to_owned(),
        source,
    })
}

/// Whether a file says itself that it is a baseline.
fn is_baseline(path: &Path) -> bool {
    use std::io::Read as _;

    const START: &[u8] = b"{\"baseline\":";
    let mut first = [0; START.len()];
    let file = std::fs::File::open(path);
    file.is_ok_and(|mut file| file.read_exact(&mut first).is_ok()) && first == START
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let Some((after, before)) = options.records.split_last() else {
        return USAGE;
    };
    let mut runs = Vec::new();
    let mut worst = 0;
    for path in before {
        match RunBefore::read(path) {
            Ok(run) => runs.push(run),
            Err(error) => worst = worst.max(failed(&error)),
        }
    }
    if is_baseline(after) {
        note(&format!(
            "`{}` is a baseline: it comes before, and the run after is a record",
            after.display()
        ));
        return USAGE;
    }
    let record = match recorded::open(after) {
        Ok(record) => record,
        Err(error) => {
            note(&error.to_string());
            return worst.max(error.code());
        }
    };
    if worst > 0 {
        return worst;
    }
    let facts_after = match of_report(after, record.report()) {
        Ok(run) => run,
        Err(error) => return failed(&error),
    };
    let before = options.attributed(root, &runs, &facts_after);
    let comparison = match compare::attribute(&before, &facts_after) {
        Ok(comparison) => comparison,
        Err(error) => {
            note(&visible(&error.to_string()));
            return USAGE;
        }
    };
    let first = runs.first().and_then(|run| run.record.as_deref());
    let text = match shown(
        &comparison,
        first.map(Record::report),
        record.report(),
        options,
    ) {
        Ok(text) => text,
        Err(why) => {
            note(&why);
            return UNWRITTEN;
        }
    };
    match written(options.output.as_deref(), &text) {
        0 => comparison.decision().0.exit_code(),
        code => code,
    }
}

impl Options {
    /// The runs before, judged again where the suite of the run after is another one and is here.
    fn attributed(&self, root: &Path, runs: &[RunBefore], after: &RunFacts) -> Vec<Before> {
        let wanted = &after.side.suite;
        let others = |run: &RunBefore| {
            let digest = &run.facts.side.suite;
            digest.is_known() && wanted.is_known() && digest != wanted
        };
        if !runs.iter().any(others) {
            return runs.iter().map(RunBefore::unchanged).collect();
        }
        let suite = self.reading.suite(root, None, Settings::default(), false);
        if suite.digest != *wanted || suite.is_broken() {
            note(
                "the suite changed as well; to tell what it changed from what the target changed, call this \
                 where the suite of the run after is, or name that place with --root",
            );
            return runs.iter().map(RunBefore::unchanged).collect();
        }
        judged_by(runs, &suite)
    }
}

/// A run that has just ended beside those before: the page of what changed, and the exit code.
///
/// # Errors
/// The sentence why they cannot be compared.
pub(super) fn with(before: &[Before], after: &RunReport) -> Result<(String, u8), String> {
    let facts = RunFacts::of(after)
        .map_err(|error| format!("the results of the run cannot be read back: {error}"))?;
    let comparison = compare::attribute(before, &facts).map_err(|error| error.to_string())?;
    let options = comparison::Options {
        width: terminal::width(),
        long: false,
    };
    let page = comparison::text(&comparison, after, options);
    Ok((page, comparison.decision().0.exit_code()))
}

/// Prints why a file gives no run, and gives the exit code.
fn failed(error: &RunError) -> u8 {
    note(&visible(&error.to_string()));
    error.code()
}

/// # Errors
/// A fault of ours in a template.
fn shown(
    comparison: &Comparison,
    before: Option<&RunReport>,
    after: &RunReport,
    options: &Options,
) -> Result<String, String> {
    match options.format {
        Form::Text => Ok(comparison::text(
            comparison,
            after,
            comparison::Options {
                width: terminal::width(),
                long: options.long,
            },
        )),
        Form::Json => Ok(comparison::json(comparison)),
        Form::Markdown => Ok(comparison::markdown(comparison, after)),
        Form::Html => {
            comparison::html(comparison, before, after).map_err(|error| error.to_string())
        }
    }
}

pub(super) fn baseline(options: &BaselineOptions) -> u8 {
    let mut runs = Vec::new();
    for path in &options.records {
        match RunBefore::read(path) {
            Ok(run) if run.record.is_none() => {
                note(&format!("`{}` is a baseline already", path.display()));
                return USAGE;
            }
            Ok(run) => runs.push(run.facts),
            Err(error) => return failed(&error),
        }
    }
    let run = match compare::of_one_target(&runs) {
        Ok(run) => run,
        Err(error) => {
            note(&visible(&format!("no baseline is made: {error}")));
            return USAGE;
        }
    };
    if run.side.exit_code != 0 {
        note(&visible(&format!(
            "the run was {}: what it broke or did not judge will count as known",
            run.side.conclusion
        )));
    }
    written(options.output.as_deref(), &compare::write_baseline(&runs))
}
