//! Runs test cases side by side: in which order, how many at a time, and until when.

use std::{collections::HashSet, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

use super::{
    Sink,
    repeat::{self, Repetition},
};
use crate::{
    engine::{Engine, NotRun, Results, StopLevel, StopSignal},
    plan::TestCase,
    result::{CaseResult, Spool},
    transcript::Transcript,
};

/// So many test cases are in flight when a run begins.
const FIRST: usize = 2;

/// Runs test cases at most `jobs` at a time, controls first and what may lock an account out last; an
/// exclusive one alone.
/// It begins with a few at a time and grows with each that ends, so that connections are not opened
/// all at once. Results are in the order given.
///
/// When `stop` asks for it, no further test case is started, and then those in flight are abandoned;
/// these are *error (interrupted)*.
pub async fn run(
    engine: &Arc<Engine>,
    cases: &[Arc<TestCase>],
    jobs: usize,
    stop: StopSignal,
    sink: &mut dyn Sink,
) -> Vec<CaseResult> {
    repeating(engine, cases, jobs, stop, Repetition::default(), sink).await
}

/// As [`run`], and then runs test cases again.
pub(super) async fn repeating(
    engine: &Arc<Engine>,
    cases: &[Arc<TestCase>],
    jobs: usize,
    stop: StopSignal,
    again: Repetition,
    sink: &mut dyn Sink,
) -> Vec<CaseResult> {
    let keep = Keep {
        again,
        ..Keep::default()
    };
    let outcomes = scheduled(engine, cases, jobs, stop, keep, sink).await;
    outcomes.into_iter().map(|(result, _)| result).collect()
}

/// As [`run`], and puts the whole results into a spool, each under its place among the test cases; what
/// is given is what is kept of them.
pub(super) async fn spooling(
    engine: &Arc<Engine>,
    cases: &[Arc<TestCase>],
    jobs: usize,
    stop: StopSignal,
    spool: &Spool,
    again: Repetition,
    sink: &mut dyn Sink,
) -> Vec<CaseResult> {
    let keep = Keep {
        spool: Some(spool),
        again,
        ..Keep::default()
    };
    let outcomes = scheduled(engine, cases, jobs, stop, keep, sink).await;
    outcomes.into_iter().map(|(result, _)| result).collect()
}

/// As [`run`], and keeps what was sent and what came back: unmasked, so it must not leave the process.
/// Of a test case that was not sent the transcript is empty.
pub async fn with_transcripts(
    engine: &Arc<Engine>,
    cases: &[Arc<TestCase>],
    jobs: usize,
    stop: StopSignal,
    sink: &mut dyn Sink,
) -> Vec<(CaseResult, Transcript)> {
    let keep = Keep {
        transcripts: true,
        ..Keep::default()
    };
    scheduled(engine, cases, jobs, stop, keep, sink).await
}

/// As [`run`], beside others: each test case takes one of `places`, which they share.
pub(super) async fn beside(
    engine: &Arc<Engine>,
    cases: &[Arc<TestCase>],
    jobs: usize,
    places: &Arc<Semaphore>,
) -> Vec<CaseResult> {
    let keep = Keep {
        places: Some(places),
        ..Keep::default()
    };
    let stop = StopSignal::never();
    let outcomes = scheduled(engine, cases, jobs, stop, keep, &mut |_: &CaseResult| {}).await;
    outcomes.into_iter().map(|(result, _)| result).collect()
}

/// What is kept of a test case that has ended, beside its result, and what it waits for.
#[derive(Debug, Clone, Copy, Default)]
struct Keep<'s> {
    transcripts: bool,
    /// Where the whole results go.
    spool: Option<&'s Spool>,
    /// Which test cases run again, and how often.
    again: Repetition,
    /// What a test case takes one of while it is carried out, where several runs share them.
    places: Option<&'s Arc<Semaphore>>,
}

async fn scheduled(
    engine: &Arc<Engine>,
    cases: &[Arc<TestCase>],
    jobs: usize,
    stop: StopSignal,
    keep: Keep<'_>,
    sink: &mut dyn Sink,
) -> Vec<(CaseResult, Transcript)> {
    engine.limit_connections(jobs);
    let mut running = Running::new(engine, jobs, stop, keep, cases.len());
    for part in order(cases) {
        running.run(cases, &part, sink).await;
    }
    let stop = running.stop.clone();
    let (kept, transcripts): (Vec<_>, Vec<_>) = running.outcomes.into_iter().flatten().unzip();
    let mut ended = Ended {
        kept,
        spool: keep.spool,
    };
    repeat::repeat(engine, cases, jobs, &stop, keep.again, &mut ended).await;
    engine.conclude(cases, &mut ended).await;
    ended.kept.into_iter().zip(transcripts).collect()
}

/// The results of all test cases, each at the place of its test case.
pub(super) struct Ended<'s> {
    kept: Vec<CaseResult>,
    spool: Option<&'s Spool>,
}

impl Results for Ended<'_> {
    fn kept(&mut self) -> &mut [CaseResult] {
        &mut self.kept
    }

    fn whole(&self, at: usize) -> CaseResult {
        // What cannot be read from the spool is told when the reports are written.
        let line = self.spool.and_then(|spool| spool.line(at).ok().flatten());
        line.and_then(|line| serde_json::from_str(&line).ok())
            .unwrap_or_else(|| self.kept[at].clone())
    }

    fn replace(&mut self, at: usize, result: CaseResult) {
        self.kept[at] = match self.spool {
            Some(spool) => spool.take(at, result),
            None => result,
        };
    }
}

