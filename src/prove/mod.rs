//! The suite against servers that break one promise each: would it have noticed?
//!
//! Takes: a [`Session`] that may send, and a target that the suite passes on but for what is known. Gives: a
//! [`Proof`]. Never: decides what a mutant breaks, or excuses one; the first is `mutant`'s, the second the
//! author's, in writing.

mod accepted;
mod baseline;
mod error;
mod false_positives;
mod known;
mod score;
mod self_check;
mod transcripts;

pub use accepted::{Accepted, SHAPE as SURVIVORS_SHAPE, load as load_accepted};
pub use error::ProveError;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::task::JoinSet;

use self::baseline::{Baseline, Row};
use crate::{
    clock::{Stopwatch, unix_millis},
    compare::Before,
    contract::Contract,
    embedded,
    engine::hand_on,
    mock::{self, Dialect, MockOptions},
    mutant::{
        self, Change, Delivery, DocumentedStatus, Family, Mutant, Relay, Route, Rulings,
        TokenSigner, Upstream,
    },
    plan::{TestCase, with_prerequisites},
    result::{CaseResult, MutantResult, Outcome, Proof, SkipReason, Undecided, Verdict},
    session::Session,
    target::{Target, TargetEdition, origin},
};

/// How long a client waits for an answer that is held back; other waits are the target's own.
const IMPATIENCE: Duration = Duration::from_millis(150);

/// How much is to be proved, and what is known beforehand.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Parts of mutant ids; empty runs all.
    pub filters: Vec<String>,
    /// So many mutants, drawn with this seed, and not all.
    pub sample: Option<(usize, u64)>,
    /// Run what the documents leave open too, to see which of it is noticed all the same.
    pub open: bool,
    /// Seeds of variations to run, from 1.
    pub variations: u64,
    /// Survivors that have a written reason.
    pub accepted: Vec<Accepted>,
    /// What the faults of the mock break.
    pub rulings: Rulings,
    /// Runs of the target whose findings are known.
    pub before: Vec<Before>,
}

/// News during a proof.
#[derive(Debug)]
pub enum Progress<'p> {
    /// So many mutants will run.
    Planned(usize),
    Finished(&'p MutantResult),
}

