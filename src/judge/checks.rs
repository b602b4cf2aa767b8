//! The checks of one step: its own, then what the contract asks of every answer.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    check::{self, Evidence, Finding},
    contract::{Contract, ResponseRule},
    diag::Span,
    exchange::Exchange,
    plan::Step,
    result::{CheckResult, Mismatch, Source, Subject},
    template::{Bindings, TemplateError},
    transcript::StepRecord,
};

/// Why a step cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The URL of a key set that the transcript does not hold.
    #[error("the keys at `{0}` were not fetched")]
    KeysMissing(String),
}

/// Judges one step by its last attempt: its own checks, then what the contract asks of every answer.
///
/// # Errors
/// When an expectation names something that is not bound.
pub fn step(
    step: &Step,
    record: &StepRecord,
    contract: &Contract,
) -> Result<Vec<CheckResult>, JudgeError> {
    let Some(exchange) = record.attempts.last() else {
        return Ok(Vec::new());
    };
    exchange_checks(step, exchange, &record.bindings, contract)
}

fn exchange_checks(
    step: &Step,
    exchange: &Exchange,
    bindings: &Bindings,
    contract: &Contract,
) -> Result<Vec<CheckResult>, JudgeError> {
    let Ok(response) = &exchange.outcome else {
        return Ok(Vec::new());
    };
    let evidence = Evidence {
        request: &exchange.request,
        response,
        contract,
        at: exchange.at,
        fetched: bindings.get(check::FETCHED),
    };
    let mut out = Vec::new();
    for check in &step.checks {
        for source in check.key_sources(bindings)? {
            let body = response.json_or_null();
            let token = body.pointer(&source.at).is_some_and(Value::is_string);
            if token && source.find(evidence.fetched).is_none() {
                return Err(JudgeError::KeysMissing(source.url));
            }
        }
        let mismatches = check.evaluate(&evidence, bindings)?.into_iter();
        let found = mismatches.map(|found| {
            let written = check.written(&found).clone();
            (found, written)
        });
        push(&mut out, check.key(), check.span(), found.collect());
    }
    // However right it is what an answer says, it has to arrive as HTTP and JSON demand.
    let defects = check::delivery(response);
    if !defects.is_empty() {
        let found = defects.into_iter().map(|found| (found, step.span.clone()));
        push(&mut out, "delivery", &step.span, found.collect());
    }
    let operation = step
        .operation
        .as_deref()
        .and_then(|id| contract.operation(id));
    if let Some(operation) = operation {
        let findings = check::conforms(&evidence, operation);
        if findings.is_empty() {
            push(&mut out, "conforms", &step.span, Vec::new());
        }
        // What an expectation already complains about is not reported twice.
        let known = out.iter().filter_map(|result| result.mismatch.as_ref());
        let known: BTreeSet<String> = known.map(|mismatch| mismatch.place.clone()).collect();
        let new = |finding: &Finding| !known.contains(&finding.mismatch.place);
        out.extend(findings.into_iter().filter(new).map(|finding| CheckResult {
            check: "conforms".into(),
            source: source(&finding.written),
            mismatch: Some(finding.mismatch),
            warning: finding.soft,
            violates: Vec::new(),
        }));
        if let Some(rule) = operation.response(response.status) {
            without_consequences(&mut out, rule);
        }
    }
    Ok(out)
}

/// Takes out what is wrong only because another member has a value that it should not have: an answer
/// that says the wrong outcome lacks the members of the right one, and has those of the other.
fn without_consequences(results: &mut Vec<CheckResult>, rule: &ResponseRule) {
    let member = |result: &CheckResult| match &result.mismatch.as_ref()?.subject {
        Subject::Member(at) | Subject::Absent(at) => at.strip_prefix('/').map(str::to_owned),
        _ => None,
    };
    let hard = results.iter().filter(|result| !result.warning);
    let wrong: BTreeSet<String> = hard.filter_map(member).collect();
    let decided_by = |name: &String| {
        let mut members = rule.members.iter();
        let known = members.find(|known| known.name == *name);
        let mut deciding = known.into_iter().flat_map(|known| &known.required_with);
        deciding.any(|(switch, _)| switch != name && wrong.contains(switch))
    };
    results.retain(|result| !member(result).is_some_and(|name| decided_by(&name)));
}

/// The first thing that is wrong with a step that only prepares or cleans up, in one line.
///
/// # Errors
/// As [`step`].
pub fn first_broken(
    step: &Step,
    record: &StepRecord,
    contract: &Contract,
) -> Result<Option<String>, JudgeError> {
    let results = self::step(step, record, contract)?;
    let mut broken = results.into_iter().filter(|result| !result.warning);
    Ok(broken
        .find_map(|result| result.mismatch)
        .map(|mismatch| mismatch.to_string()))
}

/// Adds what a check found, each with the place that it breaks; or that the check at `span` held.
fn push(out: &mut Vec<CheckResult>, key: &str, span: &Span, found: Vec<(Mismatch, Span)>) {
    let result = |mismatch, span: &Span| CheckResult {
        check: key.into(),
        source: source(span),
        mismatch,
        warning: false,
        violates: Vec::new(),
    };
    if found.is_empty() {
        out.push(result(None, span));
    }
    let found = found.into_iter();
    out.extend(found.map(|(mismatch, span)| result(Some(mismatch), &span)));
}

/// A place in a file, for results.
#[must_use]
pub fn source(span: &Span) -> Source {
    let (line, column) = span.position();
    Source {
        file: span.file.path.clone(),
        line,
        column,
        excerpt: span.excerpt().to_owned(),
    }
}
