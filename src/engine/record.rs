//! From an exchange to what a report may show: redacted.

use serde_json::Value;

use super::{
    curl::{Origins, curl},
    tokens,
};
use crate::{
    check::{self, TokenFacts},
    contract::ErrorBody,
    exchange::{Defect, Exchange, Response},
    result::{Attempt, CaseResult, CheckResult, Mismatch, RecordedExchange, Stop, Subject},
    secret::{Redactor, is_secret_header, is_secret_member, is_secret_parameter},
    target::Reach,
};

/// The longest body of an attempt that another one followed, in bytes, that is kept.
pub(super) const LONGEST_EARLIER: usize = 4 * 1024;

pub(super) fn record(
    exchange: &Exchange,
    redactor: &Redactor,
    origins: &Origins<'_>,
    reach: &Reach,
    form: Option<&ErrorBody>,
    facts: &[TokenFacts],
) -> RecordedExchange {
    let body = |bytes: &[u8]| (!bytes.is_empty()).then(|| shown(bytes, redactor));
    let headers = |list: &[(String, String)]| {
        list.iter()
            .map(|(name, value)| (redactor.name(name), redactor.header(name, value)))
            .collect()
    };
    let mut out = RecordedExchange {
        method: exchange.request.method.clone(),
        url: redactor.url(&exchange.request.url),
        request_headers: headers(&exchange.sent_headers),
        request_body: exchange.request.body.as_deref().and_then(body),
        curl: curl(&exchange.request, redactor, origins, reach),
        elapsed: exchange.elapsed,
        at_ms: exchange.at_ms,
        ..RecordedExchange::default()
    };
    out.tokens = tokens::decoded(exchange, facts, redactor);
    match &exchange.outcome {
        Ok(response) => {
            out.status = Some(response.status);
            let answer = response.json_or_null();
            if let Some(form) = form
                && let Some(code) = form.code(answer)
            {
                let message = form.message(answer);
                let message = message.map(|message| redactor.redact(message));
                (out.code, out.message) = (Some(redactor.redact(&code)), message);
            }
            out.response_headers = headers(&response.headers);
            out.response_body = body(&response.body);
            out.response_bytes = response.body.len();
            let defects = check::delivery_defects(response);
            out.defects = defects.cloned().map(|one| named(one, redactor)).collect();
        }
        Err(error) => out.trouble = Some(redactor.redact(&error.to_string())),
    }
    out
}

/// An attempt that another one followed, without what is long of it.
pub(super) fn attempt(
    exchange: &Exchange,
    redactor: &Redactor,
    form: Option<&ErrorBody>,
) -> Attempt {
    let response = exchange.outcome.as_ref();
    let short = |response: &&Response| (1..=LONGEST_EARLIER).contains(&response.body.len());
    let body = response.ok().filter(short);
    let answer = response.ok().map(Response::json_or_null);
    let code = form
        .zip(answer)
        .and_then(|(form, answer)| form.code(answer));
    let trouble = response.err().map(ToString::to_string);
    Attempt {
        method: exchange.request.method.clone(),
        url: redactor.url(&exchange.request.url),
        status: response.ok().map(|response| response.status),
        code: code.map(|code| redactor.redact(&code)),
        response_body: body.map(|response| shown(&response.body, redactor)),
        trouble: trouble.map(|why| redactor.redact(&why)),
        elapsed: exchange.elapsed,
        at_ms: exchange.at_ms,
    }
}

/// The texts of a result that are no part of an exchange and did not come from the plan alone.
pub(super) fn texts(result: &mut CaseResult) -> impl Iterator<Item = &mut String> {
    let checks = result.steps.iter_mut().flat_map(|step| &mut step.checks);
    [&mut result.source.excerpt]
        .into_iter()
        .chain(&mut result.detail)
        .chain(&mut result.causes)
        .chain(result.basis.stopped.as_mut().and_then(Stop::why_mut))
        .chain(checks.flat_map(of_check))
}

/// Masks these texts: what a finding says of a value by the name of its place, all else by value.
pub(super) fn mask_texts(result: &mut CaseResult, redactor: &Redactor) {
    let redact = |text: &mut String| *text = redactor.redact(text);
    redact(&mut result.source.excerpt);
    let others = result.detail.iter_mut().chain(&mut result.causes);
    let others = others.chain(result.basis.stopped.as_mut().and_then(Stop::why_mut));
    others.for_each(redact);
    for check in result.steps.iter_mut().flat_map(|step| &mut step.checks) {
        redact(&mut check.source.excerpt);
        if let Some(mismatch) = &mut check.mismatch {
            mask_mismatch(mismatch, redactor);
        }
    }
}

