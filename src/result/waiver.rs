//! Departures that somebody has accepted for a while, each with a name and an end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CheckResult, Source, without_masks};
use crate::ids::CaseId;

/// An entry of the waivers file: these test cases may depart in exactly this way, until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Whole ids.
    #[serde(rename = "rows")]
    pub cases: Vec<CaseId>,
    /// Ids with `*` for any letters.
    pub patterns: Vec<IdPattern>,
    /// So many rows may depart by the patterns; of more, none is accepted.
    pub max_matches: usize,
    /// What is found, by its place, in the words of the reports; `*` is anything.
    pub departs: BTreeMap<String, String>,
    /// What is found, by its fingerprint.
    pub fingerprints: Vec<String>,
    pub owner: String,
    pub reason: String,
    /// The day on which it was accepted, where that is written.
    pub since: Option<jiff::civil::Date>,
    /// The last day it holds.
    pub expires: jiff::civil::Date,
    pub source: Source,
}

/// The ids of several rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct IdPattern(Vec<String>);

impl From<String> for IdPattern {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<IdPattern> for String {
    fn from(pattern: IdPattern) -> Self {
        pattern.0.join("*")
    }
}

impl IdPattern {
    /// A text with `*` for any letters, also none.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Whether an id is one of them.
    #[must_use]
    pub fn matches(&self, id: &str) -> bool {
        let Some((first, others)) = self.0.split_first() else {
            return false;
        };
        let Some(mut rest) = id.strip_prefix(first.as_str()) else {
            return false;
        };
        let Some((last, between)) = others.split_last() else {
            return rest.is_empty();
        };
        for part in between {
            match rest.split_once(part.as_str()) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

impl Waiver {
    /// Whether it is for a row.
    #[must_use]
    pub fn is_for(&self, id: &CaseId) -> bool {
        self.cases.contains(id) || self.patterns.iter().any(|pattern| pattern.matches(id))
    }

    /// What is written in it for people, or may be a value of an answer.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let own = [&mut self.owner, &mut self.reason, &mut self.source.excerpt];
        self.departs.values_mut().chain(own)
    }

    /// Whether it accepts a finding.
    #[must_use]
    pub fn accepts(&self, check: &CheckResult) -> bool {
        let Some(found) = &check.mismatch else {
            return false;
        };
        let wanted = self.departs.get(&found.place);
        let is = |wanted: &String| {
            wanted == "*" || without_masks(wanted) == without_masks(&found.actual)
        };
        wanted.is_some_and(is)
            || !self.fingerprints.is_empty()
                && check
                    .fingerprint()
                    .is_some_and(|own| self.fingerprints.contains(&own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_for_the_ids_that_it_fits_from_end_to_end() {
        for (pattern, id, fits) in [
            ("a/b/*", "a/b/c", true),
            ("a/b/*", "a/b/", true),
            ("a/b/*", "x/a/b/c", false),
            ("*[x]", "a/b/c[x]", true),
            ("*[x]", "a/b/c[x]d", false),
            ("a/*/c[*]", "a/b/c[d]", true),
            ("a/*/c[*]", "a/b/d[c]", false),
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "anything", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(IdPattern::new(pattern).matches(id), fits, "{pattern} {id}");
        }
    }

    #[test]
    fn a_pattern_is_written_as_it_is_read() {
        for text in ["a/b/*", "*[x]", "a", "*", ""] {
            assert_eq!(String::from(IdPattern::new(text)), text);
        }
    }
}
