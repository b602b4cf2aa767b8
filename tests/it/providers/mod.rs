//! What comes before a row: every kind of provider, who shares what it gave, and leases.

mod kinds;
mod pools;
mod sharing;
#[cfg(unix)]
mod terminal;

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use probity::{
    contract::Contract,
    engine::Asker,
    mock::{Dialect, MockOptions, MockServer},
    plan::{TestCase, with_prerequisites},
    report::explain,
    result::{CaseResult, SkipReason, Verdict},
    suite::{self, Suite},
    target::Target,
};
use tempfile::TempDir;

use crate::{
    cli::{target, temporary},
    support,
};

/// A row that passes where `account-warn` gives an account with the token of its login.
const ROW: &str = "ciam/skip-update/headers/control";

/// A file whose rows need `account-warn` and nothing else.
const FILE: &str = "ciam/skip-update/headers/";

/// The login that goes before a row, with an account of `entry`.
const LOGIN: &str = r#"
  account-warn:
    needs: { entry: entry }
    steps:
      - operation: passwordLogin
        headers: &bamboo
          X-operating-sys-version: windows10.1.1
          X-device-fingerprint: 156aysdna213sc50
          X-agent: Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X)
          X-L: en
          X-client-id: ${target.client_id}
          Content-Type: application/json
        body: { user_name: "${entry.user_name}", password: "${entry.password}" }
        expect: { status: 200, body: { status: PASSWORD_WARN } }
        capture: { state_token: /state_token }
    yields:
      state_token: ${state_token}
      user_name: ${entry.user_name}
"#;

/// A folder with the mock's target file and one beside it that has these providers of its own.
fn project(url: &str, providers: &str) -> TempDir {
    let folder = temporary();
    target::file(folder.path(), url);
    let text = format!(
        "name: own\nextends: elsewhere.yaml\nproviders:\n{}\n",
        providers.trim_matches('\n')
    );
    target::write(folder.path(), "own.yaml", &text);
    folder
}

async fn mock() -> MockServer {
    let options = MockOptions::new(Dialect::Ciam);
    MockServer::start(options).await.expect("a mock")
}

/// A project and the rows whose ids begin like this, those before them too.
fn planned(folder: &Path, front: &str) -> (Suite, Target, Vec<Arc<TestCase>>) {
    let mut suite = suite::load(support::root(), Some(&folder.join("own.yaml")));
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let cases = with_prerequisites(&suite.plan.cases, |case| case.id.starts_with(front));
    assert!(!cases.is_empty(), "no row begins with {front}");
    let mut target = suite.target.take().expect("a target");
    target.editions.retain(|name, _| *name == support::CIAM);
    (suite, target, cases)
}

async fn run(folder: &Path, front: &str, asker: Option<Arc<dyn Asker>>) -> Vec<CaseResult> {
    let (suite, target, cases) = planned(folder, front);
    let engine = support::engine(suite.contracts, &suite.plan.cases, target);
    let engine = engine.with_asker(asker);
    support::run_on(engine, &cases, 8).await
}

/// One row that is carried out with these providers before the plain mock.
async fn row(providers: &str) -> CaseResult {
    let mock = mock().await;
    let folder = project(mock.base_url(), providers);
    let mut results = run(folder.path(), ROW, None).await;
    assert_eq!(results.len(), 1);
    results.remove(0)
}

/// One row, once with each of these providers as `account-warn`, before a target that is not there.
async fn each(providers: &[&str]) -> Vec<CaseResult> {
    let mut text = "  account-warn: { values: { state_token: none } }\n".to_owned();
    for (number, provider) in providers.iter().enumerate() {
        let _ = writeln!(text, "  number-{number}: {provider}");
    }
    // Nothing is fetched from the target before the provider is called.
    text.push_str("  application: { values: { client_id: c, client_secret: s } }\n");
    let folder = project(target::DEAD, &text);
    let (suite, target, cases) = planned(folder.path(), ROW);
    let contracts: Arc<[Contract]> = suite.contracts.into();
    let mut results = Vec::new();
    for number in 0..providers.len() {
        let mut target = target.clone();
        for settings in target.editions.values_mut() {
            let provider = settings.providers[format!("number-{number}").as_str()].clone();
            settings.providers.insert("account-warn".into(), provider);
        }
        let engine = support::engine(Arc::clone(&contracts), &suite.plan.cases, target);
        results.extend(support::run_on(engine, &cases, 1).await);
    }
    results
}

#[track_caller]
fn assert_passed(results: &[CaseResult]) {
    for result in results {
        let observed = result.verdict == Verdict::Skip(SkipReason::OnlyObserved);
        let told = explain::message(result);
        assert!(
            observed || result.verdict.is_pass(),
            "{}: {told}",
            result.id
        );
    }
}

/// How many lines a program has added to a file.
fn lines(path: &Path) -> usize {
    fs::read_to_string(path).map_or(0, |text| text.lines().count())
}
