//! The values that a step takes from its answer.

use serde_json::Value;

use crate::{
    exchange::{Exchange, Response},
    plan::{Capture, CaptureFrom, Step},
};

/// The captures that the answer really holds; one that is not there stays unbound.
pub(super) fn captured<'s>(step: &'s Step, exchange: &Exchange) -> Vec<(&'s Capture, Value)> {
    let Ok(response) = &exchange.outcome else {
        return Vec::new();
    };
    let asked = &exchange.request.url;
    step.captures
        .iter()
        .filter_map(|capture| Some((capture, value(capture, response, asked)?)))
        .collect()
}

/// The name of the place that a capture is taken from, which may tell that it is a secret.
pub(super) fn place(capture: &Capture) -> &str {
    match &capture.from {
        CaptureFrom::Body(pointer) | CaptureFrom::Location(pointer) => {
            pointer.rsplit('/').next().unwrap_or_default()
        }
        CaptureFrom::Header(name) => name,
        // A session, wherever it is shown again.
        CaptureFrom::Cookie(_) => "cookie",
        CaptureFrom::Text => "",
    }
}

fn value(capture: &Capture, response: &Response, asked: &str) -> Option<Value> {
    let value = match &capture.from {
        CaptureFrom::Body(pointer) => response.json()?.pointer(pointer)?.clone(),
        CaptureFrom::Text => String::from_utf8_lossy(&response.body).into(),
        CaptureFrom::Header(name) => response.header(name)?.into(),
        CaptureFrom::Cookie(name) => response.cookies().get(name)?["value"].clone(),
        CaptureFrom::Location(pointer) => response.location(asked)?.pointer(pointer)?.clone(),
    };
    let Some(pattern) = &capture.pattern else {
        return Some(value);
    };
    let found = pattern.captures(value.as_str()?)?;
    let part = found.get(1).or_else(|| found.get(0))?;
    Some(part.as_str().into())
}
