//! Carries rows out and hands them to the judge.
//!
//! Takes: [`TestCase`]s and a [`Target`]. Gives: [`CaseResult`]s, and [`Event`]s on the way.
//! Never: knows that it talks to the mock, follows a redirect unasked, or shows a secret.

mod breaker;
mod budget;
mod capture;
mod coding;
mod dial;
mod doubts;
mod evidence;
mod follow;
mod hits;
mod jar;
mod journal;
mod pacing;
mod preflight;
mod private;
mod provide;
mod record;
mod request;
mod retry;
mod secrets;
mod stopping;
mod tests;
mod tls;
mod undo;
mod wire;

pub use pacing::Pacing;
pub use preflight::{Depth, Line, Preflight, State};
pub use provide::Asker;
pub use stopping::{StopLevel, StopSignal};

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;
use tokio::{
    sync::{OnceCell, Semaphore},
    task::JoinSet,
};

pub use journal::{Journals, Left, left};
pub use undo::{Swept, Undone};

use self::{
    breaker::Breaker,
    budget::Ledger,
    capture::Flow,
    doubts::Doubts,
    journal::{Header, Journal},
    secrets::Met,
    wire::Wire,
};
use crate::{
    clock::Stopwatch,
    contract::Contract,
    exchange::{Again, Exchange, TransportError},
    judge,
    plan::TestCase,
    result::{
        Blocker, CaseResult, Covered, ErrorReason, Part as StepPart, Repeated, SkipReason, Spent,
        StepResult, Verdict,
    },
    secret::{Known, Redactor},
    target::Target,
    template::Bindings,
    transcript::{Part, Stop, Transcript},
};

/// News during a run.
#[derive(Debug)]
pub enum Event<'e> {
    CaseFinished(&'e CaseResult),
}

/// The result of a row that others stand behind, and how it went; made once a run.
type AnchorCell = OnceCell<Arc<(CaseResult, Transcript)>>;

/// So many rows are in flight when a run begins.
const FIRST_ROWS: usize = 2;

/// One run against one target.
#[derive(Debug)]
pub struct Engine {
    contracts: Arc<[Contract]>,
    cases: HashMap<String, Arc<TestCase>>,
    target: Target,
    wire: Wire,
    pacing: Arc<Pacing>,
    breaker: Breaker,
    ledger: Ledger,
    run_id: String,
    strict: bool,
    /// Whether results carry what was checked and exchanged, or the verdict alone.
    evidence: bool,
    provided: provide::Shared,
    keys: evidence::Keys,
    /// What may have been the answer to something else.
    doubts: Doubts,
    /// The secrets that rows met.
    known: Arc<Known>,
    /// Rows that others stand behind, controls and twins: each is carried out once a run.
    anchors: HashMap<String, AnchorCell>,
    journal: Journal,
}

impl Engine {
    /// Contracts may be shared, so that many runs read them once.
    ///
    /// # Errors
    /// When the certificates to trust cannot be loaded.
    pub fn new(
        contracts: impl Into<Arc<[Contract]>>,
        cases: &[TestCase],
        target: Target,
        strict: bool,
    ) -> Result<Self, TransportError> {
        let plain = target.editions.values().all(|settings| {
            settings.base_url.starts_with("http://")
                && settings
                    .hosts
                    .values()
                    .all(|url| url.starts_with("http://"))
        });
        let (timeout, most) = (target.timeout, target.jobs);
        let wire = Wire::new(timeout, target.max_body, &target.reach, plain, most)?;
        let ledger = Ledger::new(target.budget.clone());
        let breaker = Breaker::new(target.limits.breaker);
        let pacing = Arc::new(Pacing::new(target.limits.pace));
        let run_id = uuid::Uuid::now_v7().to_string();
        let engine = Self {
            journal: Journal::new(&target.journals(), Header::of(&target, &run_id)),
            contracts: contracts.into(),
            cases: cases
                .iter()
                .map(|case| (case.id.clone(), Arc::new(case.clone())))
                .collect(),
            target,
            wire,
            pacing,
            breaker,
            ledger,
            run_id,
            strict,
            evidence: true,
            provided: provide::Shared::default(),
            keys: evidence::Keys::default(),
            doubts: Doubts::default(),
            known: Arc::default(),
            anchors: cases
                .iter()
                .flat_map(|case| case.twins.iter().chain([&case.control_id]))
                .map(|id| (id.clone(), OnceCell::new()))
                .collect(),
        };
        engine.remember_declared();
        Ok(engine)
    }

    /// Results carry the verdict alone: for who counts verdicts by the thousand.
    #[must_use]
    pub fn without_evidence(mut self) -> Self {
        self.evidence = false;
        self
    }