/// The places of the test cases in the order in which they start; the second part starts when the
/// first has ended, so that an account that is locked costs no other test case. In each part those that
/// are carried out alone come last, so that the others wait for them once.
fn order(cases: &[Arc<TestCase>]) -> [Vec<usize>; 2] {
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|index| {
        let case = &cases[*index];
        (case.exclusive, !case.control)
    });
    let (last, first) = order
        .into_iter()
        .partition(|index| cases[*index].may_lock_out());
    [first, last]
}

/// A test case that has ended: its place, its result, and what was sent and came back.
type Outcome = (usize, CaseResult, Transcript);

/// What is in flight, and what has ended.
struct Running<'e> {
    engine: &'e Arc<Engine>,
    jobs: usize,
    stop: StopSignal,
    keep: Keep<'e>,
    /// Each carries out one test case after the other, as long as it is given one.
    workers: JoinSet<()>,
    /// The places of the test cases in flight.
    places: HashSet<usize>,
    /// Of each test case, by its place; `None` before it has ended.
    outcomes: Vec<Option<(CaseResult, Transcript)>>,
}

impl<'e> Running<'e> {
    fn new(
        engine: &'e Arc<Engine>,
        jobs: usize,
        stop: StopSignal,
        keep: Keep<'e>,
        count: usize,
    ) -> Self {
        Self {
            engine,
            jobs: jobs.max(1),
            stop,
            keep,
            workers: JoinSet::new(),
            places: HashSet::new(),
            outcomes: vec![None; count],
        }
    }

    /// Runs one part to its end. A test case starts when one before it has ended, never earlier, so
    /// that the order is the one that was asked for and as few are held in memory as are in flight.
    async fn run(&mut self, cases: &[Arc<TestCase>], part: &[usize], sink: &mut dyn Sink) {
        let mut waiting = part.iter().copied();
        let mut abandon = std::pin::pin!(self.stop.clone().reaches(StopLevel::Abandon));
        let (ended, mut endings) = mpsc::unbounded_channel::<(Worker, Outcome)>();
        // With the first few test cases, and then with each that ends, one more at a time.
        for _ in 0..FIRST.min(self.jobs) {
            if let Some(place) = self.next(&mut waiting, cases, sink) {
                self.work(ended.clone(), place, &cases[place]);
            }
        }
        while !self.places.is_empty() {
            let (worker, outcome) = tokio::select! {
                ending = endings.recv() => match ending {
                    Some(ending) => ending,
                    None => break,
                },
                () = &mut abandon => break,
            };
            self.end(outcome, sink);
            if let Some(place) = self.next(&mut waiting, cases, sink) {
                self.places.insert(place);
                // A worker ends only after its sender does.
                let _ = worker.send((place, Arc::clone(&cases[place])));
            }
            if self.workers.len() < self.jobs
                && let Some(place) = self.next(&mut waiting, cases, sink)
            {
                self.work(ended.clone(), place, &cases[place]);
            }
        }
        self.workers.shutdown().await;
        // What had ended by then has its result; the rest was in flight, or not begun.
        while let Ok((_, outcome)) = endings.try_recv() {
            self.end(outcome, sink);
        }
        let mut abandoned: Vec<usize> = self.places.drain().collect();
        abandoned.sort_unstable();
        for place in abandoned.into_iter().chain(waiting) {
            self.interrupted(place, &cases[place], sink);
        }
    }

    /// The next test case to start; those that come before it where none may start any more have ended.
    fn next(
        &mut self,
        waiting: &mut impl Iterator<Item = usize>,
        cases: &[Arc<TestCase>],
        sink: &mut dyn Sink,
    ) -> Option<usize> {
        if self.stop.level() < StopLevel::Finish {
            return waiting.next();
        }
        for place in waiting {
            self.interrupted(place, &cases[place], sink);
        }
        None
    }

    fn interrupted(&mut self, place: usize, case: &TestCase, sink: &mut dyn Sink) {
        let result = self.engine.not_run(case, NotRun::Interrupted);
        self.end((place, result, Transcript::default()), sink);
    }

    /// Starts one more worker with its first test case.
    fn work(
        &mut self,
        ended: mpsc::UnboundedSender<(Worker, Outcome)>,
        place: usize,
        case: &Arc<TestCase>,
    ) {
        self.places.insert(place);
        let (engine, keep) = (Arc::clone(self.engine), self.keep.transcripts);
        let places = self.keep.places.cloned();
        let mut next = Some((place, Arc::clone(case)));
        self.workers.spawn(async move {
            let (more, mut given) = mpsc::unbounded_channel();
            while let Some((place, case)) = next {
                let taken = match &places {
                    // Nobody closes it.
                    Some(places) => places.acquire().await.ok(),
                    None => None,
                };
                let outcome = carry_out(&engine, place, &case, keep).await;
                drop(taken);
                if ended.send((more.clone(), outcome)).is_err() {
                    return;
                }
                next = given.recv().await;
            }
        });
    }

    fn end(&mut self, (place, result, transcript): Outcome, sink: &mut dyn Sink) {
        self.places.remove(&place);
        sink.finished(&result);
        let kept = match self.keep.spool {
            Some(spool) => spool.take(place, result),
            None => result,
        };
        self.outcomes[place] = Some((kept, transcript));
    }
}

/// Gives a worker its next test case.
type Worker = mpsc::UnboundedSender<(usize, Arc<TestCase>)>;

/// Carries one test case out; a panic is a fault of ours that costs no other test case.
async fn carry_out(engine: &Engine, place: usize, case: &TestCase, keep: bool) -> Outcome {
    let executed = AssertUnwindSafe(engine.execute(case)).catch_unwind().await;
    match executed {
        Ok((result, transcript)) if keep => (place, result, transcript),
        Ok((result, _)) => (place, result, Transcript::default()),
        Err(_) => {
            let result = engine.not_run(case, NotRun::Panicked);
            (place, result, Transcript::default())
        }
    }
}
