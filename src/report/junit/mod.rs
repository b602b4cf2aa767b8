//! The run as `JUnit` XML, in the one shape that every common reader understands.
//!
//! One level of suites (one an operation), one test case a row, at most one result element a case,
//! always with `message`, `type` and text. A run that lost rows or judged none gets one test case
//! more, an error, so that no reader takes its file for a green one.

mod conclusion;
mod names;
mod rows;
mod test_case;
#[cfg(test)]
mod tests;
mod xml;

pub use self::xml::xml_text;

use std::{
    io::{self, Write},
    time::Duration,
};

use self::{
    names::Names,
    rows::Suite,
    test_case::{TestCase, Totals},
    xml::{Tag, Xml, seconds},
};
use super::text::one_line;
use crate::result::RunReport;

/// Writes the whole file, one test case after the other.
///
/// # Errors
/// When the results cannot be read from their spool, or the text cannot be written.
pub fn write(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let stamp = jiff::Timestamp::from_millisecond(report.started)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    let suites = Suite::all(report);
    let mut total = Totals::default();
    for suite in &suites {
        total.add(&suite.totals(report));
    }
    let of_the_run: Vec<TestCase<'_>> = conclusion::test_case(report, &total).into_iter().collect();
    total.add(&totals(&of_the_run));
    let mut xml = Xml::begin(out)?;
    xml.open(root(report, &total))?;
    let mut names = Names::default();
    for suite in &suites {
        write_rows(&mut xml, report, suite, &stamp, &mut names)?;
    }
    write_suite(&mut xml, conclusion::SUITE, &of_the_run, &stamp)?;
    xml.close("testsuites")?;
    xml.end()
}

/// The whole file as a text.
///
/// # Panics
/// When results lie in a spool that cannot be read.
#[must_use]
pub fn render(report: &RunReport) -> String {
    super::text_of(|out| write(report, out))
}

fn root(report: &RunReport, total: &Totals) -> Tag {
    let name = format!("probity {}", one_line(&report.target));
    Tag::new("testsuites")
        .with("name", name.trim_end())
        .with("tests", &total.tests.to_string())
        .with("skipped", &total.skipped.to_string())
        .with("failures", &total.failures.to_string())
        .with("errors", &total.errors.to_string())
        .with("time", &seconds(report.elapsed))
}

fn totals(cases: &[TestCase<'_>]) -> Totals {
    let outcomes = cases.iter().map(|case| case.outcome.as_ref());
    Totals::of(outcomes.map(|outcome| outcome.map(|outcome| outcome.element)))
}

fn write_rows(
    xml: &mut Xml<'_>,
    report: &RunReport,
    suite: &Suite,
    stamp: &str,
    names: &mut Names,
) -> io::Result<()> {
    let places = suite.places.iter();
    let time = places.map(|place| report.cases[*place].elapsed).sum();
    let totals = suite.totals(report);
    xml.open(totals.suite(&suite.name, time, stamp))?;
    xml.properties(&suite.properties(report))?;
    for place in &suite.places {
        rows::test_case(report, *place, names)?.write(xml)?;
    }
    xml.close("testsuite")
}

/// A suite beside those of the rows, where it has any test case.
fn write_suite(
    xml: &mut Xml<'_>,
    name: &str,
    cases: &[TestCase<'_>],
    stamp: &str,
) -> io::Result<()> {
    if cases.is_empty() {
        return Ok(());
    }
    xml.open(totals(cases).suite(name, Duration::ZERO, stamp))?;
    for case in cases {
        case.write(xml)?;
    }
    xml.close("testsuite")
}