    /// Requests take their turns with those of other engines: one tenant, one pace.
    #[must_use]
    pub fn paced(mut self, pacing: Arc<Pacing>) -> Self {
        self.pacing = pacing;
        self
    }

    /// Prompts ask this one; without anyone to ask, rows that need an answer are skipped.
    #[must_use]
    pub fn with_asker(mut self, asker: Option<Arc<dyn Asker>>) -> Self {
        self.provided.asker = asker;
        self
    }

    /// Secrets that rows meet are remembered there, with those of other engines.
    #[must_use]
    pub fn remembering(mut self, known: Arc<Known>) -> Self {
        self.known = known;
        self.remember_declared();
        self
    }

    /// The secrets that the run met so far, for a look at what is about to be written.
    #[must_use]
    pub fn known(&self) -> &Arc<Known> {
        &self.known
    }

    fn remember_declared(&self) {
        for settings in self.target.editions.values() {
            self.known.learn(Met::declared(settings).held());
        }
    }

    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    #[must_use]
    pub fn contracts(&self) -> &[Contract] {
        &self.contracts
    }

    /// What was used up so far.
    #[must_use]
    pub fn spent(&self) -> Vec<Spent> {
        self.ledger.spent()
    }

    /// Runs one row, its control and its twins first. The result says all; nothing is printed.
    pub async fn run_case(&self, case: &TestCase) -> CaseResult {
        self.carry(case).await.0
    }

    /// As [`Self::run_case`], with what was sent and what came back: unmasked, so it must not leave
    /// the process. Nothing is in it when control or twin did not pass, because the row was not sent.
    pub async fn carry(&self, case: &TestCase) -> (CaseResult, Transcript) {
        Arc::unwrap_or_clone(self.outcome(case).await)
    }

    async fn outcome(&self, case: &TestCase) -> Arc<(CaseResult, Transcript)> {
        let unsent = |result| Arc::new((result, Transcript::default()));
        for id in std::iter::once(&case.control_id).chain(&case.twins) {
            if *id == case.id {
                continue;
            }
            let Some(before) = self.cases.get(id) else {
                let why = format!("the row `{id}`, which has to come first, is not in the plan");
                let fault = Verdict::Error(ErrorReason::HarnessFault);
                return unsent(self.without_steps(case, fault, why));
            };
            let before = Box::pin(self.outcome(before)).await;
            if let Some(withdrawn) = self.doubts.withdrawn(&before.0) {
                return unsent(self.behind(case, &withdrawn));
            }
            if !before.0.verdict.is_pass() {
                return unsent(self.behind(case, &before.0));
            }
        }
        let judged = || async { Arc::new(self.judged(case).await) };
        match self.anchors.get(&case.id) {
            Some(cell) => Arc::clone(cell.get_or_init(judged).await),
            None => judged().await,
        }
    }

    /// A row whose control or twin did not pass proves nothing, whatever it would answer.
    fn behind(&self, case: &TestCase, control: &CaseResult) -> CaseResult {
        let why = control
            .detail
            .clone()
            .or_else(|| control.broken().next().map(|(_, _, told)| told.to_string()))
            .unwrap_or_default();
        // Neither is the target's doing, and so neither is blamed on the target's control.
        if let verdict @ (Verdict::Skip(_) | Verdict::Error(ErrorReason::HarnessFault)) =
            &control.verdict
        {
            return self.without_steps(case, verdict.clone(), why);
        }
        let (word, blocker) = if control.control {
            ("control", Blocker::Control(control.id.clone()))
        } else {
            ("twin", Blocker::Prerequisite(control.id.clone()))
        };
        let mut result = self.without_steps(
            case,
            Verdict::Error(ErrorReason::ControlFailed),
            format!(
                "the {word} `{}` did not pass ({} {})",
                control.id,
                control.verdict.word(),
                control.verdict.reason()
            ),
        );
        result.blocked_by = Some(blocker);
        result.causes.push(why);
        result
    }

