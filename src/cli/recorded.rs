//! The record of an earlier run, for the subcommands that go by one.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::refusal::{UNWRITTEN, USAGE};
use crate::report::record::{self, Record, RecordError};

/// Why a file gives no run to go by.
#[derive(Debug, Error)]
pub(super) enum ReadError {
    #[error("cannot read the record `{}`: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("`{}` is not a record that counts: {source}", .path.display())]
    NoRecord { path: PathBuf, source: RecordError },
    #[error("`{}` holds no run: {because}", .path.display())]
    NoRun { path: PathBuf, because: String },
}

impl ReadError {
    /// The same without the name of the file, for who has told it.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => source.to_string(),
            Self::NoRecord { source, .. } => source.to_string(),
            Self::NoRun { because, .. } => because.clone(),
        }
    }

    /// What a subcommand ends with that reads the record and no more: 4 for one that is cut or damaged, 3
    /// for one that cannot be read or never was one.
    pub(super) const fn code(&self) -> u8 {
        match self {
            Self::NoRecord { source, .. } if source.is_damage() => UNWRITTEN,
            Self::Unreadable { .. } | Self::NoRecord { .. } | Self::NoRun { .. } => USAGE,
        }
    }
}

/// Reads any record, also of a run that did not come to its rows.
///
/// # Errors
/// When it cannot be read, or is none.
pub(super) fn open(path: &Path) -> Result<Record, ReadError> {
    let path = path.to_owned();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(ReadError::Unreadable { path, source }),
    };
    match record::read(&text) {
        Ok(record) => Ok(record),
        Err(source) => Err(ReadError::NoRecord { path, source }),
    }
}

/// Reads the record of a run that came to its end.
///
/// # Errors
/// When it cannot be read, is none, or says itself that the run had no rows.
pub(super) fn read(path: &Path) -> Result<Record, ReadError> {
    let record = open(path)?;
    let report = record.report();
    match report.because() {
        Some(because) if !report.ending.is_complete() => Err(ReadError::NoRun {
            path: path.to_owned(),
            because,
        }),
        _ => Ok(record),
    }
}

/// Why a file gives no key.
#[derive(Debug, Error)]
pub(super) enum KeyError {
    #[error("cannot read the key of the record `{}`: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the key of the record `{}` is empty", .0.display())]
    Empty(PathBuf),
}

/// The key that signs a record: all bytes of a file but the line break at its end.
///
/// # Errors
/// When it cannot be read or is empty.
pub(super) fn key(path: &Path) -> Result<Vec<u8>, KeyError> {
    let path = path.to_owned();
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(source) => return Err(KeyError::Unreadable { path, source }),
    };
    let key = bytes.trim_ascii_end();
    if key.is_empty() {
        return Err(KeyError::Empty(path));
    }
    Ok(key.to_owned())
}
