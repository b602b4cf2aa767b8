//! What answers showed of the target's version, for editions whose version a header tells.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    ids::Edition,
    target::{TargetEdition, Version},
    transcript::Transcript,
};

/// More of it is no version.
const LONGEST: usize = 200;

/// What answers said of their version so far.
#[derive(Debug, Default)]
pub(super) struct VersionSeen(Mutex<BTreeMap<Edition, String>>);

impl VersionSeen {
    /// Looks into the answers of a test case for the header that tells the version.
    pub(super) fn look(
        &self,
        edition: Edition,
        settings: &TargetEdition,
        transcript: &Transcript,
        mask: impl FnOnce(&str, &str) -> String,
    ) {
        let Some(Version::Header(header)) = &settings.version else {
            return;
        };
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.contains_key(&edition) {
            return;
        }
        let attempts = transcript.steps.iter().flat_map(|step| &step.attempts);
        let mut values = attempts
            .filter_map(|exchange| exchange.outcome.as_ref().ok())
            .flat_map(|response| &response.headers)
            .filter(|(name, _)| name.eq_ignore_ascii_case(header));
        if let Some((name, value)) = values.next() {
            seen.insert(edition, cut(&mask(name, value)));
        }
    }

    /// What was seen for an edition.
    pub(super) fn of(&self, edition: Edition) -> Option<String> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&edition).cloned()
    }
}

/// The text of a version, bounded.
pub(super) fn cut(text: &str) -> String {
    text.trim().chars().take(LONGEST).collect()
}