    async fn judged(&self, case: &TestCase) -> (CaseResult, Transcript) {
        let watch = Stopwatch::start();
        let Some(settings) = self.target.editions.get(&case.edition) else {
            let why = format!("the target does not serve the edition `{}`", case.edition);
            let skip = Verdict::Skip(SkipReason::NotProvided);
            return (self.without_steps(case, skip, why), Transcript::default());
        };
        let lacks = |word: &&String| !self.target.capabilities.contains(word);
        if let Some(word) = case.requires.iter().find(lacks) {
            let why = format!("the target has no capability `{word}`");
            let skip = Verdict::Skip(SkipReason::NotProvided);
            return (self.without_steps(case, skip, why), Transcript::default());
        }
        if let Some(why) = self.target.withholds(case) {
            let skip = Verdict::Skip(SkipReason::NotInProfile);
            return (self.without_steps(case, skip, why), Transcript::default());
        }
        let Some(contract) = self.contracts.iter().find(|c| c.edition == case.edition) else {
            let why = format!("no contract of `{}` is loaded", case.edition);
            let fault = Verdict::Error(ErrorReason::HarnessFault);
            return (self.without_steps(case, fault, why), Transcript::default());
        };
        let mut flow = Flow::new(self, settings, contract, &case.matrix);
        flow.row(case).await;
        let doubts = std::mem::take(&mut flow.doubts);
        if let Some(why) = doubts.iter().find_map(wire::Doubt::why) {
            flow.transcript.stopped = Some(Stop::Desync(why.to_owned()));
        }
        self.doubts.keep(&case.id, doubts);
        let judgement = judge::case(case, &flow.transcript, contract, self.strict);
        let mut result = self.without_steps(case, judgement.verdict, String::new());
        if !self.evidence {
            return (result, flow.transcript);
        }
        let redactor = Redactor::new(flow.secrets.all());
        self.known.learn(flow.secrets.held());
        result.detail = judgement.detail;
        result.blocked_by = flow.blocker();
        result.steps = steps(&flow.transcript, judgement.checks, &redactor);
        for text in record::told(&mut result) {
            *text = redactor.redact(text);
        }
        result.elapsed = watch.elapsed();
        (result, flow.transcript)
    }

    fn without_steps(&self, case: &TestCase, verdict: Verdict, detail: String) -> CaseResult {
        let contract = self.contracts.iter().find(|c| c.edition == case.edition);
        let requirements = case
            .covers
            .iter()
            .map(|id| {
                let requirement = contract.and_then(|contract| contract.requirement(id));
                Covered {
                    id: id.clone(),
                    text: requirement
                        .map_or_else(String::new, crate::contract::Requirement::sentence),
                }
            })
            .collect();
        CaseResult {
            id: case.id.clone(),
            title: case.title.clone(),
            edition: case.edition.to_string(),
            operation: case.operation.clone(),
            control: case.control,
            source: judge::source(&case.span),
            requirements,
            verdict,
            waiver: None,
            blocked_by: None,
            detail: Some(detail),
            causes: Vec::new(),
            steps: Vec::new(),
            tags: case.tags.clone(),
            elapsed: std::time::Duration::ZERO,
        }
    }

