//! What lies beside the reports of a run and is told on its page: the proof of strength of the suite.

use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
};

use crate::{
    report::proof,
    result::{ProofBeside, SuiteDigest},
    secret::SecretIndex,
};

/// A proof of the shipped suite takes a few megabytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The proof in a report folder; `None` where there is none. The file may be anybody's, so nothing in it
/// can make the run fail, and what is secret in it is masked.
pub(super) fn proof(
    folder: &Path,
    suite: &SuiteDigest,
    known: &SecretIndex,
) -> Option<ProofBeside> {
    let path = folder.join(proof::FILE);
    // What is no file is not opened: a pipe would be waited for.
    let meta = fs::metadata(&path).ok()?;
    let unreadable = |why: String| Some(ProofBeside::Unreadable(why));
    if !meta.is_file() {
        return unreadable("it is no file".to_owned());
    }
    if meta.len() > LARGEST {
        return unreadable(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    let mut text = String::new();
    let read = File::open(&path).and_then(|file| file.take(LARGEST).read_to_string(&mut text));
    if let Err(error) = read {
        return unreadable(error.to_string());
    }
    let mut found = proof::beside(&text, suite);
    for text in found.texts() {
        if let Some(masked) = known.redact(text) {
            *text = masked;
        }
    }
    Some(found)
}
