//! Writes a run as a record.

use std::fmt::Write as _;

use super::{Footer, Header, Line, RequirementCounts, VERSION};
use crate::result::RunReport;

/// The whole record, one object a line.
#[must_use]
pub fn render(report: &RunReport) -> String {
    let mut out = String::new();
    write_line(&mut out, &Line::Header(header(report)));
    for case in &report.cases {
        write_line(&mut out, &Line::Case(Box::new(case.clone())));
    }
    for requirement in &report.requirements {
        write_line(&mut out, &Line::Requirement(requirement.clone()));
    }
    write_line(&mut out, &Line::Footer(footer(report)));
    out
}

fn write_line(out: &mut String, line: &Line) {
    let line = serde_json::to_string(line).expect("strings and numbers are always JSON");
    let _ = writeln!(out, "{line}");
}

fn header(report: &RunReport) -> Header {
    let started = jiff::Timestamp::from_millisecond(report.started);
    Header {
        probity: env!("CARGO_PKG_VERSION").into(),
        version: VERSION,
        run_id: report.run_id.clone(),
        target: report.target.clone(),
        started: started.unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        planned: report.planned,
        suite_size: report.suite_size,
        strict: report.strict,
    }
}

fn footer(report: &RunReport) -> Footer {
    let conclusion = report.conclusion();
    Footer {
        cases: report.cases.len(),
        counts: report.counts(),
        waivers: report.waivers.clone(),
        conclusion: conclusion.label().into(),
        exit_code: conclusion.exit_code(),
        elapsed_us: u64::try_from(report.elapsed.as_micros()).unwrap_or(u64::MAX),
        requirements: RequirementCounts::of(report),
        spent: report.spent.clone(),
        leaks: report.leaks.clone(),
        ending: report.ending.clone(),
        not_run: report.not_run(),
        left: report.left.clone(),
    }
}
