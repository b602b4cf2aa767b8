//! What every answer to an operation of the contract must keep, asked or not:
//! a documented status, the documented content type, a body that fits the schema.

use serde_json::Value;

use super::{Evidence, Place, error::describe_body, show};
use crate::{
    contract::{Operation, ResponseRule, is_json, media_type_of, pointer_part},
    diag::Span,
    result::{Mismatch, Subject},
};

/// A departure nobody asked about.
#[derive(Debug)]
pub struct Finding {
    pub mismatch: Mismatch,
    /// Softer findings, where the document is merely silent: a warning unless the run is strict.
    pub soft: bool,
    /// Where the contract says otherwise.
    pub written: Span,
}

impl Finding {
    fn hard(mismatch: Mismatch, written: &Span) -> Self {
        Self {
            mismatch,
            soft: false,
            written: written.clone(),
        }
    }

    fn soft(mismatch: Mismatch, written: &Span) -> Self {
        Self {
            soft: true,
            ..Self::hard(mismatch, written)
        }
    }
}

/// Compares an answer with what the contract documents for its operation.
#[must_use]
pub fn conforms(evidence: &Evidence<'_>, operation: &Operation) -> Vec<Finding> {
    match operation.response(evidence.response.status) {
        None => {
            let mismatch = undocumented_status(evidence, operation);
            vec![Finding::soft(mismatch, &operation.span)]
        }
        Some(rule) => {
            let mut out = Vec::from_iter(content_type(evidence, rule));
            out.extend(headers(evidence, rule));
            out.extend(body(evidence, operation, rule));
            out
        }
    }
}

fn undocumented_status(evidence: &Evidence<'_>, operation: &Operation) -> Mismatch {
    let documented = operation.documented_statuses();
    let actual = format!("{}, which is not documented", evidence.response.status);
    Place::status(Subject::Status).one_of(documented, actual)
}

fn media_type(evidence: &Evidence<'_>) -> Option<String> {
    let content_type = evidence.response.header("content-type");
    content_type.map(media_type_of)
}

/// A body comes with a documented content type, where any is documented.
fn content_type(evidence: &Evidence<'_>, rule: &ResponseRule) -> Option<Finding> {
    if evidence.response.body.is_empty() || rule.content_types.is_empty() {
        return None;
    }
    let received = media_type(evidence);
    if received.as_deref().is_some_and(|known| rule.allows(known)) {
        return None;
    }
    let actual = received.unwrap_or_else(|| "absent".into());
    let place = Place::header("Content-Type");
    let mismatch = place.one_of(rule.content_types.clone(), actual);
    Some(Finding::hard(mismatch, &rule.span))
}

/// Documented headers are there where they are required, and have the documented form. What a set of
/// cookies looks like is judged by the cookies.
fn headers(evidence: &Evidence<'_>, rule: &ResponseRule) -> Vec<Finding> {
    let mut out = Vec::new();
    for header in &rule.headers {
        let place = Place::header(&header.name);
        match evidence.response.header(&header.name) {
            None if header.required => {
                let mismatch = place.mismatch("present", "absent".to_owned());
                out.push(Finding::hard(mismatch, &header.span));
            }
            Some(value) => {
                let complaints = header.complaints(value).into_iter();
                out.extend(complaints.map(|complaint| {
                    let mismatch = place.clone().one_of(complaint.expected, complaint.actual);
                    Finding::hard(mismatch, &header.span)
                }));
            }
            None => {}
        }
    }
    out
}

/// The body fits the schema, and holds no member and no code that the documents lack.
fn body(evidence: &Evidence<'_>, operation: &Operation, rule: &ResponseRule) -> Vec<Finding> {
    let response = evidence.response;
    // These have no body to fit a schema (RFC 9110, 6.4.1), whatever a GET would answer.
    let bodiless = evidence.request.method == "HEAD" || matches!(response.status, 204 | 304);
    if bodiless && response.body.is_empty() {
        return Vec::new();
    }
    let media_type = media_type(evidence);
    let Some(schema) = rule.schema(media_type.as_deref()) else {
        return Vec::from_iter(no_json(evidence, rule, media_type.as_deref()));
    };
    let Some(body) = response.json() else {
        let mismatch = whole_body(evidence, "a JSON body");
        return vec![Finding::hard(mismatch, &rule.span)];
    };
    let complaints = schema.complaints(body).into_iter();
    let mut out: Vec<Finding> = complaints
        .map(|mismatch| {
            let written = rule.written(&mismatch.subject);
            Finding::hard(mismatch, written)
        })
        .collect();
    out.extend(schema.undocumented(body).into_iter().map(|name| {
        let place = Place::body().join(&pointer_part(name));
        let expected = if schema.is_write_only(name) {
            "absent: the contract says that it is only sent to the server (writeOnly)"
        } else {
            "absent: the contract documents no such member"
        };
        Finding::soft(place.unwanted(expected, show(&body[name])), &rule.span)
    }));
    out.extend(undocumented_code(evidence, operation, rule, body));
    out
}

