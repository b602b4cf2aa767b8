//! `probity prove`: would the suite notice a server that breaks one promise?

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{
    compare::{RunBefore, RunError, judged_by},
    leftovers,
    loading::{Kind, runtime},
    output::{leaks, note, out, shown},
    reading::Verbose,
    refusal::{Refusal, UNWRITTEN, USAGE, complain, listed},
    reports::{writable, written},
    run::OUTPUT_DIR,
    session_args::{SessionArgs, preflight},
    signals::Signals,
    terminal,
};
use crate::{
    mutant::{self, Rulings},
    plan::Selection,
    prove::{self, Accepted, Options as ProveOptions, Progress, ProveError},
    report::proof,
    result::{Outcome, Proof},
    secret::SecretIndex,
    session::Session,
    suite::Suite,
    target::Target,
    visible::visible,
};

/// A signal ended it, so nothing is proved.
const STOPPED: u8 = 2;

/// Options of `probity prove`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Parts of mutant ids; a mutant is run when any matches
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Only rows whose id contains this, or that cover this requirement; may be repeated
    #[arg(long, value_name = "FILTER")]
    rows: Vec<String>,
    #[command(flatten)]
    kind: Kind,
    #[command(flatten)]
    session: SessionArgs,
    /// What this record or baseline shows is known: a row that fails as it does there makes no proof void,
    /// and notices a mutant by what else it finds. So does a row that fails as a waiver says
    #[arg(long, value_name = "RECORD")]
    baseline: Vec<PathBuf>,
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
    /// Where proof.json is written
    #[arg(long, value_name = "DIR", default_value = OUTPUT_DIR)]
    output_dir: PathBuf,
    #[command(flatten)]
    verbose: Verbose,
}

impl Options {
    fn selection(&self) -> Selection {
        self.kind.selection(&self.rows)
    }

    fn path(&self) -> PathBuf {
        self.output_dir.join(proof::FILE)
    }
}

/// What the files say.
struct Read {
    suite: Suite,
    target: Target,
    accepted: Vec<Accepted>,
    rulings: Rulings,
    before: Vec<RunBefore>,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let prepared = read(root, options).and_then(|read| {
        let path = options.path();
        let cannot = |error| Refusal::usage(format!("cannot write `{}`: {error}", path.display()));
        writable(&options.output_dir, proof::FILE).map_err(cannot)?;
        Ok((read, runtime()?))
    });
    let (read, runtime) = match prepared {
        Ok(prepared) => prepared,
        Err(refusal) => return refusal.code,
    };
    let target = read.target.clone();
    leftovers::remind(&target);
    let code = runtime.block_on(conduct(read, options));
    // Rows that were in flight end with the runtime, and only then are their journals free.
    drop(runtime);
    leftovers::remind(&target);
    code
}

/// The suite, its target, what is accepted in writing, and the runs before.
///
/// # Errors
/// What is wrong; it was told.
fn read(root: &Path, options: &Options) -> Result<Read, Refusal> {
    let (session, verbose) = (&options.session, options.verbose.is_on());
    let editions = &options.kind.edition;
    let (suite, target) = session.load(root, editions, session.strict, verbose)?;
    let mut found = Vec::new();
    let accepted = prove::load_accepted(root, &mut found);
    let rulings = mutant::load_rulings(root, &suite.contracts, &mut found);
    if complain(&found, false) > 0 {
        return Err(Refusal {
            code: USAGE,
            why: listed(&found),
        });
    }
    let each = options.baseline.iter();
    let before: Result<_, RunError> = each.map(|path| RunBefore::read(path)).collect();
    Ok(Read {
        suite,
        target,
        accepted,
        rulings,
        before: before.map_err(|error| Refusal::usage(visible(&error.to_string())))?,
    })
}

async fn conduct(read: Read, options: &Options) -> u8 {
    let signals = Signals::listen();
    signals.may_end(STOPPED);
    let asked = ProveOptions {
        filters: options.filters.clone(),
        sample: options
            .sample
            .map(|count| (usize::try_from(count).unwrap_or(usize::MAX), options.seed)),
        open: options.open,
        variations: options.variations,
        accepted: read.accepted,
        rulings: read.rulings,
        before: judged_by(&read.before, &read.suite),
    };
    let file = read.target.file.clone();
    let session = options.session.session(options.selection());
    // A person would be asked the same for every mutant.
    let session = match Session::open(read.suite, read.target, &session, None).await {
        Ok(session) => Arc::new(session),
        Err(error) => {
            note(&error.to_string());
            return USAGE;
        }
    };
    if let Some(refusal) = preflight(&session, &signals).await {
        leftovers::warn(&session.clean_up(signals.level()).await, &file);
        return refusal.code;
    }
    match proved(&session, &asked, &signals).await {
        Some(Ok(proof)) => finish(&proof, session.known(), &options.path()),
        Some(Err(error)) => {
            note(&error.to_string());
            UNWRITTEN
        }
        None => {
            note("stopped: nothing is proved");
            STOPPED
        }
    }
}

/// The proof; `None` when a signal ended it.
async fn proved(
    session: &Arc<Session>,
    asked: &ProveOptions,
    signals: &Signals,
) -> Option<Result<Proof, ProveError>> {
    let bar = terminal::progress(0, "mutants");
    let mut missed = 0usize;
    let proving = prove::prove(session, asked, |news| match news {
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
