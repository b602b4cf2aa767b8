//! `probity run`: exit codes that follow the target, reports that can be read back, plain output.

use probity::report::record;
use regex::Regex;

use super::{
    Outcome, finish, probity, program, run_into,
    target::{self, Parrot},
    temporary,
};
use crate::support::root;

/// Every verdict with its reason, as the record in a folder has it.
fn verdicts(folder: &std::path::Path) -> Vec<(String, String)> {
    let text =
        std::fs::read_to_string(folder.join("run.jsonl")).unwrap_or_else(|error| panic!("{error}"));
    let record = record::read(&text).unwrap_or_else(|error| panic!("{error}"));
    let cases = record.report().cases.iter();
    let words = cases.map(|case| (case.verdict.label(), case.verdict.reason()));
    words
        .map(|(shape, reason)| (shape.to_owned(), reason.to_owned()))
        .collect()
}

#[test]
fn a_conformant_run_is_exit_0_and_its_record_reads_back() {
    let out = temporary();
    let ran = run_into(out.path(), &["ciam/skip-update"]).expect(0);
    assert!(ran.out.contains("conformant"), "{}", ran.out);

    let text = std::fs::read_to_string(out.path().join("run.jsonl")).unwrap();
    let record = record::read(&text).unwrap();
    let listed = probity(&["list", "ciam/skip-update"]).expect(0);
    let ids: Vec<&str> = record
        .report()
        .cases
        .iter()
        .map(|case| case.id.as_str())
        .collect();
    assert_eq!(ids, listed.out.lines().collect::<Vec<_>>());
    assert_eq!(record.header.target, "mock");
    assert!(
        record
            .report()
            .cases
            .iter()
            .any(|case| case.verdict.is_pass())
    );

    let junit = std::fs::read_to_string(out.path().join("junit.xml")).unwrap();
    assert_eq!(
        junit.matches("<testcase ").count(),
        record.report().cases.len()
    );
}

#[test]
fn a_run_leaves_no_half_written_file() {
    let out = temporary();
    run_into(out.path(), &["ciam/skip-update/token"]).expect(0);
    let mut names: Vec<_> = std::fs::read_dir(out.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["junit.xml", "report.html", "run.jsonl"]);
}

#[test]
fn a_filter_brings_the_control_along() {
    let out = temporary();
    run_into(out.path(), &["ciam/skip-update/headers/client-id-missing"]).expect(0);
    assert_eq!(verdicts(out.path()).len(), 2);
}

#[test]
fn a_dead_port_proves_nothing_against_the_target() {
    let (out, folder) = (temporary(), temporary());
    let file = target::file(folder.path(), target::DEAD);
    let ran = run_into(
        out.path(),
        &[
            "ciam/skip-update/headers",
            "--no-preflight",
            "--target",
            &file.to_string_lossy(),
        ],
    )
    .expect(2);
    assert!(ran.out.contains("inconclusive"), "{}", ran.out);
    nothing_is_judged(out.path());
}

#[test]
fn a_target_that_does_not_speak_http_proves_nothing_against_it() {
    let (out, folder) = (temporary(), temporary());
    let parrot = Parrot::start(b"220 mail.example ESMTP ready\r\n\0\xff\xfe\r\n");
    let file = target::file(folder.path(), &parrot.url());
    run_into(
        out.path(),
        &[
            "ciam/skip-update/headers",
            "--no-preflight",
            "--target",
            &file.to_string_lossy(),
        ],
    )
    .expect(2);
    nothing_is_judged(out.path());
}

#[test]
fn a_target_that_hangs_up_at_once_proves_nothing_against_it() {
    let (out, folder) = (temporary(), temporary());
    let parrot = Parrot::start(b"");
    let file = target::file(folder.path(), &parrot.url());
    run_into(
        out.path(),
        &[
            "ciam/skip-update/headers",
            "--no-preflight",
            "--target",
            &file.to_string_lossy(),
        ],
    )
    .expect(2);
    nothing_is_judged(out.path());
}

