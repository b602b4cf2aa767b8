//! Rows that pass and fail by turns: found where that is asked for, and never green for it.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use probity::{report::record, result::Tries};
use serde_json::Value;

use crate::{
    cli::{Outcome, finish, program, temporary},
    loopback::{self, http},
    waivers::project,
};

const ROW: &str = "lamp/state/names/colour";

/// A row that may lock an account, in the lamp's own words.
const LOCKING: &str = "  - { id: locking, risk: lockout, set: { headers: { X-Ask: locking } }, \
                       expect: { status: 200, body: { colour: green } } }\n";

struct Ran {
    outcome: Outcome,
    place: tempfile::TempDir,
    /// How often each was asked for: `colour`, and `locking`.
    asked: [usize; 2],
}

impl Ran {
    fn report(&self, name: &str) -> String {
        fs::read_to_string(self.place.path().join("reports").join(name)).expect("a report")
    }

    fn tries(&self) -> Option<Tries> {
        let record = record::read(&self.report("run.jsonl")).expect("a whole record");
        let mut cases = record.report().cases.iter();
        let case = cases.find(|case| case.id.as_str() == ROW);
        case.expect("the row").basis.tries
    }
}

/// Runs the project about a lamp, which is red at these turns of the row that asks for its colour.
async fn run(red: &'static [usize], arguments: &[&str], code: i32) -> Ran {
    run_with("waivers: []\n", red, arguments, code).await
}

/// As [`run`], with this waivers file.
async fn run_with(waivers: &str, red: &'static [usize], arguments: &[&str], code: i32) -> Ran {
    let asked = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let counts = Arc::clone(&asked);
    let server = loopback::answering(move |request| {
        let text = String::from_utf8_lossy(request).into_owned();
        if text.contains("nothing") {
            let body = "{\"error_code\":\"NO_ANSWER\",\"error_msg\":\"ask\"}";
            return http("400 Bad Request", "application/json", body).into_bytes();
        }
        let turn = if text.contains("locking") {
            counts[1].fetch_add(1, Ordering::SeqCst);
            usize::MAX
        } else if text.contains("colour") {
            counts[0].fetch_add(1, Ordering::SeqCst)
        } else {
            usize::MAX
        };
        let colour = if red.contains(&turn) { "red" } else { "green" };
        let body = format!("{{\"on\":true,\"colour\":\"{colour}\"}}");
        http("200 OK", "application/json", &body).into_bytes()
    })
    .await;
    let place = temporary();
    project(place.path(), &server.url, waivers);
    let cases = place.path().join("cases/lamp/state/names.yaml");
    let text = fs::read_to_string(&cases).expect("it is there");
    fs::write(&cases, text + LOCKING).expect("it can be written");
    let mut command = program();
    command
        .current_dir(place.path())
        .args(["run", "--target", "tenants/lamp.yaml", "--report", "ctrf"])
        .args(arguments);
    let outcome = tokio::task::spawn_blocking(move || finish(command))
        .await
        .expect("its outcome")
        .expect(code);
    let asked = [0, 1].map(|place: usize| asked[place].load(Ordering::SeqCst));
    Ran {
        outcome,
        place,
        asked,
    }
}

const fn tries(passed: usize, failed: usize) -> Tries {
    Tries {
        passed,
        failed,
        not_judged: 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_fails_once_of_three_times_is_flaky_and_fails() {
    for red in [&[0][..], &[1], &[2]] {
        let ran = run(red, &["--repeat", "3"], 1).await;
        let words = "FLAKY lamp/state/names/colour: failed 1 of 3 times";
        assert!(ran.outcome.out.contains(words), "{}", ran.outcome.out);
        assert!(
            ran.outcome
                .err
                .contains("1 row will run once: each may lock an account")
        );
        assert_eq!(ran.tries(), Some(tries(2, 1)));
        assert_eq!(ran.asked, [3, 1]);
        assert!(
            ran.report("junit.xml")
                .contains("flaky: failed 1 of 3 times")
        );
        assert!(
            ran.report("report.html")
                .contains("flaky: failed 1 of 3 times")
        );
        let ctrf: Value = serde_json::from_str(&ran.report("run.ctrf.json")).expect("JSON");
        let tests = ctrf["results"]["tests"].as_array().expect("tests");
        let flaky: Vec<_> = tests.iter().filter(|one| one["flaky"] == true).collect();
        assert_eq!(flaky.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_passes_when_it_is_tried_again_is_no_greener_for_it() {
    let ran = run(&[0], &["--retry-failed", "2"], 1).await;
    assert!(
        ran.outcome.out.contains("failed 1 of 3 times"),
        "{}",
        ran.outcome.out
    );
    assert_eq!((ran.tries(), ran.asked), (Some(tries(2, 1)), [3, 1]));
    let ran = run(&[0, 1, 2], &["--retry-failed", "2"], 1).await;
    assert!(!ran.outcome.out.contains("FLAKY"), "{}", ran.outcome.out);
    assert_eq!(ran.tries(), Some(tries(0, 3)));
    let ran = run(&[], &["--retry-failed", "2"], 0).await;
    assert_eq!((ran.tries(), ran.asked), (None, [1, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_always_pass_are_conformant_however_often_they_run() {
    let ran = run(&[], &["--repeat", "4"], 0).await;
    assert_eq!((ran.tries(), ran.asked), (Some(tries(4, 0)), [4, 1]));
    assert!(!ran.outcome.out.contains("FLAKY"), "{}", ran.outcome.out);
    run(&[], &["--repeat", "1"], 3).await;
    run(&[], &["--repeat", "2", "--retry-failed", "2"], 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flaky_row_fails_the_gate_unless_its_finding_is_waived() {
    let entry = format!(
        "waivers:\n  - rows: {ROW}\n    departs: {{ body /colour: '\"red\"' }}\n    owner: a\n    \
         reason: b\n    expires: 2999-12-31\n"
    );
    run(&[1], &["--repeat", "2"], 1).await;
    let ran = run_with(&entry, &[1], &["--repeat", "2"], 0).await;
    assert!(ran.outcome.out.contains("FLAKY"), "{}", ran.outcome.out);
    assert!(
        ran.outcome.out.contains("conformant with waivers"),
        "{}",
        ran.outcome.out
    );
}
