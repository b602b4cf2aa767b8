//! What a person reads after a red run: each cause once, the exchange that broke, few lines.

mod forms;
mod scenarios;

use std::collections::BTreeMap;

use probity::{
    judge,
    report::{
        console::{self, Options},
        coverage, junit, record,
    },
    result::{CaseResult, RecordedExchange, RunReport, State, Tally, Verdict},
};

use self::scenarios::Scenario;
use crate::{reports::golden, support};

const WIDTHS: [usize; 3] = [80, 100, 140];

/// Compares the consoles of a run at every width with their golden files.
#[track_caller]
fn check(name: &str, report: &RunReport, lines: usize) {
    for width in WIDTHS {
        let options = Options {
            width,
            ..Options::default()
        };
        let text = console::summary(report, &options);
        assert!(text.lines().count() < lines, "{name}, {width}:\n{text}");
        golden(&format!("../console/{name}.{width}.txt"), &text);
    }
}

/// What the block that ends with `again … id` says was sent, and answered.
fn shown<'t>(text: &'t str, id: &str) -> Vec<&'t str> {
    let end = |block: &&str| {
        let last = block.lines().last().unwrap_or_default();
        last.trim_start().starts_with("again") && last.trim_end_matches('\'').ends_with(id)
    };
    let block = text.split("\n\n").find(end);
    block.map_or_else(Vec::new, |block| block.lines().collect())
}

/// The exchange at which a test case broke, read from the record: of its first finding, or the last
/// one before the clean-up.
fn broken(case: &CaseResult) -> &RecordedExchange {
    let finding = case.broken().next().map(|(step, _, _)| step);
    let step = finding.filter(|_| matches!(case.verdict, Verdict::Fail(_)));
    step.and_then(|step| step.exchange.as_ref())
        .or_else(|| case.last_exchange().map(|(_, exchange)| exchange))
        .unwrap_or_else(|| panic!("{} sent nothing", case.id))
}

/// The block of a run's only cause shows the exchange that the record has for the broken step.
#[track_caller]
fn shows_what_broke(report: &RunReport) {
    let text = console::summary(
        report,
        &Options {
            width: 1_000,
            ..Options::default()
        },
    );
    let written = record::render(report);
    let read = record::read(&written).expect("a record");
    let again = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("again     probity rerun "));
    let id = again
        .unwrap_or_else(|| panic!("no block\n{text}"))
        .trim_matches('\'');
    let case = read.report().cases.iter().find(|case| case.id == id);
    let exchange = broken(case.unwrap_or_else(|| panic!("{id} is in the record")));
    let block = shown(&text, id).join("\n");
    let path = exchange.url.splitn(4, '/').last().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let status = exchange
        .status
        .map_or("no answer".to_owned(), |status| status.to_string());
    let call = format!("{} /{path} -> {status}", exchange.method);
    assert!(block.contains(&call), "no `{call}` in\n{block}");
    let body = exchange.response_body.clone();
    let answer = body
        .or_else(|| exchange.trouble.clone())
        .expect("an answer");
    assert!(block.contains(&answer), "no `{answer}` in\n{block}");
}

