//! The checks of one step: its own, then what the contract asks of every answer.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    check::{self, BoundCheck, Evidence, ExpectationError, Finding},
    contract::{Contract, ErrorBody, ResponseRule},
    diag::Span,
    exchange::Exchange,
    plan::Step,
    result::{CheckKey, CheckResult, Mismatch, Source, Subject},
    template::Bindings,
    transcript::StepRecord,
};

/// Why a step cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// A mistake of the author, with its place.
    #[error(transparent)]
    Expectation(#[from] ExpectationError),
    /// The URL of a key set that the transcript does not hold.
    #[error("the keys at `{0}` were not fetched")]
    KeysMissing(String),
}

/// What the checks of one step came to.
#[derive(Debug, Default)]
pub struct StepChecks {
    pub results: Vec<CheckResult>,
    /// Where the answer is not what the contract documents, also where an expectation of the author
    /// complains about it in its stead.
    pub undocumented: Vec<Mismatch>,
}

/// Judges one step by its last attempt: its own checks, then what the contract asks of every answer.
/// A strict run takes soft findings for departures, but for those that the author expects.
///
/// # Errors
/// When an expectation cannot be used, which is a mistake of its author.
pub fn step(
    step: &Step,
    record: &StepRecord,
    contract: &Contract,
    strict: bool,
) -> Result<StepChecks, JudgeError> {
    let Some(exchange) = record.attempts.last() else {
        return Ok(StepChecks::default());
    };
    exchange_checks(step, exchange, &record.bindings, contract, strict)
}

/// What of the answer the checks of a step judged that could be made, of alternatives that which held.
pub(super) fn judged(
    step: &Step,
    record: &StepRecord,
    results: &[CheckResult],
    contract: &Contract,
) -> Vec<Subject> {
    let last = record.attempts.last();
    let Some(evidence) =
        last.and_then(|exchange| evidence(step, exchange, &record.bindings, contract))
    else {
        return Vec::new();
    };
    // A result has the name of the report, which is not always the one of the case file.
    let made = |check: &&BoundCheck| {
        let key = CheckKey::from(check.key());
        results.iter().any(|one| one.check == key)
    };
    let checks = step.checks.iter().filter(made);
    checks
        .flat_map(|check| check.judged(&evidence, &record.bindings))
        .collect()
}

/// What a check may look at; `None` where no answer came.
fn evidence<'e>(
    step: &'e Step,
    exchange: &'e Exchange,
    bindings: &'e Bindings,
    contract: &'e Contract,
) -> Option<Evidence<'e>> {
    let response = exchange.outcome.as_ref().ok()?;
    Some(Evidence {
        request: &exchange.request,
        response,
        contract,
        operation: step.operation.as_deref(),
        at: exchange.at_ms.div_euclid(1_000),
        fetched: bindings.get(check::FETCHED),
        verified: bindings.get(check::VERIFIED),
    })
}

fn exchange_checks(
    step: &Step,
    exchange: &Exchange,
    bindings: &Bindings,
    contract: &Contract,
    strict: bool,
) -> Result<StepChecks, JudgeError> {
    let Some(evidence) = evidence(step, exchange, bindings, contract) else {
        return Ok(StepChecks::default());
    };
    let response = evidence.response;
    let mut out = own_checks(&step.checks, &evidence, bindings)?;
    let mut undocumented = Vec::new();
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
        let hard = findings.iter().filter(|finding| !finding.soft);
        undocumented = hard.map(|finding| finding.mismatch.clone()).collect();
        // What an expectation already complains about is not reported twice.
        let known = out.iter().filter_map(|result| result.mismatch.clone());
        let known: Vec<Mismatch> = known.collect();
        let new = |finding: &Finding| {
            let mut known = known.iter();
            !known.any(|known| is_same_place(known, &finding.mismatch))
        };
        let expected = beyond_contract(step, &evidence, bindings);
        out.extend(findings.into_iter().filter(new).map(|finding| CheckResult {
            check: "conforms".into(),
            source: source(&finding.written),
            warning: finding.soft
                && (!strict || is_expected(&finding.mismatch, &expected, evidence.error_body())),
            mismatch: Some(finding.mismatch),
            violates: Vec::new(),
            further: 0,
        }));
        if let Some(rule) = operation.response(response.status) {
            without_consequences(&mut out, rule, response.json_or_null());
        }
    }
    Ok(StepChecks {
        results: out,
        undocumented,
    })
}

/// Whether two findings are on the same place of an answer. A member that a path found is named with its
/// path, and is the member all the same.
pub(super) fn is_same_place(one: &Mismatch, other: &Mismatch) -> bool {
    let is_member = matches!(one.subject, Subject::Member(_));
    one.place == other.place || is_member && one.subject == other.subject
}

/// Takes out what is wrong only because another member has a value that it should not have: an answer
/// that says the wrong outcome lacks the members of the right one, and has those of the other.
fn without_consequences(results: &mut Vec<CheckResult>, rule: &ResponseRule, body: &Value) {
    let comes_and_goes = |result: &CheckResult| match &result.mismatch.as_ref()?.subject {
        Subject::Member(at) if body.pointer(at).is_none() => Some(at.clone()),
        Subject::Absent(at) => Some(at.clone()),
        _ => None,
    };
    // One that is there and is another: it stays a finding, so that no two can excuse each other.
    let is_another = |result: &CheckResult| match &result.mismatch.as_ref()?.subject {
        Subject::Member(at) if body.pointer(at).is_some() => {
            at.strip_prefix('/').map(str::to_owned)
        }
        _ => None,
    };
    let findings = results.iter().filter(|result| result.is_finding());
    let wrong: BTreeSet<String> = findings.filter_map(is_another).collect();
    let decided_by = |name: &str| {
        let mut members = rule.members.iter();
        let known = members.find(|known| known.name == *name);
        let mut deciding = known.into_iter().flat_map(|known| &known.required_with);
        deciding.any(|(switch, _)| wrong.contains(switch))
    };
    results.retain(|result| {
        let at = comes_and_goes(result).unwrap_or_default();
        !at.strip_prefix('/').is_some_and(decided_by)
    });
}

