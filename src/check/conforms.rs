//! What every answer to an operation of the contract must keep, asked or not:
//! a documented status, the documented content type, a body that fits the schema.

use super::{Evidence, Place, error::describe_body, escape, show};
use crate::{
    contract::{Operation, is_json, media_type_of},
    result::{Mismatch, Subject},
};

/// A departure nobody asked about.
#[derive(Debug)]
pub struct Finding {
    pub mismatch: Mismatch,
    /// Softer findings, where the document is merely silent: a warning unless the run is strict.
    pub soft: bool,
}

/// Compares an answer with what the contract documents for its operation.
#[must_use]
pub fn conforms(evidence: &Evidence<'_>, operation: &Operation) -> Vec<Finding> {
    let response = evidence.response;
    let mut out = Vec::new();
    let mut add = |soft: bool, mismatch: Mismatch| out.push(Finding { mismatch, soft });
    let Some(rule) = operation.response(response.status) else {
        let known = operation
            .responses
            .iter()
            .map(|rule| rule.status.to_string());
        let place = Place::status(Subject::Status);
        let actual = format!("{}, which is not documented", response.status);
        add(true, place.one_of(known.collect(), actual));
        return out;
    };
    let content_type = response.header("content-type").map(media_type_of);
    if !response.body.is_empty() && !rule.content_types.is_empty() {
        match &content_type {
            Some(media_type) if rule.allows(media_type) => {}
            other => {
                let actual = other.as_deref().unwrap_or("absent");
                let place = Place::header("Content-Type");
                add(false, place.one_of(rule.content_types.clone(), actual));
            }
        }
    }
    // These have no body to fit a schema (RFC 9110, 6.4.1), whatever a GET would answer.
    let bare = evidence.request.method == "HEAD" || matches!(response.status, 204 | 304);
    if bare && response.body.is_empty() {
        return out;
    }
    let Some(schema) = rule.schema(content_type.as_deref()) else {
        let claims = content_type.as_deref().is_some_and(is_json);
        if claims && !response.body.is_empty() && response.json().is_none() {
            let expected = "JSON, as the content type says";
            add(
                false,
                Place::body().mismatch(expected, describe_body(evidence)),
            );
        }
        return out;
    };
    let Some(body) = response.json() else {
        let actual = describe_body(evidence);
        add(false, Place::body().mismatch("a JSON body", actual));
        return out;
    };
    for mismatch in schema.complaints(body) {
        add(false, mismatch);
    }
    for name in schema.undocumented(body) {
        let place = Place::body().join(&escape(name)).about(Subject::Closed);
        let expected = "absent: the contract documents no such member";
        add(true, place.mismatch(expected, show(&body[name])));
    }
    let errors = &evidence.contract.errors;
    if let Some(code) = errors.envelope.code(body) {
        let documented = errors
            .code(&code)
            .is_some_and(|entry| entry.operations.contains(&operation.id));
        if !documented {
            let place = Place::at(&errors.envelope.code_at).about(Subject::Code);
            let expected = format!("a code that errors.yaml documents for `{}`", operation.id);
            add(true, place.mismatch(expected, code));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample::{answer, found, found_by, refusal};

    #[track_caller]
    fn check(operation: &str, response: &super::super::Response, told: &[&str]) {
        assert_eq!(found(operation, response), told);
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
        let told = "header Content-Type: expected application/json but was";
        page.headers[0].1 = "Application/JSON".into();
        check("openDoor", &page, &[]);
        page.headers[0].1 = "text/html; a=application/json".into();
        check("openDoor", &page, &[&format!("{told} text/html")]);
        page.headers.clear();
        check("openDoor", &page, &[&format!("{told} absent")]);
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
        let found = found("openDoor", &answer(200, r#"{"status":1}"#));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("body /status: expected what the schema says"),
            "{found:?}"
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
        let told = "body: expected JSON, as the content type says but was not JSON: <p>";
        check("logIn", &answer(200, "<p>"), &[told]);
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
