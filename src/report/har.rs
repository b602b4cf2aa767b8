//! What was exchanged as an HTTP archive (HAR 1.2), for the network panel of a browser and its kin.
//!
//! Secrets are masked as in the record. Entries are in the order of the rows; each began as long before its
//! answer was complete as it took.

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::explain;
use crate::result::{CaseResult, RecordedExchange, RunReport, StepResult};

/// Writes the whole archive, one row after the other.
///
/// # Errors
/// When the results cannot be read from their spool, or the text cannot be written.
pub fn write(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let creator = json!({ "name": "probity", "version": env!("CARGO_PKG_VERSION") });
    write!(
        out,
        "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"comment\":\"Secrets are masked.\",\"entries\":["
    )?;
    let mut first = true;
    for at in 0..report.cases.len() {
        let case = report.cases.whole(at)?;
        for step in &case.steps {
            let Some(exchange) = &step.exchange else {
                continue;
            };
            out.write_all(if first { b"\n" } else { b",\n" })?;
            first = false;
            let begin = began(report, exchange);
            serde_json::to_writer(&mut *out, &entry(&case, step, exchange, begin))?;
        }
    }
    writeln!(out, "\n]}}}}")
}

/// When an exchange began; when the run did, where no time is recorded of it.
fn began(report: &RunReport, exchange: &RecordedExchange) -> Timestamp {
    let of = |millis| Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    if exchange.at_ms == 0 {
        return of(report.started);
    }
    let took = SignedDuration::try_from(exchange.elapsed).unwrap_or_default();
    let end = of(exchange.at_ms);
    end.checked_sub(took).unwrap_or(end)
}

fn entry(
    case: &CaseResult,
    step: &StepResult,
    exchange: &RecordedExchange,
    begin: Timestamp,
) -> Value {
    let millis = exchange.elapsed.as_secs_f64() * 1_000.0;
    json!({
        "startedDateTime": begin.to_string(),
        "time": millis,
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        "timings": { "send": 0, "wait": millis, "receive": 0 },
        "comment": format!("{}: {}", case.id, explain::owner(step)),
    })
}

fn request(exchange: &RecordedExchange) -> Value {
    let query = exchange.url.split_once('?').map(|(_, query)| query);
    let pairs = query.into_iter().flat_map(|query| query.split('&'));
    let query: Vec<Value> = pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            json!({ "name": name, "value": value })
        })
        .collect();
    let mut out = json!({
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&exchange.request_headers),
        "queryString": query,
        "headersSize": -1,
        "bodySize": exchange.request_body.as_ref().map_or(0, String::len),
    });
    if let Some(body) = &exchange.request_body {
        out["postData"] =
            json!({ "mimeType": media_type(&exchange.request_headers), "text": body });
    }
    out
}

fn response(exchange: &RecordedExchange) -> Value {
    let body = exchange.response_body.as_deref().unwrap_or_default();
    let mut out = json!({
        // As archives have it where no answer came.
        "status": exchange.status.unwrap_or(0),
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&exchange.response_headers),
        "content": {
            "size": body.len(),
            "mimeType": media_type(&exchange.response_headers),
            "text": body,
        },
        "redirectURL": header(&exchange.response_headers, "location"),
        "headersSize": -1,
        "bodySize": body.len(),
    });
    if let Some(trouble) = &exchange.trouble {
        out["comment"] = Value::from(trouble.as_str());
    }
    out
}

fn headers(all: &[(String, String)]) -> Vec<Value> {
    let each = all.iter();
    each.map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn header<'h>(all: &'h [(String, String)], wanted: &str) -> &'h str {
    let mut all = all.iter();
    let found = all.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.map_or("", |(_, value)| value)
}

fn media_type(all: &[(String, String)]) -> &str {
    match header(all, "content-type") {
        "" => "application/octet-stream",
        found => found,
    }
}
