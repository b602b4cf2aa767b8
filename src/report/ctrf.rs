//! The run in the Common Test Report Format: one object a row, for readers of JSON.

use std::{
    io::{self, Write},
    time::Duration,
};

use serde_json::{Value, json};

use super::{explain, text::one_line};
use crate::result::{CaseResult, RunReport, Verdict};

const VERSION: &str = "0.0.0";

/// Writes the whole report, one row after the other.
///
/// # Errors
/// When the results cannot be read from their spool, or the text cannot be written.
pub fn write(report: &RunReport, base: &str, out: &mut dyn Write) -> io::Result<()> {
    let summary = summary(report);
    let tool = json!({ "name": "probity", "version": env!("CARGO_PKG_VERSION") });
    write!(
        out,
        "{{\"reportFormat\":\"CTRF\",\"specVersion\":\"{VERSION}\",\"results\":{{\"tool\":{tool},\
         \"summary\":{summary},\"tests\":["
    )?;
    for at in 0..report.cases.len() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(b"\n")?;
        serde_json::to_writer(&mut *out, &test(report, base, at)?)?;
    }
    let environment = environment(report);
    writeln!(out, "\n],\"environment\":{environment}}}}}")
}

fn summary(report: &RunReport) -> Value {
    let mut numbers = [0; 3];
    for case in &report.cases {
        numbers[match status(case) {
            "passed" => 0,
            "failed" => 1,
            _ => 2,
        }] += 1;
    }
    let [passed, failed, skipped] = numbers;
    let conclusion = report.conclusion();
    json!({
        "tests": report.cases.len(),
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "pending": 0,
        "other": 0,
        "start": report.started,
        "stop": report.started + millis(report.elapsed),
        "duration": millis(report.elapsed),
        "extra": {
            "conclusion": conclusion.label(),
            "because": report.because(),
            "exitCode": conclusion.exit_code(),
        },
    })
}

fn environment(report: &RunReport) -> Value {
    let of = &report.provenance;
    let mut out = json!({
        "appName": report.target,
        "extra": {
            "run": report.run_id,
            "contract": of.suite.contract,
            "cases": of.suite.cases,
            "editions": of.editions,
        },
    });
    if let Some(version) = of.version() {
        out["appVersion"] = Value::from(version);
    }
    out
}

fn test(report: &RunReport, base: &str, at: usize) -> io::Result<Value> {
    let case = &report.cases[at];
    let requirements: Vec<&str> = case
        .requirements
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    let suite: Vec<&str> = case.id.file().split('/').collect();
    let mut out = json!({
        "testId": case.id,
        "name": one_line(&format!("{} {}", case.id.name(), case.title)),
        "status": status(case),
        "rawStatus": format!("{} {}", case.verdict.label(), case.verdict.reason()),
        "duration": millis(case.elapsed),
        "suite": suite,
        "filePath": format!("{base}{}", case.source.file),
        "line": case.source.line,
        "tags": case.tags,
        "extra": { "requirements": requirements, "control": case.control },
    });
    if !matches!(case.verdict, Verdict::Pass(_)) {
        let whole = report.cases.whole(at)?;
        out["message"] = Value::from(explain::message(&whole));
        if !matches!(case.verdict, Verdict::Skip(_)) {
            out["trace"] = Value::from(explain::failure(&whole));
        }
    }
    if let Some(waiver) = &case.waiver {
        out["extra"]["waiver"] = Value::from(waiver.sentence());
    }
    if let Some(tries) = case.basis.tries {
        out["flaky"] = Value::from(tries.is_flaky());
        out["extra"]["tries"] = Value::from(tries.sentence());
    }
    let repeated = case.repeated().total();
    if repeated > 0 {
        out["retries"] = Value::from(repeated);
    }
    Ok(out)
}

/// As `JUnit` has it: what is waived stops no gate.
fn status(case: &CaseResult) -> &'static str {
    match case.verdict {
        Verdict::Pass(_) => "passed",
        Verdict::Fail(_) if case.waiver.is_some() => "skipped",
        Verdict::Fail(_) | Verdict::Error(_) => "failed",
        Verdict::Skip(_) => "skipped",
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
