//! `probity prove`: would the suite notice a server that breaks one promise?

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{
    leftovers,
    loading::runtime,
    output::{leaks, note, out, shown},
    reading::{Reading, Verbose},
    refusal::{Refusal, UNWRITTEN, USAGE, complain, listed},
    reports::{writable, written},
    signals::Signals,
    terminal,
};
use crate::{
    mutant,
    prove::{self, Options as ProveOptions, Progress, ProveError, Subject},
    report::proof,
    result::{Outcome, Proof},
    secret::SecretIndex,
    target::Settings,
};

/// A signal ended it, so nothing is proved.
const STOPPED: u8 = 2;

/// Options of `probity prove`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Parts of mutant ids; a mutant is run when any matches
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// The target file; in front of a real target only answers are changed
    #[arg(long, value_name = "FILE", default_value = "tenants/mock.yaml")]
    target: PathBuf,
    /// Run so many mutants, drawn at random, and not all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// What the sample is drawn with
    #[arg(long, value_name = "S", default_value_t = 1, requires = "sample")]
    seed: u64,
    /// Run the suite against so many seeded variations of the mock; none may be red
    #[arg(long, value_name = "N", default_value_t = 3)]
    variations: u64,
    /// Also run the mutants that the documents leave open, and say which are noticed all the same
    #[arg(long)]
    open: bool,
    /// Mutants in flight at once
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Where proof.json is written
    #[arg(long, value_name = "DIR", default_value = "reports")]
    output_dir: PathBuf,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    verbose: Verbose,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let path = options.output_dir.join(proof::FILE);
    let prepared = subject(root, options).and_then(|subject| {
        let cannot = |error| Refusal::usage(format!("cannot write `{}`: {error}", path.display()));
        writable(&options.output_dir, proof::FILE).map_err(cannot)?;
        Ok((subject, runtime()?))
    });
    let (subject, runtime) = match prepared {
        Ok(prepared) => prepared,
        Err(refusal) => return refusal.code,
    };
    leftovers::remind(&subject.target);
    let known = Arc::new(SecretIndex::default());
    match runtime.block_on(proved(&subject, options, &known)) {
        Some(Ok(proof)) => finish(&proof, &known, &path),
        Some(Err(error)) => {
            note(&error.to_string());
            UNWRITTEN
        }
        None => {
            // Rows that were in flight end with the runtime, and only then are their journals free.
            drop(runtime);
            note("stopped: nothing is proved");
            leftovers::remind(&subject.target);
            STOPPED
        }
    }
}

/// The suite, its target, and what is accepted in writing.
///
/// # Errors
/// What is wrong; it was told.
fn subject(root: &Path, options: &Options) -> Result<Subject, Refusal> {
    let target = root.join(&options.target);
    let (settings, verbose) = (Settings::default(), options.verbose.is_on());
    let mut suite = options
        .reading
        .suite(root, Some(&target), settings, verbose);
    if suite.is_broken() {
        return Err(Refusal::of_suite(&suite));
    }
    let mut found = Vec::new();
    let accepted = prove::load_accepted(root, &mut found);
    let rulings = mutant::load_rulings(root, &suite.contracts, &mut found);
    if complain(&found, false) > 0 {
        return Err(Refusal {
            code: USAGE,
            why: listed(&found),
        });
    }
    let Some(target) = suite.target.take() else {
        return Err(Refusal::of_suite(&suite));
    };
    Ok(Subject {
        suite: suite.digest,
        contracts: suite.contracts.into(),
        cases: suite.plan.cases,
        target,
        accepted,
        rulings,
    })
}

/// The proof; `None` when a signal ended it.
async fn proved(
    subject: &Subject,
    options: &Options,
    known: &Arc<SecretIndex>,
) -> Option<Result<Proof, ProveError>> {
    let signals = Signals::listen();
    signals.may_end(STOPPED);
    let asked = ProveOptions {
        filters: options.filters.clone(),
        jobs: usize::from(options.jobs),
        sample: options
            .sample
            .map(|count| (usize::try_from(count).unwrap_or(usize::MAX), options.seed)),
        open: options.open,
        variations: options.variations,
    };
    let bar = terminal::progress(0, "mutants");
    let mut missed = 0usize;
    let proving = prove::prove(subject, &asked, known, |news| match news {
        Progress::Planned(count) => bar.set_length(u64::try_from(count).unwrap_or(u64::MAX)),
        Progress::Finished(mutant) => {
            missed += usize::from(mutant.outcome.counts() && mutant.outcome != Outcome::Caught);
            if missed > 0 {
                bar.set_message(format!("{missed} not caught"));
            }
            bar.inc(1);
        }
    });
    let outcome = tokio::select! {
        biased;
        () = signals.first() => None,
        outcome = proving => Some(outcome),
    };
    bar.finish_and_clear();
    outcome
}

/// Prints the summary, writes the file, and gives the exit code.
fn finish(proof: &Proof, known: &SecretIndex, path: &Path) -> u8 {
    let outputs = [
        ("the summary", proof::summary(proof)),
        (proof::FILE, proof::render(proof)),
    ];
    let leaks = leaks(known, &outputs);
    let [summary, file] = outputs.map(|(_, text)| shown(known, &text));
    out(summary.trim_end());
    let code = written(Some(path), &file);
    if code != 0 {
        return code;
    }
    for leak in &leaks {
        note(leak);
    }
    if leaks.is_empty() {
        proof.strength().exit_code()
    } else {
        UNWRITTEN
    }
}
