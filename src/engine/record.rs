//! From an exchange to what a report may show: redacted and bounded in size.

use super::curl::{Origins, curl};
use crate::{
    exchange::Exchange,
    result::{CaseResult, CheckResult, RecordedExchange},
    secret::Redactor,
    target::Reach,
};

/// The longest body a report shows, in characters.
const LONGEST: usize = 4_000;

pub(super) fn record(
    exchange: &Exchange,
    redactor: &Redactor,
    origins: &Origins<'_>,
    reach: &Reach,
) -> RecordedExchange {
    let body = |bytes: &[u8]| (!bytes.is_empty()).then(|| shown(bytes, redactor));
    let headers = |list: &[(String, String)]| {
        list.iter()
            .map(|(name, value)| (redactor.redact(name), redactor.header(name, value)))
            .collect()
    };
    let mut out = RecordedExchange {
        method: exchange.request.method.clone(),
        url: redactor.url(&exchange.request.url),
        request_headers: headers(&exchange.sent_headers),
        request_body: exchange.request.body.as_deref().and_then(body),
        curl: curl(&exchange.request, redactor, origins, reach),
        elapsed: exchange.elapsed,
        ..RecordedExchange::default()
    };
    match &exchange.outcome {
        Ok(response) => {
            out.status = Some(response.status);
            out.response_headers = headers(&response.headers);
            out.response_body = body(&response.body);
        }
        Err(error) => out.trouble = Some(redactor.redact(&error.to_string())),
    }
    out
}

/// The texts of a result that are no part of an exchange and did not come from the plan alone.
pub(super) fn texts(result: &mut CaseResult) -> impl Iterator<Item = &mut String> {
    let checks = result.steps.iter_mut().flat_map(|step| &mut step.checks);
    [&mut result.source.excerpt]
        .into_iter()
        .chain(&mut result.detail)
        .chain(&mut result.causes)
        .chain(checks.flat_map(of_check))
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
    let exchanges = result
        .steps
        .iter_mut()
        .filter_map(|step| step.exchange.as_mut());
    exchanges.flat_map(|exchange| {
        let headers = exchange
            .request_headers
            .iter_mut()
            .chain(&mut exchange.response_headers);
        [&mut exchange.url, &mut exchange.curl]
            .into_iter()
            .chain(&mut exchange.request_body)
            .chain(&mut exchange.response_body)
            .chain(&mut exchange.trouble)
            .chain(headers.flat_map(|(name, value)| [name, value]))
    })
}

fn shown(bytes: &[u8], redactor: &Redactor) -> String {
    let text = redactor.body(&String::from_utf8_lossy(bytes));
    if text.chars().count() > LONGEST {
        let cut: String = text.chars().take(LONGEST).collect();
        format!("{cut}… (cut)")
    } else {
        text
    }
}
