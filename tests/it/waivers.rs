//! Accepted departures from outside: what they excuse, for how long, and what they never hide.

use std::{fs, path::Path};

use probity::{report::record, result::RunReport};

use crate::{
    cli::{Outcome, finish, program, temporary},
    loopback::{self, http},
};

const ROW: &str = "lamp/state/names/colour";

/// A project about a lamp that says `red` where `green` is promised, with this waivers file.
pub(crate) fn project(place: &Path, url: &str, waivers: &str) {
    let operation = "{ operationId: showLamp, responses: { '200': { description: A lamp., content: \
                     { application/json: { schema: { type: object, properties: { on: { type: boolean }, \
                     colour: { type: string } } } } } }, \
                     '400': { description: Refused., content: { application/json: { schema: \
                     { type: object } } } } } }";
    let register = |id: &str, row: &str, about: &str| {
        format!(
            "  - {{ id: {id}, operation: showLamp, oracle: D, level: must, kind: response, \
             page: Lamp, row: {row}, text: A lamp has it., about: {{ {about} }} }}\n"
        )
    };
    let files = [
        (
            "specs/lamp/openapi.yaml",
            format!(
                "openapi: 3.1.0\ninfo: {{ title: Lamps, version: 1.0.0 }}\n\
                 paths: {{ /lamp: {{ get: {operation} }} }}\n"
            ),
        ),
        ("specs/lamp/errors.yaml", "edition: lamp\npattern: '^[A-Z_]+$'\ncode_at: /error_code\nmessage_at: /error_msg\ncodes: [{ code: NO_ANSWER, status: 400, operations: [showLamp] }]\n".to_owned()),
        (
            "specs/lamp/requirements.yaml",
            format!(
                "edition: lamp\nrequirements:\n{}{}{}",
                register("LAMP-R01", "State", "response: 200, at: /on"),
                register("LAMP-R02", "Colour", "response: 200, at: /colour"),
                register("LAMP-R03", "Refusal", "outcome: refused")
            ),
        ),
        (
            "cases/lamp/state/names.yaml",
            "edition: lamp\noperation: showLamp\nrequest: {}\n\
             control: { covers: LAMP-R01, expect: { status: 200, body: { on: true } } }\n\
             cases:\n  - id: colour\n    covers: LAMP-R02\n    set: { headers: { X-Ask: colour } }\n    \
             expect: { status: 200, body: { colour: green } }\n  \
             - id: refused\n    covers: LAMP-R03\n    set: { headers: { X-Ask: nothing } }\n    \
             expect: { status: 400, error: NO_ANSWER }\n"
                .to_owned(),
        ),
        (
            "tenants/lamp.yaml",
            format!(
                "name: lamp\neditions: {{ lamp: {{ base_url: \"{url}\" }} }}\nwaivers: waivers.yaml\n"
            ),
        ),
        ("tenants/waivers.yaml", waivers.to_owned()),
    ];
    for (path, text) in files {
        let path = place.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
}

fn waiver(row: &str, departs: &str, expires: &str) -> String {
    format!(
        "waivers:\n  - rows: {row}\n    departs: {departs}\n    owner: lamp-team\n    \
         reason: the green glass is on order\n    expires: {expires}\n"
    )
}

struct Ran {
    outcome: Outcome,
    place: tempfile::TempDir,
}

impl Ran {
    fn report(&self, name: &str) -> String {
        fs::read_to_string(self.place.path().join("reports").join(name)).expect("a report")
    }
}

/// A server whose lamp is red, and that refuses to show nothing.
async fn red_lamp() -> loopback::Server {
    loopback::answering(|request| {
        let answer = if String::from_utf8_lossy(request).contains("nothing") {
            let body = "{\"error_code\":\"NO_ANSWER\",\"error_msg\":\"ask\"}";
            http("400 Bad Request", "application/json", body)
        } else {
            let body = "{\"on\":true,\"colour\":\"red\"}";
            http("200 OK", "application/json", body)
        };
        answer.into_bytes()
    })
    .await
}

/// Runs the project; the lamp is red.
async fn run(waivers: &str, arguments: &[&str], code: i32) -> Ran {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, waivers);
    let mut command = program();
    command
        .current_dir(place.path())
        .args(["run", "--target", "tenants/lamp.yaml"])
        .args(arguments);
    let outcome = tokio::task::spawn_blocking(move || finish(command))
        .await
        .expect("its outcome")
        .expect(code);
    Ran { outcome, place }
}

const RED: &str = "{ body /colour: '\"red\"' }";

