//! Executes test cases and hands them to the judge.
//!
//! Takes: a [`TestCase`] and a [`Target`]. Gives: a [`CaseResult`]; what runs beside what is the
//! session's.
//! Never: knows that it talks to the mock, follows a redirect unasked, or shows a secret.

mod bound;
mod breaker;
mod budget;
mod capture;
mod case_context;
mod case_result;
mod case_run;
mod coding;
mod conclude;
mod curl;
mod dial;
mod doubts;
mod follow;
mod hand_on;
mod hits;
mod jar;
mod journal;
mod key_cache;
mod keys;
mod not_given;
mod outcomes;
mod pacing;
mod preflight;
mod preview;
mod private;
mod provide;
mod record;
mod redactors;
mod request;
mod results;
mod run_context;
mod secrets;
mod sender;
mod step;
mod stopping;
mod tests;
mod tls;
mod tokens;
mod undo;
mod version;
mod version_seen;
mod wire;

pub(crate) use case_result::NotRun;
pub(crate) use conclude::masked_line;
pub use hand_on::{HandOn, hand_on};
pub use journal::{Journals, Left, left};
pub use preflight::{Depth, Line, Preflight, State};
pub use preview::PreviewError;
pub use provide::Asker;
pub use request::RequestError;
pub(crate) use results::Results;
pub use stopping::{StopLevel, StopSignal};
pub use undo::{Swept, Undone};

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use self::{
    budget::Budgets,
    journal::{Header, Journal},
    outcomes::Outcomes,
    run_context::RunContext,
    sender::Sender,
    wire::Wire,
};
use crate::{
    contract::Contract,
    exchange::TransportError,
    ids::{CaseId, Edition},
    plan::TestCase,
    result::{CaseResult, Spent},
    secret::SecretIndex,
    target::Target,
    transcript::Transcript,
};

/// One run against one target.
#[derive(Debug)]
pub struct Engine {
    run: RunContext,
    outcomes: Outcomes,
}

impl Engine {
    /// Contracts may be shared, so that many runs read them once.
    ///
    /// # Errors
    /// When the certificates to trust cannot be loaded.
    pub fn new(
        contracts: impl Into<Arc<[Contract]>>,
        cases: &[Arc<TestCase>],
        target: Target,
        strict: bool,
    ) -> Result<Self, TransportError> {
        let wire = Wire::new(
            target.timeout,
            target.max_body,
            &target.reach,
            is_plain(&target),
            target.jobs,
        )?;
        let id = uuid::Uuid::now_v7().to_string();
        let run = RunContext {
            journal: Journal::new(&target.journals(), Header::of(&target, &id)),
            id,
            contracts: contracts.into(),
            strict,
            evidence: None,
            sends_behind_refusals: false,
            sender: Sender::new(wire, target.limits.clone()),
            budgets: Arc::new(Budgets::new(target.budget.clone())),
            provided: provide::Shared::default(),
            keys: key_cache::KeyCache::default(),
            doubts: doubts::Doubts::default(),
            known: Arc::default(),
            redactors: redactors::Redactors::default(),
            documented: OnceLock::new(),
            versions: version_seen::VersionSeen::default(),
            target,
        };
        run.remember_declared();
        Ok(Self {
            run,
            outcomes: Outcomes::new(cases),
        })
    }

    /// Test cases behind a control that was refused are sent all the same where that does no harm, and
    /// recorded without being judged.
    #[must_use]
    pub fn sending_behind_refusals(mut self) -> Self {
        self.run.sends_behind_refusals = true;
        self
    }

    /// Another engine for the same run, which reaches the target as `target` says: its requests take their
    /// turns with those of this one and spend from the same budgets, so that one tenant bears both. It asks
    /// nobody, and its results carry the verdict alone, but for the test cases in `shown`.
    ///
    /// # Errors
    /// When the certificates to trust cannot be loaded.
    pub(crate) fn beside(
        &self,
        cases: &[Arc<TestCase>],
        target: Target,
        shown: &Arc<BTreeSet<CaseId>>,
    ) -> Result<Self, TransportError> {
        let contracts = Arc::clone(&self.run.contracts);
        let mut other = Self::new(contracts, cases, target, self.run.strict)?;
        other.run.sender.pacing = Arc::clone(&self.run.sender.pacing);
        other.run.budgets = Arc::clone(&self.run.budgets);
        other.run.evidence = Some(Arc::clone(shown));
        Ok(other.remembering(Arc::clone(&self.run.known)))
    }

