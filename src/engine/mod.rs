//! Executes test cases and hands them to the judge.
//!
//! Takes: a [`TestCase`] and a [`Target`]. Gives: a [`CaseResult`]; what runs beside what is the
//! session's.
//! Never: knows that it talks to the mock, follows a redirect unasked, or shows a secret.

mod breaker;
mod budget;
mod case_run;
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
mod tokens;
mod undo;
mod wire;

pub use pacing::Pacing;
pub use preflight::{Depth, Line, Preflight, State};
pub use provide::Asker;
pub use stopping::{StopLevel, StopSignal};

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use serde_json::Value;
use tokio::sync::OnceCell;

pub use journal::{Journals, Left, left};
pub use undo::{Swept, Undone};

use self::{
    breaker::Breaker,
    budget::Budgets,
    case_run::CaseRun,
    doubts::Doubts,
    journal::{Header, Journal},
    secrets::SecretCollector,
    wire::Wire,
};
use crate::{
    clock::Stopwatch,
    contract::Contract,
    exchange::{Again, Exchange, TransportError},
    ids::CaseId,
    judge,
    plan::TestCase,
    result::{
        Blocker, CaseResult, Covered, ErrorReason, Evidence, Part as StepPart, Repeated,
        SkipReason, Spent, StepOwner, StepResult, Verdict,
    },
    secret::{Documented, Redactor, SecretIndex},
    target::Target,
    template::Bindings,
    transcript::{Part, Stop, Transcript},
};

/// Why a test case did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRun {
    /// The run was told to stop.
    Interrupted,
    Panicked,
}

/// The result of a test case that others need, and how it went; made once a run.
type SharedCell = OnceCell<Arc<(CaseResult, Transcript)>>;

/// One run against one target.
#[derive(Debug)]
pub struct Engine {
    contracts: Arc<[Contract]>,
    cases: HashMap<CaseId, Arc<TestCase>>,
    target: Target,
    wire: Wire,
    pacing: Arc<Pacing>,
    breaker: Breaker,
    budgets: Budgets,
    run_id: String,
    strict: bool,
    /// Whether results carry what was checked and exchanged, or the verdict alone.
    evidence: bool,
    provided: provide::Shared,
    keys: evidence::Keys,
    /// What may have been the answer to something else.
    doubts: Doubts,
    /// The secrets that rows met.
    known: Arc<SecretIndex>,
    /// What the contracts state for all to read, gathered when a text is first masked.
    documented: OnceLock<Arc<Documented>>,
    /// Test cases that others need, controls and further prerequisites: each is executed once a run.
    shared: HashMap<CaseId, SharedCell>,
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
        let budgets = Budgets::new(target.budget.clone());
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
            budgets,
            run_id,
            strict,
            evidence: true,
            provided: provide::Shared::default(),
            keys: evidence::Keys::default(),
            doubts: Doubts::default(),
            known: Arc::default(),
            documented: OnceLock::new(),
            shared: cases
                .iter()
                .flat_map(|case| case.prerequisites.iter().chain([&case.control_id]))
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
    pub fn remembering(mut self, known: Arc<SecretIndex>) -> Self {
        self.known = known;
        self.remember_declared();
        self
    }

    /// The secrets that the run met so far, for a look at what is about to be written.
    #[must_use]
    pub fn known(&self) -> &Arc<SecretIndex> {
        &self.known
    }

    fn remember_declared(&self) {
        for settings in self.target.editions.values() {
            let declared = SecretCollector::declared(settings);
            if !declared.held().is_empty() {
                self.known.learn(declared.held(), self.documented());
            }
        }
    }

    fn documented(&self) -> &Arc<Documented> {
        self.documented.get_or_init(|| {
            let stated = self.contracts.iter().flat_map(|contract| &contract.stated);
            Arc::new(Documented::new(stated.map(String::as_str)))
        })
    }

    /// What masks the texts of a row that met these secrets.
    fn redactor(&self, met: &SecretCollector) -> Redactor {
        Redactor::new(met.all()).sparing(self.documented())
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
        self.budgets.spent()
    }

    /// Runs one test case, its control and its other prerequisites first. The result says all; nothing is printed.
    pub async fn run_case(&self, case: &TestCase) -> CaseResult {
        self.execute(case).await.0
    }

