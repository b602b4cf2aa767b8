//! Servers that do one thing whatever they are asked: the whole suite proves nothing about them.
//!
//! `cargo test --test it trivial -- --nocapture` prints the table.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc, time::Duration};

use probity::{
    contract::Contract,
    judge,
    plan::TestCase,
    result::{RunReport, State},
    target::Target,
};
use serde_json::{Value, json};

use crate::{
    loopback::{self, Server, always, answering, http, refusal, serve, success, with_constants},
    support,
};

/// Long enough for a loopback answer on a busy machine, short enough to wait for a silent server.
const TIMEOUT: Duration = Duration::from_secs(1);
const SHORT: Duration = Duration::from_millis(100);
const JOBS: usize = 64;

/// Who the requests of the providers reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The server, like every other request.
    All,
    /// Nobody: providers are constants, and the server gets the requests under test.
    Requests,
}

/// The shipped suite, read once for all servers.
struct Shipped {
    contracts: Arc<[Contract]>,
    cases: Vec<Arc<TestCase>>,
    target: Target,
}

/// Every row of every edition with this server as the target.
async fn judged(shipped: &Shipped, url: &str, mode: Mode, timeout: Duration) -> RunReport {
    let mut target = support::at(shipped.target.clone(), &support::EDITIONS, url);
    if mode == Mode::Requests {
        target = with_constants(target);
    }
    target.timeout = timeout;
    let contracts = Arc::clone(&shipped.contracts);
    let engine = support::engine(contracts, &shipped.cases, target);
    let results = support::run_on(engine, &shipped.cases, JOBS).await;
    RunReport {
        requirements: judge::requirements(&shipped.contracts, &shipped.cases, &results),
        leaks: Vec::new(),
        ending: probity::result::Ending::Complete,
        left: Vec::new(),
        ..support::report(results)
    }
}

/// Requirements that the judge calls satisfied.
fn satisfied(report: &RunReport) -> BTreeSet<&str> {
    let requirements = report.requirements.iter();
    let satisfied = requirements.filter(|one| one.state == State::Satisfied);
    satisfied.map(|one| one.id.as_str()).collect()
}

/// A success with every member that any documented success or provider of ours has.
fn generous() -> String {
    let mut members = loopback::constants();
    if let (Some(all), Ok(Value::Object(documented))) =
        (members.as_object_mut(), serde_json::from_str(&success()))
    {
        all.extend(documented);
    }
    members["keys"] = json!([]);
    members.to_string()
}

/// The servers, each with the time it is given to answer.
async fn servers() -> Vec<(&'static str, Server, Duration)> {
    let json = "application/json";
    let canned = [
        (
            "always 200, no body",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
        ),
        ("always 200, empty object", http("200 OK", json, "{}")),
        ("always 200, a success", http("200 OK", json, &success())),
        (
            "always 200, every member",
            http("200 OK", json, &generous()),
        ),
        (
            "always 200, a page",
            http("200 OK", "text/html", "<html><body>Welcome</body></html>"),
        ),
        (
            "always 400, a refusal",
            http("400 Bad Request", json, &refusal()),
        ),
        (
            "always 401, a refusal",
            http("401 Unauthorized", json, &refusal()),
        ),
        (
            "always 404",
            http("404 Not Found", "text/plain", "not found"),
        ),
        (
            "always 500, a refusal",
            http("500 Internal Server Error", json, &refusal()),
        ),
        (
            "always redirects to itself",
            "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .to_owned(),
        ),
    ];
    let mut out = Vec::new();
    for (name, bytes) in canned {
        out.push((name, always(bytes).await, TIMEOUT));
    }
    out.push((
        "echoes the request",
        answering(loopback::echo).await,
        TIMEOUT,
    ));
    let holds = serve(|stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    });
    out.push(("accepts and says nothing", holds.await, SHORT));
    let resets = serve(|stream| async move {
        // Without lingering, the end of the stream is a reset.
        let _ = stream.set_zero_linger();
    });
    out.push(("resets every connection", resets.await, TIMEOUT));
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_trivial_server_satisfies_a_requirement() {
    let mut suite = support::shipped();
    let shipped = Shipped {
        target: suite.target.take().expect("the mock's target file"),
        contracts: suite.contracts.into(),
        cases: suite.plan.cases,
    };
    let servers = servers().await;
    let mut targets: Vec<(&str, &str, Duration)> = servers
        .iter()
        .map(|(name, server, timeout)| (*name, server.url.as_str(), *timeout))
        .collect();
    targets.push(("closed port", loopback::DEAD, TIMEOUT));

    let mut table = format!(
        "{:<27} {:<8} {:>5} {:>5} {:>5} {:>6} {:>5} {:>9}\n",
        "server", "mode", "rows", "pass", "fail", "error", "skip", "satisfied"
    );
    let mut wrong = Vec::new();
    for (name, url, timeout) in targets {
        for mode in [Mode::All, Mode::Requests] {
            let report = judged(&shipped, url, mode, timeout).await;
            let (counts, satisfied) = (report.counts(), satisfied(&report));
            let _ = writeln!(
                table,
                "{name:<27} {:<8} {:>5} {:>5} {:>5} {:>6} {:>5} {:>9}",
                format!("{mode:?}").to_lowercase(),
                counts.total,
                counts.passed,
                counts.failed,
                counts.errors,
                counts.skipped,
                satisfied.len(),
            );
            // Behind providers that fail, there is nothing to judge at all.
            if mode == Mode::All && counts.passed + counts.failed > 0 {
                wrong.push(format!("{name}, {mode:?}: rows were judged"));
            }
            if !satisfied.is_empty() {
                wrong.push(format!("{name}, {mode:?}: satisfied {satisfied:?}"));
            }
            if report.conclusion().exit_code() == 0 {
                wrong.push(format!("{name}, {mode:?}: the run is a success"));
            }
        }
    }
    #[expect(clippy::print_stdout, reason = "the table is shown with --nocapture")]
    {
        print!("{table}");
    }
    assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n"));
}
