//! `probity rerun`: one row with all that is exchanged, and what became of the rows that did not pass.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use probity::mock::{Dialect, MockOptions, MockServer};

use super::{
    Outcome, finish, probity, program, run_into,
    target::{self, Listener, Parrot},
    temporary,
};
use crate::support::root;

const ROW: &str = "ciam/skip-update/headers/client-id-missing";

/// `probity rerun` in a folder that is not the project's.
fn rerun(place: &Path, arguments: &[&str]) -> Outcome {
    let mut command = program();
    command
        .current_dir(place)
        .args(["--root", &root().to_string_lossy(), "rerun"])
        .args(arguments);
    finish(command)
}

/// The files of a folder with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{error}"));
    entries
        .flatten()
        .map(|entry| entry.path())
        .map(|path| (path.clone(), fs::read(path).unwrap_or_default()))
        .collect()
}

/// A mock that leaves these rules out.
async fn mock(disabled: &[&str]) -> MockServer {
    let disabled = disabled
        .iter()
        .map(|name| format!("skipPasswordUpdate/{name}"));
    let options = MockOptions {
        disabled_rules: disabled.collect(),
        ..MockOptions::new(Dialect::Ciam)
    };
    MockServer::start(options).await.expect("a mock")
}

/// Reports of a run of a few rows against `url`, and the target file, which a test may lead elsewhere.
struct Ran {
    reports: tempfile::TempDir,
    folder: tempfile::TempDir,
}

impl Ran {
    fn against(url: &str, code: i32) -> Self {
        let ran = Self {
            reports: temporary(),
            folder: temporary(),
        };
        ran.lead_to(url);
        let file = ran.file();
        run_into(
            ran.reports.path(),
            &[ROW, "--no-preflight", "--target", &file],
        )
        .expect(code);
        ran
    }

    fn lead_to(&self, url: &str) {
        target::file(self.folder.path(), url);
    }

    fn file(&self) -> String {
        let path = self.folder.path().join("elsewhere.yaml");
        path.to_string_lossy().into_owned()
    }

    fn record(&self) -> PathBuf {
        self.reports.path().join("run.jsonl")
    }

    /// `probity rerun --failed`; the report folder stays as it is.
    #[track_caller]
    fn again(&self, more: &[&str]) -> Outcome {
        let (record, file) = (self.record(), self.file());
        let mut arguments = vec!["--failed", "--no-preflight", "--record"];
        let record = record.to_string_lossy();
        arguments.extend([&*record, "--target", &file]);
        arguments.extend(more);
        let before = files(self.reports.path());
        let elsewhere = temporary();
        let outcome = rerun(elsewhere.path(), &arguments);
        assert_eq!(
            files(self.reports.path()),
            before,
            "the reports were touched"
        );
        assert_eq!(files(elsewhere.path()), BTreeMap::new());
        outcome
    }
}

#[track_caller]
fn in_order(text: &str, parts: &[&str]) {
    let mut at = 0;
    for part in parts {
        let found = text[at..].find(part);
        at += found.unwrap_or_else(|| panic!("no `{part}` behind what precedes it in\n{text}"));
    }
}