async fn scenario(name: &str, scenario: &Scenario) -> RunReport {
    let report = scenario.report().await;
    check(name, &report, 60);
    shows_what_broke(&report);
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_departed_member_is_one_block_with_all_the_answers_that_have_it() {
    let report = scenario("departed-member", &scenarios::DEPARTED_MEMBER).await;
    let text = console::summary(&report, &Options::default());
    assert!(text.starts_with("FAIL  POST /api/v2/sdk/pwd/update -> 200, body /session_token is 7"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_code_changed_everywhere_is_one_block() {
    let report = scenario("changed-code", &scenarios::CHANGED_CODE).await;
    let text = console::summary(&report, &Options::default());
    assert_eq!(text.matches("FAIL").count(), 1, "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_red_control_is_told_once_with_what_it_blocks() {
    let report = scenario("red-control", &scenarios::RED_CONTROL).await;
    let text = console::summary(&report, &Options::default());
    assert!(!text.contains("ERROR"), "{text}");
    assert!(text.contains("blocks    75 rows: "), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_provider_of_one_row_is_told_with_its_step() {
    let report = scenario("own-provider", &scenarios::OWN_PROVIDER).await;
    let text = console::summary(&report, &Options::default());
    assert!(
        text.contains("sent by   step 'login' of the provider 'account-expired'"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_shared_provider_is_told_once_with_all_rows_that_need_it() {
    let report = scenario("shared-provider", &scenarios::SHARED_PROVIDER).await;
    let text = console::summary(&report, &Options::default());
    assert_eq!(text.matches("ERROR").count(), 1, "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_dies_is_one_cause() {
    let report = scenario("dies", &scenarios::DIES).await;
    let text = console::summary(&report, &Options::default());
    assert_eq!(text.matches("ERROR").count(), 1, "{text}");
}

#[test]
fn forty_causes_at_once_are_all_named_in_less_than_two_hundred_lines() {
    let report = scenarios::forty_causes();
    check("forty-causes", &report, 200);
    let text = console::summary(&report, &Options::default());
    assert_eq!(text.matches("FAIL").count(), 40, "{text}");
    let long = console::summary(
        &report,
        &Options {
            long: true,
            ..Options::default()
        },
    );
    assert_eq!(long.matches("\n      answered").count(), 40, "{long}");
}

/// How many requirements of each operation are satisfied, violated and unproven.
type Counts = BTreeMap<String, [usize; 3]>;

/// The counts of states, of which only requirements that the documents fix are unproven.
fn counts<'r>(states: impl Iterator<Item = (&'r str, &'r str, State)>) -> Counts {
    let mut all: BTreeMap<String, Vec<State>> = BTreeMap::new();
    for (edition, operation, state) in states {
        let name = format!("{edition} {operation}");
        all.entry(name).or_default().push(state);
    }
    let three = |states: Vec<State>| {
        let tally = Tally::of(states);
        [State::Satisfied, State::Violated, State::Unproven].map(|state| tally.count(state))
    };
    all.into_iter()
        .map(|(name, states)| (name, three(states)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn console_junit_record_and_coverage_count_alike() {
    let report = scenarios::DEPARTED_MEMBER.report().await;
    let written = record::render(&report);
    let read = record::read(&written).expect("a record");
    let of_record = counts(
        read.report()
            .requirements
            .iter()
            .map(|one| (one.edition.as_str(), one.operation.as_str(), one.state)),
    );
    assert!(
        of_record.values().any(|[_, violated, _]| *violated > 0),
        "{of_record:?}"
    );

    let suite = support::shipped();
    let mut covered = judge::coverage(
        &suite.contracts,
        &suite.plan.cases,
        Some(&read.report().cases),
    );
    covered
        .operations
        .retain(|one| of_record.contains_key(&format!("{} {}", one.edition, one.operation)));
    let known = |id: &str| read.report().requirements.iter().any(|one| one.id == *id);
    let requirements = || covered.operations.iter().flat_map(|one| &one.requirements);
    let of_coverage = counts(
        requirements()
            .filter(|one| known(&one.id))
            .map(|one| (one.edition.as_str(), one.operation.as_str(), one.state)),
    );
    assert_eq!(of_coverage, of_record);
    let page = coverage::text(&covered, coverage::Options::default());

    let summary = console::summary(&report, &Options::default());
    let xml = junit::render(&report);
    for (operation, [satisfied, violated, unproven]) in &of_record {
        let total = report.requirements.len();
        let line = format!("{operation}: {satisfied} of {total} requirements satisfied");
        assert!(summary.contains(&line), "no `{line}` in\n{summary}");
        let line = format!("{violated} violated, {unproven} unproven");
        assert!(summary.contains(&line), "no `{line}` in\n{summary}");
        for (name, count) in [
            ("satisfied", satisfied),
            ("violated", violated),
            ("unproven", unproven),
        ] {
            let property = format!(r#"name="requirements {name}" value="{count}""#);
            assert!(xml.contains(&property), "no `{property}`");
        }
        let title = format!("{violated} requirements violated");
        assert!(page.contains(&title), "no `{title}` in\n{page}");
    }
}