#[tokio::test(flavor = "multi_thread")]
async fn a_waived_departure_is_shown_with_its_owner_and_stops_no_gate() {
    let ran = run(&waiver(ROW, RED, "2999-12-31"), &[], 0).await;
    for words in [
        "1 row waived",
        "waived by lamp-team until 2999-12-31 (",
        "days left): the green glass is on order",
        "2 passed, 0 failed, 1 waived",
        "lamp: conformant with waivers (exit code 0)",
        // Whoever answers for it, the promise is not kept.
        "2 of 3 requirements satisfied",
        "0 violated",
        "1 waived",
    ] {
        assert!(
            ran.outcome.out.contains(words),
            "{words}\n{}",
            ran.outcome.out
        );
    }
    let junit = ran.report("junit.xml");
    assert!(
        junit.contains("<skipped message=\"waived by lamp-team"),
        "{junit}"
    );
    assert!(!junit.contains("<failure"), "{junit}");
    let record = record::read(&ran.report("run.jsonl")).expect("a whole record");
    let waived = record
        .report()
        .cases
        .iter()
        .find(|case| case.waiver.is_some());
    assert_eq!(
        waived.map(|case| (case.id.as_str(), case.verdict.label())),
        Some((ROW, "fail"))
    );
    assert_eq!(
        (record.footer.counts.waived, record.footer.counts.failed),
        (1, 0)
    );
}

