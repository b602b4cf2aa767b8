//! What the unit tests of the checks share: an expectation as an author writes it, beside an answer.

#![cfg(test)]

use serde_json::{Value, json};

use super::{BoundCheck, Evidence, Lint, bind, conforms};
use crate::{
    contract::{Contract, sample::contract},
    diag::Diagnostic,
    exchange::{Request, Response},
    template::Bindings,
    yaml,
};

/// The time at which every answer of these tests arrived.
pub(super) const NOW: i64 = 1_000_000;

/// An answer with a body as it is written here, and the content type of JSON.
pub(super) fn answer(status: u16, body: &str) -> Response {
    let media = (
        "Content-Type".into(),
        "application/json;charset=UTF-8".into(),
    );
    Response {
        status,
        headers: vec![media],
        body: body.into(),
        defects: Vec::new(),
    }
}

/// The checks of an expectation about the door, and its mistakes.
#[track_caller]
pub(super) fn bound(expect: &str) -> (Vec<BoundCheck>, Vec<Diagnostic>) {
    bound_to(contract(), expect)
}

/// As [`bound`], with another contract behind the expectation.
#[track_caller]
pub(super) fn bound_to(contract: &Contract, expect: &str) -> (Vec<BoundCheck>, Vec<Diagnostic>) {
    let node = yaml::parse("expect.yaml", expect.to_owned()).unwrap();
    let lint = Lint {
        contract,
        operation: contract.operation("openDoor"),
        beyond_contract: false,
        rendered: false,
    };
    let mut found = Vec::new();
    let checks = bind(&node, &lint, &mut found);
    (checks, found)
}

/// What an expectation complains about; it has no mistake of its own.
#[track_caller]
pub(super) fn judged(expect: &str, response: &Response) -> Vec<String> {
    judged_by(contract(), expect, response)
}

/// As [`judged`], with another contract behind the expectation.
#[track_caller]
pub(super) fn judged_by(contract: &Contract, expect: &str, response: &Response) -> Vec<String> {
    let (checks, found) = bound_to(contract, expect);
    assert!(found.iter().all(|mistake| mistake.warning), "{found:#?}");
    let mut out = Vec::new();
    for check in checks {
        let mismatches = with_evidence(response, |evidence| {
            let evidence = Evidence {
                contract,
                ..*evidence
            };
            check.evaluate(&evidence, &Bindings::new())
        });
        out.extend(mismatches.unwrap().iter().map(ToString::to_string));
    }
    out
}

/// An expectation complains about exactly this; nothing when it holds.
#[track_caller]
pub(super) fn check(expect: &str, response: &Response, expected: &[&str]) {
    assert_eq!(judged(expect, response), expected, "{expect}");
}

/// The mistakes of an expectation: place in the line, code, message.
#[track_caller]
pub(super) fn lint(expect: &str, mistakes: &[(usize, &str, &str)]) {
    let (_, found) = bound(expect);
    let found: Vec<_> = found
        .iter()
        .map(|mistake| {
            let column = mistake.span.as_ref().unwrap().position().1;
            (column, mistake.code, mistake.message.as_str())
        })
        .collect();
    assert_eq!(found, mistakes, "{expect}");
}

/// What the contract complains about in an answer of an operation, asked or not; softer findings
/// begin with a question mark.
#[track_caller]
pub(super) fn found(operation: &str, response: &Response) -> Vec<String> {
    found_by("POST", operation, response)
}

/// As [`found`], where the request had this method.
#[track_caller]
pub(super) fn found_by(method: &str, operation: &str, response: &Response) -> Vec<String> {
    let operation = contract().operation(operation).unwrap();
    let findings = with_evidence(response, |evidence| {
        let request = Request {
            method: method.into(),
            ..evidence.request.clone()
        };
        let request = &request;
        conforms(
            &Evidence {
                request,
                ..*evidence
            },
            operation,
        )
    });
    let sentences = findings.iter().map(|finding| {
        let mark = if finding.soft { "? " } else { "" };
        format!("{mark}{}", finding.mismatch)
    });
    sentences.collect()
}

pub(super) fn with_evidence<T>(response: &Response, judge: impl Fn(&Evidence<'_>) -> T) -> T {
    let request = Request {
        method: "POST".into(),
        url: "http://tenant.invalid/door/open".into(),
        headers: Vec::new(),
        body: None,
        exact: false,
        hostless: false,
    };
    judge(&Evidence {
        request: &request,
        response,
        contract: contract(),
        operation: None,
        at: NOW,
        fetched: None,
        verified: None,
    })
}

/// The documented refusal with a code and a text.
pub(super) fn refusal(status: u16, code: impl Into<Value>, text: impl Into<Value>) -> Response {
    let body = json!({ "error_code": code.into(), "error_msg": text.into() });
    answer(status, &body.to_string())
}
