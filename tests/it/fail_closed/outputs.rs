//! The reports say what the run says: no row more, none less, none greener.

use std::{collections::BTreeSet, fs};

use probity::{
    ids::CaseId,
    report::{junit, record},
    result::CaseResult,
};
use regex::Regex;

use super::{count, mixed, record};
use crate::{
    cli::{self, run_into, temporary},
    support,
};

/// G9.
#[test]
fn rows_that_a_filter_left_out_are_in_no_report_and_the_summary_counts_them() {
    let out = temporary();
    let ran = run_into(out.path(), &["ciam/skip-update/token"]).expect(0);
    let listed = cli::probity(&["list", "ciam/skip-update/token"]).expect(0);
    let report = record(out.path());
    let ids: Vec<&str> = report.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, listed.out.lines().collect::<Vec<_>>());
    assert!(report.planned < report.suite_size);
    let told = format!(
        "{} of {} rows of the suite were selected",
        report.planned, report.suite_size
    );
    assert!(ran.out.contains(&told), "{}", ran.out);
    let xml = fs::read_to_string(out.path().join("junit.xml")).expect("a report");
    assert_eq!(count(&xml, "testcase"), report.planned);
}

/// G9: what only looks at the suite gives no verdict.
#[test]
fn a_list_of_rows_says_nothing_about_any_of_them() {
    let listed = cli::probity(&["list"]).expect(0);
    let suite = support::shipped();
    let ids: Vec<&str> = suite.plan.cases.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(listed.out.lines().collect::<Vec<_>>(), ids);
}

/// G10: three ways of counting, none of them the writer's own, come to the same.
#[tokio::test]
async fn a_reader_of_the_junit_file_counts_what_the_run_counts() {
    let report = mixed().await;
    let (counts, xml) = (report.counts(), junit::render(&report));
    let elements = ["testcase", "failure", "error", "skipped"].map(|name| count(&xml, name));
    let wanted = [counts.total, counts.failed, counts.errors, counts.skipped];
    assert_eq!(elements, wanted);

    // A reader that trusts the attributes of the outermost element.
    let head = Regex::new("<testsuites [^>]*>").expect("a pattern");
    let head = head.find(&xml).expect("an outermost element").as_str();
    let attribute = |name: &str| {
        let value = Regex::new(&format!(" {name}=\"([0-9]+)\"")).expect("a pattern");
        let found = value.captures(head).expect("the attribute");
        found[1].parse::<usize>().expect("a number")
    };
    assert_eq!(
        [
            attribute("tests"),
            attribute("failures"),
            attribute("errors")
        ],
        wanted[..3]
    );

    // A reader that takes a row without a result element for a pass.
    let rows = xml.split("<testcase ").skip(1);
    let plain = rows.filter(|row| {
        let own = row.split("</testsuite>").next().unwrap_or_default();
        ["failure", "error", "skipped"]
            .iter()
            .all(|name| count(own, name) == 0)
    });
    assert_eq!(plain.count(), counts.passed);
}

/// G14.
#[tokio::test]
async fn every_planned_row_stands_once_in_every_report_whatever_became_of_it() {
    let report = mixed().await;
    let suite = support::shipped();
    let planned: Vec<CaseId> = support::rows(&suite, "ciam/skip-update/")
        .into_iter()
        .map(|case| case.id.clone())
        .collect();
    let ids = |cases: &[CaseResult]| cases.iter().map(|c| c.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&report.cases), planned);
    let read = record::read(&record::render(&report)).expect("a whole record");
    assert_eq!(ids(&read.report().cases), planned);
    let xml = junit::render(&report);
    let names = Regex::new(r#"<testcase name="([^"]*)" classname="([^"]*)""#).expect("a pattern");
    let names: BTreeSet<_> = names
        .captures_iter(&xml)
        .map(|found| (found[1].to_owned(), found[2].to_owned()))
        .collect();
    assert_eq!(names.len(), planned.len());
}
