//! The run as `JUnit` XML, in the one shape that every common reader understands.
//!
//! One level of suites (one an operation), one test case a row, at most one result element a case,
//! always with `message`, `type` and text. Requirements without proof have a suite of their own, and so
//! have, where rows behind a cause are skipped, the causes.
//!
//! Under every choice of options the file is red exactly when the run does not end with 0: what no row
//! says, one test case about the run itself does.

mod causes;
mod conclusion;
mod names;
mod options;
mod requirements;
mod rows;
mod test_case;
#[cfg(test)]
mod tests;
mod xml;

pub use self::{
    options::{Blocked, Options, Shape, Unproven},
    xml::xml_text,
};

use std::{
    io::{self, Write},
    time::Duration,
};

use self::{
    causes::Causes,
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
pub fn write(report: &RunReport, options: &super::Options, out: &mut dyn Write) -> io::Result<()> {
    let stamp = jiff::Timestamp::from_millisecond(report.started)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    let mut names = Names::default();
    let causes = Causes::of(report, options.junit.blocked, &mut names)?;
    let requirements =
        requirements::test_cases(report, options.junit.unproven, &causes, &mut names);
    let suites = Suite::all(report);
    let mut total = totals(&causes.cases);
    for suite in &suites {
        total.add(&suite.totals(report, &causes));
    }
    total.add(&totals(&requirements));
    let of_the_run = Vec::from_iter(conclusion::test_case(report, &total));
    total.add(&totals(&of_the_run));

    let mut file = File {
        xml: Xml::begin(out)?,
        report,
        options,
        stamp: &stamp,
    };
    file.xml.open(root(report, options.junit.shape, &total))?;
    // What a reader shows first is what the other rows wait for.
    file.suite(causes::SUITE, &causes.cases)?;
    for suite in &suites {
        file.rows(suite, &causes, &mut names)?;
    }
    file.suite(requirements::SUITE, &requirements)?;
    file.suite(conclusion::SUITE, &of_the_run)?;
    file.xml.close("testsuites")?;
    file.xml.end()
}

/// The whole file as a text, as it is when nothing else is chosen.
///
/// # Panics
/// When results lie in a spool that cannot be read.
#[must_use]
pub fn render(report: &RunReport) -> String {
    render_with(report, &super::Options::default())
}

/// The whole file as a text.
///
/// # Panics
/// When results lie in a spool that cannot be read.
#[must_use]
pub fn render_with(report: &RunReport, options: &super::Options) -> String {
    super::text_of(|out| write(report, options, out))
}

fn root(report: &RunReport, shape: Shape, total: &Totals) -> Tag {
    let name = format!("probity {}", one_line(&report.target));
    let mut tag = Tag::new("testsuites")
        .with("name", name.trim_end())
        .with("tests", &total.tests.to_string());
    if shape == Shape::Rich {
        tag = tag.with("skipped", &total.skipped.to_string());
    }
    tag.with("failures", &total.failures.to_string())
        .with("errors", &total.errors.to_string())
        .with("time", &seconds(report.elapsed))
}

fn totals(cases: &[TestCase<'_>]) -> Totals {
    let outcomes = cases.iter().map(|case| case.outcome.as_ref());
    Totals::of(outcomes.map(|outcome| outcome.map(|outcome| outcome.element)))
}

/// What is being written.
struct File<'a> {
    xml: Xml<'a>,
    report: &'a RunReport,
    options: &'a super::Options,
    /// When the run started.
    stamp: &'a str,
}

impl File<'_> {
    /// The rows of one operation, one after the other.
    fn rows(&mut self, suite: &Suite, causes: &Causes<'_>, names: &mut Names) -> io::Result<()> {
        let report = self.report;
        let places = suite.places.iter();
        let time = places.map(|place| report.cases[*place].elapsed).sum();
        let totals = suite.totals(report, causes);
        self.xml.open(totals.suite(&suite.name, time, self.stamp))?;
        self.xml.properties(&suite.properties(report))?;
        for place in &suite.places {
            let case = rows::test_case(report, *place, causes, names)?;
            case.write(&mut self.xml, self.options)?;
        }
        self.xml.close("testsuite")
    }

    /// A suite beside those of the rows, where it has any test case.
    fn suite(&mut self, name: &str, cases: &[TestCase<'_>]) -> io::Result<()> {
        if cases.is_empty() {
            return Ok(());
        }
        let tag = totals(cases).suite(name, Duration::ZERO, self.stamp);
        self.xml.open(tag)?;
        for case in cases {
            case.write(&mut self.xml, self.options)?;
        }
        self.xml.close("testsuite")
    }
}
