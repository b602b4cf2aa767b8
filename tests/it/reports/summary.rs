//! The console summary: what failed first, each cause once, nothing a build service would obey.

use probity::{
    report::{console, explain, junit, record},
    result::{PassReason, Repeated, RunReport, Verdict},
};

use super::{golden, run};

fn summary(report: &RunReport, files: &[String]) -> String {
    let options = console::Options {
        files,
        ..Default::default()
    };
    console::summary(report, &options)
}

fn files() -> Vec<String> {
    vec!["reports/junit.xml".into(), "reports/run.jsonl".into()]
}

#[test]
fn a_mixed_run_is_summed_up_as_in_the_golden_file() {
    golden("console.txt", &summary(&run::mixed(), &files()));
}

#[test]
fn no_line_could_be_an_order_to_a_build_service_or_a_terminal() {
    let text = summary(&run::mixed(), &files());
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
    let plain = summary(&run::mixed(), &files());
    let coloured = console::summary(
        &run::mixed(),
        &console::Options {
            files: &files(),
            colour: true,
            ..Default::default()
        },
    );
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
fn rows_behind_one_failed_control_are_one_block() {
    let text = summary(&run::many(40, &run::blocked("X-L")), &[]);
    assert_eq!(text.matches("ERROR").count(), 1, "{text}");
    assert_eq!(text.matches("did not pass").count(), 1, "{text}");
    assert!(text.contains("blocks    40 rows: "), "{text}");
    assert!(text.contains("40 not judged for 1 cause "), "{text}");
}

#[test]
fn a_hundred_rows_that_fail_for_one_cause_are_told_in_twenty_five_lines() {
    let run = run::many(100, &run::wrong_status());
    let text = summary(&run, &files());
    assert_eq!(text.matches("FAIL").count(), 2, "{text}");
    assert!(text.contains("100 failed for 2 causes"), "{text}");
    assert!(text.lines().count() <= 25, "{text}");
    let long = console::summary(
        &run,
        &console::Options {
            long: true,
            ..Default::default()
        },
    );
    for case in &run.cases {
        assert!(long.contains(case.id.as_str()), "{}", case.id);
    }
}

#[test]
fn a_clean_run_says_so_in_few_lines() {
    let passed = run::case("ciam/skip-update/a/b", Verdict::Pass(PassReason::Clean));
    let text = summary(&run::many(2, &passed), &[]);
    assert_eq!(
        text,
        "2 rows: 2 passed, 0 failed, 0 not judged in 1.2 s\nUsed up: accounts 7, sms 12 of 20\n\
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
    let text = summary(&short, &[]);
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
    let text = summary(&report, &[]);
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
    assert!(!summary(&clean, &[]).contains("again"));
}
