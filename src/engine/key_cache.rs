//! The key sets that a run fetched, each once and perhaps once more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

use super::wire::Doubt;
use crate::ids::Edition;

/// The key sets of a run, by where they come from.
#[derive(Debug, Default)]
pub(super) struct KeyCache(Mutex<HashMap<(Edition, String), Cell>>);

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
    pub(super) fn cell(&self, edition: Edition, source: String) -> Cell {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry((edition, source)).or_default())
    }

    /// Every set as it was fetched last, with its edition and the name of its source.
    pub(super) async fn all(&self) -> Vec<(Edition, String, Value)> {
        let cells: Vec<_> = {
            let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let each = cells.iter();
            each.map(|(key, cell)| (key.clone(), Arc::clone(cell)))
                .collect()
        };
        let mut out = Vec::new();
        for ((edition, source), cell) in cells {
            if let Some(known) = cell.lock().await.as_ref() {
                out.push((edition, source, known.set.clone()));
            }
        }
        out
    }
}
