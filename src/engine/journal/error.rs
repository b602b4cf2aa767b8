//! Why nothing is undone by what stands in a journal.

use thiserror::Error;

use super::printable::printable;
use crate::{ids::ProviderId, target::NotOurs};

/// Why a file is not the journal that its run began.
#[derive(Debug, Error)]
pub(super) enum HeaderError {
    #[error("the file is not called after a run")]
    FileName,
    #[error("line 1 is not that of a journal")]
    NoJournal,
    #[error("line 1 has the form {found}, and {} is read", super::VERSION)]
    Version { found: String },
    #[error("line 1: {}", printable(&.0.to_string()))]
    Unreadable(#[source] serde_json::Error),
    #[error("line 1 is of the run {0}, which is not the file's")]
    OtherRun(String),
    #[error("line 1 is of the target {theirs}, and this is {own}")]
    OtherTarget { theirs: String, own: String },
}

/// What is wrong with a line, as what comes after "line 3".
#[derive(Debug, Error)]
pub(super) enum LineError {
    #[error("was cut off while it was written, so that nothing was made for it")]
    Torn,
    #[error("is no line: {0}")]
    Unreadable(#[source] serde_json::Error),
    #[error("begins another journal")]
    SecondHeader,
    #[error("has the number {0} of another line")]
    NumberTaken(u64),
    #[error("is about {0}, which no line before it made")]
    NotMade(u64),
    #[error("is of the edition {0}, which the target does not serve")]
    NotServed(String),
    #[error("is of the edition {0}, which the run did not have")]
    NotOfTheRun(String),
    #[error("was made at {made_at}, and the target is at {now}")]
    Moved { made_at: String, now: String },
    #[error("is of the provider {0}, which the target does not have")]
    NoProvider(ProviderId),
    #[error("is of the provider {0}, which makes nothing")]
    MakesNothing(ProviderId),
    #[error(transparent)]
    NotOurs(#[from] NotOurs),
    /// It would take the place of a value that the cleanup uses.
    #[error("knows a `{0}` that creating it does not tell")]
    Unlearnable(String),
}
