//! What chooses the language is ignored, or the message does not name what it is about.

use super::refusals::{Refusals, is_asked_in, translation};
use crate::{
    contract::{Chooser, Language, MessageSubject},
    exchange::{Request, Response},
    ids::RequirementId,
    mutant::{
        Family, Mutant,
        scope::{Named, Scope, asked, edit, judged},
    },
};

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = names(scope);
    out.extend(follows(scope));
    out
}

/// Rows that demand that the message names what is missing.
fn names(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for row in scope.rows(|row| row.about.message == Some(MessageSubject::Named)) {
        let about = row.about.clone();
        let pointers = about
            .members
            .iter()
            .filter_map(|pointer| pointer.strip_prefix('/'));
        for name in about.headers.iter().map(String::as_str).chain(pointers) {
            let (about, part) = (about.clone(), name.to_owned());
            let (reads, writes) = (Refusals::of(scope), Refusals::of(scope));
            let codes = match &about.codes[..] {
                [] => "any".to_owned(),
                codes => codes.join("+"),
            };
            let subject = format!("{codes}/{name}");
            out.push(scope.answer(
                Named(Family::Message, &subject, "unnamed"),
                format!("the message does not name {name}"),
                judged(vec![row.id.clone()], ""),
                edit(
                    {
                        let part = part.clone();
                        move |request: &Request, response: &Response| {
                            let mut codes = about.codes.iter();
                            let is_own = about.codes.is_empty()
                                || codes.any(|code| reads.has_code(response, code));
                            let message = reads.message(response);
                            asked(&about, request)
                                && is_own
                                && message.is_some_and(|text| text.contains(&part))
                        }
                    },
                    move |response| {
                        writes.rewrite_message(response, &|text| {
                            Some(text.replace(&part, "value").into())
                        });
                    },
                ),
            ));
        }
    }
    out
}

/// What chooses the language is ignored, or chooses more than the language.
fn follows(scope: &Scope<'_>) -> Vec<Mutant> {
    let languages = &scope.contract.convention.languages;
    let rows = scope.ids(|row| row.about.message == Some(MessageSubject::Chosen));
    let Some(chooser) = languages.chosen_by.as_ref().filter(|_| !rows.is_empty()) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for language in &languages.known {
        out.extend(ignored(scope, chooser, language));
    }
    for language in languages.known.iter().skip(1) {
        out.push(other_code(scope, chooser, language, &rows));
    }
    out
}

/// Answers in another language than the one that was chosen.
fn ignored(scope: &Scope<'_>, chooser: &Chooser, language: &Language) -> Option<Mutant> {
    let errors = &scope.contract.errors;
    let codes = scope.codes().into_iter().filter(|code| {
        let entry = errors.code(code);
        entry.is_some_and(|entry| entry.texts(&language.name).next().is_some())
    });
    let texts: Vec<(String, String)> = codes
        .filter_map(|code| Some((code.to_owned(), translation(scope, code, language)?)))
        .collect();
    if texts.is_empty() {
        return None;
    }
    let known = texts.clone();
    let breaks = scope.ids(|row| {
        let about = &row.about;
        about.message == Some(MessageSubject::Chosen)
            || about.language.as_deref() == Some(&language.name)
    });
    let (reads, writes) = (Refusals::of(scope), Refusals::of(scope));
    let (header, name) = (chooser.name(), &language.name);
    let (languages, chosen) = (
        scope.contract.convention.languages.clone(),
        language.clone(),
    );
    Some(scope.answer(
        Named(Family::Message, &format!("{header}/{name}"), "ignored"),
        format!("answers in the other language when {header} is {name}"),
        judged(breaks, ""),
        edit(
            move |request, response| {
                is_asked_in(&languages, &chosen, request)
                    && known.iter().any(|(code, _)| reads.has_code(response, code))
            },
            move |response| {
                let code = writes.code(response).unwrap_or_default();
                let found = texts.iter().find(|(known, _)| *known == code);
                writes.rewrite_message(response, &|_| found.map(|(_, text)| text.clone().into()));
            },
        ),
    ))
}

/// The code of a mistake depends on the language.
fn other_code(
    scope: &Scope<'_>,
    chooser: &Chooser,
    language: &Language,
    breaks: &[RequirementId],
) -> Mutant {
    let codes: Vec<String> = scope.codes().into_iter().map(str::to_owned).collect();
    let (reads, writes) = (Refusals::of(scope), Refusals::of(scope));
    let (header, name) = (chooser.name(), &language.name);
    let (languages, chosen) = (
        scope.contract.convention.languages.clone(),
        language.clone(),
    );
    scope.answer(
        Named(Family::Message, &format!("{header}/{name}"), "other-code"),
        format!("the code of a mistake is another one when {header} is {name}"),
        judged(breaks.to_vec(), ""),
        edit(
            move |request, response| {
                is_asked_in(&languages, &chosen, request) && reads.code(response).is_some()
            },
            move |response| {
                let code = writes.code(response);
                match codes.iter().find(|other| Some(*other) != code.as_ref()) {
                    Some(other) => writes.become_code(response, other),
                    None => writes.replace_code(response, None),
                }
            },
        ),
    )
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, body, breaks, edited, request};

    #[test]
    fn a_message_no_longer_names_what_is_missing() {
        let id = "eiam/skipPasswordUpdate/message/SDK.COMMON.1001/X-state-token:unnamed";
        let right = answer(
            400,
            r#"{"error_code":"SDK.COMMON.1001","error_msg":"Parameter X-state-token is blank"}"#,
        );
        assert_eq!(
            body(id, &request(&[]), &right).as_deref(),
            Some(r#"{"error_code":"SDK.COMMON.1001","error_msg":"Parameter value is blank"}"#)
        );
        assert_eq!(
            edited(id, &request(&[("X-state-token", "t")]), &right),
            None
        );
        assert_eq!(breaks(id), Ok(vec!["EIAM-SKIP-H23"]));
    }

    #[test]
    fn the_other_language_comes_whatever_is_asked_for() {
        let id = "ciam/skipPasswordUpdate/message/X-L/zh:ignored";
        let right = answer(
            400,
            r#"{"error_code":"IDAAS.SDK.PARAM.0002","error_msg":"无"}"#,
        );
        assert_eq!(
            body(id, &request(&[("X-L", "zh")]), &right).as_deref(),
            Some(r#"{"error_code":"IDAAS.SDK.PARAM.0002","error_msg":"clientId cannot be empty"}"#)
        );
        assert_eq!(edited(id, &request(&[("X-L", "en")]), &right), None);
        assert!(breaks(id).is_ok_and(|ids| {
            ids.contains(&"CIAM-SKIP-H16")
                && ids.contains(&"CIAM-SKIP-E06")
                && !ids.contains(&"CIAM-SKIP-E05")
        }));
    }

    #[test]
    fn the_code_follows_the_language() {
        let id = "ciam/skipPasswordUpdate/message/X-L/zh:other-code";
        let right = answer(
            400,
            r#"{"error_code":"IDAAS.SDK.PARAM.0001","error_msg":"x"}"#,
        );
        let changed = body(id, &request(&[("X-L", "zh")]), &right);
        assert_eq!(
            changed.as_deref(),
            Some(r#"{"error_code":"IDAAS.SDK.PARAM.0002","error_msg":"x"}"#)
        );
        assert_eq!(breaks(id), Ok(vec!["CIAM-SKIP-H16"]));
    }
}
