//! From a recorded result back to a transcript, with one filling of its masks.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::fill::{Fill, is_masked};
use crate::{
    check::{FETCHED, VERIFIED},
    exchange::{Body, Defect, Exchange, Request, Response, Tape, TransportError},
    plan::TestCase,
    result::{
        CaseResult, Part, Provenance, RecordedExchange, RecordedToken, StepOwner, StepResult,
    },
    transcript::{StepRecord, Transcript},
};

/// The run that a result is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'r> {
    pub run_id: &'r str,
    pub provenance: &'r Provenance,
}

/// The transcript of a test case as its result has it.
pub(super) fn of(
    run: Run<'_>,
    case: &TestCase,
    result: &CaseResult,
    fill: &Fill<'_>,
) -> Transcript {
    let mut bindings = surroundings(run, case, result, fill);
    let mut places: HashMap<Part, usize> = HashMap::new();
    let mut steps = Vec::new();
    for step in &result.steps {
        let own = step.owner == StepOwner::Case;
        let index = own.then(|| {
            let next = places.entry(step.part).or_default();
            *next += 1;
            *next - 1
        });
        let Some(recorded) = &step.exchange else {
            steps.push(record(step, index, Vec::new(), bindings.clone()));
            continue;
        };
        for (name, value) in &recorded.bindings {
            bindings.insert(name.clone(), fill.value(value, &mut |_| None));
        }
        let exchange = exchange(recorded, fill);
        let mut own = bindings.clone();
        let (fetched, verified) = signatures(&recorded.tokens);
        own.insert(FETCHED.to_owned(), fetched);
        own.insert(VERIFIED.to_owned(), verified);
        if step.part == Part::Request {
            bindings.insert("sent".to_owned(), exchange.request.as_binding());
        }
        let mut attempts = Vec::new();
        if step.repeated.lost > 0 {
            attempts.push(lost(&exchange));
        }
        attempts.push(exchange);
        steps.push(record(step, index, attempts, own));
    }
    Transcript {
        steps,
        stopped: result.basis.stopped.clone(),
    }
}

/// What is bound in every test case.
fn surroundings(
    run: Run<'_>,
    case: &TestCase,
    result: &CaseResult,
    fill: &Fill<'_>,
) -> Map<String, Value> {
    let mut out = Map::new();
    let reached = run.provenance.editions.get(&result.edition);
    // Masks are those of one process, and of a merged run it is not known which this value is from.
    let merged = !run.provenance.merged.is_empty();
    let all = reached.map(|one| one.variables.clone()).unwrap_or_default();
    let comparable = |(_, value): &(String, Value)| !merged || !is_masked(&value.to_string());
    let variables = Value::Object(all.into_iter().filter(comparable).collect());
    out.insert("target".to_owned(), fill.value(&variables, &mut |_| None));
    // Shards have ids of their own, and which one a row was of is not known.
    if run.provenance.merged.is_empty() {
        out.insert("run".to_owned(), json!({ "id": run.run_id }));
    }
    out.insert("matrix".to_owned(), case.matrix.clone());
    out
}

fn record(
    step: &StepResult,
    index: Option<usize>,
    attempts: Vec<Exchange>,
    bindings: Map<String, Value>,
) -> StepRecord {
    StepRecord {
        name: step.name.clone(),
        owner: step.owner.clone(),
        part: step.part,
        index,
        route: String::new(),
        attempts,
        bindings,
    }
}

/// An attempt that left and got no answer.
fn lost(last: &Exchange) -> Exchange {
    Exchange {
        outcome: Err(TransportError::Lost("no answer came".to_owned())),
        ..last.clone()
    }
}

fn exchange(recorded: &RecordedExchange, fill: &Fill<'_>) -> Exchange {
    let headers = |list: &[(String, String)], place: &str| -> Vec<(String, String)> {
        let one = |(name, value): &(String, String)| {
            let token = token_at(&recorded.tokens, &format!("{place} {name}"));
            (name.clone(), fill.text(value, token))
        };
        list.iter().map(one).collect()
    };
    let body = |text: &Option<String>, place: &str| {
        text.as_deref()
            .map(|text| body(text, place, &recorded.tokens, fill))
    };
    let sent_headers = headers(&recorded.request_headers, "request header");
    let request = Request {
        method: recorded.method.clone(),
        url: fill.text(&recorded.url, None),
        headers: sent_headers.clone(),
        body: body(&recorded.request_body, "request body ").map(String::into_bytes),
        exact: false,
        hostless: false,
    };
    let outcome = match recorded.status {
        Some(status) => {
            let body: Body = body(&recorded.response_body, RecordedToken::IN_ANSWER)
                .unwrap_or_default()
                .into();
            // What the recorded text still shows is found in it again.
            let gone = |defect: &&Defect| !body.json_defects().contains(defect);
            Ok(Response {
                status,
                headers: headers(&recorded.response_headers, "header"),
                defects: recorded.defects.iter().filter(gone).cloned().collect(),
                body,
            })
        }
        None => Err(TransportError::Lost(
            recorded.trouble.clone().unwrap_or_default(),
        )),
    };
    Exchange {
        sent_line: format!("{} {}", request.method, request.target()),
        request,
        sent_headers,
        tape: Tape::default(),
        fault: None,
        outcome,
        again: None,
        elapsed: recorded.elapsed,
        at_ms: recorded.at_ms,
    }
}

fn body(text: &str, place: &str, tokens: &[RecordedToken], fill: &Fill<'_>) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if value.is_object() || value.is_array() => {
            let mut at = |pointer: &str| token_at(tokens, &format!("{place}{pointer}"));
            fill.value(&value, &mut at).to_string()
        }
        _ => fill.text(text, token_at(tokens, place)),
    }
}

/// The mask of the token that is recorded at a place; none where several are.
fn token_at<'t>(tokens: &'t [RecordedToken], place: &str) -> Option<&'t str> {
    let mut there = tokens.iter().filter(|token| token.place == place);
    let found = there.next().filter(|_| there.next().is_none());
    found
        .map(|token| token.mask.as_str())
        .filter(|mask| !mask.is_empty())
}

/// What was found of the signatures of an answer: the sets that were fetched, of which only their being
/// there counts, and by place and set what became of the signature.
fn signatures(tokens: &[RecordedToken]) -> (Value, Value) {
    let (mut fetched, mut all) = (Map::new(), Map::new());
    for token in tokens {
        let Some(at) = token.in_answer() else {
            continue;
        };
        let mut verified = Map::new();
        for one in &token.verified {
            fetched.insert(one.keys.clone(), json!({}));
            verified.insert(one.keys.clone(), json!(one.error));
        }
        // Of several in one header only that is looked at which an expectation names.
        if !verified.is_empty() || !all.contains_key(&at) {
            all.insert(at, Value::Object(verified));
        }
    }
    (Value::Object(fetched), Value::Object(all))
}
