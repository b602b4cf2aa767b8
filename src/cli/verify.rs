//! `probity verify`: whether records are what their runs wrote.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    output::{note, out},
    recorded::key,
    refusal::{UNWRITTEN, USAGE},
};
use crate::{
    report::record::{self, Signature, Verified},
    visible::visible,
};

/// Options of `probity verify`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The records: `reports/run.jsonl`
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
    /// The file with the key that signed them; without it a change of hand is not told from damage
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// A line for each record; the worst decides the exit code.
pub(super) fn main(options: &Options) -> u8 {
    let key = match options.key.as_deref().map(key).transpose() {
        Ok(key) => key,
        Err(error) => {
            note(&error.to_string());
            return USAGE;
        }
    };
    let each = options.records.iter();
    each.map(|path| one(path, key.as_deref()))
        .max()
        .unwrap_or_default()
}

fn one(path: &Path, key: Option<&[u8]>) -> u8 {
    let name = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            note(&format!("{name}: DAMAGED: it is not UTF-8"));
            return UNWRITTEN;
        }
        Err(error) => {
            note(&format!("{name}: cannot be read: {error}"));
            return USAGE;
        }
    };
    match record::verify(&text, key) {
        Ok(verified) => {
            out(&format!("{name}: {}", sentence(&verified)));
            0
        }
        Err(damage) if damage.is_no_record() => {
            note(&visible(&format!("{name}: no record: {damage}")));
            USAGE
        }
        Err(damage) => {
            note(&visible(&format!("{name}: DAMAGED: {damage}")));
            UNWRITTEN
        }
    }
}

fn sentence(verified: &Verified) -> String {
    let digest = match &verified.digest {
        Some(digest) => format!("sha256 {digest}"),
        None => "it has no digest".to_owned(),
    };
    let signature = match verified.signature {
        Signature::None => "not signed",
        Signature::NotChecked => "signed, and no --key was given to check that",
        Signature::Good => "signed with this key",
    };
    visible(&format!(
        "whole: {} rows and {} requirements add up to `{}` (exit code {}) of {}; {digest}; {signature}",
        verified.cases,
        verified.requirements,
        verified.conclusion,
        verified.exit_code,
        verified.target,
    ))
}
