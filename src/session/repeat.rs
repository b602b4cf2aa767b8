//! Runs test cases again, to find out which of them pass and fail by turns.
//!
//! A diagnostic, and no way to a green run: the result of a test case that ran several times is that of the
//! worst, so one that passed and failed has failed, and is *flaky*.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use tokio::task::JoinSet;

use crate::{
    engine::{Engine, NotRun, Results, StopLevel, StopSignal},
    plan::TestCase,
    result::{CaseResult, Tries, Verdict},
};

/// Which test cases run again, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repetition {
    /// None.
    #[default]
    Never,
    /// All that were judged, until they ran so many times.
    All(usize),
    /// Those that failed, so many times more.
    Failed(usize),
}

impl Repetition {
    /// How many times more.
    const fn rounds(self) -> usize {
        match self {
            Self::Never => 0,
            Self::All(times) => times.saturating_sub(1),
            Self::Failed(times) => times,
        }
    }

    const fn takes(self, verdict: &Verdict) -> bool {
        match self {
            Self::Never => false,
            Self::All(_) => matches!(verdict, Verdict::Pass(_) | Verdict::Fail(_)),
            Self::Failed(_) => matches!(verdict, Verdict::Fail(_)),
        }
    }
}

/// Whether a verdict outweighs another one of the same test case.
const fn weight(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Skip(_) => 0,
        Verdict::Pass(_) => 1,
        Verdict::Error(_) => 2,
        Verdict::Fail(_) => 3,
    }
}

/// Runs what is to run again, and leaves of each test case the worst result, with how it ended each time.
pub(super) async fn repeat(
    engine: &Arc<Engine>,
    cases: &[Arc<TestCase>],
    jobs: usize,
    stop: &StopSignal,
    again: Repetition,
    results: &mut dyn Results,
) {
    let mut tries: HashMap<usize, Tries> = HashMap::new();
    for (at, case) in cases.iter().enumerate() {
        let verdict = &results.kept()[at].verdict;
        if again.takes(verdict) && engine.harm_of(case).is_none() {
            tries.entry(at).or_default().count(verdict);
        }
    }
    let mut places: Vec<usize> = tries.keys().copied().collect();
    places.sort_unstable();
    for _ in 0..again.rounds() {
        for (at, result) in round(engine, cases, jobs, stop, &places).await {
            let known = &results.kept()[at].verdict;
            if let Some(tries) = tries.get_mut(&at) {
                tries.count(&result.verdict);
            }
            if weight(&result.verdict) > weight(known) {
                results.replace(at, result);
            }
        }
    }
    for at in places {
        if let Some(tries) = tries.get(&at).filter(|tries| tries.total() > 1) {
            let mut result = results.whole(at);
            result.basis.tries = Some(*tries);
            results.replace(at, result);
        }
    }
}

/// Carries one test case out once more; a panic is a fault of ours that costs no other test case.
async fn carry_out(engine: &Engine, case: &TestCase) -> CaseResult {
    let repeated = AssertUnwindSafe(engine.repeat(case)).catch_unwind().await;
    repeated.unwrap_or_else(|_| engine.not_run(case, NotRun::Panicked))
}

/// Runs each of these once more, so many at a time; what a stop came before has no result.
async fn round(
    engine: &Arc<Engine>,
    cases: &[Arc<TestCase>],
    jobs: usize,
    stop: &StopSignal,
    places: &[usize],
) -> Vec<(usize, CaseResult)> {
    let mut out = Vec::new();
    let mut flight: JoinSet<(usize, CaseResult)> = JoinSet::new();
    let mut abandon = std::pin::pin!(stop.clone().reaches(StopLevel::Abandon));
    let mut waiting = places.iter().copied();
    loop {
        while flight.len() < jobs.max(1) && stop.level() < StopLevel::Finish {
            let Some(at) = waiting.next() else {
                break;
            };
            let (engine, case) = (Arc::clone(engine), Arc::clone(&cases[at]));
            flight.spawn(async move { (at, carry_out(&engine, &case).await) });
        }
        let ended = tokio::select! {
            ended = flight.join_next() => ended,
            () = &mut abandon => None,
        };
        match ended {
            Some(Ok(ended)) => out.push(ended),
            // Only what was abandoned ends so.
            Some(Err(_)) => {}
            None => break,
        }
    }
    flight.shutdown().await;
    out.sort_by_key(|(at, _)| *at);
    out
}