    /// Prompts ask this one; without anyone to ask, test cases that need an answer are skipped.
    #[must_use]
    pub fn with_asker(mut self, asker: Option<Arc<dyn Asker>>) -> Self {
        self.run.provided.asker = asker;
        self
    }

    /// Secrets that test cases meet are remembered there, with those of other engines.
    #[must_use]
    pub fn remembering(mut self, known: Arc<SecretIndex>) -> Self {
        self.run.known = known;
        self.run.remember_declared();
        self
    }

    /// Goes on with the journal of a run that is over, to undo what it left.
    #[must_use]
    pub fn resuming(mut self, left: Left) -> Self {
        self.run.journal = left.0;
        self
    }

    /// The secrets that the run met so far, for a look at what is about to be written.
    #[must_use]
    pub fn known(&self) -> &Arc<SecretIndex> {
        &self.run.known
    }

    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run.id
    }

    #[must_use]
    pub fn contracts(&self) -> &Arc<[Contract]> {
        &self.run.contracts
    }

    /// Where it sends.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.run.target
    }

    /// What was used up so far.
    #[must_use]
    pub fn spent(&self) -> Vec<Spent> {
        self.run.budgets.spent()
    }

    /// Which version each edition says it is of, where the target file says how to learn it.
    pub(crate) async fn versions(&self, stop: StopSignal) -> Vec<(Edition, String)> {
        version::versions(&self.run, stop.level() == StopLevel::Go).await
    }

    /// How many connections the system let the run have, where that is fewer than it wanted.
    #[must_use]
    pub fn lowered_connections(&self) -> Option<usize> {
        self.run.sender.wire.lowered()
    }

    /// How many things of this run are still to be undone.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.run.journal.open().len()
    }

    /// So many connections to a host are open at once at most.
    pub(crate) fn limit_connections(&self, most: usize) {
        self.run.sender.wire.limit(most);
    }

    /// Looks at everything that these test cases need of the target.
    pub async fn preflight(&self, cases: &[Arc<TestCase>], depth: Depth) -> Preflight {
        preflight::look(&self.run, cases, depth).await
    }

    /// The request of a test case as a curl line, values that only a provider knows left as they stand.
    ///
    /// # Errors
    /// When the target does not serve its edition or host.
    pub fn preview(&self, case: &TestCase) -> Result<String, PreviewError> {
        preview::preview(&self.run, case)
    }

    /// Runs one test case, its control and its other prerequisites first. The result says all; nothing
    /// is printed.
    pub async fn run_case(&self, case: &TestCase) -> CaseResult {
        self.execute(case).await.0
    }

    /// As [`Self::run_case`], with what was sent and what came back: unmasked, so it must not leave
    /// the process. Nothing is in it when a prerequisite did not pass, because nothing was sent.
    pub async fn execute(&self, case: &TestCase) -> (CaseResult, Transcript) {
        Arc::unwrap_or_clone(self.outcomes.of(&self.run, case).await)
    }

    /// Runs a test case once more that was judged before, without what it needs having to stand again.
    pub(crate) async fn repeat(&self, case: &TestCase) -> CaseResult {
        outcomes::again(&self.run, case).await.0
    }

    /// What a test case may do that is not to be done twice; `None` where it does no harm.
    pub(crate) fn harm_of(&self, case: &TestCase) -> Option<String> {
        self.run.target.harm_of(case)
    }

    /// The result of a test case that did not come to its end.
    pub(crate) fn not_run(&self, case: &TestCase, why: NotRun) -> CaseResult {
        case_result::not_run(&self.run, case, why)
    }

    /// What is known only when the last test case has ended: answers that were none, and secrets that
    /// another one made known.
    pub(crate) async fn conclude(&self, cases: &[Arc<TestCase>], results: &mut dyn Results) {
        conclude::conclude(&self.run, cases, results).await;
    }

    /// Undoes what is still there of this run. To be called when no test case is in flight any more.
    /// Once `stop` asks to abandon, it goes on for three seconds and leaves the rest to the journal.
    pub async fn finish(&self, stop: StopSignal) -> Vec<Swept> {
        undo::finish(&self.run, stop).await
    }
}

/// Whether nothing of the target is encrypted, so that no certificate is needed.
fn is_plain(target: &Target) -> bool {
    target.editions.values().all(|settings| {
        let mut urls = std::iter::once(&settings.base_url).chain(settings.hosts.values());
        urls.all(|url| url.starts_with("http://"))
    })
}
