//! What a row sent and got, step by step. Raw: it never leaves the engine and the judge.

use serde_json::{Map, Value};

use crate::{
    exchange::Exchange,
    ids::StepId,
    result::{Part, StepOwner, Stop},
};

/// One step as it went: every attempt, the last one counts.
#[derive(Debug, Clone)]
pub struct StepRecord {
    pub name: StepId,
    /// Whose step it is.
    pub owner: StepOwner,
    pub part: Part,
    /// Index of the step in its part of the test case; `None` for provider steps.
    pub index: Option<usize>,
    /// The path as it is written, `{}` for each computed part.
    pub route: String,
    pub attempts: Vec<Exchange>,
    /// The bindings when the step was judged, for expectations that name them.
    pub bindings: Map<String, Value>,
}

/// All of a row's steps, and where it stopped early, if it did.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    pub steps: Vec<StepRecord>,
    pub stopped: Option<Stop>,
}
