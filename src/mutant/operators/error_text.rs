//! The text of an error: which code it belongs to, its other languages, and how it is rewritten.

use serde_json::Value;

use crate::{
    contract::Requirement,
    exchange::Response,
    mutant::{
        edit::{edit_object, replace, text},
        scope::Scope,
    },
};

/// The header that chooses the language.
pub(super) const HEADER: &str = "X-L";

/// The row that says what the language header does to the error.
pub(super) fn chooses_language(row: &Requirement) -> bool {
    row.about
        .headers
        .iter()
        .any(|name| name.eq_ignore_ascii_case(HEADER))
        && row
            .about
            .response
            .iter()
            .any(|pointer| pointer == "/error_msg")
}

/// The documented text in the other language, or some text in it.
pub(super) fn translation(scope: &Scope<'_>, code: &str, language: &str) -> String {
    let (other, any) = match language {
        "en" => ("zh", "请求有误"),
        _ => ("en", "The request is wrong"),
    };
    let entry = scope.contract.errors.code(code);
    entry
        .and_then(|entry| entry.texts(other).next())
        .map_or_else(|| any.to_owned(), filled)
}

pub(super) fn is(response: &Response, code: &str) -> bool {
    text(response, "error_code").as_deref() == Some(code)
}

pub(super) fn rewrite_message(response: &mut Response, rewrite: &dyn Fn(&str) -> Option<Value>) {
    let Some(message) = text(response, "error_msg") else {
        return;
    };
    edit_object(response, |members| {
        let value = rewrite(&message).map(|value| ("error_msg", value));
        replace(members, "error_msg", value);
    });
}

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
    use super::filled;

    #[test]
    fn every_placeholder_is_filled() {
        assert_eq!(filled("{0}~{1}"), "8~8");
        assert_eq!(filled("none"), "none");
    }
}
