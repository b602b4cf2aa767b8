//! What makes two answers alike: typed facts, and the pattern of a value. No sentence is read.

use crate::report::explain::{self, Finding};
use crate::result::{CaseResult, RecordedExchange, StepResult, Subject};

/// A request by what it asks: method and path, ids in the path left out.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call<'a> {
    method: &'a str,
    path: String,
}

impl<'a> Call<'a> {
    pub(super) fn of(exchange: &'a RecordedExchange) -> Self {
        Self {
            method: &exchange.method,
            path: pattern(explain::path(&exchange.url)),
        }
    }
}

/// What came instead, of what, to which call.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Answer<'a> {
    /// Editions are other systems: what is alike there is another cause.
    edition: &'a str,
    /// None where no request is recorded; then the operation stands for it.
    call: Option<Call<'a>>,
    operation: Option<&'a str>,
    subject: &'a Subject,
    actual: String,
}

impl<'a> Answer<'a> {
    pub(super) fn of(case: &'a CaseResult, (step, _, mismatch): Finding<'a>) -> Self {
        let step: &StepResult = step;
        let call = step.exchange.as_ref().map(Call::of);
        Self {
            edition: &case.edition,
            operation: call.is_none().then_some(case.operation.as_str()),
            call,
            subject: &mismatch.subject,
            actual: match mismatch.subject {
                // These are words of the documents, whatever digits they hold.
                Subject::Accepted
                | Subject::Refused
                | Subject::Status
                | Subject::MediaType
                | Subject::Code => mismatch.actual.clone(),
                _ => pattern(&mismatch.actual),
            },
        }
    }
}

/// A value with all in it that differs from run to run made alike: numbers, ids, tokens.
pub(super) fn pattern(text: &str) -> String {
    const LONGEST_WORD: usize = 24;
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_');
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|char| is_part(char) != is_part(first));
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        let varies = run.contains(|char: char| char.is_ascii_digit()) || run.len() > LONGEST_WORD;
        out.push_str(if is_part(first) && varies { "#" } else { run });
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_alike_and_words_are_not() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(pattern(text), expected);
        }
        check("7", "#");
        check("\"43200\"", "\"#\"");
        check("user 0198a-77f not found", "user # not found");
        check("/users/42/name", "/users/#/name");
        check("a token of eyJhbGciOiJub25l", "a token of #");
        check("absent", "absent");
        check("not JSON: <p>", "not JSON: <p>");
        check("密码 12", "密码 #");
    }
}
