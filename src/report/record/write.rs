//! Writes a run as a record.

use std::io::{self, Write};

use super::{Footer, Header, Line, RequirementCounts, VERSION, seal::Sealed};
use crate::result::RunReport;

/// Writes the whole record, one object a line.
///
/// # Errors
/// When the results cannot be read from their spool, or the text cannot be written.
pub fn write(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = Sealed::new(out);
    line(&mut out, &Line::Header(header(report)))?;
    for at in 0..report.cases.len() {
        // As `Line::Case` has it, without reading every result for it.
        let case = report.cases.line(at)?;
        let members = case.strip_prefix('{').unwrap_or(&case);
        writeln!(out, "{{\"kind\":\"case\",{members}")?;
    }
    for requirement in &report.requirements {
        line(&mut out, &Line::Requirement(requirement.clone()))?;
    }
    for matrix in &report.matrices {
        line(&mut out, &Line::Matrix(matrix.clone()))?;
    }
    out.end(&serde_json::to_string(&Line::Footer(footer(report)))?)
}

/// The whole record as a text.
///
/// # Panics
/// When results lie in a spool that cannot be read.
#[must_use]
pub fn render(report: &RunReport) -> String {
    crate::report::text_of(|out| write(report, out))
}

fn line(out: &mut Sealed<'_>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
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
        provenance: report.provenance.clone(),
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
        matrices: report.matrices.len(),
        spent: report.spent.clone(),
        leaks: report.leaks.clone(),
        ending: report.ending.clone(),
        proof: report.proof.clone(),
        not_run: report.not_run(),
        left: report.left.clone(),
    }
}
