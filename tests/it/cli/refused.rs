//! Calls that are refused with exit code 3, and send nothing.

use std::path::Path;

use super::{
    Outcome, finish, probity, program, run_into,
    target::{self, Listener},
    temporary,
};

/// Runs against a listener and asserts that the call was refused and nobody connected.
#[track_caller]
fn refused(call: impl FnOnce(&Path, &str) -> Outcome) -> Outcome {
    let (folder, listener) = (temporary(), Listener::start());
    let file = target::file(folder.path(), &listener.url());
    let outcome = call(folder.path(), &file.to_string_lossy()).expect(3);
    assert_eq!(
        listener.connections(),
        0,
        "a refused call sent something:\n{}",
        outcome.err
    );
    outcome
}

#[test]
fn the_listener_would_see_a_connection() {
    let listener = Listener::start();
    let _one = std::net::TcpStream::connect(listener.url().trim_start_matches("http://")).unwrap();
    assert_eq!(listener.connections(), 1);
}

#[test]
fn an_unknown_flag_is_refused() {
    let outcome = refused(|_, file| probity(&["run", "--target", file, "--jbos", "3"]));
    assert!(outcome.err.contains("--jbos"), "{}", outcome.err);
}

#[test]
fn everything_is_allowed_only_on_a_tenant_that_somebody_calls_a_test_tenant() {
    let outcome = refused(|folder, file| {
        // What the file extends speaks of another tenant.
        let base = folder.join("mock.yaml");
        let text = std::fs::read_to_string(&base).unwrap();
        target::write(folder, "mock.yaml", &format!("{text}test_tenant: Ours.\n"));
        let output = folder.join("out");
        run_into(&output, &["--target", file, "--profile", "destructive"])
    });
    for word in ["`test_tenant`", "elsewhere.yaml", "nothing was sent"] {
        assert!(outcome.err.contains(word), "{}", outcome.err);
    }
}

#[test]
fn an_unknown_profile_is_refused_with_those_there_are() {
    let outcome = refused(|_, file| probity(&["run", "--target", file, "--profile", "careful"]));
    assert!(
        outcome.err.contains("read-only, non-destructive"),
        "{}",
        outcome.err
    );
}

#[test]
fn an_unknown_edition_is_refused() {
    let outcome = refused(|_, file| probity(&["run", "--target", file, "--edition", "caim"]));
    assert!(outcome.err.contains("caim"), "{}", outcome.err);
}

#[test]
fn no_rows_in_flight_at_all_is_refused() {
    refused(|_, file| probity(&["run", "--target", file, "--jobs", "0"]));
}

#[test]
fn a_filter_that_matches_nothing_is_refused() {
    let outcome = refused(|folder, file| {
        run_into(
            &folder.join("out"),
            &["no-such-row-anywhere", "--target", file],
        )
    });
    assert!(outcome.err.contains("no row matches"), "{}", outcome.err);
}

#[test]
fn a_target_file_that_is_not_there_is_refused() {
    let outcome = refused(|folder, _| {
        let missing = folder.join("missing.yaml");
        run_into(
            &folder.join("out"),
            &["--target", &missing.to_string_lossy()],
        )
    });
    assert!(outcome.err.contains("missing.yaml"), "{}", outcome.err);
}

#[test]
fn a_target_file_with_an_unknown_key_is_refused() {
    let outcome = refused(|folder, file| {
        let text = std::fs::read_to_string(file).unwrap();
        let wrong = target::write(
            folder,
            "wrong.yaml",
            &format!("{text}limtis: {{ jobs: 1 }}\n"),
        );
        run_into(&folder.join("out"), &["--target", &wrong.to_string_lossy()])
    });
    assert!(
        outcome.err.contains("did you mean `limits`?"),
        "{}",
        outcome.err
    );
    assert!(
        outcome.err.contains("1 mistake; nothing was sent"),
        "{}",
        outcome.err
    );
}

#[test]
fn a_secret_that_is_not_set_is_refused() {
    let outcome = refused(|folder, file| {
        let text = std::fs::read_to_string(file).unwrap().replace(
            "hosts:",
            "secrets: { client_secret: { env: PROBITY_TEST_NOT_SET } }, hosts:",
        );
        let wrong = target::write(folder, "wrong.yaml", &text);
        run_into(&folder.join("out"), &["--target", &wrong.to_string_lossy()])
    });
    assert!(
        outcome.err.contains("PROBITY_TEST_NOT_SET"),
        "{}",
        outcome.err
    );
}

#[test]
fn a_case_file_with_a_mistake_is_refused() {
    let outcome = refused(|folder, file| {
        let wrong = "edition: ciam\noperation: skipPasswordUpdate\nrequest: {}\ncontrol: { expect: { status: 2OO } }\n";
        target::write(folder, "project/cases/ciam/skip-update/wrong.yaml", wrong);
        let mut command = program();
        command
            .args(["run", "--target", file, "--root"])
            .arg(folder.join("project"))
            .arg("--output-dir")
            .arg(folder.join("out"));
        finish(command)
    });
    assert!(
        outcome.err.contains("cases/ciam/skip-update/wrong.yaml:4:"),
        "{}",
        outcome.err
    );
}

#[test]
fn a_folder_that_is_no_project_is_refused_by_every_subcommand() {
    let empty = temporary();
    let root = empty.path().to_string_lossy().into_owned();
    for command in [
        &["run"][..],
        &["list"],
        &["lint"],
        &["show", "ciam/skip-update/headers/control"],
    ] {
        let outcome = refused(|folder, file| {
            let mut call = program();
            call.args(command).args(["--root", &root]);
            if command != ["list"] {
                call.args(["--target", file]);
            }
            if command == ["run"] {
                call.arg("--output-dir").arg(folder.join("out"));
            }
            finish(call)
        });
        assert!(
            outcome.err.contains("there is no folder `cases` here"),
            "{command:?}: {}",
            outcome.err
        );
    }
}

#[test]
fn a_folder_for_reports_that_cannot_be_made_is_refused() {
    let outcome = refused(|folder, file| {
        // A file stands where the folder should be, which stops even the superuser.
        let taken = target::write(folder, "taken", "");
        run_into(&taken.join("reports"), &["--target", file])
    });
    assert!(outcome.err.contains("cannot write to"), "{}", outcome.err);
}

#[test]
fn a_report_that_cannot_be_written_is_found_before_anything_is_sent() {
    let outcome = refused(|folder, file| {
        // A folder stands where a report should be.
        let out = folder.join("out");
        std::fs::create_dir_all(out.join("junit.xml/inside")).unwrap();
        run_into(&out, &["ciam/skip-update/token", "--target", file])
    });
    assert!(outcome.err.contains("cannot write"), "{}", outcome.err);
}

#[test]
fn a_port_for_all_editions_at_once_is_refused() {
    probity(&["mock", "--port", "4010"]).expect(3);
}