/// Rows of an unreachable target are errors, or behind a control that is one; none passes or fails.
#[track_caller]
fn nothing_is_judged(folder: &std::path::Path) {
    let verdicts = verdicts(folder);
    assert!(
        verdicts.iter().any(|(verdict, _)| verdict == "error"),
        "{verdicts:?}"
    );
    assert!(
        verdicts
            .iter()
            .all(|(verdict, _)| verdict == "error" || verdict == "skip"),
        "{verdicts:?}"
    );
}

/// A short run with an environment of its own.
fn coloured(name: &str, value: &str) -> Outcome {
    let out = temporary();
    let mut command = program();
    command
        .env(name, value)
        .args(["run", "ciam/skip-update/token", "--output-dir"])
        .arg(out.path());
    finish(command)
}

#[test]
fn piped_output_has_no_escape_codes() {
    let out = temporary();
    let ran = run_into(out.path(), &["ciam/skip-update/token"]).expect(0);
    assert!(!ran.out.contains('\x1b'), "{:?}", ran.out);
    assert!(!ran.err.contains('\x1b'), "{:?}", ran.err);
}

#[test]
fn colour_that_is_not_wanted_is_not_given() {
    let ran = coloured("NO_COLOR", "1").expect(0);
    assert!(!ran.out.contains('\x1b'), "{:?}", ran.out);
}

#[test]
fn mistakes_that_are_piped_have_no_escape_codes() {
    let mut command = program();
    command
        .env("NO_COLOR", "1")
        .args(["lint", "--target", "no-such-target.yaml"]);
    let linted = finish(command).expect(3);
    assert!(linted.err.contains("no-such-target.yaml"), "{}", linted.err);
    assert!(!linted.err.contains('\x1b'), "{:?}", linted.err);
}

#[test]
fn a_list_whose_reader_goes_away_is_no_failure() {
    let mut command = program();
    command.arg("list").stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// What the README shows of the main job is what the main job prints; its time is the machine's.
#[test]
fn the_readme_shows_what_the_main_job_prints() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a README");
    let block = readme.split("```text\n").nth(1).expect("the summary");
    let block = block.split("```").next().unwrap_or_default();
    let out = temporary();
    let ran = run_into(out.path(), &[]).expect(0);
    let folder = format!("{}/", out.path().display());
    let printed = ran.out.replace(&folder, "reports/");
    let seconds = Regex::new(r" in \d+\.\d s").expect("an expression");
    let printed = seconds.replace_all(&printed, " in some time");
    let block = seconds.replace_all(block, " in some time");
    let lines = block.lines().filter(|line| *line != "…");
    let mut count = 0;
    for line in lines {
        assert!(printed.contains(line), "`{line}` is not in\n{printed}");
        count += 1;
    }
    assert!(count >= 5, "{block}");
    let text = std::fs::read_to_string(out.path().join("run.jsonl")).expect("a record");
    let report = record::read(&text).expect("a whole record");
    let requirements = format!("{} requirements", report.report().requirements.len());
    assert!(readme.contains(&requirements), "no `{requirements}`");
}