/// The report of all shards of the project, merged.
async fn merged(waivers: &str, shards: u32, code: i32) -> RunReport {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, waivers);
    let folder = place.path().to_owned();
    let calls = (1..=shards).map(|index| {
        let (shard, output) = (format!("{index}/{shards}"), format!("shard-{index}"));
        let mut command = program();
        command.current_dir(&folder);
        command.args(["run", "--target", "tenants/lamp.yaml", "--shard", &shard]);
        command.args(["--output-dir", &output]);
        command
    });
    let calls: Vec<_> = calls.collect();
    let mut last = program();
    last.current_dir(&folder).arg("merge");
    last.args((1..=shards).map(|index| format!("shard-{index}/run.jsonl")));
    tokio::task::spawn_blocking(move || {
        for call in calls {
            finish(call);
        }
        finish(last)
    })
    .await
    .expect("its outcome")
    .expect(code);
    let text = fs::read_to_string(place.path().join("reports/run.jsonl")).expect("a record");
    record::read(&text).expect("a record").into_report()
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_together_have_the_waivers_of_the_whole() {
    let gone = waiver("lamp/state/names/gone", "{ status: '*' }", "2999-12-31");
    let both = waiver(ROW, RED, "2999-12-31") + gone.trim_start_matches("waivers:\n");
    for (waivers, code) in [(waiver(ROW, RED, "2999-12-31"), 0), (both, 5)] {
        let whole = run(&waivers, &[], code).await;
        let whole = record::read(&whole.report("run.jsonl")).expect("a record");
        let whole = whole.into_report();
        let merged = merged(&waivers, 3, code).await;
        assert_eq!(merged.waivers, whole.waivers);
        assert_eq!(merged.because(), whole.because());
        assert_eq!(merged.counts(), whole.counts());
        assert_eq!(merged.requirements, whole.requirements);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiver_that_is_over_excuses_nothing() {
    let ran = run(&waiver(ROW, RED, "2020-01-31"), &[], 1).await;
    assert!(
        ran.outcome.out.contains("the waiver ended on 2020-01-31"),
        "{}",
        ran.outcome.out
    );
    assert!(ran.report("junit.xml").contains("<failure"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_departure_of_another_kind_is_not_excused() {
    let ran = run(
        &waiver(ROW, "{ body /colour: '\"blue\"' }", "2999-12-31"),
        &[],
        1,
    )
    .await;
    for words in [
        "the row departs in another way",
        "body /colour is \"red\"",
        "(fingerprint",
    ] {
        assert!(ran.outcome.out.contains(words), "{}", ran.outcome.out);
    }
    run(&waiver(ROW, "{ status: '*' }", "2999-12-31"), &[], 1).await;
    run(&waiver(ROW, "{ body /colour: '*' }", "2999-12-31"), &[], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiver_that_is_not_needed_or_names_no_row_wants_attention() {
    let both = waiver(ROW, RED, "2999-12-31");
    let idle = both.clone()
        + waiver(
            "lamp/state/names/control",
            "{ status: \"500\" }",
            "2999-12-31",
        )
        .trim_start_matches("waivers:\n");
    let ran = run(&idle, &[], 5).await;
    assert!(
        ran.outcome
            .out
            .contains("the row passes now, so the waiver can go"),
        "{}",
        ran.outcome.out
    );
    assert!(
        ran.outcome
            .out
            .contains("waivers need attention (exit code 5)"),
        "{}",
        ran.outcome.out
    );
    let strange =
        both + waiver("lamp/state/names/shape", RED, "2999-12-31").trim_start_matches("waivers:\n");
    let ran = run(&strange, &[], 5).await;
    assert!(
        ran.outcome.out.contains("there is no such row"),
        "{}",
        ran.outcome.out
    );
    // A part of the suite says nothing of the rest.
    run(&strange, &["names/colour"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_for_what_failed_are_refused_until_somebody_answers_for_them() {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, "waivers: []\n");
    let call = |arguments: &[&str], code: i32| {
        let mut command = program();
        command.current_dir(place.path()).args(arguments);
        finish(command).expect(code)
    };
    let lamp = ["--target", "tenants/lamp.yaml"];
    let work = tokio::task::block_in_place(|| {
        call(&["run", lamp[0], lamp[1]], 1);
        let entries = call(&["waive"], 0).out;
        assert_eq!(entries.matches("  - rows:\n").count(), 1, "{entries}");
        assert!(
            entries.contains(r#""body /colour": "\"red\"""#),
            "{entries}"
        );
        assert_eq!(call(&["waive", "colour"], 0).out, entries);
        assert_eq!(call(&["waive", "refused"], 0).out, "");
        let file = place.path().join("tenants/waivers.yaml");
        fs::write(&file, &entries).expect("written");
        let refused = call(&["lint", lamp[0], lamp[1]], 3);
        assert!(
            refused.err.contains("a waiver says its `owner`"),
            "{}",
            refused.err
        );
        let filled = entries.replace("owner: \"\"", "owner: lamp-team");
        fs::write(&file, filled.replace("reason: \"\"", "reason: known")).expect("written");
        call(&["run", lamp[0], lamp[1]], 0);
        call(&["waive"], 0)
    });
    assert_eq!(work.out, "");
    assert!(work.err.contains("nothing to accept"), "{}", work.err);
}

/// The fingerprint of the red lamp, as the reports of a run show it.
fn fingerprint(text: &str) -> String {
    let (_, rest) = text.split_once("fingerprint ").expect("a fingerprint");
    rest.chars().take(12).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_accepted_by_the_fingerprint_that_every_report_shows() {
    let ran = run("waivers: []\n", &[], 1).await;
    let shown = fingerprint(&ran.report("junit.xml"));
    assert!(ran.report("report.html").contains(&shown), "{shown}");
    let by = |print: &str| {
        format!(
            "waivers:\n  - rows: {ROW}\n    fingerprints: {print}\n    owner: a\n    reason: b\n    \
             since: 2026-01-01\n    expires: 2999-12-31\n"
        )
    };
    let ran = run(&by(&shown), &[], 0).await;
    assert!(ran.outcome.out.contains("accepted"), "{}", ran.outcome.out);
    let ran = run(&by("abcdefabcdef"), &[], 1).await;
    assert!(ran.outcome.out.contains(&shown), "{}", ran.outcome.out);
    let ran = run(&by("none"), &[], 3).await;
    assert!(
        ran.outcome.err.contains("is no fingerprint"),
        "{}",
        ran.outcome.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_accepts_so_many_rows_as_it_says_and_of_more_none() {
    let of = |rows: &str, most: &str| {
        format!(
            "waivers:\n  - rows: \"{rows}\"\n{most}    departs: {RED}\n    owner: a\n    reason: b\n    \
             expires: 2999-12-31\n"
        )
    };
    run(&of("lamp/*/colour", "    max_matches: 1\n"), &[], 0).await;
    let ran = run(&of("lamp/*/colour", ""), &[], 3).await;
    assert!(
        ran.outcome.err.contains("needs `max_matches`"),
        "{}",
        ran.outcome.err
    );
    let ran = run(&of("lamp/*/other", "    max_matches: 1\n"), &[], 1).await;
    assert!(
        ran.outcome.out.contains("no row of its patterns fails"),
        "{}",
        ran.outcome.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn exact_entries_name_fingerprints_and_hold_for_the_same_run_again() {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, "waivers: []\n");
    let call = |arguments: &[&str], code: i32| {
        let mut command = program();
        command.current_dir(place.path()).args(arguments);
        finish(command).expect(code)
    };
    tokio::task::block_in_place(|| {
        call(&["run", "--target", "tenants/lamp.yaml"], 1);
        let entries = call(&["waive", "--exact"], 0).out;
        assert!(entries.contains("# body /colour: \"red\""), "{entries}");
        assert!(!entries.contains("departs:"), "{entries}");
        let filled = entries.replace("owner: \"\"", "owner: lamp-team");
        let filled = filled.replace("reason: \"\"", "reason: known");
        fs::write(place.path().join("tenants/waivers.yaml"), filled).expect("written");
        call(&["run", "--target", "tenants/lamp.yaml"], 0);
    });
}