/// A body of which no schema is documented is JSON when its content type says so.
fn no_json(
    evidence: &Evidence<'_>,
    rule: &ResponseRule,
    media_type: Option<&str>,
) -> Option<Finding> {
    let response = evidence.response;
    let broken =
        media_type.is_some_and(is_json) && !response.body.is_empty() && response.json().is_none();
    broken.then(|| {
        let mismatch = whole_body(evidence, "JSON, as the content type says");
        Finding::hard(mismatch, &rule.span)
    })
}

fn whole_body(evidence: &Evidence<'_>, expected: &str) -> Mismatch {
    Place::body().mismatch(expected, describe_body(evidence))
}

fn undocumented_code(
    evidence: &Evidence<'_>,
    operation: &Operation,
    rule: &ResponseRule,
    body: &Value,
) -> Option<Finding> {
    let errors = &evidence.contract.errors;
    let form = evidence.error_body();
    let code = form.code(body)?;
    let documented = errors
        .code(&code)
        .is_some_and(|entry| entry.operations.contains(&operation.id));
    let id = &operation.id;
    let at = form.code_at.as_deref()?;
    (!documented).then(|| {
        let place = Place::at(at).about(Subject::Code);
        let expected = format!("a code that errors.yaml documents for `{id}`");
        Finding::soft(place.mismatch(expected, code), &rule.span)
    })
}

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, found, found_by, refusal};

    #[track_caller]
    fn check(operation: &str, response: &crate::exchange::Response, expected: &[&str]) {
        assert_eq!(found(operation, response), expected);
    }

    #[test]
    fn a_documented_answer_has_nothing_to_be_found() {
        check(
            "openDoor",
            &answer(200, r#"{"status":"OPEN","expire":3}"#),
            &[],
        );
        check("openDoor", &refusal(400, "A.0001", "m"), &[]);
        check("openDoor", &refusal(401, "A.0003", "m"), &[]);
        check("ringBell", &answer(204, ""), &[]);
    }

    #[test]
    fn an_undocumented_status_is_a_soft_finding_and_ends_the_matter() {
        check(
            "openDoor",
            &answer(500, "<p>"),
            &["? status: expected 200 or 400 or 401 but was 500, which is not documented"],
        );
    }

    #[test]
    fn a_body_has_the_documented_content_type() {
        let mut page = answer(200, r#"{"status":"OPEN"}"#);
        let message = "header Content-Type: expected application/json but was";
        page.headers[0].1 = "Application/JSON".into();
        check("openDoor", &page, &[]);
        page.headers[0].1 = "text/html; a=application/json".into();
        check("openDoor", &page, &[&format!("{message} text/html")]);
        page.headers.clear();
        check("openDoor", &page, &[&format!("{message} absent")]);
        let mut text = answer(200, "in");
        text.headers[0].1 = "text/plain".into();
        check("logIn", &text, &[]);
        // Nothing is documented about what a body looks like where none is documented.
        check("ringBell", &answer(204, "{}"), &[]);
        // Of a body that is not there the schema complains, and nobody asks for its type.
        check(
            "openDoor",
            &answer(200, ""),
            &["body: expected a JSON body but was an empty body"],
        );
        let mut nothing = answer(200, "");
        nothing.headers.clear();
        check("logIn", &nothing, &[]);
        check(
            "openDoor",
            &nothing,
            &["body: expected a JSON body but was an empty body"],
        );
    }

    #[test]
    fn a_body_fits_the_documented_schema() {
        check(
            "openDoor",
            &answer(200, "<p>"),
            &["body: expected a JSON body but was not JSON: <p>"],
        );
        check(
            "openDoor",
            &answer(200, r#"{"status":1}"#),
            &["body /status: expected a JSON string but was 1"],
        );
    }

    #[test]
    fn what_can_have_no_body_lacks_none() {
        assert_eq!(found_by("HEAD", "openDoor", &answer(200, "")), [""; 0]);
        check("logIn", &answer(304, ""), &[]);
        let body = ["body: expected a JSON body but was not JSON: <p>"];
        assert_eq!(found_by("HEAD", "openDoor", &answer(200, "<p>")), body);
        check("logIn", &answer(304, "<p>"), &body);
    }

    #[test]
    fn a_body_without_a_schema_is_what_its_content_type_says() {
        let message = "body: expected JSON, as the content type says but was not JSON: <p>";
        check("logIn", &answer(200, "<p>"), &[message]);
        check("logIn", &answer(200, "[1]"), &[]);
        check("logIn", &answer(200, ""), &[]);
        let mut text = answer(200, "<p>");
        text.headers[0].1 = "text/plain".into();
        check("logIn", &text, &[]);
        text.headers.clear();
        let absent = "header Content-Type: expected application/json or text/plain but was absent";
        check("logIn", &text, &[absent]);
    }

    #[test]
    fn a_member_or_a_code_that_the_documents_lack_is_a_soft_finding() {
        check(
            "openDoor",
            &answer(200, r#"{"status":"OPEN","colour":"red"}"#),
            &[
                "? body /colour: expected absent: the contract documents no such member but was \"red\"",
            ],
        );
        let code =
            "? body /error_code: expected a code that errors.yaml documents for `openDoor` but was";
        check(
            "openDoor",
            &refusal(400, "A.0004", "m"),
            &[&format!("{code} A.0004")],
        );
        check(
            "openDoor",
            &refusal(400, "A.9999", "m"),
            &[&format!("{code} A.9999")],
        );
    }
}
