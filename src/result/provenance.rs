//! What a run was made of: which suite, against what, and how it was asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::RunShard;

/// What two runs must have in common to be the same question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Provenance {
    pub suite: SuiteDigest,
    /// The suite that the run was of, where its answers were judged again by another one, which then is
    /// [`Self::suite`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<SuiteDigest>,
    /// What the target file says of each edition, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub editions: BTreeMap<String, Reached>,
    /// How much the run might do: `read-only`, `non-destructive` or `destructive`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub profile: String,
    /// Test cases in flight at once.
    #[serde(default)]
    pub jobs: usize,
    /// The seed of the order in which test cases started; `None` for the order of the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The command line, secrets masked; empty where the library was called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Which part of a divided run it was; `None` for a run that was not divided, or is merged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<RunShard>,
    /// The ids of the runs of which it was merged, in the order of their shards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<String>,
}

/// SHA-256 over the files of a suite: each by its path and its text, in the order of the paths. Hexadecimal;
/// empty where nobody knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SuiteDigest {
    /// Of everything that was read under `specs/`.
    pub contract: String,
    /// Of everything that was read under `cases/`.
    pub cases: String,
}

impl SuiteDigest {
    /// Whether it is known.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !self.contract.is_empty()
    }
}

/// One edition on the target.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reached {
    /// The base address as the target file has it; `embedded` for the mock inside the process.
    pub address: String,
    /// The variables that the target file writes of it, secrets masked: what two targets have different by
    /// configuration. All are texts in a record of before version 6.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub variables: Map<String, Value>,
    /// The sets of public keys that were fetched, by where they come from: `jwks URL`, `discovery URL`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub keys: Map<String, Value>,
    /// The version that the target says it is of, where the target file says how to learn it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Provenance {
    /// The versions that the target reported, each once, with the edition where they differ.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        let known: Vec<(&str, &str)> = self
            .editions
            .iter()
            .filter_map(|(edition, one)| Some((edition.as_str(), one.version.as_deref()?)))
            .collect();
        let (_, first) = known.first()?;
        if known.len() == self.editions.len() && known.iter().all(|(_, one)| one == first) {
            return Some((*first).to_owned());
        }
        let each = known
            .iter()
            .map(|(edition, one)| format!("{edition} {one}"));
        Some(each.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_all_editions_report_is_told_once() {
        let of = |versions: &[(&str, Option<&str>)]| {
            let editions = versions.iter().map(|(name, version)| {
                let reached = Reached {
                    address: "embedded".to_owned(),
                    version: version.map(str::to_owned),
                    ..Reached::default()
                };
                ((*name).to_owned(), reached)
            });
            let provenance = Provenance {
                editions: editions.collect(),
                ..Provenance::default()
            };
            provenance.version()
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("a", None)]), None);
        assert_eq!(
            of(&[("a", Some("7")), ("b", Some("7"))]).as_deref(),
            Some("7")
        );
        assert_eq!(
            of(&[("a", Some("7")), ("b", Some("8"))]).as_deref(),
            Some("a 7, b 8")
        );
        assert_eq!(of(&[("a", Some("7")), ("b", None)]).as_deref(), Some("a 7"));
    }
}
