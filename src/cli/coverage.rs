//! `probity coverage`: what the cases reach of the documents, or what a run proved; sends nothing.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::{Args, ValueEnum};
use thiserror::Error;

use super::{
    loading::unknown_edition,
    output::{note, out},
    reading::{Reading, Verbose},
    recorded,
    refusal::{Refusal, USAGE},
    terminal,
};
use crate::{
    ids::Edition,
    judge,
    report::{coverage, record},
    result::{Coverage, Matrix, OperationCoverage, Share},
    target::Settings,
};

/// Below a gate: the same code as a partial run.
const PARTIAL: u8 = 2;

/// Options of `probity coverage`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The record of a run; without it, what the cases would prove
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Only this edition, a folder under specs/; may be repeated
    #[arg(long, value_name = "NAME")]
    edition: Vec<Edition>,
    /// Only this operationId; may be repeated
    #[arg(long, value_name = "NAME")]
    operation: Vec<String>,
    /// Every requirement, kind and cell; else what fits on sixty lines
    #[arg(long)]
    long: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
    /// Exit with 2 when an operation has less than this share done; may be repeated
    ///
    /// NAME is `satisfied` (requirements that the documents fix), `statuses`, `errors`, `headers`,
    /// `members` or `responses`. PERCENT is a whole number from 0 to 100, and every operation shown
    /// has to reach it. What is not testable, with its reason, is not part of the share; of headers
    /// and members also what is only observed counts. A number alone means `satisfied`.
    #[arg(long, value_name = "NAME=PERCENT")]
    min: Vec<Threshold>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    verbose: Verbose,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// The least share of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Threshold {
    /// `None` for requirements.
    matrix: Option<Matrix>,
    percent: usize,
}

#[derive(Debug, PartialEq, Eq, Error)]
enum ThresholdError {
    #[error("there is no share `{name}`; it is {SATISFIED}, {}", shares())]
    NoShare { name: String },
    #[error("`{0}` is not a whole number from 0 to 100")]
    NoPercent(String),
}

fn shares() -> String {
    Matrix::ALL.map(Matrix::label).join(", ")
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let (name, number) = text.split_once('=').unwrap_or((SATISFIED, text));
        let matrix = Matrix::ALL
            .into_iter()
            .find(|matrix| matrix.label() == name);
        if matrix.is_none() && name != SATISFIED {
            return Err(ThresholdError::NoShare {
                name: name.to_owned(),
            });
        }
        let percent = number.parse().ok().filter(|percent| *percent <= 100);
        let percent = percent.ok_or_else(|| ThresholdError::NoPercent(number.to_owned()))?;
        Ok(Self { matrix, percent })
    }
}

const SATISFIED: &str = "satisfied";

impl Threshold {
    fn share(self, operation: &OperationCoverage) -> (&'static str, Share) {
        match self.matrix {
            Some(matrix) => (matrix.label(), operation.share(matrix)),
            None => (SATISFIED, operation.satisfied()),
        }
    }

    /// The sentence for an operation that does not reach it.
    fn missed(self, operation: &OperationCoverage) -> Option<String> {
        let (name, share) = self.share(operation);
        (!share.reaches(self.percent)).then(|| {
            format!(
                "{} {}: {name} {}/{} ({} not testable) is less than {} of 100",
                operation.edition,
                operation.operation,
                share.done,
                share.of,
                share.excluded,
                self.percent
            )
        })
    }
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let verbose = options.verbose.is_on();
    let suite = options
        .reading
        .suite(root, None, Settings::default(), verbose);
    if suite.is_broken() {
        return Refusal::of_suite(&suite).code;
    }
    if let Err(refusal) = unknown_edition(&options.edition, &suite) {
        return refusal.code;
    }
    let record = match options.record.as_deref().map(recorded::read).transpose() {
        Ok(record) => record,
        Err(why) => {
            note(&why.to_string());
            return USAGE;
        }
    };
    let run = record.as_ref().map(record::Record::report);
    let mut coverage = judge::coverage(
        &suite.contracts,
        &suite.plan.cases,
        run.map(|run| &*run.cases),
    );
    coverage.target = run.map(|run| run.target.clone());
    select(&mut coverage, options);
    if coverage.operations.is_empty() {
        note("no such operation has requirements; `probity coverage` shows all that have");
        return USAGE;
    }
    out(match options.format {
        Form::Text => coverage::text(
            &coverage,
            coverage::Options {
                width: terminal::width(),
                long: options.long,
            },
        ),
        Form::Json => coverage::json(&coverage),
    }
    .trim_end());
    let thresholds = options.min.iter();
    let missed: Vec<String> = thresholds
        .flat_map(|threshold| {
            coverage
                .operations
                .iter()
                .filter_map(|one| threshold.missed(one))
        })
        .collect();
    for sentence in &missed {
        note(sentence);
    }
    if missed.is_empty() { 0 } else { PARTIAL }
}

fn select(coverage: &mut Coverage, options: &Options) {
    let wanted = |edition: &str| {
        let mut editions = options.edition.iter();
        options.edition.is_empty() || editions.any(|wanted| wanted.as_str() == edition)
    };
    coverage.operations.retain(|one| {
        let operation = options.operation.is_empty()
            || options
                .operation
                .iter()
                .any(|wanted| one.operation == *wanted);
        wanted(&one.edition) && operation
    });
    coverage.neighbours.retain(|(edition, _)| wanted(edition));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_a_share_and_a_whole_number_of_a_hundred() {
        let threshold = |matrix, percent| Ok(Threshold { matrix, percent });
        assert_eq!("errors=95".parse(), threshold(Some(Matrix::Errors), 95));
        assert_eq!("satisfied=100".parse(), threshold(None, 100));
        assert_eq!("100".parse(), threshold(None, 100));
        for wrong in ["errors=101", "errors=", "error=5", "errors=9.5", "", "=5"] {
            assert!(wrong.parse::<Threshold>().is_err(), "{wrong}");
        }
    }
}
