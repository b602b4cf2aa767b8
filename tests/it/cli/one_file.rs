//! A case file that stands alone: nothing else is on the disk, and the rules are those of any suite.

use std::{fs, path::Path};

use super::{Outcome, finish, program, temporary};
use crate::loopback::{DEAD, answering, http};

const FILE: &str = "operation: POST /users
request: { headers: { X-client-id: \"${target.client}\", Content-Type: application/json }, body: { name: Ada, age: 36 } }
control: { expect: { status: 201, body: { id: { type: string } } } }
cases:
  - id: left-out
    matrix: [{ member: /name }, { member: /age }]
    without: { member: \"${matrix.member}\" }
    expect: { status: 400 }
  - { id: nobody, without: { header: X-client-id }, expect: { status: 401 } }
schema: { '201': { type: object, required: [id, name] } }
";

fn call(folder: &Path, arguments: &[&str]) -> Outcome {
    let mut command = program();
    command
        .current_dir(folder)
        .args(arguments)
        .env("CLIENT", "sesame-client-17");
    finish(command)
}

fn folder(text: &str) -> tempfile::TempDir {
    let folder = temporary();
    fs::create_dir(folder.path().join("tests")).expect("a folder");
    fs::write(folder.path().join("tests/users.yaml"), text).expect("a file");
    folder
}

/// A server of users, which wants what the file says, unless `lax` lets the age be missing.
fn users(request: &[u8], lax: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(request).into_owned();
    let body = text.rsplit("\r\n\r\n").next().unwrap_or_default();
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let has = |name: &str| body.get(name).is_some();
    let (status, answer) = if !text.contains("sesame-client-17") {
        ("401 Unauthorized", "{}")
    } else if !has("name") || !lax && !has("age") {
        ("400 Bad Request", "{}")
    } else {
        ("201 Created", r#"{"id":"1","name":"Ada"}"#)
    };
    http(status, "application/json", answer).into_bytes()
}

/// Calls the program away from the server's thread, with `URL` in the place of its address.
async fn against(
    lax: bool,
    text: &'static str,
    calls: &'static [&'static [&'static str]],
) -> Vec<Outcome> {
    let server = answering(move |request| users(request, lax)).await;
    let url = server.url.clone();
    let called = tokio::task::spawn_blocking(move || {
        let folder = folder(text);
        let words = |call: &[&'static str]| -> Vec<String> {
            call.iter().map(|word| word.replace("URL", &url)).collect()
        };
        let calls = calls.iter().map(|call| {
            let words = words(call);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            self::call(folder.path(), &words)
        });
        calls.collect()
    });
    called.await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_keeps_what_the_file_says_is_conformant() {
    let calls: &[&[&str]] = &[&["run", "tests/users.yaml", "--base-url", "URL"]];
    let [run] = against(false, FILE, calls)
        .await
        .try_into()
        .ok()
        .expect("one");
    let run = run.expect(0);
    assert!(run.out.contains("4 rows: 4 passed"), "{}", run.out);
    assert!(!run.out.contains("sesame-client-17"), "{}", run.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finding_stands_in_the_file_and_its_row_runs_again() {
    let calls: &[&[&str]] = &[
        &["run", "tests/users.yaml", "--base-url=URL"],
        &["rerun", "users/left-out[/age]"],
        &["run", "tests/users.yaml", "nobody", "--base-url", "URL"],
    ];
    let [run, again, part] = against(true, FILE, calls)
        .await
        .try_into()
        .ok()
        .expect("three");
    let run = run.expect(1);
    for part in [
        "FAIL  POST /users -> 201, expected 400",
        "seen in   users/left-out[/age]",
        "written   tests/users.yaml:8:23",
        "again     probity rerun 'users/left-out[/age]'",
    ] {
        assert!(run.out.contains(part), "{part} is not in\n{}", run.out);
    }
    let again = again.expect(1);
    assert!(again.out.contains("expected  400"), "{}", again.out);
    assert!(part.expect(0).out.contains("2 rows: 2 passed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_of_the_file_is_kept_to_and_told_at_its_line() {
    const WANTING: &str = "operation: POST /users
request: { headers: { X-client-id: \"${target.client}\" }, body: { name: Ada, age: 36 } }
control: { expect: { status: 201 } }
schema:
  201: { type: object, required: [address] }
";
    let calls: &[&[&str]] = &[&["run", "tests/users.yaml", "--base-url", "URL"]];
    let [run] = against(false, WANTING, calls)
        .await
        .try_into()
        .ok()
        .expect("one");
    let run = run.expect(1);
    for part in ["body /address is absent", "written   tests/users.yaml:5:3"] {
        assert!(run.out.contains(part), "{part} is not in\n{}", run.out);
    }
}

#[test]
fn what_is_wrong_in_the_file_or_missing_beside_it_is_told_at_once_and_nothing_is_sent() {
    let run = |text: &str, more: &[&str]| {
        let folder = folder(text);
        call(
            folder.path(),
            &[&["run", "tests/users.yaml"], more].concat(),
        )
        .expect(3)
    };
    let refused = run(FILE, &[]);
    assert!(
        refused.err.contains("add `--base-url URL`"),
        "{}",
        refused.err
    );
    let at = &["--base-url", DEAD];
    let refused = run(&FILE.replace("target.client", "target.nobody_set"), at);
    for part in ["`NOBODY_SET` is not set", "tests/users.yaml:2:39"] {
        assert!(
            refused.err.contains(part),
            "{part} is not in\n{}",
            refused.err
        );
    }
    for (from, to, why) in [
        ("POST /users", "createUser", "is a method and a path"),
        (
            "control: {",
            "control: { covers: NOPE-1, ",
            "`users` has no requirement `NOPE-1`",
        ),
        ("type: object", "type: objct", "did you mean `object`?"),
        ("status: 401", "sttus: 401", "unknown key `sttus`"),
        ("schema:", "shema:", "unknown key `shema`"),
        ("cases:", "\tcases:", "tests/users.yaml"),
    ] {
        let refused = run(&FILE.replacen(from, to, 1), at);
        assert!(
            refused.err.contains(why),
            "{why} is not in\n{}",
            refused.err
        );
        assert!(refused.err.contains("tests/users.yaml:"), "{}", refused.err);
    }
}
