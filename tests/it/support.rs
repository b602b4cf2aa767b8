//! What several tests share: the project's folder, and a run of the suite in this process.

use std::{path::Path, sync::Arc};

use probity::{
    engine::{Engine, Event},
    plan::TestCase,
    result::CaseResult,
    suite::{self, Suite},
    target::Target,
};

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

/// Runs rows of a suite against a target whose addresses are settled.
pub(crate) async fn run(suite: Suite, target: Target, cases: Vec<TestCase>) -> Vec<CaseResult> {
    let jobs = target.jobs;
    let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false)
        .unwrap_or_else(|error| panic!("the client cannot be set up: {error}"));
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    Arc::new(engine)
        .run(&cases, jobs, stopped, |Event::CaseFinished(_)| {})
        .await
}
