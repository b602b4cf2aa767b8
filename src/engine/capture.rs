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

/// Which of a step's paths found no node, or several, as sentences by the names that are not bound.
pub(super) fn not_one(step: &Step, response: &Response) -> Vec<(String, String)> {
    let paths = step.captures.iter().filter_map(|capture| {
        let CaptureFrom::Node(path) = &capture.from else {
            return None;
        };
        let found = response.json().map(|body| path.one(body).map(|_| ()));
        let found = match found {
            Some(found) => found.err()?.to_string(),
            None => "not searched: the body is not JSON".to_owned(),
        };
        let name = &capture.name;
        let why = format!(
            "step `{}`: `{name}` is taken from exactly one node at {}, and the answer has {found}",
            step.name,
            path.as_str()
        );
        Some((name.clone(), why))
    });
    paths.collect()
}

/// The name of the place that a capture is taken from, which may tell that it is a secret.
pub(super) fn place(capture: &Capture) -> &str {
    match &capture.from {
        CaptureFrom::Body(pointer) | CaptureFrom::Location(pointer) => {
            pointer.rsplit('/').next().unwrap_or_default()
        }
        CaptureFrom::Node(path) => path.last_name(),
        CaptureFrom::Header(name) => name,
        // A session, wherever it is shown again.
        CaptureFrom::Cookie(_) => "cookie",
        CaptureFrom::Text => "",
    }
}

fn value(capture: &Capture, response: &Response, asked: &str) -> Option<Value> {
    let value = match &capture.from {
        CaptureFrom::Body(pointer) => response.json()?.pointer(pointer)?.clone(),
        CaptureFrom::Node(path) => path.one(response.json()?).ok()?.0.clone(),
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
