//! Why a suite cannot be proved.

use std::io;

use thiserror::Error;

use crate::{
    compare::CompareError, embedded::EmbeddedError, exchange::TransportError, ids::Edition,
    mutant::KeyError,
};

/// Something that every mutant's run stands on is not there.
#[derive(Debug, Error)]
pub enum ProveError {
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    #[error(transparent)]
    Client(#[from] TransportError),
    #[error("cannot start a relay: {0}")]
    Relay(#[source] io::Error),
    /// The key that the mock signs with, for tokens that are signed anew.
    #[error(transparent)]
    SigningKey(#[from] KeyError),
    #[error("`{0}` names no operation")]
    NoOperation(String),
    #[error(transparent)]
    Before(#[from] CompareError),
    #[error("the results of the honest target cannot be read back: {0}")]
    Results(#[source] io::Error),
    #[error("there is no mock of {0}")]
    NoMock(Edition),
    #[error("the harness panicked")]
    Panicked,
}
