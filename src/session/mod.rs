//! One run, from a loaded suite to its report: select, look at the target, run, clean up, conclude.
//!
//! Takes: a [`Suite`], a [`Target`] and [`Options`]. Gives: results to a [`Sink`] as test cases end,
//! and a [`RunReport`] in the plan's order. Never: prints, writes a file, or chooses an exit code.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use probity::{session::{Options, Session}, suite};
//!
//! let mut suite = suite::load(".".as_ref(), Some("tenants/mock.yaml".as_ref()));
//! let target = suite.target.take().ok_or("the target file has mistakes")?;
//! let session = Session::open(suite, target, &Options::default(), None).await?;
//! let report = session.complete().await;
//! assert_eq!(report.conclusion().exit_code(), 0, "{:?}", report.because());
//! # Ok(())
//! # }
//! ```

mod repeat;
mod schedule;

pub use repeat::Repetition;
pub use schedule::{run, with_transcripts};

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tokio::sync::Semaphore;

use crate::{
    clock::{Stopwatch, today, unix_millis},
    contract::Contract,
    embedded::{EmbeddedError, Mocks},
    engine::{Asker, Depth, Engine, Preflight, StopSignal, Swept, Undone, masked_line},
    exchange::TransportError,
    ids::{CaseId, Edition},
    judge,
    plan::{Selection, TestCase, digest_of_ids},
    result::{
        CaseResult, Cases, Ending, Provenance, Reached, RunReport, RunShard, Spool, SuiteDigest,
        Waiver,
    },
    secret::SecretIndex,
    suite::Suite,
    target::{NotATestTenant, Profile, Target},
    transcript::Transcript,
};

/// Where results go as test cases end.
pub trait Sink: Send {
    /// A test case has ended, with its waiver if it has one. What it says stands unless a later answer on
    /// its connection shows that its own was none; then the report has another result for it.
    fn finished(&mut self, result: &CaseResult);
}

impl<F: FnMut(&CaseResult) + Send> Sink for F {
    fn finished(&mut self, result: &CaseResult) {
        self(result);
    }
}

/// What is asked of a session beside its suite and target.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub selection: Selection,
    /// How much the run may do; the target file's own when absent.
    pub profile: Option<Profile>,
    /// Test cases in flight at once; the target file's limit when absent.
    pub jobs: Option<usize>,
    /// Test cases start in an order drawn from this seed.
    pub shuffle: Option<u64>,
    /// Which test cases run again.
    pub again: Repetition,
    /// Findings that the documents only leave open count as fails.
    pub strict: bool,
    /// The run starts without a look at the target.
    pub without_preflight: bool,
    /// Whole results go to a temporary file as test cases end, so that memory does not grow with what
    /// is exchanged; [`Cases::whole`] gives them back.
    pub spool: bool,
    /// The command line, to be told in the record.
    pub command: Vec<String>,
}

