//! Services that are no identity service and speak in other ways: what the step language and the
//! checks say of them, each against a small server on the loopback interface.

mod address;
mod behind;
mod bodies;
mod clock;
mod derived;
mod envelope;
mod examples;
mod exclusive;
mod flows;
mod generated;
mod masking;
mod needs;
mod nodes;
mod openapi;
mod proved;
mod spool;
mod steps;
mod tokens;
mod vendor;

use std::{collections::BTreeMap, fs, path::Path};

use probity::{
    result::{CaseResult, Verdict},
    suite::{self, Suite},
};

use crate::{loopback::Server, support};

/// A project of one edition, one case file and a target that leads to `url`.
pub(super) fn project(url: &str, paths: &str, errors: &str, case: &str) -> Suite {
    project_with(url, paths, errors, case, "{}")
}

/// The same, with these providers.
pub(super) fn project_with(
    url: &str,
    paths: &str,
    errors: &str,
    case: &str,
    providers: &str,
) -> Suite {
    let folder = tempfile::tempdir().expect("a folder");
    project_in(folder.path(), url, paths, errors, case, providers)
}

/// The same, in a folder that stays: for journals.
pub(super) fn project_in(
    folder: &Path,
    url: &str,
    paths: &str,
    errors: &str,
    case: &str,
    providers: &str,
) -> Suite {
    let put = |inside: &str, text: &str| {
        let path = folder.join(inside);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    put(
        "specs/ciam/openapi.yaml",
        &format!("openapi: 3.1.0\ninfo: {{ title: t, version: 1.0.0 }}\npaths:\n{paths}"),
    );
    put(
        "specs/ciam/errors.yaml",
        &format!("edition: ciam\n{errors}"),
    );
    put(
        "specs/ciam/requirements.yaml",
        "edition: ciam\nrequirements: []\n",
    );
    put("cases/ciam/thing/rows.yaml", case);
    put(
        "tenants/tenant.yaml",
        &format!(
            "name: tenant\neditions: {{ ciam: {{ base_url: \"{url}\" }} }}\nproviders: {providers}\n"
        ),
    );
    suite::load(folder, Some(&folder.join("tenants/tenant.yaml")))
}

/// The results of all rows by the last part of their ids.
pub(super) async fn run(
    server: &Server,
    paths: &str,
    errors: &str,
    case: &str,
) -> BTreeMap<String, CaseResult> {
    carried_out(project(&server.url, paths, errors, case)).await
}

/// The results of all rows of a project by the last part of their ids.
pub(super) async fn carried_out(mut suite: Suite) -> BTreeMap<String, CaseResult> {
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let (target, cases) = (
        suite.target.take().expect("a target"),
        suite.plan.cases.clone(),
    );
    let results = support::run(suite, target, cases).await;
    let short = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    results
        .into_iter()
        .map(|result| (short(&result.id), result))
        .collect()
}

/// Each mismatch of a result as `place: actual`.
pub(super) fn told(result: &CaseResult) -> Vec<String> {
    let checks = result.steps.iter().flat_map(|step| &step.checks);
    checks
        .filter_map(|check| check.mismatch.as_ref())
        .map(|told| format!("{}: {}", told.place, told.actual))
        .collect()
}

/// Asserts that these rows passed and all others failed.
#[track_caller]
pub(super) fn passed(results: &BTreeMap<String, CaseResult>, passing: &[&str]) {
    for (name, result) in results {
        let passes = passing.contains(&name.as_str());
        assert!(
            result.verdict.is_pass() == passes
                && (passes || matches!(result.verdict, Verdict::Fail(_))),
            "{name}: {:?} {:?} {:?}",
            result.verdict,
            result.detail,
            told(result)
        );
    }
    for name in passing {
        assert!(results.contains_key(*name), "there is no row {name}");
    }
}
