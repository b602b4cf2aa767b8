//! The causes of red as a GitLab code quality report: one entry each, at the place of the expectation.
//!
//! The form is that of Code Climate as far as GitLab reads it: `description`, `check_name`,
//! `fingerprint`, `severity` and `location`. Entries of equal fingerprints are shown once, so it holds no
//! value that changes from run to run.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{causes, text::cut};
use crate::result::RunReport;

/// Columns of a description.
const DESCRIPTION: usize = 1_000;

/// Writes the whole array.
///
/// # Errors
/// When the text cannot be written.
pub fn write(report: &RunReport, base: &str, out: &mut dyn Write) -> io::Result<()> {
    let entries = causes::briefs(report).into_iter().map(|one| {
        let ids: Vec<&str> = one
            .violates
            .iter()
            .map(|promise| promise.id.as_str())
            .collect();
        let violates = if ids.is_empty() {
            String::new()
        } else {
            format!(", violates {}", ids.join(", "))
        };
        Entry {
            description: format!("{} ({}{violates})", one.sentence, one.reach()),
            check: one.check.to_owned(),
            severity: if one.is_fail { "critical" } else { "major" },
            path: format!("{base}{}", one.source.file),
            line: one.source.line,
            fingerprint: one.fingerprint,
        }
    });
    array(entries, out)
}

/// What GitLab shows as one line.
pub(super) struct Entry {
    pub description: String,
    pub check: String,
    pub severity: &'static str,
    pub path: String,
    /// From 1; 0 where it is about the whole file.
    pub line: usize,
    /// The same for the same thing in another version; several entries may have it.
    pub fingerprint: String,
}

/// Writes entries; a fingerprint that was there before gets a number, or GitLab would show one of them.
pub(super) fn array(entries: impl Iterator<Item = Entry>, out: &mut dyn Write) -> io::Result<()> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let each = entries.map(|one| {
        let turn = seen.entry(one.fingerprint.clone()).or_default();
        *turn += 1;
        let fingerprint = match *turn {
            1 => one.fingerprint,
            turn => format!("{}-{turn}", one.fingerprint),
        };
        json!({
            "description": cut(&one.description, DESCRIPTION),
            "check_name": one.check,
            "fingerprint": fingerprint,
            "severity": one.severity,
            "location": { "path": one.path, "lines": { "begin": one.line.max(1) } },
        })
    });
    let all: Vec<Value> = each.collect();
    serde_json::to_writer_pretty(&mut *out, &all)?;
    out.write_all(b"\n")
}
