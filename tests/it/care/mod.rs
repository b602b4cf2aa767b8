//! Care with a tenant that others use too: its pace, its word to come again later, its breaking down.
//!
//! The servers stand on the loopback interface and note what reaches them.

mod budget;
mod lost;
mod pace;
mod profile;
mod turned_away;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use probity::{
    mock::{Dialect, MockOptions, MockServer},
    plan::TestCase,
    result::CaseResult,
    suite::Suite,
    target::Target,
};

use crate::{
    loopback::{self, Server},
    support,
};

/// What reached a server: when, and with which head and body.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<(Instant, String)>>>);

impl Log {
    fn add(&self, request: &str) {
        let mut seen = self.0.lock().expect("no thread panicked");
        seen.push((Instant::now(), request.to_owned()));
    }

    fn len(&self) -> usize {
        self.0.lock().expect("no thread panicked").len()
    }

    fn requests(&self) -> Vec<String> {
        let seen = self.0.lock().expect("no thread panicked");
        seen.iter().map(|(_, request)| request.clone()).collect()
    }

    /// How long after the first the others arrived.
    fn moments(&self) -> Vec<Duration> {
        let seen = self.0.lock().expect("no thread panicked");
        let first = seen.first().map(|(moment, _)| *moment);
        let since =
            |moment: Instant| first.map_or(Duration::ZERO, |first| moment.duration_since(first));
        seen.iter().map(|(moment, _)| since(*moment)).collect()
    }
}

/// A mock of CIAM behind a server that notes what comes and answers some of it itself.
struct Bench {
    suite: Suite,
    target: Target,
    log: Log,
    _mock: MockServer,
    _front: Server,
}

impl Bench {
    /// `answer` is given how many requests came before, and the request.
    async fn new(answer: impl Fn(usize, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        let mock = MockServer::start(MockOptions::new(Dialect::Ciam))
            .await
            .expect("a mock");
        let log = Log::default();
        let noted = log.clone();
        let front = loopback::front(mock.base_url(), move |request| {
            let before = noted.len();
            noted.add(request);
            answer(before, request)
        })
        .await;
        let mut suite = support::shipped();
        let target = support::target_at(&mut suite, &[support::CIAM], &front.url);
        Self {
            suite,
            target,
            log,
            _mock: mock,
            _front: front,
        }
    }

    /// The rows with these ids, in the order of the suite.
    fn rows(&self, ids: &[&str]) -> Vec<Arc<TestCase>> {
        let rows: Vec<Arc<TestCase>> = ids
            .iter()
            .filter_map(|id| self.suite.plan.get(id).cloned())
            .collect();
        assert_eq!(rows.len(), ids.len(), "a row is not there: {ids:?}");
        rows
    }

    async fn run(self, cases: Vec<Arc<TestCase>>) -> Vec<CaseResult> {
        support::run(self.suite, self.target, cases).await
    }
}