    /// Runs rows at most `jobs` at a time, controls first and what may lock an
    /// account out last; results are in the order given. It begins
    /// with a few at a time and grows with each that ends, so that connections are not opened all at
    /// once.
    ///
    /// When `stop` asks for it, no further row is started, and then rows in flight are abandoned;
    /// those rows are *error (interrupted)*.
    pub async fn run(
        self: &Arc<Self>,
        cases: &[TestCase],
        jobs: usize,
        stop: StopSignal,
        mut listen: impl FnMut(Event<'_>),
    ) -> Vec<CaseResult> {
        self.wire.limit(jobs);
        let mut width = jobs.clamp(1, FIRST_ROWS);
        let permits = Arc::new(Semaphore::new(width));
        let mut tasks = JoinSet::new();
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by_key(|index| !cases[*index].control);
        // Those for which an account may be locked come last, so that a lock costs no other row.
        let (last, first): (Vec<usize>, Vec<usize>) = order
            .into_iter()
            .partition(|index| cases[*index].may_lock_out());
        let mut running = HashMap::new();
        let mut results: Vec<Option<CaseResult>> = vec![None; cases.len()];
        for rows in [first, last] {
            for index in rows {
                let (engine, permits) = (Arc::clone(self), Arc::clone(&permits));
                let (case, stop) = (cases[index].clone(), stop.clone());
                let handle = tasks.spawn(async move {
                    let Ok(_permit) = permits.acquire().await else {
                        return (index, None);
                    };
                    if stop.level() >= StopLevel::Finish {
                        return (index, None);
                    }
                    (index, Some(engine.run_case(&case).await))
                });
                running.insert(handle.id(), index);
            }
            let mut abandon = std::pin::pin!(stop.clone().reaches(StopLevel::Abandon));
            let mut abandoned = false;
            loop {
                let done = tokio::select! {
                    done = tasks.join_next() => match done {
                        Some(done) => done,
                        None => break,
                    },
                    () = &mut abandon, if !abandoned => {
                        abandoned = true;
                        tasks.abort_all();
                        continue;
                    }
                };
                if width < jobs {
                    width += 1;
                    permits.add_permits(1);
                }
                let (index, result) = match done {
                    Ok((index, Some(result))) => (index, result),
                    Ok((index, None)) => (index, self.interrupted(&cases[index])),
                    Err(ended) => {
                        let Some(index) = running.get(&ended.id()).copied() else {
                            continue;
                        };
                        if ended.is_cancelled() {
                            (index, self.interrupted(&cases[index]))
                        } else {
                            (index, self.panicked(&cases[index]))
                        }
                    }
                };
                listen(Event::CaseFinished(&result));
                results[index] = Some(result);
            }
        }
        let mut results: Vec<CaseResult> = results.into_iter().flatten().collect();
        self.withdraw(cases, &mut results).await;
        self.mask(&mut results);
        results
    }

    fn interrupted(&self, case: &TestCase) -> CaseResult {
        let why = Stop::Interrupted.why().to_owned();
        self.without_steps(case, Verdict::Error(ErrorReason::Interrupted), why)
    }

    /// What a panic says may hold what the row held, so it is not told.
    fn panicked(&self, case: &TestCase) -> CaseResult {
        let why = "the harness panicked in this row".to_owned();
        self.without_steps(case, Verdict::Error(ErrorReason::HarnessFault), why)
    }

    /// How many connections the system let the run have, where that is fewer than it wanted.
    #[must_use]
    pub fn lowered_connections(&self) -> Option<usize> {
        self.wire.lowered()
    }

    /// Waits for answers that nobody asked for, and takes back what the results say where one came:
    /// of the rows that were answered on such a connection, and of those that these stand behind. To
    /// be called once all rows of these results are done; [`Self::run`] does it by itself.
    pub async fn withdraw(&self, cases: &[TestCase], results: &mut [CaseResult]) {
        self.wire.settle().await;
        for result in &mut *results {
            if let Some(withdrawn) = self.doubts.withdrawn(result) {
                *result = withdrawn;
            }
        }
        Doubts::spread(cases, results, |case, before| self.behind(case, before));
    }

    /// Masks what one row showed and another one made known as a secret.
    fn mask(&self, results: &mut [CaseResult]) {
        let hide = |text: &mut String| {
            if let Some(masked) = self.known.redact(text) {
                *text = masked;
            }
        };
        for result in results {
            record::told(result).for_each(hide);
            record::exchanged(result).for_each(hide);
        }
    }

    /// The request of a row as a curl line, values that only a provider knows left as they stand.
    ///
    /// # Errors
    /// A sentence when the target does not serve the row's edition or host.
    pub fn preview(&self, case: &TestCase) -> Result<String, String> {
        let settings = self
            .target
            .editions
            .get(&case.edition)
            .ok_or_else(|| format!("the target does not serve `{}`", case.edition))?;
        let mut bindings = Bindings::new();
        bindings.insert("target".into(), Value::Object(settings.variables.clone()));
        bindings.insert("matrix".into(), case.matrix.clone());
        let mut step = case.request.clone();
        for (name, value) in request::common_headers(&self.target.headers, case) {
            if !step
                .headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(&name))
            {
                step.headers.push((name, value));
            }
        }
        request::leave_unbound(&mut step, &bindings);
        let request = request::render_request(&step, settings, &[], &bindings, &mut |_, _| {})?;
        let mut met = Met::declared(settings);
        met.request(&request, &step, true);
        let redactor = Redactor::new(met.all());
        Ok(record::curl(&request, &redactor))
    }
}

fn repeated(attempts: &[Exchange]) -> Repeated {
    let count = |why: Again| {
        let again = attempts.iter().filter(|one| one.again == Some(why));
        again.count()
    };
    Repeated {
        lost: count(Again::Lost),
        turned_away: count(Again::TurnedAway),
    }
}

fn steps(
    transcript: &Transcript,
    checks: Vec<Vec<crate::result::CheckResult>>,
    redactor: &Redactor,
) -> Vec<StepResult> {
    transcript
        .steps
        .iter()
        .zip(checks)
        .map(|(record, checks)| StepResult {
            name: record.name.clone(),
            part: match record.part {
                Part::Setup => StepPart::Setup,
                Part::Request => StepPart::Request,
                Part::Then => StepPart::Then,
                Part::Cleanup => StepPart::Cleanup,
            },
            checks,
            exchange: record
                .attempts
                .last()
                .map(|exchange| record::record(exchange, redactor)),
            attempts: record.attempts.len(),
            repeated: repeated(&record.attempts),
        })
        .collect()
}
