//! Who shares what a provider gave: a row has it alone, a file or the whole run together.

#![cfg(unix)]

use std::path::Path;

use probity::{
    report::explain,
    result::{ErrorReason, Verdict},
};

use super::{LOGIN, lines, mock, project, run};

/// Rows of several files that need `account-warn`.
const ROWS: &str = "ciam/skip-update/";

/// Good accounts, and beside each a provider of this scope that adds a line to a file at each call and
/// ends with this exit code.
fn counted(scope: &str, calls: &Path, code: u8) -> String {
    let script = format!(
        "echo called >> '{}'; echo '{{}}'; exit {code}",
        calls.display()
    );
    format!(
        "{LOGIN}
  entry:
    needs: {{ count: count, user: {{ provider: user, with: {{ password_state: warn }} }} }}
    yields: ${{user}}
  count: {{ scope: {scope}, command: {{ argv: [sh, -c, \"{script}\"] }} }}"
    )
}

/// How often it was called, for how many rows of how many files, and what the rows were told.
async fn calls(scope: &str, code: u8) -> (usize, usize, Vec<(Verdict, String)>) {
    let mock = mock().await;
    let folder = crate::cli::temporary();
    let path = folder.path().join("calls");
    let project = project(mock.base_url(), &counted(scope, &path, code));
    let results = run(project.path(), ROWS, None).await;
    let mut files: Vec<String> = results.iter().map(|r| r.source.file.clone()).collect();
    files.dedup();
    let told = results
        .iter()
        .map(|r| (r.verdict.clone(), explain::message(r)));
    (lines(&path), files.len(), told.collect())
}

#[tokio::test]
async fn a_provider_is_called_once_for_each_file_or_once_for_the_run_as_it_says() {
    let (each, files, told) = calls("row", 0).await;
    assert!(
        each > files && files > 3,
        "{each} calls for {} rows",
        told.len()
    );
    assert_eq!(calls("file", 0).await.0, files);
    assert_eq!(calls("run", 0).await.0, 1);
}

#[tokio::test]
async fn a_shared_provider_that_failed_is_not_called_again_and_is_one_cause() {
    let (called, _, told) = calls("run", 1).await;
    assert_eq!(called, 1);
    let own: Vec<&String> = told
        .iter()
        .filter(|(verdict, _)| *verdict == Verdict::Error(ErrorReason::SetupFailed))
        .map(|(_, told)| told)
        .collect();
    assert!(own.len() > 3, "{told:?}");
    assert!(own.iter().all(|told| *told == own[0]), "{own:?}");
}
