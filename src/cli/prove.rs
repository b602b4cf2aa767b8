//! `probity prove`: would the suite notice a server that breaks one promise?

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{
    UNWRITTEN, USAGE, cleanup, complain,
    output::{leaks, note, out, shown},
    refuse,
    reports::{writable, write_one},
    runtime,
    signals::Signals,
    terminal,
};
use crate::{
    prove::{self, Options as ProveOptions, Progress, Subject},
    report::proof,
    result::Outcome,
    secret::SecretIndex,
    suite,
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
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let mut suite = suite::load(root, Some(&root.join(&options.target)));
    if suite.is_broken() {
        return refuse(&suite).code;
    }
    let mut found = Vec::new();
    let accepted = prove::load_accepted(root, &mut found);
    if complain(&found, false) > 0 {
        return USAGE;
    }
    let Some(target) = suite.target.take() else {
        return refuse(&suite).code;
    };
    let path = options.output_dir.join(proof::FILE);
    if let Err(error) = writable(&options.output_dir, proof::FILE) {
        note(&format!("cannot write `{}`: {error}", path.display()));
        return USAGE;
    }
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(refusal) => return refusal.code,
    };
    cleanup::remind(&target);
    let subject = Subject {
        contracts: suite.contracts.into(),
        cases: suite.plan.cases,
        target,
        accepted,
    };
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
    let known = Arc::new(SecretIndex::default());
    let proving = prove::prove(&subject, &asked, &known, |news| match news {
        Progress::Planned(count) => bar.set_length(u64::try_from(count).unwrap_or(u64::MAX)),
        Progress::Finished(mutant) => {
            missed += usize::from(mutant.outcome.counts() && mutant.outcome != Outcome::Caught);
            if missed > 0 {
                bar.set_message(format!("{missed} not caught"));
            }
            bar.inc(1);
        }
    });
    let outcome = runtime.block_on(async {
        let signals = Signals::listen();
        signals.may_end(STOPPED);
        tokio::select! {
            biased;
            () = signals.first() => None,
            outcome = proving => Some(outcome),
        }
    });
    bar.finish_and_clear();
    let result = match outcome {
        Some(Ok(result)) => result,
        Some(Err(why)) => {
            note(&why);
            return UNWRITTEN;
        }
        None => {
            // Rows that were in flight end with the runtime, and only then are their journals free.
            drop(runtime);
            note("stopped: nothing is proved");
            cleanup::remind(&subject.target);
            return STOPPED;
        }
    };
    let outputs = [
        ("the summary", proof::summary(&result)),
        (proof::FILE, proof::render(&result)),
    ];
    let leaks = leaks(&known, &outputs);
    let [summary, file] = outputs.map(|(_, text)| shown(&known, &text));
    out(summary.trim_end());
    if let Err(error) = write_one(&path, &file) {
        note(&format!("cannot write `{}`: {error}", path.display()));
        return UNWRITTEN;
    }
    out(&format!("Written: {}", path.display()));
    if !leaks.is_empty() {
        for leak in &leaks {
            note(leak);
        }
        return UNWRITTEN;
    }
    result.strength().exit_code()
}
