//! Departures that somebody has accepted for a while, each with a name and an end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Source;
use crate::ids::CaseId;

/// An entry of the waivers file: these test cases may depart in exactly this way, until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Whole ids.
    pub cases: Vec<CaseId>,
    /// What is found, by its place, in the words of the reports; `*` is anything.
    pub departs: BTreeMap<String, String>,
    pub owner: String,
    pub reason: String,
    /// The last day it holds.
    pub expires: jiff::civil::Date,
    pub source: Source,
}

/// What a report says of a failed row that is waived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    pub owner: String,
    pub reason: String,
    /// The last day, as `2027-01-31`.
    pub expires: String,
}

impl Waived {
    /// One line: who accepted it, until when, why.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "waived by {} until {}: {}",
            self.owner, self.expires, self.reason
        )
    }
}
