//! An answer too many: a row must never be judged by the answer to another one.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use probity::result::{CaseResult, ErrorReason, Verdict};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Mutex, time::sleep};

use super::{row, script, suite};
use crate::{
    loopback::{Server, serve},
    support,
};

/// The rows in order: one that is answered once too often, one that has to fail, and others.
const NAMES: [&str; 5] = ["a-more", "b-wrong", "c-next", "d-next", "e-next"];

/// The answer to this row, and to no other.
fn answer(name: &str) -> String {
    let status = if name == "b-wrong" {
        "500 Broken"
    } else {
        "200 OK"
    };
    format!("HTTP/1.1 {status}\r\nX-Is: {name}\r\nContent-Length: 0\r\n\r\n")
}

/// A server that takes so long for every answer, and sends one more so long after that of `a-more`.
async fn one_too_many(slow: Duration, pause: Duration) -> Server {
    serve(move |stream| speak(stream, slow, pause)).await
}

async fn speak(stream: TcpStream, slow: Duration, pause: Duration) {
    let _ = stream.set_nodelay(true);
    let (mut reader, writer) = stream.into_split();
    let writer = Arc::new(Mutex::new(writer));
    while let Some(name) = script::asked(&mut reader).await {
        sleep(slow).await;
        let answer = answer(&name);
        if writer
            .lock()
            .await
            .write_all(answer.as_bytes())
            .await
            .is_err()
        {
            return;
        }
        if name == "a-more" {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move {
                sleep(pause).await;
                let _ = writer.lock().await.write_all(answer.as_bytes()).await;
            });
        }
    }
}

async fn run(server: &Server, jobs: usize) -> Vec<CaseResult> {
    let (suite, mut target) = suite(&server.url, &NAMES);
    target.jobs = jobs;
    // A target may close a connection while a request is on its way there.
    target.limits.retries = 2;
    let cases = suite.plan.cases.clone();
    support::run(suite, target, cases).await
}

/// Whose answer the row was judged by.
fn judged_by(row: &CaseResult) -> Option<&str> {
    let exchange = row.steps.last()?.exchange.as_ref()?;
    let mut headers = exchange.response_headers.iter();
    let (_, name) = headers.find(|(name, _)| name == "X-Is")?;
    Some(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_two_hundred_runs_no_row_is_judged_by_the_answer_to_another() {
    let runs = stream::iter(0..200u64).map(|turn| async move {
        // From at once to long after the next request, on a server that is fast or slow.
        let slow =
            Duration::from_millis([0, 1, 5, 15][usize::try_from(turn % 4).expect("a number")]);
        let pause = Duration::from_micros(turn * 53 % 4000);
        let server = one_too_many(slow, pause).await;
        let jobs = if turn % 5 == 0 { 2 } else { 1 };
        (turn, run(&server, jobs).await)
    });
    let mut desync = 0;
    let mut runs = std::pin::pin!(runs.buffer_unordered(4));
    while let Some((turn, results)) = runs.next().await {
        for name in NAMES {
            let row = row(&results, name);
            let judged = matches!(row.verdict, Verdict::Pass(_) | Verdict::Fail(_));
            assert!(
                !judged || judged_by(row) == Some(name),
                "turn {turn}: {name} is {:?} by the answer to {:?}",
                row.verdict,
                judged_by(row)
            );
            desync += usize::from(row.verdict == Verdict::Error(ErrorReason::Desync));
        }
        let wrong = row(&results, "b-wrong");
        assert!(!wrong.verdict.is_pass(), "turn {turn}: {:?}", wrong.verdict);
        let more = row(&results, "a-more");
        assert_eq!(
            more.verdict,
            Verdict::Error(ErrorReason::Desync),
            "turn {turn}"
        );
    }
    assert!(desync >= 200);
}

#[tokio::test]
async fn a_row_that_stands_behind_one_whose_answer_is_in_doubt_is_taken_back_with_it() {
    let server = one_too_many(Duration::ZERO, Duration::from_millis(3)).await;
    let (suite, mut target) = suite(&server.url, &NAMES);
    target.jobs = 1;
    let mut cases = suite.plan.cases.clone();
    cases.retain(|case| case.control || case.id.ends_with("/a-more"));
    let results = support::run(suite, target, cases).await;
    // The control was answered on the same connection, and the row before it was known.
    for result in &results {
        assert_eq!(
            result.verdict,
            Verdict::Error(ErrorReason::Desync),
            "{}",
            result.id
        );
        let told = result.detail.clone().unwrap_or_default();
        assert!(told.contains("more than it was asked for"), "{told}");
        assert_eq!(result.broken().count(), 0);
    }
    let report = support::report(results);
    assert_eq!(report.conclusion().exit_code(), 2);
}

#[tokio::test]
async fn a_server_that_speaks_before_it_is_asked_is_not_listened_to() {
    let server = serve(|mut stream| async move {
        let _ = stream.write_all(answer("a-more").as_bytes()).await;
        while script::asked(&mut stream).await.is_some() {
            let _ = stream.write_all(answer("a-more").as_bytes()).await;
        }
    })
    .await;
    for result in run(&server, 1).await {
        assert!(
            matches!(result.verdict, Verdict::Error(_)),
            "{}: {:?}",
            result.id,
            result.verdict
        );
    }
}

/// Closing an idle connection is no answer, and costs no row its verdict.
#[tokio::test]
async fn a_server_that_closes_idle_connections_is_asked_on_new_ones() {
    let server = serve(|mut stream| async move {
        if let Some(name) = script::asked(&mut stream).await {
            let _ = stream.write_all(answer(&name).as_bytes()).await;
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let results = run(&server, 1).await;
    assert!(!row(&results, "b-wrong").verdict.is_pass());
    for name in ["a-more", "c-next", "d-next", "e-next"] {
        assert!(row(&results, name).verdict.is_pass(), "{name}");
    }
}