    /// As [`Self::run_case`], with what was sent and what came back: unmasked, so it must not leave
    /// the process. Nothing is in it when a prerequisite did not pass, because nothing was sent.
    pub async fn execute(&self, case: &TestCase) -> (CaseResult, Transcript) {
        Arc::unwrap_or_clone(self.outcome(case).await)
    }

    async fn outcome(&self, case: &TestCase) -> Arc<(CaseResult, Transcript)> {
        let unsent = |result| Arc::new((result, Transcript::default()));
        for id in std::iter::once(&case.control_id).chain(&case.prerequisites) {
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
            if !before.0.stands {
                return unsent(self.behind(case, &before.0));
            }
        }
        let judged = || async { Arc::new(self.judged(case).await) };
        match self.shared.get(&case.id) {
            Some(cell) => Arc::clone(cell.get_or_init(judged).await),
            None => judged().await,
        }
    }

    /// A test case whose prerequisite did not pass proves nothing, whatever it would answer.
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
            ("prerequisite", Blocker::Prerequisite(control.id.clone()))
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
        let mut run = CaseRun::new(self, settings, contract, &case.matrix);
        run.row(case).await;
        let doubts = std::mem::take(&mut run.doubts);
        if let Some(why) = doubts.iter().find_map(wire::Doubt::why) {
            run.transcript.stopped = Some(Stop::Desync(why.to_owned()));
        }
        self.doubts.keep(&case.id, doubts);
        let judgement = judge::case(case, &run.transcript, contract, self.strict);
        let mut result = self.without_steps(case, judgement.verdict, String::new());
        judge::note(&mut result.requirements, &judgement.evidence);
        (result.outcome, result.stands) = (judgement.outcome, judgement.stands);
        if !self.evidence {
            return (result, run.transcript);
        }
        let redactor = self.redactor(&run.secrets);
        self.known.learn(run.secrets.held(), self.documented());
        result.detail = judgement.detail;
        result.blocked_by = run.blocker();
        result.steps = steps(&run.transcript, judgement.checks, &redactor);
        record::mask_told(&mut result, &redactor);
        result.elapsed = watch.elapsed();
        (result, run.transcript)
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
                    evidence: Evidence::None,
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
            outcome: None,
            stands: false,
            waiver: None,
            blocked_by: None,
            detail: Some(detail),
            causes: Vec::new(),
            steps: Vec::new(),
            tags: case.tags.clone(),
            elapsed: std::time::Duration::ZERO,
        }
    }

    /// The result of a test case that did not come to its end.
    pub(crate) fn not_run(&self, case: &TestCase, why: NotRun) -> CaseResult {
        let (reason, why) = match why {
            NotRun::Interrupted => (ErrorReason::Interrupted, Stop::Interrupted.why()),
            // What a panic says may hold what the test case held, so it is not told.
            NotRun::Panicked => (
                ErrorReason::HarnessFault,
                "the harness panicked in this row",
            ),
        };
        self.without_steps(case, Verdict::Error(reason), why.to_owned())
    }

    /// So many connections to a host are open at once at most.
    pub(crate) fn limit_connections(&self, most: usize) {
        self.wire.limit(most);
    }

    /// What is known only when the last test case has ended: answers that were none, and secrets that
    /// another one made known.
    pub(crate) async fn conclude(&self, cases: &[TestCase], results: &mut [CaseResult]) {
        self.withdraw(cases, results).await;
        self.mask(results);
    }

    /// How many connections the system let the run have, where that is fewer than it wanted.
    #[must_use]
    pub fn lowered_connections(&self) -> Option<usize> {
        self.wire.lowered()
    }

    /// Waits for answers that nobody asked for, and takes back what the results say where one came:
    /// of the rows that were answered on such a connection, and of those that need these. To
    /// be called once all rows of these results are done.
    async fn withdraw(&self, cases: &[TestCase], results: &mut [CaseResult]) {
        self.wire.drain().await;
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
        let mut met = SecretCollector::declared(settings);
        met.request(&request, &step, true);
        Ok(record::curl(&request, &self.redactor(&met)))
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
            owner: record
                .provider
                .clone()
                .map_or(StepOwner::Case, StepOwner::Provider),
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