/// The checks of the step itself.
///
/// # Errors
/// As [`step`]. What only this answer makes unusable yields to a finding.
fn own_checks(
    checks: &[BoundCheck],
    evidence: &Evidence<'_>,
    bindings: &Bindings,
) -> Result<Vec<CheckResult>, JudgeError> {
    let mut out: Vec<CheckResult> = Vec::new();
    let mut open = None;
    for check in checks {
        for source in check.key_sources(bindings)? {
            let token = check::token_text(evidence.response, &source.at);
            if token.is_some() && source.find(evidence.fetched).is_none() {
                return Err(JudgeError::KeysMissing(source.url));
            }
        }
        match check.evaluate(evidence, bindings) {
            Ok(mismatches) => {
                let found = mismatches.into_iter().map(|found| {
                    let written = check.written(&found);
                    (found, written)
                });
                push(&mut out, check.key(), check.span(), found.collect());
            }
            Err(error) if error.yields() => {
                open.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match open {
        Some(error) if !out.iter().any(CheckResult::is_finding) => Err(error.into()),
        _ => Ok(out),
    }
}

/// What the step expects of this answer although the contract does not document it.
fn beyond_contract(step: &Step, evidence: &Evidence<'_>, bindings: &Bindings) -> Vec<Subject> {
    let checks = step.checks.iter();
    checks
        .flat_map(|check| check.beyond_contract(evidence, bindings))
        .collect()
}

/// Whether an expectation beyond the contract is about this: what the contract does not document is
/// there because its author wants it.
fn is_expected(found: &Mismatch, expected: &[Subject], form: &ErrorBody) -> bool {
    match &found.subject {
        Subject::Absent(at) => expected.contains(&Subject::Member(at.clone())),
        // Any code of the form, where none is named.
        Subject::Code => {
            let any = form.code_at.clone().map(Subject::Member);
            expected.contains(&Subject::Code) || any.is_some_and(|any| expected.contains(&any))
        }
        subject => expected.contains(subject),
    }
}

/// Whether the last attempt of a step was answered, and these checks hold of its answer.
///
/// # Errors
/// As [`step`].
pub fn hold(
    step: &Step,
    checks: &[BoundCheck],
    record: &StepRecord,
    contract: &Contract,
) -> Result<bool, JudgeError> {
    let last = record.attempts.last();
    let evidence = last.and_then(|exchange| evidence(step, exchange, &record.bindings, contract));
    let Some(evidence) = evidence else {
        return Ok(false);
    };
    let results = own_checks(checks, &evidence, &record.bindings)?;
    Ok(!results.iter().any(CheckResult::is_finding))
}

/// The first thing that is wrong with a step that only prepares or cleans up.
///
/// # Errors
/// As [`step`].
pub fn first_broken(
    step: &Step,
    record: &StepRecord,
    contract: &Contract,
) -> Result<Option<Mismatch>, JudgeError> {
    let results = self::step(step, record, contract, false)?.results;
    let mut broken = results.into_iter().filter(|result| !result.warning);
    Ok(broken.find_map(|result| result.mismatch))
}

/// Adds what a check found, each with the place that it breaks; or that the check at `span` held.
fn push(out: &mut Vec<CheckResult>, key: &str, span: &Span, found: Vec<(Mismatch, Span)>) {
    let result = |mismatch, span: &Span| CheckResult {
        check: key.into(),
        source: source(span),
        mismatch,
        warning: false,
        violates: Vec::new(),
        further: 0,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::{Member, Statuses, sample::contract};

    /// What is left of findings where each of these members is demanded by the other.
    fn left(subjects: &[Subject], body: &Value) -> Vec<Subject> {
        let span = &contract().requirements[0].span;
        let member = |name: &str, by: &str| Member {
            name: name.into(),
            types: Vec::new(),
            values: Vec::new(),
            listed: false,
            minimum: None,
            filled: false,
            required: false,
            read_only: false,
            required_with: vec![(by.into(), "X".into())],
        };
        let rule = ResponseRule {
            statuses: Statuses::One(200),
            headers: Vec::new(),
            content_types: Vec::new(),
            schemas: Vec::new(),
            members: vec![member("a", "b"), member("b", "a")],
            span: span.clone(),
            places: Vec::new(),
        };
        let found = subjects.iter().map(|subject| {
            let mismatch = Mismatch {
                subject: subject.clone(),
                place: String::new(),
                expected: Vec::new(),
                actual: String::new(),
            };
            (mismatch, span.clone())
        });
        let mut results = Vec::new();
        push(&mut results, "body", span, found.collect());
        without_consequences(&mut results, &rule, body);
        let left = results.into_iter().filter_map(|result| result.mismatch);
        left.map(|found| found.subject).collect()
    }

    #[test]
    fn members_that_demand_each_other_never_excuse_each_other() {
        let member = |at: &str| Subject::Member(at.into());
        let absent = |at: &str| Subject::Absent(at.into());
        let both = [member("/a"), member("/b")];
        assert_eq!(left(&both, &json!({})), both);
        let both = [absent("/a"), absent("/b")];
        assert_eq!(left(&both, &json!({ "a": 1, "b": 1 })), both);
        // A member that is there with another value is the cause of the one that lacks.
        let found = [member("/a"), member("/b")];
        assert_eq!(left(&found, &json!({ "a": "Y" })), [member("/a")]);
    }
}
