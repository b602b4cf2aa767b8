//! Answers lost on the way: what may be sent again is, nothing else, and not without end.

use probity::result::{Conclusion, ErrorReason, Part, PassReason, SkipReason, Verdict};

use super::Bench;
use crate::{loopback, support};

const SKIP: &str = "ciam/skip-update/headers/control";
const CHANGE: &str = "ciam/change-by-mobile/headers/control";

/// Takes the request and closes the connection.
fn hang_up() -> String {
    String::new()
}

#[tokio::test]
async fn a_request_is_sent_again_after_a_lost_answer_only_where_twice_is_once() {
    for (row, path, times) in [
        (SKIP, "/pwd/skip-update", 2),
        (CHANGE, "/pwd/update-by-mobile", 1),
    ] {
        let met = std::sync::atomic::AtomicBool::new(false);
        let mut bench = Bench::new(move |_, request| {
            let first =
                request.contains(path) && !met.swap(true, std::sync::atomic::Ordering::SeqCst);
            first.then(hang_up)
        })
        .await;
        bench.target.limits.retries = 1;
        let log = bench.log.clone();
        let rows = bench.rows(&[row]);
        let result = bench.run(rows).await.remove(0);
        let arrived = log.requests();
        let arrived = arrived.iter().filter(|request| request.contains(path));
        assert_eq!(arrived.count(), times, "{row}");
        let request = result.steps.iter().find(|step| step.part == Part::Request);
        assert_eq!(request.map(|step| step.attempts), Some(times), "{row}");
        assert_eq!(result.repeated().lost, times - 1, "{row}");
        if times == 2 {
            assert_eq!(result.verdict, Verdict::Pass(PassReason::Clean));
        } else {
            assert_eq!(result.verdict, Verdict::Error(ErrorReason::Unreachable));
        }
    }
}

#[tokio::test]
async fn what_never_left_may_be_sent_again_whatever_it_is() {
    let mut suite = support::shipped();
    let mut target = support::target_at(&mut suite, &[support::CIAM], loopback::DEAD);
    target.limits.retries = 2;
    let target = loopback::with_constants(target);
    let rows = support::rows(&suite, CHANGE);
    assert_eq!(rows[0].request.method, "POST");
    let result = support::run(suite, target, rows).await.remove(0);
    assert_eq!(result.verdict, Verdict::Error(ErrorReason::Unreachable));
    assert_eq!(result.steps[0].attempts, 3);
}

#[tokio::test]
async fn a_target_that_answers_nothing_any_more_is_left_alone_and_that_is_no_good_run() {
    let mut bench = Bench::new(|before, _| (before >= 8).then(hang_up)).await;
    bench.target.limits.breaker = 3;
    bench.target.jobs = 1;
    let log = bench.log.clone();
    let rows = support::rows(&bench.suite, "ciam/skip-update/");
    let results = bench.run(rows).await;
    assert_eq!(log.len(), 8 + 3);
    let open = |verdict: &Verdict| *verdict == Verdict::Skip(SkipReason::BreakerOpen);
    let skipped = results.iter().filter(|result| open(&result.verdict));
    assert!(skipped.clone().count() > 20);
    for result in skipped {
        let told = result.detail.clone().unwrap_or_default();
        assert!(told.contains("`limits.breaker`"), "{told}");
    }
    let report = support::report(results);
    assert_eq!(report.conclusion(), Conclusion::Inconclusive);
    assert_eq!(report.conclusion().exit_code(), 2);
}
