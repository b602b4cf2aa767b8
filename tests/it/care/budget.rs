//! Budgets: what may be used up, and what becomes of rows that would take more.

use std::sync::Arc;

use probity::{
    report::console,
    result::{Conclusion, SkipReason, Verdict},
};

use super::Bench;
use crate::support;

#[tokio::test]
async fn rows_beyond_a_budget_are_skipped_before_they_use_anything_up() {
    let mut bench = Bench::new(|_, _| None).await;
    bench.target.budget = [("sms".to_owned(), 3)].into();
    let log = bench.log.clone();
    let rows = support::rows(&bench.suite, "ciam/change-by-mobile/headers/");
    let (suite, target) = (bench.suite, bench.target);
    let engine = support::engine(suite.contracts, &suite.plan.cases, target);
    let engine = Arc::new(engine);
    let results = support::run_on(Arc::clone(&engine), &rows, 4).await;
    let sent = log.requests();
    let count = |path: &str| sent.iter().filter(|request| request.contains(path)).count();
    assert_eq!(count("/api/v2/sdk/sms/send"), 3, "{sent:#?}");
    assert_eq!(count("POST /__mock/users "), 3);
    let passed = results.iter().filter(|row| row.verdict.is_pass()).count();
    assert_eq!(passed, 3);
    let beyond = Verdict::Skip(SkipReason::BudgetSpent);
    assert_eq!(
        results.iter().filter(|row| row.verdict == beyond).count(),
        results.len() - 3
    );
    let mut report = support::report(results);
    report.spent = engine.spent();
    assert_eq!(report.conclusion(), Conclusion::Inconclusive);
    let summary = console::summary(&report, &console::Options::default());
    assert!(
        summary.contains("Used up: accounts 3, sms 3 of 3\n"),
        "{summary}"
    );
}
