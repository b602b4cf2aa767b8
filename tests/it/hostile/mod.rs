//! Servers that do what no server should: each behaviour of the table has a verdict, a bound on its time
//! and a bound on what the harness takes of it. None of them may make a row pass that proves nothing,
//! hang a run, or end the process.

mod desync;
mod files;
mod memory;
mod script;
mod table;
mod tls;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use probity::{
    plan::TestCase,
    result::{CaseResult, ErrorReason, PassReason, Verdict},
    suite::Suite,
    target::Target,
};

use self::script::{Act, Sent, scripted};
use crate::{foreign::project, loopback::Server, support};

/// What a sound server says to every other request.
const SOUND: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

/// How long a row waits for an answer.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// The longest body that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// The most that a server may get rid of: what is read at most, and what two sockets hold besides.
const MOST_SENT: usize = 24 * 1024 * 1024;

/// So many behaviours are met at a time.
const AT_ONCE: usize = 8;

/// The verdict on a row that asks for nothing but the status 200.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Pass,
    /// With this check broken first.
    Fail(&'static str),
    /// *error (unreachable)*: there is no answer that could be read.
    NoAnswer,
    Desync,
    RateLimited,
}

impl Expected {
    fn verdict(self) -> Verdict {
        match self {
            Self::Pass => Verdict::Pass(PassReason::Clean),
            Self::Fail(check) => Verdict::Fail(check.into()),
            Self::NoAnswer => Verdict::Error(ErrorReason::Unreachable),
            Self::Desync => Verdict::Error(ErrorReason::Desync),
            Self::RateLimited => Verdict::Error(ErrorReason::RateLimited),
        }
    }
}

/// What a server does, and what has to come of it.
#[derive(Debug, Clone)]
struct Behaviour {
    name: &'static str,
    expected: Expected,
    /// The row ends by itself within this many times the timeout.
    within: u32,
    script: Vec<Act>,
}

impl Behaviour {
    /// The row knows at once what to say.
    fn at_once(name: &'static str, expected: Expected, script: Vec<Act>) -> Self {
        Self {
            name,
            expected,
            within: 1,
            script,
        }
    }

    /// The row waits as long as it may.
    fn late(name: &'static str, expected: Expected, script: Vec<Act>) -> Self {
        Self {
            within: 2,
            ..Self::at_once(name, expected, script)
        }
    }
}

/// A case file with a row for each name, and its control.
fn case_file(names: &[&str]) -> String {
    let mut out = String::from(
        "edition: ciam\noperation: getAny\nrequest: { headers: { Accept-Encoding: gzip } }\n\
         control: { expect: { status: 200 } }\ncases:\n",
    );
    for name in names {
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "  - {{ id: {name}, set: {{ query: {{ b: {name} }} }}, expect: {{ status: 200 }} }}"
        );
    }
    out
}

const PATHS: &str =
    "  /any: { get: { operationId: getAny, responses: { '200': { description: d } } } }\n";
const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

/// A suite of these rows, and a target that is given no second chance.
fn suite(url: &str, names: &[&str]) -> (Suite, Target) {
    let mut suite = project(url, PATHS, ERRORS, &case_file(names));
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let mut target = suite.target.take().expect("a target");
    target.timeout = TIMEOUT;
    target.max_body = MAX_BODY;
    target.limits.retries = 0;
    target.limits.breaker = 0;
    target.limits.retry_after_max = Duration::ZERO;
    (suite, target)
}

/// The row of this name and its control.
fn with_control(suite: &Suite, name: &str) -> Vec<Arc<TestCase>> {
    let cases = suite.plan.cases.iter();
    let wanted = |case: &&Arc<TestCase>| case.control || case.id.ends_with(&format!("/{name}"));
    let cases: Vec<_> = cases.filter(wanted).cloned().collect();
    assert_eq!(cases.len(), 2, "{name}");
    cases
}

fn row<'r>(results: &'r [CaseResult], name: &str) -> &'r CaseResult {
    let row = results
        .iter()
        .find(|row| row.id.ends_with(&format!("/{name}")));
    row.unwrap_or_else(|| panic!("there is no row {name}"))
}

async fn start(table: &[Behaviour]) -> (Server, Arc<Sent>) {
    let scripts = table
        .iter()
        .map(|one| (one.name.to_owned(), one.script.clone()))
        .collect();
    scripted(scripts).await
}

/// Runs the row of a behaviour behind its control, and says what is not as it has to be.
async fn met(one: &Behaviour, suite: Suite, target: Target, sent: &Sent) -> Option<String> {
    let cases = with_control(&suite, one.name);
    let clock = Instant::now();
    let results = support::run(suite, target, cases).await;
    let took = clock.elapsed();
    let row = row(&results, one.name);
    let told = row.detail.clone().unwrap_or_default();
    let mut wrong = Vec::new();
    if row.verdict != one.expected.verdict() {
        wrong.push(format!("{:?} ({told})", row.verdict));
    }
    if took > TIMEOUT * one.within {
        wrong.push(format!("took {took:?}"));
    }
    if sent.of(one.name) > MOST_SENT {
        wrong.push(format!("got rid of {} bytes", sent.of(one.name)));
    }
    (!wrong.is_empty()).then(|| format!("{}: {}", one.name, wrong.join(", ")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_server_does_has_one_verdict_and_an_end() {
    let table = table::table();
    assert!(table.len() >= 60, "only {} behaviours", table.len());
    let names: BTreeSet<&str> = table.iter().map(|one| one.name).collect();
    assert_eq!(names.len(), table.len(), "each name is given once");
    let (server, sent) = start(&table).await;
    let all: Vec<&str> = names.into_iter().collect();
    let wrong: Vec<String> = stream::iter(&table)
        .map(|one| {
            let (suite, target) = suite(&server.url, &all);
            met(one, suite, target, &sent)
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(|wrong| async { wrong })
        .collect()
        .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Retries and further rows change nothing about it: one run meets the whole table, many rows at a
/// time on the connections of one pool.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_behaviour_makes_another_row_pass_or_fail() {
    let mut table = table::table();
    // Nothing that puts in doubt what others were answered.
    table.retain(|one| !matches!(one.expected, Expected::Desync));
    let expected: BTreeMap<&str, Verdict> = table
        .iter()
        .map(|one| (one.name, one.expected.verdict()))
        .collect();
    let (server, _) = start(&table).await;
    let names: Vec<&str> = expected.keys().copied().collect();
    let (suite, target) = suite(&server.url, &names);
    let cases = suite.plan.cases.clone();
    let results = support::run(suite, target, cases).await;
    for (name, verdict) in expected {
        let row = row(&results, name);
        assert_eq!(row.verdict, verdict, "{name}: {:?}", row.detail);
    }
}
