//! The key sets that a run fetched, each once and perhaps once more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

use super::wire::Doubt;

/// The key sets of a run, by where they come from.
#[derive(Debug, Default)]
pub(super) struct KeyCache(Mutex<HashMap<String, Cell>>);

/// A key set that is fetched once, however many test cases ask for it at the same time.
type Cell = Arc<tokio::sync::Mutex<Option<KeySet>>>;

/// A fetched set, and the doubt about the answer that it came with.
#[derive(Debug, Clone)]
pub(super) struct KeySet {
    pub set: Value,
    /// It was fetched once more already.
    pub again: bool,
    pub doubt: Doubt,
}

impl KeyCache {
    pub(super) fn cell(&self, key: &str) -> Cell {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(key.to_owned()).or_default())
    }
}
