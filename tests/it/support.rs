//! What several tests share: the project's folder, and a run of the suite in this process.

use std::{path::Path, sync::Arc};

use probity::{
    contract::Contract,
    engine::{Engine, StopSignal},
    ids::Edition,
    plan::TestCase,
    result::{CaseResult, RunReport},
    session,
    suite::{self, Suite},
    target::Target,
};

pub(crate) const EIAM: Edition = Edition::named("eiam");
pub(crate) const CIAM: Edition = Edition::named("ciam");
pub(crate) const ONEACCESS: Edition = Edition::named("oneaccess");

/// The editions of the shipped suite.
pub(crate) const EDITIONS: [Edition; 3] = [CIAM, EIAM, ONEACCESS];

/// The project's own folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shipped suite with the mock target, its diagnostics empty of mistakes.
pub(crate) fn shipped() -> Suite {
    let suite = suite::load(root(), Some(&root().join("tenants/mock.yaml")));
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    suite
}

/// One run of these rows against a target whose addresses are settled.
pub(crate) fn engine(
    contracts: impl Into<Arc<[Contract]>>,
    cases: &[Arc<TestCase>],
    target: Target,
) -> Engine {
    Engine::new(contracts, cases, target, false)
        .unwrap_or_else(|error| panic!("the client cannot be set up: {error}"))
}

/// Runs rows of a suite against a target whose addresses are settled.
pub(crate) async fn run(
    suite: Suite,
    target: Target,
    cases: Vec<Arc<TestCase>>,
) -> Vec<CaseResult> {
    let jobs = target.jobs;
    let engine = engine(suite.contracts, &suite.plan.cases, target);
    run_on(engine, &cases, jobs).await
}

/// Runs rows in this order, at most `jobs` at a time.
pub(crate) async fn run_on(
    engine: impl Into<Arc<Engine>>,
    cases: &[Arc<TestCase>],
    jobs: usize,
) -> Vec<CaseResult> {
    let engine = engine.into();
    let stop = StopSignal::never();
    session::run(&engine, cases, jobs, stop, &mut |_: &CaseResult| {}).await
}

/// The report that a run of these results would make.
pub(crate) fn report(cases: Vec<CaseResult>) -> RunReport {
    RunReport {
        run_id: "run".to_owned(),
        target: "test".to_owned(),
        suite_size: cases.len(),
        planned: cases.len(),
        cases: cases.into(),
        ..RunReport::without_cases(0, probity::result::Ending::Complete)
    }
}

/// The rows of the files whose ids begin with this.
pub(crate) fn rows(suite: &Suite, prefix: &str) -> Vec<Arc<TestCase>> {
    let rows: Vec<Arc<TestCase>> = suite
        .plan
        .cases
        .iter()
        .filter(|case| case.id.starts_with(prefix))
        .cloned()
        .collect();
    assert!(!rows.is_empty(), "no row begins with {prefix}");
    rows
}

/// The shipped target with only these editions, served at this address.
pub(crate) fn target_at(suite: &mut Suite, editions: &[Edition], url: &str) -> Target {
    let target = suite.target.take();
    let target = target.unwrap_or_else(|| panic!("the mock's target file is there"));
    at(target, editions, url)
}

/// The target with only these editions, served at this address.
pub(crate) fn at(mut target: Target, editions: &[Edition], url: &str) -> Target {
    target.editions.retain(|name, _| editions.contains(name));
    for settings in target.editions.values_mut() {
        url.clone_into(&mut settings.base_url);
        for host in settings.hosts.values_mut() {
            url.clone_into(host);
        }
    }
    target
}
