//! The suite against servers that break one promise each: would it have noticed?
//!
//! Takes: a [`Subject`], the suite and a target it passes on. Gives: a [`Proof`].
//! Never: decides what a mutant breaks, or excuses one; the first is `mutant`'s, the second the
//! author's, in writing.

mod accepted;
mod baseline;
mod error;
mod false_positives;
mod score;
mod self_check;
mod transcripts;

pub use accepted::{Accepted, SHAPE as SURVIVORS_SHAPE, load as load_accepted};
pub use error::ProveError;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::task::JoinSet;

use self::baseline::Baseline;
use crate::{
    clock::{Stopwatch, unix_millis},
    contract::Contract,
    embedded,
    engine::{Engine, Pacing, StopSignal},
    mock::{self, Dialect, MockOptions, MockServer},
    mutant::{
        self, Change, Delivery, DocumentedStatus, Family, Mutant, Relay, Route, Rulings,
        TokenSigner,
    },
    plan::{TestCase, with_prerequisites},
    result::{CaseResult, MutantResult, Outcome, Proof, SuiteDigest},
    secret::SecretIndex,
    session,
    target::Target,
};

/// How long a client waits for an answer that is held back; other waits are the target's own.
const IMPATIENCE: Duration = Duration::from_millis(150);

/// Rows in flight for one mutant.
const ROWS_AT_ONCE: usize = 8;

/// What is to be proved.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Of the files that contracts and test cases were read from.
    pub suite: SuiteDigest,
    pub contracts: Arc<[Contract]>,
    /// All test cases of the plan.
    pub cases: Vec<Arc<TestCase>>,
    /// The target as its file has it; editions on the embedded mock still say so.
    pub target: Target,
    pub accepted: Vec<Accepted>,
    /// What the faults of the mock break.
    pub rulings: Rulings,
}

/// How much of it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Parts of mutant ids; empty runs all.
    pub filters: Vec<String>,
    /// Mutants in flight at once.
    pub jobs: usize,
    /// So many mutants, drawn with this seed, and not all.
    pub sample: Option<(usize, u64)>,
    /// Run what the documents leave open too, to see which of it is noticed all the same.
    pub open: bool,
    /// Seeds of variations to run, from 1.
    pub variations: u64,
}

/// News during a proof.
#[derive(Debug)]
pub enum Progress<'p> {
    /// So many mutants will run.
    Planned(usize),
    Finished(&'p MutantResult),
}

