//! What keeps a cache from being used. None of it keeps a suite from being loaded.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a cache is not used, or not written. Each is one sentence for who asked.
#[derive(Debug, Error)]
pub enum CacheError {
    #[error("the cache folder `{}` is not used: {source}", path.display())]
    NoFolder { path: PathBuf, source: io::Error },
    #[error("the cache folder `{}` is not used: it {why}", path.display())]
    UnfitFolder { path: PathBuf, why: Unfit },
    #[error("the cache `{}` is not used: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the cache `{}` is not used: it {why}", path.display())]
    Unfit { path: PathBuf, why: Unfit },
    #[error("the cache `{}` cannot be written: {source}", path.display())]
    Unwritten { path: PathBuf, source: io::Error },
}

/// What is wrong with a file or a folder that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    #[error("is of another kind")]
    OtherKind,
    #[error("belongs to somebody else")]
    Foreign,
    #[error("can be written by others")]
    Open,
    #[error("is too long")]
    TooLong,
    #[error("was written by another version")]
    Version,
    #[error("is damaged")]
    Damaged,
}