/// Proves the suite of a session on its target.
///
/// # Errors
/// When a mock, a relay or the client cannot be set up, or the runs before are none to compare with.
pub async fn prove(
    session: &Arc<Session>,
    options: &Options,
    mut listen: impl FnMut(Progress<'_>),
) -> Result<Proof, ProveError> {
    let (started, watch) = (unix_millis(), Stopwatch::start());
    let context = Arc::new(Context::prepare(session, options).await?);
    let all = catalogue(&context, &options.rulings)?;
    let enumerated = all.len();
    let chosen = |mutant: &Mutant| {
        let mut filters = options.filters.iter();
        options.filters.is_empty() || filters.any(|filter| mutant.id.contains(filter))
    };
    let mutants = sampled(all.into_iter().filter(chosen).collect(), options.sample);
    let baseline = &context.baseline;
    let mut proof = Proof {
        target: session.written().name.clone(),
        suite: session.suite().clone(),
        started,
        elapsed: Duration::ZERO,
        enumerated,
        sample: options.sample.map(|(_, seed)| seed),
        whole: session.is_whole(),
        cases: baseline.ids(),
        baseline_red: baseline.red.clone(),
        known: baseline.known(),
        behind: baseline.behind.clone(),
        left_out: baseline.left_out.clone(),
        self_checks: Vec::new(),
        mutants: Vec::new(),
        undecided: BTreeMap::new(),
        transcripts: crate::result::Transcripts::default(),
        false_positives: crate::result::FalsePositives::default(),
        stale: Vec::new(),
    };
    // On a red baseline every figure would be about something else.
    if proof.baseline_red.is_empty() {
        let controls = self_check::controls(&context);
        listen(Progress::Planned(mutants.len() + controls.len()));
        proof.self_checks = self_check::check(&context, controls).await?;
        proof.transcripts = transcripts::judge(session, baseline, &mutants);
        for fared in run_all(&context, mutants, &mut listen).await? {
            match fared.undecided {
                Some(why) => *proof.undecided.entry(why).or_default() += 1,
                None => proof.mutants.push(fared.result),
            }
        }
        let varied = false_positives::check(session, baseline, options.variations);
        proof.false_positives = varied.await?;
    }
    let all_ran = proof.mutants.len() == enumerated;
    proof.stale = accepted::apply(&options.accepted, &mut proof.mutants, all_ran);
    proof.elapsed = watch.elapsed();
    Ok(proof)
}

/// All mutants that can be carried out on the target, in the order of their ids.
///
/// In front of a real tenant only answers are changed: a mended request would change what it does,
/// and rules and keys can be had from the mock alone.
fn catalogue(context: &Context, rulings: &Rulings) -> Result<Vec<Mutant>, ProveError> {
    let contracts = context.session.contracts();
    let signer = TokenSigner::from_pem(mock::signing_key())?;
    let forged = mutant::forged(contracts, &signer);
    let of_the_mock: BTreeSet<String> = forged.iter().map(|mutant| mutant.id.clone()).collect();
    let mut out = mutant::catalogue(contracts);
    out.extend(forged);
    let dialects = Dialect::ALL.into_iter();
    out.extend(dialects.flat_map(|dialect| mutant::faults(dialect, rulings)));
    out.retain(|mutant| {
        let harmless = !matches!(mutant.change, Change::Request(_) | Change::Mock(_));
        let anywhere = harmless && !of_the_mock.contains(&mutant.id);
        context.baseline.serves(mutant.edition)
            && (anywhere || context.session.written().embedded(mutant.edition))
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

/// How a mutant fared, and why that decides nothing, where it does not.
struct Fared {
    result: MutantResult,
    undecided: Option<Undecided>,
}

/// What every mutant's run stands on: a session, a baseline, and a way for the relays.
struct Context {
    session: Arc<Session>,
    baseline: Baseline,
    /// What the relays hand on to.
    upstream: Upstream,
    /// Whether mutants that the documents leave open are run.
    open: bool,
}

impl Context {
    async fn prepare(session: &Arc<Session>, options: &Options) -> Result<Self, ProveError> {
        Ok(Self {
            session: Arc::clone(session),
            baseline: baseline::record(session, &options.before).await?,
            upstream: hand_on(session.target())?,
            open: options.open,
        })
    }

    /// Where a mutant's operation answers.
    fn route(&self, mutant: &Mutant) -> Option<Route> {
        let contract = Contract::of_edition(self.session.contracts(), mutant.edition.as_str())?;
        let operation = contract.operation(&mutant.operation)?;
        Some(self.baseline.route(contract, operation))
    }

    /// Whether all that a mutant breaks may be kept by an answer that it does not touch: a sentence
    /// that allows several codes promises none of them.
    fn may_be_absent(&self, mutant: &Mutant) -> bool {
        let mut requirements = mutant.breaks.iter().filter_map(|id| {
            let mut contracts = self.session.contracts().iter();
            contracts.find_map(|contract| contract.requirement(id))
        });
        matches!(
            mutant.family,
            Family::Code | Family::Status | Family::Message
        ) && requirements.all(|requirement| requirement.about.codes.len() != 1)
    }

    /// The rows of the honest target that the mutant touches.
    fn meeting(&self, mutant: &Mutant) -> Vec<&Row> {
        let route = self.route(mutant);
        route.map_or_else(Vec::new, |route| self.baseline.meeting(mutant, &route))
    }

    /// Runs every test case that meets the mutant and says how it fared.
    async fn run(&self, mutant: &Mutant) -> Result<Fared, ProveError> {
        let Some(route) = self.route(mutant) else {
            return Err(ProveError::NoOperation(mutant.id.clone()));
        };
        let of = |results: &[CaseResult], activated| Fared {
            result: score::result(mutant, results, &self.baseline, activated),
            undecided: None,
        };
        if let (DocumentedStatus::Open(_), false) = (&mutant.documented, self.open) {
            return Ok(of(&[], None));
        }
        let met = self.meeting(mutant);
        if met.is_empty() {
            let mut fared = of(&[], Some(0));
            if self.may_be_absent(mutant) {
                let why = "the documents allow several codes here and the target gives another";
                fared.result.outcome = Outcome::Open(why.to_owned());
            }
            fared.undecided = self.undecided(&fared.result, &[]);
            return Ok(fared);
        }
        let ids: BTreeSet<&str> = met.iter().map(|row| row.case.id.as_str()).collect();
        let cases = with_prerequisites(self.session.cases(), |case| ids.contains(case.id.as_str()));
        let (results, activated) = match &mutant.change {
            Change::Mock(fault) => {
                let Some(dialect) = Dialect::of(mutant.edition) else {
                    return Err(ProveError::NoMock(mutant.edition));
                };
                let mut options = MockOptions::new(dialect);
                options.fault = Some(fault.clone());
                let mut target = only(self.session.written(), mutant);
                let _mock = embedded::start(&mut target, options).await?;
                (self.carry_out(&cases, target).await?, None)
            }
            change => {
                let mut target = only(self.session.target(), mutant);
                if matches!(change, Change::Answer(edit) if edit.delivery == Delivery::TooLate) {
                    target.timeout = target.timeout.min(IMPATIENCE);
                }
                let relays = self.relays(&mut target, &route, mutant).await?;
                let results = self.carry_out(&cases, target).await?;
                let activated = relays.iter().map(Relay::activated).sum();
                (results, Some(activated))
            }
        };
        let mut fared = of(&results, activated);
        fared.undecided = self.undecided(&fared.result, &results);
        Ok(fared)
    }

    /// Why it is not known whether the suite would notice: the test cases that might have were not sent.
    fn undecided(&self, result: &MutantResult, results: &[CaseResult]) -> Option<Undecided> {
        let spent = |one: &CaseResult| one.verdict == Verdict::Skip(SkipReason::BudgetSpent);
        if !result.is_hole() && result.outcome.counts() {
            return None;
        }
        if results.iter().any(spent) {
            return Some(Undecided::BudgetSpent);
        }
        let mut broken = result.breaks.iter();
        let left_out = result.outcome.counts()
            && broken.any(|requirement| self.baseline.not_asked.contains(requirement));
        left_out.then_some(Undecided::RowsLeftOut)
    }

    /// Puts a relay in front of every origin of the target. Addresses stay as they are, and so what the target
    /// says of itself; only connections lead elsewhere.
    async fn relays(
        &self,
        target: &mut Target,
        route: &Route,
        mutant: &Mutant,
    ) -> Result<Vec<Relay>, ProveError> {
        let urls = target.editions.values().flat_map(TargetEdition::urls);
        let urls = urls.filter_map(|url| url::Url::parse(url).ok());
        let origins: BTreeSet<String> = urls.map(|url| origin(&url)).collect();
        let mut relays = Vec::new();
        for origin in origins {
            let upstream = Arc::clone(&self.upstream);
            let relay = Relay::start(&origin, route.clone(), mutant, upstream)
                .await
                .map_err(ProveError::Relay)?;
            target.reach.relays.insert(origin, relay.address());
            relays.push(relay);
        }
        // The way to a relay is short; the relay goes on by the target's own.
        (target.reach.proxy, target.reach.client) = (None, None);
        Ok(relays)
    }

    async fn carry_out(
        &self,
        cases: &[Arc<TestCase>],
        target: Target,
    ) -> Result<Vec<CaseResult>, ProveError> {
        let shown = &self.baseline.shown;
        let results = self.session.run_beside(cases, unforgiving(target), shown);
        Ok(results.await?)
    }
}

/// The target with the edition of a mutant alone.
fn only(target: &Target, mutant: &Mutant) -> Target {
    let mut target = target.clone();
    target
        .editions
        .retain(|edition, _| *edition == mutant.edition);
    target
}

/// A mutant may cut every answer off, and every test case has to meet it once.
const fn unforgiving(mut target: Target) -> Target {
    target.limits.retries = 0;
    target.limits.breaker = 0;
    target
}

/// Runs mutants side by side; results are in the order given. Those that a test case meets which may lock an
/// account come last, as such test cases do in a run.
async fn run_all(
    context: &Arc<Context>,
    mutants: Vec<Mutant>,
    listen: &mut impl FnMut(Progress<'_>),
) -> Result<Vec<Fared>, ProveError> {
    let locks = |mutant: &Mutant| {
        let mut met = context.meeting(mutant).into_iter();
        met.any(|row| row.case.may_lock_out())
    };
    let mut out: Vec<Option<Fared>> = mutants.iter().map(|_| None).collect();
    let mut waiting: Vec<(usize, Mutant)> = mutants.into_iter().enumerate().collect();
    waiting.sort_by_cached_key(|(_, mutant)| locks(mutant));
    let mut waiting = waiting.into_iter();
    let mut tasks = JoinSet::new();
    loop {
        // Their test cases share the places of the session, so that no more of them are in flight.
        while tasks.len() < context.session.jobs().max(1)
            && let Some((index, mutant)) = waiting.next()
        {
            let context = Arc::clone(context);
            tasks.spawn(async move { (index, context.run(&mutant).await) });
        }
        let Some(done) = tasks.join_next().await else {
            break;
        };
        let (index, fared) = done.map_err(|_| ProveError::Panicked)?;
        let fared = fared?;
        listen(Progress::Finished(&fared.result));
        out[index] = Some(fared);
    }
    Ok(out.into_iter().flatten().collect())
}
