//! The refusals of an operation: where their code and their text stand, and in which language that is.

use serde_json::Value;

use crate::{
    contract::{Chooser, ErrorBodies, ErrorBody, Language, Languages},
    exchange::{Request, Response},
    mutant::{
        edit::{edit_json, put_at},
        scope::Scope,
    },
};

/// Reads and rewrites the refusals of one operation.
#[derive(Clone)]
pub(super) struct Refusals {
    bodies: ErrorBodies,
    operation: String,
}

impl Refusals {
    pub(super) fn of(scope: &Scope<'_>) -> Self {
        Self {
            bodies: scope.contract.errors.bodies.clone(),
            operation: scope.operation.id.to_string(),
        }
    }

    fn form(&self, response: &Response) -> &ErrorBody {
        let content_type = response.header("Content-Type");
        self.bodies
            .of(Some(&self.operation), response.status, content_type)
    }

    pub(super) fn code(&self, response: &Response) -> Option<String> {
        self.form(response).code(response.json()?)
    }

    pub(super) fn has_code(&self, response: &Response, code: &str) -> bool {
        self.code(response).as_deref() == Some(code)
    }

    pub(super) fn message<'r>(&self, response: &'r Response) -> Option<&'r str> {
        self.form(response).message(response.json()?)
    }

    /// Puts a value where the code stands; `None` takes it out.
    pub(super) fn replace_code(&self, response: &mut Response, value: Option<Value>) {
        let at = self.form(response).code_at.clone();
        replace(response, at.as_deref(), value);
    }

    /// Puts the code of another mistake there, as a number where codes are numbers.
    pub(super) fn become_code(&self, response: &mut Response, code: &str) {
        let value = code_value(self.form(response), code);
        self.replace_code(response, Some(value));
    }

    /// Puts what becomes of the text in its place, where there is a text.
    pub(super) fn rewrite_message(
        &self,
        response: &mut Response,
        rewrite: &dyn Fn(&str) -> Option<Value>,
    ) {
        if let Some(text) = self.message(response) {
            let value = rewrite(text);
            let at = self.form(response).message_at.clone();
            replace(response, at.as_deref(), value);
        }
    }
}

fn replace(response: &mut Response, at: Option<&str>, value: Option<Value>) {
    if let Some(at) = at {
        edit_json(response, |body| put_at(body, at, value));
    }
}

/// A code as it stands in such a body.
pub(super) fn code_value(form: &ErrorBody, code: &str) -> Value {
    match code.parse::<i64>() {
        Ok(number) if form.integer => number.into(),
        _ => code.into(),
    }
}

/// Whether the answer to a request is in a language: the request chooses it, or nothing that could
/// choose another is there.
pub(super) fn is_asked_in(languages: &Languages, language: &Language, request: &Request) -> bool {
    let sent = match &languages.chosen_by {
        None => return true,
        Some(Chooser::Header(name)) => request.header(name).map(str::to_owned),
        Some(Chooser::Query(name)) => query(&request.url, name),
    };
    match sent {
        Some(sent) => sent == language.sent,
        None => languages.default.as_deref() == Some(&language.name),
    }
}

/// The value of a query parameter.
fn query(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(known, _)| known == name)?;
    Some(value.into_owned())
}

/// The documented text of a code in another language, or any text in one; `None` where the edition
/// knows no other.
pub(super) fn translation(scope: &Scope<'_>, code: &str, language: &Language) -> Option<String> {
    let known = &scope.contract.convention.languages.known;
    let others = || known.iter().filter(|other| other.name != language.name);
    let entry = scope.contract.errors.code(code);
    let documented = others().find_map(|other| entry?.texts(&other.name).next());
    let any = || others().find_map(|other| other.sample.clone());
    documented.map(filled).or_else(any)
}

/// A documented text with a value for each placeholder.
pub(super) fn filled(template: &str) -> String {
    fill(template, "8")
}

pub(super) fn fill(template: &str, by: &str) -> String {
    (0..4).fold(template.to_owned(), |text, n| {
        text.replace(&format!("{{{n}}}"), by)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutant::operators::sample::request;

    #[test]
    fn every_placeholder_is_filled() {
        assert_eq!(filled("{0}~{1}"), "8~8");
        assert_eq!(filled("none"), "none");
    }

    #[test]
    fn a_header_a_parameter_or_nothing_chooses_the_language() {
        let german = Language {
            name: "de".into(),
            sent: "de-DE".into(),
            sample: None,
        };
        let by = |chosen_by: Option<Chooser>, default: Option<&str>| Languages {
            chosen_by,
            default: default.map(str::to_owned),
            known: vec![german.clone()],
        };
        let header = Some(Chooser::Header("Accept-Language".into()));
        let query = Some(Chooser::Query("lang".into()));
        let mut asks = request(&[("accept-language", "de-DE")]);
        assert!(is_asked_in(&by(None, None), &german, &asks));
        assert!(is_asked_in(&by(header.clone(), None), &german, &asks));
        assert!(!is_asked_in(&by(query.clone(), None), &german, &asks));
        asks.url = "http://tenant/x?a=1&lang=de%2DDE".into();
        assert!(is_asked_in(&by(query, None), &german, &asks));
        let silent = request(&[]);
        assert!(!is_asked_in(&by(header.clone(), None), &german, &silent));
        assert!(is_asked_in(
            &by(header.clone(), Some("de")),
            &german,
            &silent
        ));
        assert!(!is_asked_in(&by(header, Some("en")), &german, &silent));
    }
}
