//! Profiles: what a run may do to a tenant, and the order in which it does it.

use std::sync::Arc;

use probity::{
    engine::StopSignal,
    ids::CaseId,
    result::{CaseResult, Conclusion, SkipReason, Verdict},
    session,
    target::Profile,
};

use super::Bench;
use crate::support;

#[tokio::test]
async fn a_careful_run_leaves_destructive_rows_out_and_is_no_good_run_without_them() {
    let mut bench = Bench::new(|_, _| None).await;
    bench
        .target
        .permit(Profile::NonDestructive)
        .expect("always allowed");
    let log = bench.log.clone();
    let rows = support::rows(&bench.suite, "ciam/skip-update/errors/");
    let results = bench.run(rows).await;
    for result in &results {
        let harms = result.id.contains("/user-d");
        let left_out = result.verdict == Verdict::Skip(SkipReason::NotInProfile);
        assert!(left_out == harms, "{}: {:?}", result.id, result.verdict);
        assert!(left_out || result.verdict.is_pass(), "{}", result.id);
    }
    let sent = log.requests();
    let harms = |request: &&String| request.starts_with("DELETE") || request.starts_with("PUT");
    assert_eq!(sent.iter().filter(harms).count(), 0);
    let report = support::report(results);
    assert_eq!(report.conclusion(), Conclusion::Inconclusive);
    let why = report.because().unwrap_or_default();
    assert!(why.contains("the profile leaves them out"), "{why}");
}

#[tokio::test]
async fn a_run_that_may_only_read_sends_nothing_else_but_what_is_called_safe() {
    let mut bench = Bench::new(|_, _| None).await;
    bench
        .target
        .permit(Profile::ReadOnly)
        .expect("always allowed");
    // As on a target that has accounts ready and may be logged in to.
    let settings = bench.target.editions.get_mut(&support::CIAM);
    for provider in settings.expect("CIAM").providers.values_mut() {
        for step in provider.steps_mut() {
            step.side_effects.safe = matches!(step.name.as_str(), "create-user" | "login");
            step.side_effects.costs.clear();
        }
    }
    let log = bench.log.clone();
    let mut rows = support::rows(&bench.suite, "ciam/skip-update/headers/");
    rows.extend(support::rows(
        &bench.suite,
        "ciam/change-by-mobile/headers/",
    ));
    let results = bench.run(rows).await;
    for result in &results {
        let reads = result.id.contains("skip-update");
        let left_out = result.verdict == Verdict::Skip(SkipReason::NotInProfile);
        assert!(left_out != reads, "{}: {:?}", result.id, result.verdict);
    }
    for request in log.requests() {
        let safe = ["GET /", "POST /__mock/users ", "POST /api/v2/sdk/login"];
        let line = request.lines().next().unwrap_or_default();
        assert!(safe.iter().any(|start| line.starts_with(start)), "{line}");
    }
    assert!(results.iter().any(|result| result.verdict.is_pass()));
}

#[test]
fn everything_is_permitted_on_mocks_of_our_own_and_where_somebody_stands_for_it() {
    let mut suite = support::shipped();
    let mut embedded = suite.target.take().expect("a target");
    assert_eq!(embedded.profile, Profile::Destructive);
    assert!(embedded.permit(Profile::Destructive).is_ok());
    let mut live = support::at(embedded, &[support::CIAM], "https://tenant.example");
    assert!(live.permit(Profile::Destructive).is_err());
    live.test_tenant = Some("Ours.".to_owned());
    assert!(live.permit(Profile::Destructive).is_ok());
}

#[tokio::test]
async fn rows_that_may_lock_an_account_out_come_when_all_others_are_done() {
    let bench = Bench::new(|_, _| None).await;
    let rows = support::rows(&bench.suite, "ciam/change-by-mobile/body/");
    let risky = rows.iter().filter(|row| row.may_lock_out()).count();
    assert!(risky > 2 && risky < rows.len());
    let (suite, target) = (bench.suite, bench.target);
    let engine = support::engine(suite.contracts, &suite.plan.cases, target);
    let mut order = Vec::new();
    session::run(
        &Arc::new(engine),
        &rows,
        8,
        StopSignal::never(),
        &mut |row: &CaseResult| order.push(row.id.clone()),
    )
    .await;
    let may = |id: &CaseId| rows.iter().any(|row| row.id == *id && row.may_lock_out());
    assert!(order.iter().rev().take(risky).all(may), "{order:#?}");
}