/// Proves a suite. The secrets that test cases met are remembered in `known`, for a look at what is
/// said of the proof.
///
/// # Errors
/// When a mock, a relay or the client cannot be set up.
pub async fn prove(
    subject: &Subject,
    options: &Options,
    known: &Arc<SecretIndex>,
    mut listen: impl FnMut(Progress<'_>),
) -> Result<Proof, ProveError> {
    let (started, watch) = (unix_millis(), Stopwatch::start());
    let context = Arc::new(Context::prepare(subject, options.open, known).await?);
    let all = catalogue(subject, &context)?;
    let enumerated = all.len();
    let chosen = |mutant: &Mutant| {
        let mut filters = options.filters.iter();
        options.filters.is_empty() || filters.any(|filter| mutant.id.contains(filter))
    };
    let mutants = sampled(all.into_iter().filter(chosen).collect(), options.sample);
    let mut self_checks = Vec::new();
    let mut results = Vec::new();
    let mut transcripts = crate::result::Transcripts::default();
    let mut false_positives = crate::result::FalsePositives::default();
    let baseline_red = context.baseline.red();
    // On a red baseline every figure would be about something else.
    if baseline_red.is_empty() {
        let controls = self_check::controls(subject, &context.baseline);
        listen(Progress::Planned(mutants.len() + controls.len()));
        self_checks = self_check::check(&context, controls, options.jobs).await?;
        transcripts = transcripts::judge(subject, &context.baseline, &mutants);
        results = run_all(&context, mutants, options.jobs, &mut listen).await?;
        false_positives = false_positives::check(subject, options.variations).await?;
    }
    let stale = {
        let whole = results.len() == enumerated;
        accepted::apply(&subject.accepted, &mut results, whole)
    };
    Ok(Proof {
        target: subject.target.name.clone(),
        suite: subject.suite.clone(),
        started,
        elapsed: watch.elapsed(),
        enumerated,
        sample: options.sample.map(|(_, seed)| seed),
        cases: context.baseline.ids(),
        baseline_red,
        self_checks,
        mutants: results,
        transcripts,
        false_positives,
        stale,
    })
}

/// All mutants that can be carried out on the target, in the order of their ids.
///
/// In front of a real tenant only answers are changed: a mended request would change what it does,
/// and rules and keys can be had from the mock alone.
fn catalogue(subject: &Subject, context: &Context) -> Result<Vec<Mutant>, ProveError> {
    let signer = TokenSigner::from_pem(mock::signing_key())?;
    let forged = mutant::forged(&subject.contracts, &signer);
    let of_the_mock: BTreeSet<String> = forged.iter().map(|mutant| mutant.id.clone()).collect();
    let mut out = mutant::catalogue(&subject.contracts);
    out.extend(forged);
    let dialects = Dialect::ALL.into_iter();
    out.extend(dialects.flat_map(|dialect| mutant::faults(dialect, &subject.rulings)));
    out.retain(|mutant| {
        let harmless = !matches!(mutant.change, Change::Request(_) | Change::Mock(_));
        let anywhere = harmless && !of_the_mock.contains(&mutant.id);
        context.baseline.serves(mutant.edition)
            && (anywhere || subject.target.embedded(mutant.edition))
    });
    out.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(out)
}

fn sampled(mut mutants: Vec<Mutant>, sample: Option<(usize, u64)>) -> Vec<Mutant> {
    let Some((count, seed)) = sample else {
        return mutants;
    };
    fastrand::Rng::with_seed(seed).shuffle(&mut mutants);
    mutants.truncate(count);
    mutants.sort_by(|one, other| one.id.cmp(&other.id));
    mutants
}

/// What every mutant's run stands on: addresses, a green baseline, a client for the relays.
#[derive(Debug)]
struct Context {
    contracts: Arc<[Contract]>,
    cases: Vec<Arc<TestCase>>,
    /// The words of the file, for mocks of their own.
    unsettled: Target,
    /// Real addresses.
    settled: Target,
    baseline: Baseline,
    client: reqwest::Client,
    /// One tenant bears all mutants, and has one pace.
    pacing: Arc<Pacing>,
    /// Whether mutants that the documents leave open are run.
    open: bool,
    _mocks: Vec<MockServer>,
}

impl Context {
    async fn prepare(
        subject: &Subject,
        open: bool,
        known: &Arc<SecretIndex>,
    ) -> Result<Self, ProveError> {
        let mut settled = subject.target.clone();
        let mocks = embedded::start_all(&mut settled, 0).await?;
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .tcp_nodelay(true)
            .build()?;
        let pacing = Arc::new(Pacing::new(settled.limits.pace));
        let baseline =
            baseline::record(&subject.contracts, &subject.cases, &settled, &pacing, known).await?;
        Ok(Self {
            contracts: Arc::clone(&subject.contracts),
            cases: subject.cases.clone(),
            unsettled: subject.target.clone(),
            settled,
            baseline,
            client,
            pacing,
            open,
            _mocks: mocks,
        })
    }

    /// Where a mutant's operation answers.
    fn route(&self, mutant: &Mutant) -> Option<Route> {
        let contract = Contract::of_edition(&self.contracts, mutant.edition.as_str())?;
        let operation = contract.operation(&mutant.operation)?;
        Some(self.baseline.route(mutant.edition, operation))
    }

    /// Whether all that a mutant breaks may be kept by an answer that it does not touch: a sentence
    /// that allows several codes promises none of them.
    fn may_be_absent(&self, mutant: &Mutant) -> bool {
        let mut requirements = mutant.breaks.iter().filter_map(|id| {
            self.contracts
                .iter()
                .find_map(|contract| contract.requirement(id))
        });
        matches!(
            mutant.family,
            Family::Code | Family::Status | Family::Message
        ) && requirements.all(|requirement| requirement.about.codes.len() != 1)
    }

    /// Runs every test case that meets the mutant and says how it fared.
    async fn run(&self, mutant: &Mutant) -> Result<MutantResult, ProveError> {
        let Some(route) = self.route(mutant) else {
            return Err(ProveError::NoOperation(mutant.id.clone()));
        };
        let met: BTreeSet<&str> = self.baseline.meeting(mutant, &route).collect();
        if let (DocumentedStatus::Open(_), false) = (&mutant.documented, self.open) {
            return Ok(score::result(mutant, &[], &self.cases, None));
        }
        if met.is_empty() {
            let mut result = score::result(mutant, &[], &self.cases, Some(0));
            if self.may_be_absent(mutant) {
                let why = "the documents allow several codes here and the target gives another";
                result.outcome = Outcome::Open(why.to_owned());
            }
            return Ok(result);
        }
        let cases = with_prerequisites(&self.cases, |case| met.contains(case.id.as_str()));
        let (results, activated) = match &mutant.change {
            Change::Mock(fault) => {
                let Some(dialect) = Dialect::of(mutant.edition) else {
                    return Err(ProveError::NoMock(mutant.edition));
                };
                let mut options = MockOptions::new(dialect);
                options.fault = Some(fault.clone());
                let mut target = self.unsettled.clone();
                target
                    .editions
                    .retain(|edition, _| *edition == mutant.edition);
                let _mock = embedded::start(&mut target, options).await?;
                (self.carry_out(&cases, target).await?, None)
            }
            change => {
                let mut target = self.settled.clone();
                target
                    .editions
                    .retain(|edition, _| *edition == mutant.edition);
                if matches!(change, Change::Answer(edit) if edit.delivery == Delivery::TooLate) {
                    target.timeout = target.timeout.min(IMPATIENCE);
                }
                let relays = self.relays(&mut target, &route, mutant).await?;
                let results = self.carry_out(&cases, target).await?;
                let activated = relays.iter().map(Relay::activated).sum();
                (results, Some(activated))
            }
        };
        Ok(score::result(mutant, &results, &self.cases, activated))
    }

    /// Puts a relay in front of every address of the target.
    async fn relays(
        &self,
        target: &mut Target,
        route: &Route,
        mutant: &Mutant,
    ) -> Result<Vec<Relay>, ProveError> {
        let mut relays = Vec::new();
        for settings in target.editions.values_mut() {
            let hosts = settings.hosts.values_mut();
            for url in std::iter::once(&mut settings.base_url).chain(hosts) {
                let relay = Relay::start(url, route.clone(), mutant, self.client.clone())
                    .await
                    .map_err(ProveError::Relay)?;
                relay.url().clone_into(url);
                relays.push(relay);
            }
        }
        Ok(relays)
    }

    async fn carry_out(
        &self,
        cases: &[Arc<TestCase>],
        target: Target,
    ) -> Result<Vec<CaseResult>, ProveError> {
        carry_out(&self.contracts, cases, target, ROWS_AT_ONCE, &self.pacing).await
    }
}

/// A mutant may cut every answer off, and every test case has to meet it once.
const fn unforgiving(mut target: Target) -> Target {
    target.limits.retries = 0;
    target.limits.breaker = 0;
    target
}

/// Runs test cases to their end and gives their results in order.
async fn carry_out(
    contracts: &Arc<[Contract]>,
    cases: &[Arc<TestCase>],
    target: Target,
    jobs: usize,
    pacing: &Arc<Pacing>,
) -> Result<Vec<CaseResult>, ProveError> {
    let engine = Engine::new(Arc::clone(contracts), cases, unforgiving(target), false)?
        .paced(Arc::clone(pacing))
        .without_evidence();
    let engine = Arc::new(engine);
    let never = StopSignal::never();
    let results = session::run(
        &engine,
        cases,
        jobs,
        never.clone(),
        &mut |_: &CaseResult| {},
    )
    .await;
    // What cannot be removed stays in the journal.
    engine.finish(never).await;
    Ok(results)
}

/// Runs mutants side by side; results are in the order given.
async fn run_all(
    context: &Arc<Context>,
    mutants: Vec<Mutant>,
    jobs: usize,
    listen: &mut impl FnMut(Progress<'_>),
) -> Result<Vec<MutantResult>, ProveError> {
    let mut out: Vec<Option<MutantResult>> = vec![None; mutants.len()];
    let mut waiting = mutants.into_iter().enumerate();
    let mut tasks = JoinSet::new();
    loop {
        while tasks.len() < jobs.max(1)
            && let Some((index, mutant)) = waiting.next()
        {
            let context = Arc::clone(context);
            tasks.spawn(async move { (index, context.run(&mutant).await) });
        }
        let Some(done) = tasks.join_next().await else {
            break;
        };
        let (index, result) = done.map_err(|_| ProveError::Panicked)?;
        let result = result?;
        listen(Progress::Finished(&result));
        out[index] = Some(result);
    }
    Ok(out.into_iter().flatten().collect())
}
