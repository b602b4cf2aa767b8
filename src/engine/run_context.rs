//! What all test cases of one run share: where to send, what was promised, fetched and met so far.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use super::{
    budget::Budgets, doubts::Doubts, journal::Journal, key_cache::KeyCache, provide::Shared,
    redactors::Redactors, secrets::SecretCollector, sender::Sender, version_seen::VersionSeen,
};
use crate::{
    contract::Contract,
    ids::{CaseId, Edition},
    secret::{Documented, Redactor, SecretIndex},
    target::Target,
};

/// One run against one target.
#[derive(Debug)]
pub(super) struct RunContext {
    pub id: String,
    pub contracts: Arc<[Contract]>,
    pub target: Target,
    /// Findings that the documents only leave open count as fails.
    pub strict: bool,
    /// The test cases whose results carry what was checked and exchanged, and not the verdict alone; `None`
    /// is all of them.
    pub evidence: Option<Arc<BTreeSet<CaseId>>>,
    /// Test cases behind a control that was refused are sent all the same, and not judged.
    pub sends_behind_refusals: bool,
    pub sender: Sender,
    pub budgets: Arc<Budgets>,
    pub provided: Shared,
    pub keys: KeyCache,
    /// What may have been the answer to something else.
    pub doubts: Doubts,
    /// The secrets that test cases met.
    pub known: Arc<SecretIndex>,
    pub redactors: Redactors,
    /// What the contracts state for all to read, gathered when a text is first masked.
    pub documented: OnceLock<Arc<Documented>>,
    pub journal: Journal,
    /// What answers said of their version.
    pub versions: VersionSeen,
}

impl RunContext {
    pub(super) fn contract(&self, edition: Edition) -> Option<&Contract> {
        Contract::of_edition(&self.contracts, edition.as_str())
    }

    /// Whether the result of a test case carries what was checked and exchanged.
    pub(super) fn shows(&self, case: &CaseId) -> bool {
        self.evidence.as_ref().is_none_or(|ids| ids.contains(case))
    }

    /// Whether any result carries texts, in which secrets have to be found.
    pub(super) fn shows_any(&self) -> bool {
        self.evidence.as_ref().is_none_or(|ids| !ids.is_empty())
    }

    /// Remembers the secrets that the target file declares.
    pub(super) fn remember_declared(&self) {
        for settings in self.target.editions.values() {
            let declared = SecretCollector::declared(settings);
            if !declared.held().is_empty() {
                self.remember(&declared);
            }
        }
    }

    /// Remembers the secrets that a test case met.
    pub(super) fn remember(&self, met: &SecretCollector) {
        self.known.learn(met.held(), self.documented());
    }

    /// What masks the texts of a test case that met these secrets.
    pub(super) fn redactor(&self, met: &SecretCollector) -> Arc<Redactor> {
        self.redactors.of(met.all(), self.documented())
    }

    fn documented(&self) -> &Arc<Documented> {
        self.documented.get_or_init(|| {
            let stated = self.contracts.iter().flat_map(|contract| &contract.stated);
            Arc::new(Documented::new(stated.map(String::as_str)))
        })
    }
}