#[test]
fn the_record_says_of_which_suite_and_version_it_is_and_how_it_was_asked_for() {
    let folder = temporary();
    let mock = std::fs::read_to_string(root().join("tenants/mock.yaml")).unwrap();
    target::write(folder.path(), "mock.yaml", &mock);
    let own = "name: versions\nextends: mock.yaml\n\
               providers:\n  info: { values: { build_number: \"7.2\" } }\n\
               editions:\n  ciam: { version: { header: CONTENT-TYPE } }\n  \
               eiam: { version: { provider: info, pointer: /build_number } }\n  \
               oneaccess: { version: \"8.0\" }\n";
    let own = target::write(folder.path(), "own.yaml", own);
    let own = own.to_string_lossy().into_owned();
    let told = |more: &[&str]| {
        let mut arguments = vec!["--target", &own, "headers/control", "--shuffle", "7"];
        arguments.extend(more);
        let out = temporary();
        run_into(out.path(), &arguments).expect(0);
        let text = std::fs::read_to_string(out.path().join("run.jsonl")).unwrap();
        record::read(&text).unwrap().header.provenance
    };
    let first = told(&["--jobs", "3"]);
    let versions = first.editions.values().map(|one| one.version.as_deref());
    assert_eq!(
        versions.collect::<Vec<_>>(),
        [Some("application/json"), Some("7.2"), Some("8.0")]
    );
    assert!(first.editions.values().all(|one| one.address == "embedded"));
    assert_eq!((first.jobs, first.seed), (3, Some(7)));
    assert!(first.command.iter().any(|word| word == "--shuffle"));
    assert_eq!(first.suite.cases.len(), 64);
    assert_eq!(told(&[]).suite, first.suite);
}

#[test]
fn a_version_is_taken_from_the_answer_to_a_request_for_it_and_nothing_else_depends_on_it() {
    let folder = temporary();
    let mock = std::fs::read_to_string(root().join("tenants/mock.yaml")).unwrap();
    target::write(folder.path(), "mock.yaml", &mock);
    let of = |request: &str, pointer: &str| {
        let text = format!(
            "name: versions\nextends: mock.yaml\neditions:\n  ciam: {{ version: {{ step: {{ request: {request} }}, \
             pointer: {pointer} }} }}\n"
        );
        let file = target::write(folder.path(), "own.yaml", &text);
        let file = file.to_string_lossy().into_owned();
        let out = temporary();
        run_into(
            out.path(),
            &["--target", &file, "ciam/skip-update/headers/control"],
        )
        .expect(0);
        let text = std::fs::read_to_string(out.path().join("run.jsonl")).unwrap();
        let provenance = record::read(&text).unwrap().header.provenance;
        provenance.editions["ciam"].version.clone()
    };
    let keys = "GET /api/v1/oauth2/keys";
    assert_eq!(of(keys, "/keys/0/alg").as_deref(), Some("RS256"));
    assert_eq!(of(keys, "/keys"), None);
    assert_eq!(of("GET /nowhere", "/version"), None);
    let text = "name: v\nextends: mock.yaml\neditions:\n  ciam: { version: { step: { request: GET /a } } }\n";
    let file = target::write(folder.path(), "bad.yaml", text);
    let refused = probity(&["lint", "--target", &file.to_string_lossy()]).expect(3);
    assert!(
        refused.err.contains("`version` needs one source"),
        "{}",
        refused.err
    );
}

#[test]
fn an_answer_is_recorded_as_long_as_it_is() {
    const LONG: usize = 30_000;
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{{\"a\":\"{}\"}}",
        LONG + 8,
        "x".repeat(LONG)
    );
    let parrot = Parrot::start(answer.leak().as_bytes());
    let folder = temporary();
    let file = target::file(folder.path(), &parrot.url());
    let out = temporary();
    let row = "ciam/skip-update/headers/control";
    let file = file.to_string_lossy().into_owned();
    run_into(out.path(), &["--no-preflight", "--target", &file, row]);
    let text = std::fs::read_to_string(out.path().join("run.jsonl")).unwrap();
    let record = record::read(&text).unwrap();
    let steps = record.report().cases.iter().flat_map(|case| &case.steps);
    let bodies = steps.filter_map(|step| step.exchange.as_ref()?.response_body.as_ref());
    let lengths: Vec<usize> = bodies.map(String::len).collect();
    assert!(lengths.contains(&(LONG + 8)), "{lengths:?}");
    // A page shows of it what it can bear.
    let page = std::fs::read_to_string(out.path().join("report.html")).unwrap();
    assert!(page.len() < 200_000, "{}", page.len());
}