/// What a step that only prepares or cleans up departs by, in one line. Values are masked by the
/// names of their places here, as a sentence has none; secrets that are known by value remain.
pub(super) fn sentence(mut mismatch: Mismatch) -> String {
    mask_mismatch(&mut mismatch, &Redactor::default());
    mismatch.to_string()
}

fn mask_mismatch(mismatch: &mut Mismatch, redactor: &Redactor) {
    let secret = is_secret_place(mismatch);
    mismatch.place = redactor.name(&mismatch.place);
    for text in std::iter::once(&mut mismatch.actual).chain(&mut mismatch.expected) {
        *text = if secret {
            redactor.secret_value(text)
        } else {
            redactor.value(text)
        };
    }
}

/// Whether a finding is about a value whose name says that it is secret.
fn is_secret_place(mismatch: &Mismatch) -> bool {
    let last = |path: &str| {
        let mut names = path.rsplit('/');
        let name = names.find(|name| name.parse::<usize>().is_err());
        name.unwrap_or_default().to_owned()
    };
    match &mismatch.subject {
        Subject::Header(name) if name == "location" => is_secret_parameter(&last(&mismatch.place)),
        Subject::Header(name) => is_secret_header(name),
        Subject::Member(at) | Subject::Absent(at) => is_secret_member(&last(at)),
        Subject::Claim { part, .. } => part != "signature" && is_secret_member(part),
        _ => false,
    }
}

fn of_check(check: &mut CheckResult) -> impl Iterator<Item = &mut String> {
    let mismatch = check.mismatch.iter_mut().flat_map(|mismatch| {
        [&mut mismatch.place, &mut mismatch.actual]
            .into_iter()
            .chain(&mut mismatch.expected)
    });
    std::iter::once(&mut check.source.excerpt).chain(mismatch)
}

/// The texts of a result's exchanges.
pub(super) fn exchange_texts(result: &mut CaseResult) -> impl Iterator<Item = &mut String> {
    result.steps.iter_mut().flat_map(|step| {
        let exchange = step.exchange.iter_mut().flat_map(texts_of_exchange);
        exchange.chain(step.earlier.iter_mut().flat_map(texts_of_attempt))
    })
}

fn texts_of_attempt(attempt: &mut Attempt) -> impl Iterator<Item = &mut String> {
    std::iter::once(&mut attempt.url)
        .chain(&mut attempt.code)
        .chain(&mut attempt.response_body)
        .chain(&mut attempt.trouble)
}

fn texts_of_exchange(exchange: &mut RecordedExchange) -> impl Iterator<Item = &mut String> {
    let headers = exchange
        .request_headers
        .iter_mut()
        .chain(&mut exchange.response_headers);
    [&mut exchange.url, &mut exchange.curl]
        .into_iter()
        .chain(&mut exchange.request_body)
        .chain(&mut exchange.response_body)
        .chain(&mut exchange.code)
        .chain(&mut exchange.message)
        .chain(&mut exchange.trouble)
        .chain(exchange.bindings.values_mut().flat_map(texts_of))
        .chain(exchange.tokens.iter_mut().flat_map(tokens::texts))
        .chain(headers.flat_map(|(name, value)| [name, value]))
}

/// Every text of a value, at any depth.
fn texts_of(value: &mut Value) -> Vec<&mut String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter_mut().flat_map(texts_of).collect(),
        Value::Object(members) => members.values_mut().flat_map(texts_of).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// A defect whose text holds no secret: a place in a body is made of names.
fn named(defect: Defect, redactor: &Redactor) -> Defect {
    match defect {
        Defect::TwiceInObject(place) => Defect::TwiceInObject(redactor.name(&place)),
        Defect::Number(text) => Defect::Number(redactor.redact(&text)),
        Defect::Coding { coding, why } => Defect::Coding {
            coding: redactor.redact(&coding),
            why: redactor.redact(&why),
        },
        plain => plain,
    }
}

/// The whole body: what was read of it is bounded already.
pub(super) fn shown(bytes: &[u8], redactor: &Redactor) -> String {
    redactor.body(&String::from_utf8_lossy(bytes))
}
