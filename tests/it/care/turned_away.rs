//! A target that asks to come again later: it is obeyed, and being turned away is no verdict on it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use probity::{
    check::BoundCheck,
    plan::TestCase,
    result::{CaseResult, ErrorReason, StepResult, Verdict},
};
use serde_json::json;

use super::Bench;
use crate::loopback::turned_away;

const CONTROL: &str = "ciam/skip-update/headers/control";
const PATH: &str = "/pwd/skip-update";
const CHANGE: &str = "ciam/change-by-mobile/headers/control";

fn away(status: &str, after: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nRetry-After: {after}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

fn step<'r>(result: &'r CaseResult, name: &str) -> &'r StepResult {
    let step = result.steps.iter().find(|step| step.name == name);
    step.unwrap_or_else(|| panic!("{}: no step {name}", result.id))
}

#[tokio::test]
async fn every_other_request_turned_away_once_costs_no_row_its_verdict() {
    let bench = Bench::new(|before, _| (before % 2 == 0).then(turned_away)).await;
    let log = bench.log.clone();
    let rows = bench.rows(&[
        CONTROL,
        "ciam/skip-update/headers/header-names-in-other-letters[capitals]",
        "ciam/skip-update/headers/client-id-missing",
    ]);
    let results = bench.run(rows).await;
    for result in &results {
        assert!(
            result.verdict.is_pass(),
            "{}: {:?}",
            result.id,
            result.verdict
        );
    }
    let attempts: usize = results
        .iter()
        .flat_map(|result| &result.steps)
        .map(|step| step.attempts)
        .sum();
    assert_eq!(attempts, log.len(), "every attempt is told");
}

#[tokio::test]
async fn a_request_turned_away_for_ever_is_an_error_that_names_the_key_and_never_a_fail() {
    let bench = Bench::new(|_, request| request.contains(PATH).then(turned_away)).await;
    let log = bench.log.clone();
    let rows = bench.rows(&[CONTROL]);
    let result = bench.run(rows).await.remove(0);
    assert_eq!(result.verdict, Verdict::Error(ErrorReason::RateLimited));
    let told = result.detail.clone().unwrap_or_default();
    assert!(told.contains("turned it away 9 times with 429"), "{told}");
    assert!(told.contains("`limits.retry_after_max`"), "{told}");
    assert_eq!(result.broken().count(), 0);
    assert_eq!(step(&result, "request").attempts, 9);
    assert_eq!(step(&result, "request").repeated.turned_away, 8);
    let sent = log.requests();
    assert_eq!(sent.iter().filter(|one| one.contains(PATH)).count(), 9);
}

#[tokio::test]
async fn a_provider_turned_away_for_ever_is_the_same_error() {
    let bench = Bench::new(|_, request| request.contains("/__mock/users").then(turned_away)).await;
    let rows = bench.rows(&[CONTROL]);
    let result = bench.run(rows).await.remove(0);
    assert_eq!(result.verdict, Verdict::Error(ErrorReason::RateLimited));
    let told = result.detail.unwrap_or_default();
    assert!(told.contains("step `create-user`"), "{told}");
}

#[tokio::test]
async fn a_silence_longer_than_allowed_is_not_waited_for() {
    let long = |_, request: &str| {
        let asked = request.contains(PATH);
        asked.then(|| away("429 Too Many Requests", "3600"))
    };
    let mut bench = Bench::new(long).await;
    bench.target.limits.retry_after_max = Duration::ZERO;
    let started = Instant::now();
    let rows = bench.rows(&[CONTROL]);
    let result = bench.run(rows).await.remove(0);
    assert_eq!(result.verdict, Verdict::Error(ErrorReason::RateLimited));
    assert_eq!(step(&result, "request").attempts, 1);
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[tokio::test]
async fn a_silence_of_any_length_is_no_answer_whatever_the_method() {
    let long = "9".repeat(400);
    for (row, path, status) in [
        (CONTROL, PATH, "429 Too Many Requests"),
        (CONTROL, PATH, "503 Service Unavailable"),
        (CHANGE, "/pwd/update-by-mobile", "429 Too Many Requests"),
        (CHANGE, "/pwd/update-by-mobile", "503 Service Unavailable"),
    ] {
        for silence in ["18446744073709551615", "18446744073709551616", &long] {
            let away = away(status, silence);
            let mut bench =
                Bench::new(move |_, request| request.contains(path).then(|| away.clone())).await;
            bench.target.limits.retry_after_max = Duration::ZERO;
            let rows = bench.rows(&[row]);
            let result = bench.run(rows).await.remove(0);
            let told = format!("{row} {status} {silence}");
            assert_eq!(
                result.verdict,
                Verdict::Error(ErrorReason::RateLimited),
                "{told}"
            );
            assert_eq!(step(&result, "request").attempts, 1, "{told}");
        }
    }
}

#[tokio::test]
async fn a_silence_is_kept_by_all_traffic() {
    let once = |before, _: &str| (before == 0).then(|| away("429 Too Many Requests", "1"));
    let bench = Bench::new(once).await;
    let log = bench.log.clone();
    // The first rows of several files, which would start at the same time.
    let rows = bench.rows(&[
        CONTROL,
        "ciam/skip-update/errors/control",
        "ciam/change-by-mobile/headers/control",
    ]);
    let results = bench.run(rows).await;
    assert!(results.iter().all(|result| result.verdict.is_pass()));
    let moments = log.moments();
    assert!(moments.len() > 6, "{moments:?}");
    let early = |moment: &&Duration| **moment < Duration::from_millis(990);
    assert_eq!(moments.iter().filter(early).count(), 1, "{moments:?}");
}

/// The row with another status expected of its own request.
fn expecting(mut row: TestCase, status: u16) -> TestCase {
    for check in Arc::make_mut(&mut row.request.checks) {
        if let BoundCheck::One { kind, value, .. } = check
            && kind.field.name == "status"
        {
            *value = json!(status);
        }
    }
    row
}

#[tokio::test]
async fn a_row_that_wants_to_be_turned_away_is_judged_by_that_answer() {
    let bench = Bench::new(|_, request| request.contains(PATH).then(turned_away)).await;
    let mut rows = bench.rows(&[CONTROL]);
    rows[0] = Arc::new(expecting(TestCase::clone(&rows[0]), 429));
    let result = bench.run(rows).await.remove(0);
    let request = step(&result, "request");
    assert_eq!(request.attempts, 1);
    let status = request.checks.iter().find(|check| check.check == "status");
    assert!(status.is_some_and(|check| check.mismatch.is_none()));
}

#[tokio::test]
async fn unavailable_is_asked_again_only_where_nothing_can_happen_twice() {
    for (row, path, attempts) in [
        (CONTROL, PATH, 2),
        (
            "ciam/change-by-mobile/headers/control",
            "/pwd/update-by-mobile",
            1,
        ),
    ] {
        let met = std::sync::atomic::AtomicBool::new(false);
        let bench = Bench::new(move |_, request| {
            let first =
                request.contains(path) && !met.swap(true, std::sync::atomic::Ordering::SeqCst);
            first.then(|| away("503 Service Unavailable", "0"))
        })
        .await;
        let rows = bench.rows(&[row]);
        let result = bench.run(rows).await.remove(0);
        assert_eq!(step(&result, "request").attempts, attempts, "{row}");
        assert_eq!(result.verdict.is_pass(), attempts == 2, "{row}");
    }
}
