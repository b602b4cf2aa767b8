//! A target that lets its time be moved: forward for one row, and back whatever happened.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use probity::{
    engine::{Engine, StopSignal, Undone},
    result::CaseResult,
    target::Profile,
};

use super::{passed, project_in, told};
use crate::{
    cli::temporary,
    loopback::{Server, answering, http},
    support,
};

const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

const PATHS: &str = "
  /me: { get: { operationId: whoAmI, responses: { '200': { description: d }, '401': { description: d } } } }
";

/// How a target deals with its clock.
#[derive(Clone, Copy, PartialEq)]
enum Clock {
    Sound,
    /// Tokens never expire.
    Ignored,
    /// It does not go back.
    Stuck,
}

/// A service whose tokens say when they end: 100 seconds after they were made, by its own clock.
async fn service(clock: Clock) -> (Server, Arc<AtomicU64>) {
    let ahead = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&ahead);
    let server = answering(move |request| {
        let text = String::from_utf8_lossy(request).into_owned();
        let line = text.split(" HTTP").next().unwrap_or_default();
        let json = "application/json";
        let now = shared.load(Ordering::SeqCst);
        let answer = match line {
            "PUT /clock" => {
                let body = text.rsplit("\r\n\r\n").next().unwrap_or_default();
                let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
                let by = body["ahead"].as_u64().unwrap_or_default();
                shared.store(now + by, Ordering::SeqCst);
                http("200 OK", json, "{}")
            }
            "DELETE /clock" if clock == Clock::Stuck => http("409 Conflict", json, "{}"),
            "DELETE /clock" => {
                shared.store(0, Ordering::SeqCst);
                http("200 OK", json, "{}")
            }
            "POST /token" => http("200 OK", json, &format!(r#"{{"ends":"{}"}}"#, now + 100)),
            "GET /time" => http("200 OK", json, "{}"),
            _ => {
                let token = text.lines().find_map(|line| line.strip_prefix("X-Ends: "));
                let ends: u64 = token.and_then(|ends| ends.parse().ok()).unwrap_or(0);
                if now < ends || clock == Clock::Ignored {
                    http("200 OK", json, "{}")
                } else {
                    http("401 Unauthorized", json, r#"{"error":"expired"}"#)
                }
            }
        };
        answer.into_bytes()
    })
    .await;
    (server, ahead)
}

const PROVIDERS: &str = "
  later: { clock: { move: { request: PUT /clock, body: { ahead: '${with.seconds}' }, expect: { status: 200 } }, back: { request: DELETE /clock } } }
";

const CASES: &str = "
edition: ciam
operation: whoAmI
exclusive: true
setup: [{ name: log-in, request: POST /token, expect: { status: 200 }, capture: { ends: /ends } }]
request: { headers: { X-Ends: '${ends}' } }
control: { expect: { status: 200 } }
cases:
  - id: expired
    setup: [{ request: GET /time, needs: { it: { provider: later, with: { seconds: 101 } } } }]
    expect: { status: 401, body: { error: expired } }
  - id: at-the-end
    setup: [{ request: GET /time, needs: { it: { provider: later, with: { seconds: 99 } } } }]
    expect: { status: 200 }
";

/// Runs the rows under this profile; gives their results and the engine, which is not finished.
async fn run(
    folder: &Path,
    url: &str,
    providers: &str,
    profile: Profile,
) -> (BTreeMap<String, CaseResult>, Arc<Engine>) {
    let mut suite = project_in(folder, url, PATHS, ERRORS, CASES, providers);
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let mut target = suite.target.take().expect("a target");
    target.profile = profile;
    let cases = suite.plan.cases.clone();
    let engine = Arc::new(support::engine(suite.contracts, &cases, target));
    let results = support::run_on(Arc::clone(&engine), &cases, 4).await;
    let short = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    let results = results.into_iter().map(|one| (short(&one.id), one));
    (results.collect(), engine)
}

#[tokio::test]
async fn the_time_is_moved_for_one_row_and_goes_back_whatever_the_row_found() {
    let folder = temporary();
    let (server, ahead) = service(Clock::Sound).await;
    let (results, engine) = run(folder.path(), &server.url, PROVIDERS, Profile::Destructive).await;
    passed(&results, &["control", "expired", "at-the-end"]);
    assert_eq!(ahead.load(Ordering::SeqCst), 0);
    assert_eq!(engine.pending(), 0);

    let (server, ahead) = service(Clock::Ignored).await;
    let (results, engine) = run(folder.path(), &server.url, PROVIDERS, Profile::Destructive).await;
    passed(&results, &["control", "at-the-end"]);
    assert_eq!(told(&results["expired"])[0], "status: 200");
    assert_eq!((ahead.load(Ordering::SeqCst), engine.pending()), (0, 0));
}

#[tokio::test]
async fn a_clock_that_does_not_go_back_is_told_and_stays_in_the_journal() {
    let folder = temporary();
    let (server, _) = service(Clock::Stuck).await;
    let (_, engine) = run(folder.path(), &server.url, PROVIDERS, Profile::Destructive).await;
    assert_eq!(engine.pending(), 2);
    let left = engine.finish(StopSignal::never()).await;
    for one in &left {
        assert_eq!(one.provider.as_str(), "later");
        assert_eq!(
            one.undone,
            Undone::Left("step `DELETE /clock` answered 409".to_owned())
        );
    }
    assert_eq!((left.len(), engine.pending()), (2, 2));
}

#[tokio::test]
async fn a_careful_profile_moves_no_clock() {
    let folder = temporary();
    let (server, ahead) = service(Clock::Stuck).await;
    let (results, _) = run(
        folder.path(),
        &server.url,
        PROVIDERS,
        Profile::NonDestructive,
    )
    .await;
    let why = results["expired"].detail.as_deref();
    assert_eq!(
        why,
        Some("the profile non-destructive moves no clock, as provider `later` does")
    );
    assert_eq!(ahead.load(Ordering::SeqCst), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_moves_the_time_and_another_one_puts_it_right() {
    let folder = temporary();
    let file = folder.path().join("moved");
    let file = file.display();
    let providers = format!(
        "
  later:
    clock:
      move: {{ argv: [sh, -c, 'echo \"by $1\" >> {file}; echo \"{{}}\"', sh, '${{with.seconds}}'] }}
      back: {{ argv: [sh, -c, 'echo back >> {file}; echo \"{{}}\"'] }}
"
    );
    // The service does not know of it, so that tokens stay good.
    let (server, _) = service(Clock::Sound).await;
    let (results, engine) = run(folder.path(), &server.url, &providers, Profile::Destructive).await;
    passed(&results, &["control", "at-the-end"]);
    let moved = std::fs::read_to_string(folder.path().join("moved")).expect("it was moved");
    // Which of the two rows comes first is left open.
    let orders = ["by 101\nback\nby 99\nback\n", "by 99\nback\nby 101\nback\n"];
    assert!(orders.contains(&moved.as_str()), "{moved}");
    assert_eq!(engine.pending(), 0);
}
