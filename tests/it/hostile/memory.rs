//! The whole table met by one process: it ends by itself, with a record of every row, and never holds
//! more than so much.

use std::{collections::BTreeMap, fs, process::Stdio, time::Duration};

use probity::{report, result::CaseResult};

use super::{ERRORS, Expected, PATHS, case_file, row, start, table};
use crate::cli::{program, temporary};

/// The most memory that the process may have had, in KiB: a debug build with its suite, and jobs times
/// what is read of one answer at most.
#[cfg(target_os = "linux")]
const MOST_MEMORY: u64 = 256 * 1024;

/// The most memory that a process had so far, in KiB.
#[cfg(target_os = "linux")]
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_against_the_whole_table_ends_by_itself_within_its_memory() {
    let mut table = table::table();
    table.retain(|one| !matches!(one.expected, Expected::Desync));
    let (server, _) = start(&table).await;
    let names: Vec<&str> = table.iter().map(|one| one.name).collect();
    let folder = temporary();
    for (inside, text) in [
        (
            "specs/ciam/openapi.yaml",
            format!("openapi: 3.1.0\ninfo: {{ title: t, version: 1.0.0 }}\npaths:\n{PATHS}"),
        ),
        ("specs/ciam/errors.yaml", format!("edition: ciam\n{ERRORS}")),
        (
            "specs/ciam/requirements.yaml",
            "edition: ciam\nrequirements: []\n".to_owned(),
        ),
        ("cases/ciam/thing/rows.yaml", case_file(&names)),
        (
            "tenants/tenant.yaml",
            format!(
                "name: tenant\nlimits: {{ timeout_ms: 1500, max_body_bytes: 262144, retries: 0, breaker: 0, \
                 retry_after_max: 0s }}\neditions: {{ ciam: {{ base_url: \"{}\" }} }}\n",
                server.url
            ),
        ),
    ] {
        let path = folder.path().join(inside);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let mut command = program();
    command
        .current_dir(folder.path())
        .args(["run", "--target", "tenants/tenant.yaml", "--no-preflight"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut most = 0;
    let status = loop {
        most = peak(child.id()).unwrap_or(0).max(most);
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(status.code(), Some(1), "some rows fail, and that is all");
    assert!(most > 0 && most < MOST_MEMORY, "{most} KiB");
    let text = fs::read_to_string(folder.path().join("reports/run.jsonl")).expect("a record");
    let record = report::record::read(&text).expect("a record that can be read");
    let results: &[CaseResult] = &record.report().cases;
    let expected: BTreeMap<_, _> = table.iter().map(|one| (one.name, one.expected)).collect();
    for (name, expected) in expected {
        assert_eq!(row(results, name).verdict, expected.verdict(), "{name}");
    }
}
