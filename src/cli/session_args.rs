//! What a run is told beside its rows: shared by the subcommands that open a session.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    loading::{alone_and_target, suite_and_target},
    refusal::Refusal,
    signals::Signals,
    target_args::TargetArgs,
};
use crate::{
    ids::Edition,
    plan::Selection,
    session::{self, Session},
    suite::Suite,
    target::{Profile, Target},
};

/// The options of a session.
#[derive(Debug, Clone, Args)]
pub(super) struct SessionArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Rows in flight at once; the target file's limit when absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Start at once, without finding out first whether the target can be reached
    #[arg(long)]
    no_preflight: bool,
    /// How much may be done: read-only, non-destructive or destructive; the target file's own when
    /// absent, and everything on embedded mocks
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Profile>,
    /// Findings that the documents only leave open count as fails
    #[arg(long)]
    pub strict: bool,
}

impl SessionArgs {
    /// The suite and its target. Where `strict`, expectations that prove little are mistakes.
    ///
    /// # Errors
    /// What is wrong; it was printed.
    pub(super) fn load(
        &self,
        root: &Path,
        editions: &[Edition],
        strict: bool,
        verbose: bool,
    ) -> Result<(Suite, Target), Refusal> {
        suite_and_target(root, &self.target, editions, strict, verbose)
    }

    /// Case files that stand alone, and their target.
    ///
    /// # Errors
    /// What is wrong; it was printed.
    pub(super) fn load_alone(
        &self,
        files: &[PathBuf],
        editions: &[Edition],
    ) -> Result<(Suite, Target), Refusal> {
        alone_and_target(files, &self.target, editions, self.strict)
    }

    /// What the session is to do with these rows; nothing runs again, and nothing is spooled.
    pub(super) fn session(&self, selection: Selection) -> session::Options {
        session::Options {
            selection,
            profile: self.profile,
            jobs: self.jobs.map(usize::from),
            strict: self.strict,
            without_preflight: self.no_preflight,
            ..session::Options::default()
        }
    }
}

/// Looks whether the target can be reached, trusted and prepared, until a signal ends the look; what is wrong
/// was printed. Whatever a provider was making then is in the journal.
pub(super) async fn preflight(session: &Session, signals: &Signals) -> Option<Refusal> {
    let found = tokio::select! {
        biased;
        () = signals.first() => None,
        found = session.preflight() => Some(found),
    };
    found.as_ref().and_then(Refusal::of_preflight)
}
