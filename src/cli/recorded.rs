//! The record of an earlier run, for the subcommands that go by one.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

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

/// Reads the record of a run that came to its end.
///
/// # Errors
/// When it cannot be read, is none, or says itself that the run had no rows.
pub(super) fn read(path: &Path) -> Result<Record, ReadError> {
    let path = path.to_owned();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(ReadError::Unreadable { path, source }),
    };
    let record = match record::read(&text) {
        Ok(record) => record,
        Err(source) => return Err(ReadError::NoRecord { path, source }),
    };
    let report = record.report();
    match report.because() {
        Some(because) if !report.ending.is_complete() => Err(ReadError::NoRun { path, because }),
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