/// Why a session cannot be opened; nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("{0}; nothing was sent")]
    NotPermitted(#[from] NotATestTenant),
    #[error("no row matches; `probity list` prints them all")]
    NothingSelected,
    #[error(transparent)]
    Mock(#[from] EmbeddedError),
    #[error("the client cannot be set up: {0}")]
    Client(#[from] TransportError),
}

/// A run that may send.
#[derive(Debug)]
pub struct Session {
    engine: Arc<Engine>,
    /// The whole suite.
    cases: Vec<Arc<TestCase>>,
    selected: Vec<Arc<TestCase>>,
    /// Whether nothing of the suite is left out by all shards together.
    whole: bool,
    /// The selected test cases whose target is not in this process.
    away: Vec<Arc<TestCase>>,
    jobs: usize,
    shuffle: Option<u64>,
    again: Repetition,
    strict: bool,
    /// The target as its file has it: editions on the embedded mock still say so.
    written: Target,
    /// So many test cases are in flight at once, in all runs beside this one together.
    places: Arc<Semaphore>,
    provenance: Provenance,
    spool: Option<Arc<Spool>>,
    started: i64,
    watch: Stopwatch,
    /// Stop when dropped.
    _mocks: Mocks,
}

impl Session {
    /// Selects test cases and starts the mocks that the target file wants embedded.
    ///
    /// # Errors
    /// When the profile is not permitted, nothing is selected, or a mock or the client cannot start.
    pub async fn open(
        suite: Suite,
        mut target: Target,
        options: &Options,
        asker: Option<Arc<dyn Asker>>,
    ) -> Result<Self, SessionError> {
        if let Some(profile) = options.profile {
            target.permit(profile)?;
        }
        let Selected {
            cases: selected,
            all,
            shard,
        } = Selected::of(&suite.plan.cases, &options.selection, &target.waivers);
        if all == 0 {
            return Err(SessionError::NothingSelected);
        }
        if let Some(shard) = &shard {
            target.share(shard.shard);
        }
        let whole = all >= suite.plan.cases.len();
        // A mock that nobody asks anything need not be there.
        let wanted: BTreeSet<Edition> = selected.iter().map(|case| case.edition).collect();
        let idle: Vec<Edition> = target.editions.keys().copied().collect();
        for edition in idle {
            if target.embedded(edition) && !wanted.contains(&edition) {
                target.editions.remove(&edition);
            }
        }
        // Nothing lies between us and a mock in this process.
        let far =
            |case: &&Arc<TestCase>| !options.without_preflight && !target.embedded(case.edition);
        let away = selected.iter().filter(far).cloned().collect();
        let jobs = options.jobs.unwrap_or(target.jobs);
        let mut provenance = Provenance {
            suite: suite.digest,
            answers: None,
            editions: BTreeMap::new(),
            profile: options.profile.unwrap_or(target.profile).to_string(),
            jobs,
            seed: options.shuffle,
            command: options.command.clone(),
            shard,
            merged: Vec::new(),
        };
        let addresses = addresses(&target);
        let written = target.clone();
        let mocks = Mocks::start(&mut target, 0).await?;
        let engine = Engine::new(suite.contracts, &suite.plan.cases, target, options.strict)?
            .with_asker(asker)
            .sending_behind_refusals();
        for (edition, address) in addresses {
            let variables = engine.shown_variables(edition);
            let reached = Reached {
                address,
                variables,
                ..Reached::default()
            };
            provenance.editions.insert(edition.to_string(), reached);
        }
        let reached = provenance.editions.values_mut();
        let texts = provenance.command.iter_mut();
        mask(
            engine.known(),
            texts.chain(reached.map(|one| &mut one.address)),
        );
        mask(engine.known(), texts_of_shard(&mut provenance));
        let spool = options.spool.then(|| {
            let known = Arc::clone(engine.known());
            Arc::new(Spool::new(Box::new(move |line| masked_line(&known, line))))
        });
        Ok(Self {
            engine: Arc::new(engine),
            spool,
            cases: suite.plan.cases,
            selected,
            whole,
            away,
            jobs,
            shuffle: options.shuffle,
            again: options.again,
            strict: options.strict,
            written,
            places: Arc::new(Semaphore::new(jobs.clamp(1, Semaphore::MAX_PERMITS))),
            provenance,
            started: unix_millis(),
            watch: Stopwatch::start(),
            _mocks: mocks,
        })
    }

    /// How many test cases are selected.
    #[must_use]
    pub fn planned(&self) -> usize {
        self.selected.len()
    }

    /// Test cases in flight at once.
    #[must_use]
    pub const fn jobs(&self) -> usize {
        self.jobs
    }

    /// The selected test cases that never run again, by what they may do: `may lock an account`,
    /// `is destructive`, `costs accounts`.
    #[must_use]
    pub fn unrepeatable(&self) -> BTreeMap<String, usize> {
        let mut out = BTreeMap::new();
        for why in self
            .selected
            .iter()
            .filter_map(|case| self.engine.harm_of(case))
        {
            *out.entry(why).or_default() += 1;
        }
        out
    }

    /// The secrets that the run met so far, and those beside it.
    #[must_use]
    pub fn known(&self) -> &SecretIndex {
        self.engine.known()
    }

    #[must_use]
    pub fn contracts(&self) -> &Arc<[Contract]> {
        self.engine.contracts()
    }

    /// All test cases of the suite.
    #[must_use]
    pub fn cases(&self) -> &[Arc<TestCase>] {
        &self.cases
    }

    /// Whether every test case of the suite is selected, by all shards together.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// What the suite was made of.
    #[must_use]
    pub const fn suite(&self) -> &SuiteDigest {
        &self.provenance.suite
    }

    /// The target as its file has it: editions on the embedded mock still say so.
    #[must_use]
    pub const fn written(&self) -> &Target {
        &self.written
    }

    /// The target as it is reached.
    #[must_use]
    pub fn target(&self) -> &Target {
        self.engine.target()
    }

    /// Whether findings that the documents only leave open count as fails.
    #[must_use]
    pub const fn is_strict(&self) -> bool {
        self.strict
    }

    /// How many connections the system let the run have, where that is fewer than it wanted.
    #[must_use]
    pub fn lowered_connections(&self) -> Option<usize> {
        self.engine.lowered_connections()
    }

    /// How many things the run made and has not removed yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.engine.pending()
    }

    /// What is known of the run before its first test case.
    #[must_use]
    pub fn unfinished(&self) -> RunReport {
        RunReport {
            run_id: self.engine.run_id().to_owned(),
            target: self.written.name.clone(),
            provenance: self.provenance.clone(),
            suite_size: self.cases.len(),
            planned: self.selected.len(),
            strict: self.strict,
            ..RunReport::without_cases(self.started, Ending::Unfinished)
        }
    }

    /// Looks whether the target can be reached, trusted and prepared.
    pub async fn preflight(&self) -> Preflight {
        self.engine.preflight(&self.away, Depth::Providers).await
    }

    /// Runs the selected test cases and sums them up; what they made may still be there.
    pub async fn run(&self, stop: StopSignal, sink: &mut dyn Sink) -> RunReport {
        self.ran(stop, sink, None).await
    }

    /// As [`Self::run`], with what was sent and what came back for each test case of the report:
    /// unmasked, so it must not leave the process. Nothing runs again, and nothing is spooled.
    pub(crate) async fn run_with_transcripts(
        &self,
        stop: StopSignal,
    ) -> (RunReport, Vec<Transcript>) {
        let mut transcripts = Vec::new();
        let mut nobody = |_: &CaseResult| {};
        let report = self.ran(stop, &mut nobody, Some(&mut transcripts)).await;
        (report, transcripts)
    }

    /// Runs test cases beside the run, at the addresses of this target, and cleans up. They share its
    /// places, its pace and its budgets; results carry the verdict alone, but for those in `shown`.
    ///
    /// # Errors
    /// When the client cannot be set up.
    pub(crate) async fn run_beside(
        &self,
        cases: &[Arc<TestCase>],
        target: Target,
        shown: &Arc<BTreeSet<CaseId>>,
    ) -> Result<Vec<CaseResult>, TransportError> {
        let engine = Arc::new(self.engine.beside(cases, target, shown)?);
        let results = schedule::beside(&engine, cases, self.jobs, &self.places).await;
        // What cannot be removed stays in the journal.
        engine.finish(StopSignal::never()).await;
        Ok(results)
    }

    async fn ran(
        &self,
        stop: StopSignal,
        sink: &mut dyn Sink,
        transcripts: Option<&mut Vec<Transcript>>,
    ) -> RunReport {
        let mut order = self.selected.clone();
        if let Some(seed) = self.shuffle {
            fastrand::Rng::with_seed(seed).shuffle(&mut order);
        }
        let waivers = &self.written.waivers;
        let mut seen = judge::Seen::default();
        let mut watching = |case: &CaseResult| {
            seen.take(self.engine.contracts(), case);
            match judge::waived(case, waivers, today()) {
                Some(waiver) => {
                    let mut case = case.clone();
                    case.waiver = Some(waiver);
                    sink.finished(&case);
                }
                None => sink.finished(case),
            }
        };
        let cases = self
            .cases_of(&order, stop.clone(), &mut watching, transcripts)
            .await;
        let versions = self.engine.versions(stop).await;
        let mut report = RunReport {
            elapsed: self.watch.elapsed(),
            cases,
            ending: Ending::Complete,
            spent: self.engine.spent(),
            ..self.unfinished()
        };
        for (edition, version) in versions {
            if let Some(reached) = report.provenance.editions.get_mut(edition.as_str()) {
                let masked = self.known().redact(&version);
                reached.version = Some(masked.unwrap_or(version));
            }
        }
        for (edition, name, set) in self.engine.fetched_keys().await {
            if let Some(reached) = report.provenance.editions.get_mut(edition.as_str()) {
                reached.keys.insert(name, set);
            }
        }
        let exists = |id: &CaseId| !self.whole || self.cases.iter().any(|case| case.id == *id);
        let whole = self.whole && report.provenance.shard.is_none();
        report.waivers = judge::waive(&mut report.cases, waivers, today(), whole, exists);
        let requirements = if self.whole && report.provenance.shard.is_some() {
            judge::requirements_of_shard
        } else {
            judge::requirements
        };
        report.requirements = requirements(self.engine.contracts(), &self.cases, &report.cases);
        report.matrices =
            judge::matrices(self.engine.contracts(), &self.cases, &report.cases, &seen);
        self.mask_the_documents(&mut report);
        report
    }

    /// An example of the documents may hold what is a secret of this target.
    fn mask_the_documents(&self, report: &mut RunReport) {
        let sentences = report.requirements.iter_mut().map(|one| &mut one.sentence);
        let cells = report.matrices.iter_mut().flat_map(|one| &mut one.cells);
        let texts = sentences.chain(cells.filter_map(|cell| cell.why.as_mut()));
        mask(self.known(), texts);
        mask(self.known(), texts_of_shard(&mut report.provenance));
    }

    /// The results of the selected test cases in the plan's order, run in this order.
    async fn cases_of(
        &self,
        order: &[Arc<TestCase>],
        stop: StopSignal,
        sink: &mut dyn Sink,
        transcripts: Option<&mut Vec<Transcript>>,
    ) -> Cases {
        let (engine, jobs) = (&self.engine, self.jobs);
        let results = match (&self.spool, transcripts) {
            (_, Some(transcripts)) => {
                // In the order of the report.
                let selected = &self.selected;
                let all = with_transcripts(engine, selected, jobs, stop, sink).await;
                let (results, kept): (Vec<_>, Vec<_>) = all.into_iter().unzip();
                *transcripts = kept;
                return results.into_iter().collect();
            }
            (Some(spool), None) => {
                schedule::spooling(engine, order, jobs, stop, spool, self.again, sink).await
            }
            (None, None) => schedule::repeating(engine, order, jobs, stop, self.again, sink).await,
        };
        let places: HashMap<&str, usize> = self
            .selected
            .iter()
            .enumerate()
            .map(|(place, case)| (case.id.as_str(), place))
            .collect();
        let mut numbered: Vec<(CaseResult, usize)> = results.into_iter().zip(0..).collect();
        numbered.sort_by_key(|(result, _)| places.get(result.id.as_str()).copied());
        match &self.spool {
            Some(spool) => Cases::spooled(numbered, Arc::clone(spool)),
            None => numbered.into_iter().map(|(result, _)| result).collect(),
        }
    }

    /// Why whole results are held in memory although a spool was asked for.
    #[must_use]
    pub fn spool_trouble(&self) -> Option<String> {
        self.spool.as_ref()?.trouble()
    }

    /// Removes what the run made and is still there.
    pub async fn clean_up(&self, stop: StopSignal) -> Vec<Swept> {
        self.engine.finish(stop).await
    }

    /// How long the session has lasted.
    #[must_use]
    pub fn elapsed(&self) -> std::time::Duration {
        self.watch.elapsed()
    }

    /// Runs and cleans up, for who neither watches nor stops it.
    pub async fn complete(&self) -> RunReport {
        self.complete_with(&mut |_: &CaseResult| {}).await
    }

    /// As [`Self::complete`], for who watches.
    pub async fn complete_with(&self, sink: &mut dyn Sink) -> RunReport {
        let mut report = self.run(StopSignal::never(), sink).await;
        let swept = self.clean_up(StopSignal::never()).await;
        report.left = swept
            .into_iter()
            .filter_map(|one| match one.undone {
                Undone::Left(why) => Some(format!(
                    "{} {} ({}) may still be there: {why}",
                    one.edition, one.provider, one.names
                )),
                Undone::Removed | Undone::Absent => None,
            })
            .collect();
        report.elapsed = self.watch.elapsed();
        report
    }
}

/// What a shard says of its waivers, in the words of whoever wrote them.
fn texts_of_shard(of: &mut Provenance) -> impl Iterator<Item = &mut String> {
    let waivers = of.shard.iter_mut().flat_map(|shard| &mut shard.waivers);
    waivers.flat_map(Waiver::texts_mut)
}

/// Masks the secrets that are known.
fn mask<'t>(known: &SecretIndex, texts: impl Iterator<Item = &'t mut String>) {
    for text in texts {
        if let Some(masked) = known.redact(text) {
            *text = masked;
        }
    }
}

/// What a selection takes of a suite.
struct Selected {
    /// What runs here.
    cases: Vec<Arc<TestCase>>,
    /// How many test cases all shards together run.
    all: usize,
    shard: Option<RunShard>,
}

impl Selected {
    fn of(cases: &[Arc<TestCase>], selection: &Selection, waivers: &[Waiver]) -> Self {
        let chosen = selection.chosen(cases);
        let Some(shard) = selection.shard else {
            return Self {
                all: chosen.len(),
                cases: chosen,
                shard: None,
            };
        };
        let all = selection.of_all_shards().chosen(cases);
        Self {
            cases: chosen,
            all: all.len(),
            shard: Some(RunShard {
                shard,
                planned: all.len(),
                ids: digest_of_ids(all.iter().map(|case| &case.id)),
                waivers: waivers.to_vec(),
            }),
        }
    }
}

/// Where each edition is, as the target file has it.
fn addresses(target: &Target) -> Vec<(Edition, String)> {
    let editions = target.editions.iter();
    editions
        .map(|(edition, settings)| (*edition, settings.base_url.clone()))
        .collect()
}
