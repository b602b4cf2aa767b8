//! Requests leave at the target's pace, whoever sends them.

use std::time::{Duration, Instant};

use probity::target::Pace;

use super::Bench;

/// Ordinary and raw, with providers before them.
const ROWS: [&str; 3] = [
    "ciam/skip-update/headers/control",
    "ciam/skip-update/headers/header-names-in-other-letters[capitals]",
    "ciam/skip-update/effects/password-untouched",
];

#[tokio::test]
async fn providers_rows_and_exact_requests_share_one_pace() {
    let mut bench = Bench::new(|_, _| None).await;
    bench.target.limits.pace = Some(Pace {
        requests: 20,
        burst: 1,
        within: Duration::from_secs(1),
    });
    let log = bench.log.clone();
    let rows = bench.rows(&ROWS);
    assert!(rows.iter().any(|row| row.request.exact));
    let started = Instant::now();
    let results = bench.run(rows).await;
    let took = started.elapsed();
    for result in &results {
        assert!(
            result.verdict.is_pass(),
            "{}: {:?}",
            result.id,
            result.verdict
        );
    }
    let moments = log.moments();
    let count = u32::try_from(moments.len()).expect("a few");
    assert!(count > 9, "{count} requests are too few to show anything");
    // Every turn but the first comes a twentieth of a second after the one before it.
    let least = Duration::from_millis(50) * (count - 1);
    assert!(took >= least, "{count} requests in {took:?}");
    // What arrives may be late by what a busy machine adds; four turns cannot be that near.
    for four in moments.windows(5) {
        assert!(
            four[4].saturating_sub(four[0]) > Duration::from_millis(50),
            "{moments:?}"
        );
    }
}
