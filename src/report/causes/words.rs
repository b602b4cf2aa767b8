//! A cause in one sentence, and the call that shows it again.

use super::Found;
use crate::{
    report::{
        explain,
        text::{one_line, unbroken},
    },
    result::{CaseResult, Mismatch, Source, StepResult, Subject},
};

/// The call that sends a test case again.
pub(in crate::report) fn again(case: &CaseResult) -> String {
    let id = one_line(&case.id);
    let plain = |char: char| char.is_ascii_alphanumeric() || "/-_.".contains(char);
    if id.chars().all(plain) {
        format!("probity rerun {id}")
    } else {
        format!("probity rerun '{}'", id.replace('\'', r"'\''"))
    }
}

/// `POST /path -> 200, body /expire is 7, expected 43200`.
pub(in crate::report) fn sentence(found: &Found<'_>) -> String {
    let Some((step, _, mismatch)) = found.finding else {
        return explain::message(found.case);
    };
    let call = call(step);
    let status = step.exchange.as_ref().and_then(|exchange| exchange.status);
    let is_the_status = matches!(
        mismatch.subject,
        Subject::Status | Subject::Accepted | Subject::Refused
    ) && status.is_some_and(|status| status.to_string() == mismatch.actual);
    if is_the_status {
        return format!("{call}, expected {}", explain::expected(mismatch));
    }
    format!("{call}, {}", is_instead(mismatch))
}

/// `body /expire is 7, expected 43200`.
pub(in crate::report) fn is_instead(mismatch: &Mismatch) -> String {
    let place = unbroken(&one_line(&mismatch.place));
    let actual = explain::short(&mismatch.actual);
    format!(
        "{place} is {actual}, expected {}",
        explain::expected(mismatch)
    )
}

/// `POST /path -> 200`, never broken.
pub(in crate::report) fn call(step: &StepResult) -> String {
    let Some(exchange) = &step.exchange else {
        return explain::owner(step);
    };
    let answer = exchange
        .status
        .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let path = explain::path(&exchange.url);
    let call = one_line(&format!("{} {path}", exchange.method));
    unbroken(&format!("{call} -> {answer}"))
}

/// `step 'login' of the provider 'user': POST /path -> no answer`.
pub(in crate::report) fn sent_by(step: &StepResult) -> String {
    format!("{}: {}", explain::owner(step), call(step))
}

/// Where an expectation is written, and its line.
pub(in crate::report) fn written(source: &Source) -> String {
    let text = format!("{}  {}", explain::place(source), one_line(&source.excerpt));
    text.trim_end().to_owned()
}
