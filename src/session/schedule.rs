//! Runs test cases side by side: in which order, how many at a time, and until when.

use std::{collections::HashMap, sync::Arc};

use tokio::task::{Id, JoinSet};

use super::Sink;
use crate::{
    engine::{Engine, NotRun, StopLevel, StopSignal},
    plan::TestCase,
    result::CaseResult,
    transcript::Transcript,
};

/// So many test cases are in flight when a run begins.
const FIRST: usize = 2;

/// Runs test cases at most `jobs` at a time, controls first and what may lock an account out last.
/// It begins with a few at a time and grows with each that ends, so that connections are not opened
/// all at once. Results are in the order given.
///
/// When `stop` asks for it, no further test case is started, and then those in flight are abandoned;
/// these are *error (interrupted)*.
pub async fn run(
    engine: &Arc<Engine>,
    cases: &[TestCase],
    jobs: usize,
    stop: StopSignal,
    sink: &mut dyn Sink,
) -> Vec<CaseResult> {
    let outcomes = scheduled(engine, cases, jobs, stop, false, sink).await;
    outcomes.into_iter().map(|(result, _)| result).collect()
}

/// As [`run`], and keeps what was sent and what came back: unmasked, so it must not leave the process.
/// Of a test case that was not sent the transcript is empty.
pub async fn with_transcripts(
    engine: &Arc<Engine>,
    cases: &[TestCase],
    jobs: usize,
    stop: StopSignal,
) -> Vec<(CaseResult, Transcript)> {
    scheduled(engine, cases, jobs, stop, true, &mut |_: &CaseResult| {}).await
}

async fn scheduled(
    engine: &Arc<Engine>,
    cases: &[TestCase],
    jobs: usize,
    stop: StopSignal,
    keep: bool,
    sink: &mut dyn Sink,
) -> Vec<(CaseResult, Transcript)> {
    engine.limit_connections(jobs);
    let mut running = Running::new(engine, jobs, stop, keep);
    for part in order(cases) {
        running.run(cases, &part, sink).await;
    }
    let (mut results, transcripts): (Vec<_>, Vec<_>) = (0..cases.len())
        .filter_map(|index| running.outcomes.remove(&index))
        .unzip();
    engine.conclude(cases, &mut results).await;
    results.into_iter().zip(transcripts).collect()
}

/// The places of the test cases in the order in which they start; the second part starts when the
/// first has ended, so that an account that is locked costs no other test case.
fn order(cases: &[TestCase]) -> [Vec<usize>; 2] {
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|index| !cases[*index].control);
    let (last, first) = order
        .into_iter()
        .partition(|index| cases[*index].may_lock_out());
    [first, last]
}

/// What is in flight, and what has ended.
struct Running<'e> {
    engine: &'e Arc<Engine>,
    jobs: usize,
    /// How many may be in flight now.
    width: usize,
    stop: StopSignal,
    keep: bool,
    tasks: JoinSet<(CaseResult, Transcript)>,
    /// The places of the test cases by their tasks.
    places: HashMap<Id, usize>,
    outcomes: HashMap<usize, (CaseResult, Transcript)>,
}

impl<'e> Running<'e> {
    fn new(engine: &'e Arc<Engine>, jobs: usize, stop: StopSignal, keep: bool) -> Self {
        Self {
            engine,
            jobs,
            width: jobs.clamp(1, FIRST),
            stop,
            keep,
            tasks: JoinSet::new(),
            places: HashMap::new(),
            outcomes: HashMap::new(),
        }
    }

    /// Runs one part to its end. A test case starts when one before it has ended, never earlier, so
    /// that the order is the one that was asked for and as few are held in memory as are in flight.
    async fn run(&mut self, cases: &[TestCase], part: &[usize], sink: &mut dyn Sink) {
        let mut waiting = part.iter().copied();
        let mut abandon = std::pin::pin!(self.stop.clone().reaches(StopLevel::Abandon));
        let mut abandoned = false;
        loop {
            while self.tasks.len() < self.width
                && let Some(index) = waiting.next()
            {
                if self.stop.level() >= StopLevel::Finish {
                    self.end(index, &cases[index], Err(NotRun::Interrupted), sink);
                } else {
                    self.start(index, &cases[index]);
                }
            }
            let done = tokio::select! {
                done = self.tasks.join_next_with_id() => match done {
                    Some(done) => done,
                    None => return,
                },
                () = &mut abandon, if !abandoned => {
                    abandoned = true;
                    self.tasks.abort_all();
                    continue;
                }
            };
            self.width = self.jobs.clamp(1, self.width + 1);
            let (task, outcome) = match done {
                Ok((task, outcome)) => (task, Ok(outcome)),
                Err(ended) if ended.is_cancelled() => (ended.id(), Err(NotRun::Interrupted)),
                Err(ended) => (ended.id(), Err(NotRun::Panicked)),
            };
            if let Some(index) = self.places.remove(&task) {
                self.end(index, &cases[index], outcome, sink);
            }
        }
    }

    fn start(&mut self, index: usize, case: &TestCase) {
        let (engine, case, keep) = (Arc::clone(self.engine), case.clone(), self.keep);
        let task = self.tasks.spawn(async move {
            let (result, transcript) = engine.execute(&case).await;
            let transcript = if keep {
                transcript
            } else {
                Transcript::default()
            };
            (result, transcript)
        });
        self.places.insert(task.id(), index);
    }

    fn end(
        &mut self,
        index: usize,
        case: &TestCase,
        outcome: Result<(CaseResult, Transcript), NotRun>,
        sink: &mut dyn Sink,
    ) {
        let outcome =
            outcome.unwrap_or_else(|why| (self.engine.not_run(case, why), Transcript::default()));
        sink.finished(&outcome.0);
        self.outcomes.insert(index, outcome);
    }
}
