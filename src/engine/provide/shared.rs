//! What providers gave, or why they could not, for the test cases that share it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tokio::sync::OnceCell;

use super::{asker::Asker, lease::Lease};
use crate::{
    engine::{secrets::SecretCollector, wire::Doubt},
    ids::ProviderId,
    result::Stop,
    transcript::StepRecord,
};

/// The calls that are shared, and whom prompts ask.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    cells: Mutex<HashMap<String, Arc<OnceCell<Kept>>>>,
    pub asker: Option<Arc<dyn Asker>>,
    /// Held while a question is open, so that two never interleave.
    pub turn: tokio::sync::Mutex<()>,
}

/// A provider that gave nothing.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub provider: ProviderId,
    /// The step that it failed at, with what was answered; `None` where nothing was sent.
    pub record: Option<StepRecord>,
}

impl Failed {
    /// A provider that failed before anything was sent.
    pub(super) fn unsent(provider: &ProviderId) -> Self {
        Self {
            provider: provider.clone(),
            record: None,
        }
    }
}

/// The one call of a shared provider. A failure is kept too: it would not go better 500 times.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub outcome: Result<Value, Stop>,
    pub failed: Option<Failed>,
    pub secrets: SecretCollector,
    pub leases: Vec<Arc<Lease>>,
    /// About the answers that it was made of.
    pub doubts: Vec<Doubt>,
}

impl Shared {
    /// What is asked for from now on is fetched anew.
    pub(crate) fn forget(&self) {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.clear();
    }

    pub(super) fn cell(&self, key: &str) -> Arc<OnceCell<Kept>> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(key.to_owned()).or_default())
    }
}
