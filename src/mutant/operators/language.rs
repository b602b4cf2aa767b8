//! The header that chooses the language is ignored, or the message does not name what it is about.

use super::error_text::{HEADER, chooses_language, is, rewrite_message, translation};
use crate::{
    exchange::{Request, Response},
    mutant::{
        Family, Mutant,
        edit::{edit_object, replace, text},
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
    for row in scope.rows(|row| row.about.names_the_part) {
        let about = row.about.clone();
        let pointers = about
            .members
            .iter()
            .filter_map(|pointer| pointer.strip_prefix('/'));
        for name in about.headers.iter().map(String::as_str).chain(pointers) {
            let (about, part) = (about.clone(), name.to_owned());
            let subject = format!("{}/{name}", about.codes.join("+"));
            out.push(scope.answer(
                Named(Family::Message, &subject, "unnamed"),
                format!("the message does not name {name}"),
                judged(vec![row.id.clone()], ""),
                edit(
                    {
                        let part = part.clone();
                        move |request: &Request, response: &Response| {
                            asked(&about, request)
                                && about.codes.iter().any(|code| is(response, code))
                                && text(response, "error_msg")
                                    .is_some_and(|text| text.contains(&part))
                        }
                    },
                    move |response| {
                        rewrite_message(response, &|text| {
                            Some(text.replace(&part, "value").into())
                        });
                    },
                ),
            ));
        }
    }
    out
}

/// The header that chooses the language is ignored, or chooses more than the language.
fn follows(scope: &Scope<'_>) -> Vec<Mutant> {
    let rows = scope.ids(chooses_language);
    let mut out = Vec::new();
    if rows.is_empty() {
        return out;
    }
    let errors = &scope.contract.errors;
    for language in ["en", "zh"] {
        let texts: Vec<(String, String)> = scope
            .codes()
            .into_iter()
            .filter(|code| {
                errors
                    .code(code)
                    .is_some_and(|entry| entry.texts(language).next().is_some())
            })
            .map(|code| (code.to_owned(), translation(scope, code, language)))
            .collect();
        if texts.is_empty() {
            continue;
        }
        let known = texts.clone();
        let breaks = scope
            .ids(|row| chooses_language(row) || row.about.language.as_deref() == Some(language));
        out.push(scope.answer(
            Named(Family::Message, &format!("{HEADER}/{language}"), "ignored"),
            format!("answers in the other language when {HEADER} is {language}"),
            judged(breaks, ""),
            edit(
                move |request, response| {
                    request.header(HEADER) == Some(language)
                        && known.iter().any(|(code, _)| is(response, code))
                },
                move |response| {
                    let code = text(response, "error_code").unwrap_or_default();
                    let found = texts.iter().find(|(known, _)| *known == code);
                    rewrite_message(response, &|_| found.map(|(_, text)| text.clone().into()));
                },
            ),
        ));
    }
    let codes: Vec<String> = scope.codes().into_iter().map(str::to_owned).collect();
    out.push(scope.answer(
        Named(Family::Message, &format!("{HEADER}/zh"), "other-code"),
        format!("the error_code of a mistake is another one when {HEADER} is zh"),
        judged(rows, ""),
        edit(
            |request, response| {
                request.header(HEADER) == Some("zh") && text(response, "error_code").is_some()
            },
            move |response| {
                let code = text(response, "error_code");
                let other = codes.iter().find(|other| Some(*other) != code.as_ref());
                edit_object(response, |members| {
                    let other = other.map(|other| ("error_code", other.clone().into()));
                    replace(members, "error_code", other);
                });
            },
        ),
    ));
    out
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