#[test]
fn one_row_is_told_with_its_control_and_every_step_in_order_and_writes_nothing() {
    let place = temporary();
    let ran = rerun(place.path(), &[ROW]).expect(0);
    in_order(
        &ran.out,
        &[
            "=== ciam/skip-update/headers/control, a control\n",
            "[1] provider 'application', step 'application'\n    > GET http://",
            "[2] provider 'user', step 'create-user'\n",
            "[3] provider 'account-warn', step 'login'\n",
            "    < 200 in ",
            "[4] request\n",
            "    > X-state-token: (token: HS256, signed)",
            "    held      status at cases/ciam/skip-update/headers.yaml:",
            "PASS ciam/skip-update/headers/control\n",
            "=== ciam/skip-update/headers/client-id-missing\n",
            "] request\n    > GET http://",
            "    < 400 in ",
            "    < {\"error_code\":\"IDAAS.SDK.PARAM.0002\"",
            "    held      error-code at cases/ciam/skip-update/headers.yaml:",
            "# X_STATE_TOKEN: /state_token of step 'login' of provider 'account-warn'\n",
            "curl -i -X GET ",
            "'X-state-token: '\"${X_STATE_TOKEN:?}\"",
            "PASS ciam/skip-update/headers/client-id-missing\n",
            "covers CIAM-SKIP-H18 ",
        ],
    );
    assert_eq!(files(place.path()), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_row_that_fails_is_told_with_what_is_broken_and_ends_as_a_run_of_it_would() {
    let mock = mock(&["x-client-id-present"]).await;
    let folder = temporary();
    let file = target::file(folder.path(), mock.base_url());
    let ran = rerun(folder.path(), &[ROW, "--target", &file.to_string_lossy()]).expect(1);
    in_order(
        &ran.out,
        &[
            "=== ciam/skip-update/headers/client-id-missing\n",
            "    < 200 in ",
            "    broken    ",
            "FAIL ciam/skip-update/headers/client-id-missing\n",
        ],
    );
}

#[test]
fn a_row_whose_provider_fails_shows_that_step_and_is_inconclusive() {
    let parrot =
        Parrot::start(b"HTTP/1.1 500 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnope");
    let folder = temporary();
    let file = target::file(folder.path(), &parrot.url());
    let file = file.to_string_lossy();
    let ran = rerun(folder.path(), &[ROW, "--no-preflight", "--target", &file]).expect(2);
    in_order(
        &ran.out,
        &[
            "=== ciam/skip-update/headers/control, a control\n",
            "[1] provider '",
            "    < 500 in ",
            "    < nope\n",
            "ERROR ciam/skip-update/headers/control\n",
            "=== ciam/skip-update/headers/client-id-missing\n    The client id is left out\n    nothing was sent for it\n",
            "ERROR ciam/skip-update/headers/client-id-missing\n",
        ],
    );
}

#[test]
fn a_row_that_the_profile_leaves_out_is_not_sent() {
    let (folder, listener) = (temporary(), Listener::start());
    let file = target::file(folder.path(), &listener.url());
    let file = file.to_string_lossy();
    let arguments = [
        ROW,
        "--no-preflight",
        "--profile",
        "read-only",
        "--target",
        &file,
    ];
    let ran = rerun(folder.path(), &arguments).expect(2);
    assert!(
        ran.out
            .contains("SKIP ciam/skip-update/headers/client-id-missing"),
        "{}",
        ran.out
    );
    assert_eq!(listener.connections(), 0);
}

#[test]
fn what_cannot_be_run_again_is_refused_and_nothing_is_sent() {
    #[track_caller]
    fn check(place: &Path, arguments: &[&str], word: &str) {
        let ran = rerun(place, arguments).expect(3);
        assert!(ran.err.contains(word), "no `{word}` in\n{}", ran.err);
        assert_eq!(ran.out, "");
    }
    let (folder, listener) = (temporary(), Listener::start());
    let file = target::file(folder.path(), &listener.url());
    let file = file.to_string_lossy();
    let broken = target::write(folder.path(), "broken.jsonl", "{}\n");
    let broken = broken.to_string_lossy();
    let nearly = "ciam/skip-update/headers/client-id-mising";
    check(
        folder.path(),
        &[nearly, "--target", &file],
        &format!("did you mean `{ROW}`?"),
    );
    check(folder.path(), &["--target", &file], "<ID>");
    check(
        folder.path(),
        &[ROW, "--failed", "--target", &file],
        "cannot be used with",
    );
    check(
        folder.path(),
        &["--failed", "--target", &file],
        "cannot read the record `reports/run.jsonl`",
    );
    let arguments = ["--failed", "--record", &broken, "--target", &file];
    check(folder.path(), &arguments, "is not a record that counts");
    assert_eq!(listener.connections(), 0);
}

#[test]
fn a_record_of_another_target_is_refused() {
    let reports = temporary();
    run_into(reports.path(), &[ROW]).expect(0);
    let (folder, listener) = (temporary(), Listener::start());
    let file = target::file(folder.path(), &listener.url());
    let record = reports.path().join("run.jsonl");
    let arguments = [
        "--failed",
        "--record",
        &record.to_string_lossy(),
        "--target",
    ];
    let ran = rerun(
        folder.path(),
        &[&arguments[..], &[&file.to_string_lossy()]].concat(),
    );
    let ran = ran.expect(3);
    assert!(
        ran.err.contains("the record is about the target `mock`"),
        "{}",
        ran.err
    );
    assert_eq!(listener.connections(), 0);
    let ran = rerun(folder.path(), &arguments[..3]).expect(0);
    assert!(
        ran.out.contains("no row of the record failed"),
        "{}",
        ran.out
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_is_fixed_or_still_failing_or_fails_otherwise() {
    let faulty = mock(&["x-client-id-present"]).await;
    let ran = Ran::against(faulty.base_url(), 1);

    let same = ran.again(&[]).expect(1);
    let lines: Vec<&str> = same.out.lines().collect();
    assert!(
        lines[0].starts_with(&format!("STILL FAILING    {ROW}: ")),
        "{}",
        same.out
    );
    assert_eq!(
        lines[1..],
        ["", "1 test case run again: 0 fixed, 1 still failing"]
    );

    let verbose = ran.again(&["-v"]).expect(1);
    in_order(
        &verbose.out,
        &[
            "=== ciam/",
            "[1] provider '",
            "FAIL ciam/",
            "\nSTILL FAILING ",
        ],
    );

    let parrot =
        Parrot::start(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    ran.lead_to(&parrot.url());
    let other = ran.again(&[]).expect(2);
    in_order(
        &other.out,
        &[
            &format!("FAILS OTHERWISE  {ROW}: "),
            "(before: ",
            "\n1 test case run again: 0 fixed, 1 fails otherwise\n",
        ],
    );

    let good = mock(&[]).await;
    ran.lead_to(good.base_url());
    let fixed = ran.again(&[]).expect(0);
    assert_eq!(
        fixed.out,
        format!("FIXED            {ROW}\n\n1 test case run again: 1 fixed\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_judged_is_run_again_too_and_what_is_gone_is_said() {
    let ran = Ran::against(target::DEAD, 2);
    let still = ran.again(&[]).expect(2);
    let lines = still
        .out
        .lines()
        .filter(|line| line.starts_with("STILL FAILING "));
    assert!(lines.count() > 1, "{}", still.out);

    let record = fs::read_to_string(ran.record()).unwrap();
    let gone = record.replace(&format!("\"{ROW}\""), &format!("\"{ROW}-gone\""));
    assert_ne!(gone, record);
    // As a suite of another day would have written it.
    let mut file = std::io::Cursor::new(gone.into_bytes());
    probity::report::record::seal(&mut file, None).unwrap();
    fs::write(ran.record(), file.into_inner()).unwrap();
    let good = mock(&[]).await;
    ran.lead_to(good.base_url());
    let fixed = ran.again(&[]).expect(2);
    in_order(
        &fixed.out,
        &[
            "FIXED            ciam/skip-update/headers/control\n",
            &format!("NOT IN THE SUITE {ROW}-gone: perhaps `{ROW}` now\n"),
            " fixed, 1 not in the suite\n",
        ],
    );
}

#[test]
fn a_verbose_run_prints_what_passing_rows_exchanged_and_the_summary_last() {
    let out = temporary();
    let ran = run_into(out.path(), &[ROW, "-v"]).expect(0);
    in_order(
        &ran.out,
        &[
            "=== ciam/skip-update/headers/control, a control\n",
            "] request\n    > GET http://",
            &format!("PASS {ROW}\n"),
            "conformant",
        ],
    );
    let quiet = probity(&["run", ROW, "--output-dir", &out.path().to_string_lossy()]).expect(0);
    assert!(!quiet.out.contains("==="), "{}", quiet.out);
}
