//! The library as a test harness: the exit code is that of the trials, and nothing passes that was not judged.

use std::{fs, process::ExitCode};

use probity::conformance;

use crate::loopback::{DEAD, Server, always, http};

const DOCUMENT: &str = "openapi: 3.1.0
info: { title: Users, version: '1' }
paths:
  /users: { get: { operationId: list, responses: { '200': { description: d }, '404': { description: d } } } }
";

const CASES: &str = "edition: x
operation: list
request: {}
control: { expect: { status: 200 } }
cases:
  - { id: gone, set: { query: { page: '9' } }, expect: { status: 200 } }
  - { id: draft, todo: who knows, expect: { status: 404 } }
";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in [
        ("specs/x/openapi.yaml", DOCUMENT),
        ("cases/x/list.yaml", CASES),
        (
            "tenants/local.yaml",
            "name: x\neditions: { x: { base_url: http://127.0.0.1:1 } }\n",
        ),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

/// What the trials that these words select came to.
struct Ended {
    code: ExitCode,
    /// What they printed.
    log: String,
    /// Every report was written.
    has_reports: bool,
}

/// Runs the trials that these words select; a server starts in the process when there is an answer.
async fn run(answer: Option<&'static str>, words: &'static [&'static str]) -> Ended {
    let called = tokio::task::spawn_blocking(move || {
        let folder = project();
        let (out, log) = (folder.path().join("out"), folder.path().join("log.txt"));
        let own = ["test".to_owned(), format!("--logfile={}", log.display())];
        let words = own
            .into_iter()
            .chain(words.iter().map(|word| (*word).to_owned()));
        let suite = conformance(folder.path())
            .target("tenants/local.yaml")
            .reports(&out);
        let suite = match answer {
            Some(status) => suite.serve(move || async move {
                let server: Server = always(http(status, "application/json", "{}")).await;
                let url = server.url.clone();
                // It lives as long as the run.
                std::mem::forget(server);
                url
            }),
            None => suite.base_url(DEAD),
        };
        let code = suite.run_as(words);
        let mut reports = ["junit.xml", "report.html", "run.jsonl"].iter();
        Ended {
            code,
            log: fs::read_to_string(&log).unwrap_or_default(),
            has_reports: reports.all(|name| out.join(name).is_file()),
        }
    });
    called.await.expect("no panic")
}

#[track_caller]
fn same(code: ExitCode, expected: u8) {
    // Two exit codes cannot be compared but by what they show.
    let expected = ExitCode::from(expected);
    assert_eq!(format!("{code:?}"), format!("{expected:?}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trials_pass_where_the_server_keeps_its_document_and_fail_where_it_does_not() {
    let right = run(Some("200 OK"), &[]).await;
    same(right.code, 0);
    assert!(right.has_reports, "the reports are written");
    let wrong = run(Some("403 Forbidden"), &[]).await;
    same(wrong.code, 101);
    for part in ["expected  200", "actual    403", "cases/x/list.yaml:4:30"] {
        assert!(wrong.log.contains(part), "{part} is not in\n{}", wrong.log);
    }
    same(
        run(Some("403 Forbidden"), &["--skip", "list"]).await.code,
        0,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_reached_or_was_never_judged_does_not_pass() {
    let nobody = run(None, &[]).await;
    same(nobody.code, 101);
    assert!(nobody.log.contains("nothing was sent: "), "{}", nobody.log);
    // A draft is ignored, and asked for all the same it is not judged.
    same(run(Some("200 OK"), &["x/list/draft"]).await.code, 0);
    let draft = run(Some("200 OK"), &["x/list/draft", "--include-ignored"]).await;
    same(draft.code, 101);
    assert!(
        draft.log.contains("to be filled in: who knows"),
        "{}",
        draft.log
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_starts_nothing() {
    let listed = tokio::task::spawn_blocking(|| {
        let folder = project();
        conformance(folder.path())
            .target("tenants/local.yaml")
            .serve(|| async { unreachable!("nothing is served for a list") })
            .run_as(["test", "--list", "--logfile=/dev/null"].map(str::to_owned))
    });
    same(listed.await.expect("no panic"), 0);
}
