//! What several subcommands begin with: the suite, its target, and the rows that were asked for.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use tokio::runtime::Runtime;

use super::{refusal::Refusal, target_args::TargetArgs};
use crate::{
    ids::Edition,
    plan::{Selection, TestCase},
    result::Shard,
    suite::{self, Suite},
    target::Target,
};

/// Which kinds of rows.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Kind {
    /// Only this edition, a folder under specs/; may be repeated
    #[arg(long, value_name = "NAME")]
    pub edition: Vec<Edition>,
    /// Only rows with this tag; may be repeated
    #[arg(long, value_name = "WORD")]
    tag: Vec<String>,
}

impl Kind {
    /// The rows of these kinds that match a filter, where there are filters.
    pub(super) fn selection(&self, filters: &[String]) -> Selection {
        Selection {
            filters: filters.to_vec(),
            editions: self.edition.clone(),
            tags: self.tag.clone(),
            ids: BTreeSet::new(),
            shard: None,
        }
    }
}

/// Which rows; shared by the subcommands that select some.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Filter {
    /// Parts of row ids, or requirement ids; a row is taken when any matches
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    #[command(flatten)]
    pub kind: Kind,
    /// Only this part of the rows: shard I of N, numbered from 1, for N processes that share the work;
    /// `probity merge` puts their records together
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

impl Filter {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            shard: self.shard,
            ..self.kind.selection(&self.filters)
        }
    }
}

impl Filter {
    /// The case files among the filters that stand alone; the other filters stay.
    pub(super) fn take_files(&mut self, root: &Path) -> Vec<PathBuf> {
        let cases = root.join("cases");
        let (files, filters) = std::mem::take(&mut self.filters)
            .into_iter()
            .partition(|word| {
                let path = Path::new(word);
                path.is_file() && !path.starts_with(&cases) && suite::stands_alone(path)
            });
        self.filters = filters;
        let files: Vec<String> = files;
        files.into_iter().map(PathBuf::from).collect()
    }

    /// Why there is no row.
    pub(super) fn nothing(&self) -> String {
        match self.shard {
            Some(shard) => format!("no row that matches is in shard {shard}"),
            None => "no row matches".to_owned(),
        }
    }
}

/// Where asynchronous work is done.
///
/// # Errors
/// When the system has no threads for it; that was printed.
pub(super) fn runtime() -> Result<Runtime, Refusal> {
    Runtime::new().map_err(|error| cannot_start(&error))
}

/// A runtime whose tasks share this thread: what a run does between two answers is little, and handing
/// it from thread to thread would cost more.
///
/// # Errors
/// When the system refuses.
pub(super) fn one_thread() -> Result<Runtime, Refusal> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let built = builder.enable_all().build();
    built.map_err(|error| cannot_start(&error))
}

fn cannot_start(error: &io::Error) -> Refusal {
    Refusal::usage(format!("cannot start: {error}"))
}

/// Finds an edition that was asked for and that the project does not have.
///
/// # Errors
/// The first such edition; it was printed.
pub(super) fn unknown_edition(wanted: &[Edition], suite: &Suite) -> Result<(), Refusal> {
    let known = || suite.contracts.iter().map(|contract| contract.edition);
    let Some(unknown) = wanted
        .iter()
        .find(|name| known().all(|edition| edition != **name))
    else {
        return Ok(());
    };
    let names: Vec<&str> = known().map(Edition::as_str).collect();
    Err(Refusal::usage(format!(
        "there is no edition `{unknown}`: one of {}",
        names.join(", ")
    )))
}

/// The suite and its target, and the rows to send are of editions that it has. A strict run takes
/// expectations that prove little for mistakes.
///
/// # Errors
/// What is wrong; it was printed.
pub(super) fn suite_and_target(
    root: &Path,
    target: &TargetArgs,
    editions: &[Edition],
    strict: bool,
    verbose: bool,
) -> Result<(Suite, Target), Refusal> {
    ready(target.load(root, verbose), editions, strict)
}

/// As [`suite_and_target`], of case files that stand alone.
///
/// # Errors
/// What is wrong; it was printed.
pub(super) fn alone_and_target(
    files: &[PathBuf],
    target: &TargetArgs,
    editions: &[Edition],
    strict: bool,
) -> Result<(Suite, Target), Refusal> {
    ready(target.load_alone(files), editions, strict)
}

/// A suite that can run, and its target.
fn ready(mut suite: Suite, editions: &[Edition], strict: bool) -> Result<(Suite, Target), Refusal> {
    if strict {
        suite.be_strict();
    }
    if suite.is_broken() {
        return Err(Refusal::of_suite(&suite));
    }
    unknown_edition(editions, &suite)?;
    match suite.target.take() {
        Some(target) => Ok((suite, target)),
        None => Err(Refusal::of_suite(&suite)),
    }
}

/// The rows that are wanted, with their prerequisites.
///
/// # Errors
/// Where there is none; that was printed.
pub(super) fn chosen(suite: &Suite, filter: &Filter) -> Result<Vec<Arc<TestCase>>, Refusal> {
    let cases = filter.selection().chosen(&suite.plan.cases);
    if cases.is_empty() {
        let why = filter.nothing();
        return Err(Refusal::usage(format!(
            "{why}; `probity list` prints them all"
        )));
    }
    Ok(cases)
}
