//! One test case with everything that was sent and came back, step by step, and its verdict.

use std::fmt::Write as _;

use super::{
    console::defused,
    explain,
    text::{counted, one_line, visible},
};
use crate::result::{
    Attempt, CaseResult, CheckResult, Part, RecordedExchange, StepOwner, StepResult, Verdict,
};

/// The steps in order, each with its request, its answer, and what was judged of it; the verdict last.
#[must_use]
pub fn text(case: &CaseResult) -> String {
    let mut out = Vec::new();
    let role = if case.control { ", a control" } else { "" };
    let title = one_line(&case.title);
    out.push(format!("=== {}{role}", one_line(&case.id)));
    if !title.is_empty() {
        out.push(format!("    {title}"));
    }
    if case.steps.is_empty() {
        out.push("    nothing was sent for it".to_owned());
    }
    for (index, step) in case.steps.iter().enumerate() {
        out.push(String::new());
        one(&mut out, index + 1, step);
    }
    out.push(String::new());
    let mut out = out.join("\n");
    out.push('\n');
    out.push_str(&verdict(case));
    let lines = out.lines().map(|line| defused(line) + "\n");
    lines.collect()
}

/// The verdict with what it rests on.
fn verdict(case: &CaseResult) -> String {
    match &case.verdict {
        Verdict::Fail(_) | Verdict::Error(_) => explain::failure(case),
        Verdict::Pass(_) | Verdict::Skip(_) => {
            let (label, id) = (case.verdict.label().to_uppercase(), one_line(&case.id));
            let mut out = format!("{label} {id}\n  {}\n", explain::message(case));
            for covered in &case.requirements {
                let sentence = one_line(&format!("{} {}", covered.id, covered.text));
                let _ = writeln!(out, "  covers {sentence}");
            }
            out
        }
    }
}

fn one(out: &mut Vec<String>, number: usize, step: &StepResult) {
    out.push(format!("[{number}] {}", owner(step)));
    let Some(exchange) = &step.exchange else {
        out.push("    nothing was sent".to_owned());
        return;
    };
    if step.attempts > 1 {
        let attempts = counted(step.attempts, "attempt");
        let again = step.repeated.sentence();
        let again = again.map_or_else(String::new, |sentence| format!(" ({sentence})"));
        out.push(format!("    the last of {attempts}{again}"));
        out.extend(step.earlier.iter().map(earlier));
    }
    sent(out, exchange);
    answered(out, exchange);
    for check in &step.checks {
        out.push(judged(check));
    }
    out.push("    again".to_owned());
    let curl = visible(&exchange.curl);
    out.extend(curl.lines().map(|line| format!("      {line}")));
}

/// An attempt that another one followed, in a line.
fn earlier(attempt: &Attempt) -> String {
    let answer = match (attempt.status, &attempt.trouble) {
        (Some(status), _) => {
            let body = attempt.response_body.as_deref().unwrap_or_default();
            format!("{status} {body}")
        }
        (None, trouble) => format!("no answer: {}", trouble.as_deref().unwrap_or_default()),
    };
    let line = format!("{} {} -> {answer}", attempt.method, attempt.url);
    format!("      before: {}", one_line(&line).trim_end())
}

/// Whose step it is.
fn owner(step: &StepResult) -> String {
    let name = one_line(&step.name);
    match (&step.owner, step.part) {
        (StepOwner::Provider(provider), _) => {
            format!("provider '{}', step '{name}'", one_line(provider))
        }
        (StepOwner::Cleanup(provider), _) => {
            format!("step '{name}' of the clean-up of '{}'", one_line(provider))
        }
        (StepOwner::Preflight, _) => format!("pre-flight, step '{name}'"),
        (StepOwner::Case, Part::Request) => "request".to_owned(),
        (StepOwner::Case, part) => format!("{}, step '{name}'", part.label()),
    }
}

fn sent(out: &mut Vec<String>, exchange: &RecordedExchange) {
    let line = one_line(&format!("{} {}", exchange.method, exchange.url));
    out.push(format!("    > {line}"));
    message(
        out,
        '>',
        &exchange.request_headers,
        exchange.request_body.as_deref(),
    );
}

fn answered(out: &mut Vec<String>, exchange: &RecordedExchange) {
    let Some(status) = exchange.status else {
        let why = exchange.trouble.as_deref().unwrap_or("no reason is known");
        out.push(format!("    < no answer: {}", one_line(why)));
        return;
    };
    let millis = exchange.elapsed.as_millis();
    out.push(format!("    < {status} in {millis} ms"));
    message(
        out,
        '<',
        &exchange.response_headers,
        exchange.response_body.as_deref(),
    );
}

fn message(out: &mut Vec<String>, mark: char, headers: &[(String, String)], body: Option<&str>) {
    for (name, value) in headers {
        let line = visible(&format!("{name}: {value}")).replace('\n', "\\n");
        out.push(format!("    {mark} {line}"));
    }
    if let Some(body) = body.filter(|body| !body.is_empty()) {
        out.push(format!("    {mark}"));
        let body = visible(body);
        out.extend(body.lines().map(|line| format!("    {mark} {line}")));
    }
}

fn judged(check: &CheckResult) -> String {
    let place = explain::place(&check.source);
    let key = one_line(check.check.as_str());
    match &check.mismatch {
        None => format!("    held      {key} at {place}"),
        Some(mismatch) => {
            let label = if check.warning { "warning" } else { "broken" };
            let sentence = explain::mismatch(mismatch);
            format!("    {label:<9} {key} at {place}: {sentence}")
        }
    }
}
