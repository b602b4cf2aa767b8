//! The console summary: what failed first, each cause once, nothing a build service would obey.

use probity::{
    report::{console::summary, explain, junit, record},
    result::{PassReason, Repeated, RunReport, Verdict},
};

use super::{golden, run};

fn files() -> Vec<String> {
    vec!["reports/junit.xml".into(), "reports/run.jsonl".into()]
}

#[test]
fn a_mixed_run_is_summed_up_as_in_the_golden_file() {
    golden("console.txt", &summary(&run::mixed(), &files(), false));
}

#[test]
fn no_line_could_be_an_order_to_a_build_service_or_a_terminal() {
    let text = summary(&run::mixed(), &files(), false);
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(
            !line.contains("##[") && !line.contains(char::is_control),
            "{line}"
        );
    }
}

#[test]
fn colour_changes_no_word() {
    let plain = summary(&run::mixed(), &files(), false);
    let coloured = summary(&run::mixed(), &files(), true);
    assert_ne!(plain, coloured);
    let mut stripped = String::new();
    let mut inside = false;
    for char in coloured.chars() {
        match char {
            '\u{1b}' => inside = true,
            'm' if inside => inside = false,
            _ if inside => {}
            _ => stripped.push(char),
        }
    }
    assert_eq!(stripped, plain);
}

#[test]
fn rows_behind_one_failed_control_are_one_entry() {
    let text = summary(&run::many(40, &run::blocked("X-L")), &[], false);
    assert!(
        text.contains("40 rows could not be judged, 1 cause\n"),
        "{text}"
    );
    assert!(
        text.contains("ERROR control-failed, blocks 40 rows\n"),
        "{text}"
    );
    assert_eq!(text.matches("did not pass").count(), 1, "{text}");
    assert!(text.contains("  and 37 more\n"), "{text}");
}

#[test]
fn of_many_failures_all_are_named_and_twenty_five_told_in_full() {
    let run = run::many(60, &run::wrong_status());
    let text = summary(&run, &files(), false);
    for case in &run.cases {
        assert!(text.contains(&format!("FAIL {}\n", case.id)));
    }
    assert_eq!(text.matches("send it again").count(), 25);
    assert!(
        text.contains("35 more in full: see reports/junit.xml\n"),
        "{text}"
    );
}

#[test]
fn a_clean_run_says_so_in_few_lines() {
    let passed = run::case("ciam/skip-update/a/b", Verdict::Pass(PassReason::Clean));
    let text = summary(&run::many(2, &passed), &[], false);
    assert_eq!(
        text,
        "2 rows: 2 passed, 0 failed, 0 not judged, 0 skipped in 1.2 s\nUsed up: accounts 7, sms 12 of 20\n\
         mock: conformant (exit code 0)\n",
    );
}

#[test]
fn rows_without_a_result_are_told_and_make_the_run_invalid() {
    let passed = run::case("ciam/skip-update/a/b", Verdict::Pass(PassReason::Clean));
    let short = RunReport {
        planned: 3,
        ..run::many(2, &passed)
    };
    let text = summary(&short, &[], false);
    assert!(text.contains("3 planned, but 2 have a result\n"), "{text}");
    assert!(text.ends_with("mock: invalid (exit code 4)\n"), "{text}");
}

#[test]
fn a_strict_run_explains_the_warning_that_failed_it() {
    let mut failed = run::wrong_status();
    for check in &mut failed.steps[0].checks {
        check.warning = true;
    }
    assert_eq!(
        explain::message(&failed),
        "status: expected 400 but was 200 (and 1 more)",
    );
    assert!(explain::failure(&failed).contains("actual    200\n"));
}

#[test]
fn a_row_that_passed_only_after_a_request_was_sent_again_says_so_in_every_report() {
    let mut row = run::case("ciam/skip-update/a/b", Verdict::Pass(PassReason::Clean));
    let mut step = run::step("request");
    step.attempts = 4;
    step.repeated = Repeated {
        lost: 2,
        turned_away: 1,
    };
    row.steps = vec![step];
    let report = run::many(1, &row);
    let text = summary(&report, &[], false);
    assert!(
        text.contains("1 row passed only after a request was sent again\n"),
        "{text}"
    );
    let told = "2 answers lost and 1 answer turned away, asked for again";
    assert_eq!(text.matches(told).count(), 2, "{text}");
    assert!(junit::render(&report).contains(told));
    let written = record::render(&report);
    assert!(
        written.contains(r#""attempts":4,"lost":2,"turned_away":1"#),
        "{written}"
    );
    let read = record::read(&written).expect("a record");
    assert_eq!(read.report().cases[0].repeated().total(), 3);
    let clean = run::many(1, &run::case("a/b/c/d", Verdict::Pass(PassReason::Clean)));
    assert!(!summary(&clean, &[], false).contains("again"));
}
