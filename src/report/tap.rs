//! The run in the Test Anything Protocol, version 14: a line a row, with a block for what did not pass.

use std::io::{self, Write};

use serde_json::json;

use super::{
    causes, explain,
    text::{cut, one_line},
};
use crate::result::{RunReport, Verdict};

/// Columns of a text.
const LONGEST: usize = 500;

/// Writes the whole stream, one row after the other.
///
/// # Errors
/// When the text cannot be written.
pub fn write(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TAP version 14\n1..{}", report.planned)?;
    for (number, case) in (1..).zip(&report.cases) {
        let name = escaped(&format!("{} {}", case.id, case.title));
        match &case.verdict {
            Verdict::Pass(_) => writeln!(out, "ok {number} - {name}")?,
            Verdict::Skip(_) => {
                let why = escaped(&explain::message(case));
                writeln!(out, "ok {number} - {name} # SKIP {why}")?;
            }
            Verdict::Fail(_) if case.waiver.is_some() => {
                let waiver = case.waiver.as_ref().map(|one| escaped(&one.sentence()));
                let waiver = waiver.unwrap_or_default();
                writeln!(out, "not ok {number} - {name} # TODO {waiver}")?;
            }
            Verdict::Fail(_) | Verdict::Error(_) => {
                writeln!(out, "not ok {number} - {name}")?;
                // What is JSON is YAML as well.
                let text = |text: &str| json!(cut(&one_line(text), LONGEST)).to_string();
                let (verdict, reason) = (case.verdict.label(), case.verdict.reason());
                writeln!(out, "  ---")?;
                writeln!(out, "  message: {}", text(&explain::message(case)))?;
                writeln!(out, "  severity: {}", text(verdict))?;
                writeln!(out, "  reason: {}", text(reason))?;
                writeln!(out, "  at: {}", text(&explain::place(&case.source)))?;
                writeln!(out, "  again: {}", text(&causes::again(case)))?;
                writeln!(out, "  ...")?;
            }
        }
    }
    let conclusion = report.conclusion();
    let because = report.because().map(|why| format!(": {why}"));
    let line = format!("{}{}", conclusion.label(), because.unwrap_or_default());
    if report.cases.len() == report.planned && report.planned > 0 {
        writeln!(out, "# {}", escaped(&line))
    } else {
        writeln!(out, "Bail out! {}", escaped(&line))
    }
}

/// A text in which nothing begins a directive.
fn escaped(text: &str) -> String {
    let text = cut(&one_line(text), LONGEST);
    text.replace('\\', "\\\\").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_begins_a_directive() {
        assert_eq!(escaped("a # SKIP b\\\nc"), "a \\# SKIP b\\\\ c");
    }
}
