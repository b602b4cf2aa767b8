//! The text of an error is not the documented one, or in another language than asked for.
//!
//! Only codes whose text the register fixes have these mutants: an answer to that code, asked in
//! that language, in the situation that the row speaks of.

use serde_json::{Value, json};

use super::refusals::{Refusals, fill, filled, is_asked_in, translation};
use crate::{
    contract::{About, Language, MessageSubject, Requirement},
    mutant::{
        Family, Mutant,
        scope::{Judged, Named, Scope, allowed, asked, edit, judged, may_have},
    },
};

/// Punctuation with a full-width twin that NFKC folds into it.
const WIDE: [(char, char); 4] = [(',', '，'), ('~', '～'), (':', '：'), ('.', '．')];

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for code in scope.codes() {
        for language in &scope.contract.convention.languages.known {
            out.extend(fixed(scope, code, language));
        }
    }
    out
}

/// What is done to a message; `None` where this message cannot show the difference.
type Rewrite = Box<dyn Fn(&str) -> Option<Value> + Send + Sync>;

fn fixed(scope: &Scope<'_>, code: &str, language: &Language) -> Vec<Mutant> {
    let name = language.name.as_str();
    let Some(entry) = scope.contract.errors.code(code) else {
        return Vec::new();
    };
    let status = entry.status();
    let names = |row: &Requirement| {
        may_have(&row.about, status)
            && row.about.language.as_deref() == Some(name)
            && row.about.codes.iter().any(|known| known == code)
    };
    let situations: Vec<About> = scope.rows(names).map(|row| row.about.clone()).collect();
    if situations.is_empty() {
        return Vec::new();
    }
    let template = entry.texts(name).next().unwrap_or_default().to_owned();
    let neighbour = scope
        .codes()
        .into_iter()
        .filter(|other| *other != code)
        .find_map(|other| {
            Some(filled(
                scope.contract.errors.code(other)?.texts(name).next()?,
            ))
        });

    let mut rewrites: Vec<(&str, Rewrite)> = vec![("empty", Box::new(|_| Some("".into())))];
    // Before a leading placeholder, more text is only a longer value.
    if !template.starts_with('{') {
        let code = code.to_owned();
        let wrap: Rewrite = Box::new(move |text| Some(format!("{code}: {text}").into()));
        rewrites.push(("wrapped", wrap));
    }
    if let Some(alter) = altered(&template) {
        rewrites.push(("altered", Box::new(move |text| Some(alter(text).into()))));
    }
    if let Some(translated) = translation(scope, code, language) {
        let rewrite: Rewrite = Box::new(move |_| Some(translated.clone().into()));
        rewrites.push(("other-language", rewrite));
    }
    if let Some(neighbour) = neighbour {
        rewrites.push((
            "other-mistake",
            Box::new(move |_| Some(neighbour.clone().into())),
        ));
    }
    if template.chars().next().is_some_and(char::is_alphabetic) && template.is_ascii() {
        rewrites.push((
            "other-case",
            Box::new(|text| Some(swapped_case(text).into())),
        ));
    }
    // After a placeholder at the end, more text is only a longer value.
    if !template.ends_with('}') {
        rewrites.push(("full-stop", Box::new(|text| Some(full_stop(text).into()))));
        rewrites.push(("padded", Box::new(|text| Some(format!("{text} ").into()))));
    }
    if template.contains('{') {
        for (operator, by) in [("unfilled", None), ("filled-with-nothing", Some(""))] {
            let text = by.map_or_else(|| template.clone(), |by| fill(&template, by));
            rewrites.push((operator, Box::new(move |_| Some(text.clone().into()))));
        }
    }
    let mut out: Vec<Mutant> = rewrites
        .into_iter()
        .map(|(operator, rewrite)| {
            let breaks = scope.ids(|row| {
                names(row)
                    || operator == "other-language"
                        && row.about.message == Some(MessageSubject::Chosen)
            });
            one(
                scope,
                (code, language, operator),
                status,
                &situations,
                judged(breaks, ""),
                rewrite,
            )
        })
        .collect();
    if template
        .chars()
        .any(|c| WIDE.iter().any(|(narrow, _)| *narrow == c))
    {
        // A text of other letters than ASCII is compared after NFKC, any other letter for letter.
        let judged = if template.is_ascii() {
            judged(scope.ids(names), "")
        } else {
            allowed("the register compares this text after NFKC normalisation")
        };
        let rewrite: Rewrite = Box::new(|text| Some(widened(text).into()));
        out.push(one(
            scope,
            (code, language, "full-width"),
            status,
            &situations,
            judged,
            rewrite,
        ));
    }
    for (operator, value) in [
        ("null", Some(Value::Null)),
        ("number", Some(json!(1))),
        ("missing", None),
    ] {
        let breaks = scope.ids(|row| {
            names(row) || row.about.language.is_none() && promises_text(scope, row, status)
        });
        let rewrite: Rewrite = Box::new(move |_| value.clone());
        out.push(one(
            scope,
            (code, language, operator),
            status,
            &situations,
            judged(breaks, ""),
            rewrite,
        ));
    }
    out
}

fn one(
    scope: &Scope<'_>,
    (code, language, operator): (&str, &Language, &str),
    status: u16,
    situations: &[About],
    judged: Judged,
    rewrite: Rewrite,
) -> Mutant {
    let (wanted, asked_for, situations) = (code.to_owned(), language.clone(), situations.to_vec());
    let languages = scope.contract.convention.languages.clone();
    let (reads, writes) = (Refusals::of(scope), Refusals::of(scope));
    let name = &language.name;
    scope.answer(
        Named(Family::Message, &format!("{code}/{name}"), operator),
        format!("the {name} text of {code}: {}", operator.replace('-', " ")),
        judged,
        edit(
            move |request, response| {
                response.status == status
                    && is_asked_in(&languages, &asked_for, request)
                    && reads.has_code(response, &wanted)
                    && situations.iter().any(|about| asked(about, request))
            },
            move |response| writes.rewrite_message(response, &rewrite),
        ),
    )
}

/// Whether a row promises that a refusal with this status has a text.
fn promises_text(scope: &Scope<'_>, row: &Requirement, status: u16) -> bool {
    let bodies = scope.error_bodies(status).into_iter();
    let mut members = bodies.filter_map(|body| body.message_at.as_deref()?.split('/').nth(1));
    members.any(|name| scope.promises_member(row, status, name))
}

/// Changes a character that no value stands in for: the second one, or else the last one. `None`
/// where values begin and end the documented text.
fn altered(template: &str) -> Option<impl Fn(&str) -> String + Send + Sync + use<>> {
    let begin: Vec<char> = template.chars().take(2).collect();
    let from_end = begin.contains(&'{');
    if begin.is_empty() || from_end && template.ends_with('}') {
        return None;
    }
    Some(move |text: &str| {
        let length = text.chars().count();
        let place = if from_end {
            length.saturating_sub(1)
        } else {
            1.min(length.saturating_sub(1))
        };
        let other = |c: char| if c == 'x' { 'y' } else { 'x' };
        let chars = text.chars().enumerate();
        chars
            .map(|(at, c)| if at == place { other(c) } else { c })
            .collect()
    })
}

fn swapped_case(text: &str) -> String {
    let swap = |c: char| {
        if c.is_uppercase() {
            c.to_ascii_lowercase()
        } else {
            c.to_ascii_uppercase()
        }
    };
    text.chars()
        .enumerate()
        .map(|(at, c)| if at == 0 { swap(c) } else { c })
        .collect()
}

fn full_stop(text: &str) -> String {
    text.strip_suffix('.')
        .map_or_else(|| format!("{text}."), str::to_owned)
}

fn widened(text: &str) -> String {
    let wide = |c: char| {
        WIDE.iter()
            .find(|(narrow, _)| *narrow == c)
            .map_or(c, |(_, wide)| *wide)
    };
    text.chars().map(wide).collect()
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, body, breaks, edited, request};

    const CODE: &str = "IDAAS.SDK.PWD.0007";

    fn refusal(text: &str) -> crate::exchange::Response {
        answer(
            400,
            &format!(r#"{{"error_code":"{CODE}","error_msg":"{text}"}}"#),
        )
    }

    #[test]
    fn the_text_is_replaced_and_nothing_else() {
        let right = refusal("The password must contain 8 to 18 characters");
        for (operator, wanted) in [
            (
                "altered",
                r#""Txe password must contain 8 to 18 characters""#,
            ),
            ("other-language", r#""密码长度为8~8个字符""#),
            (
                "other-case",
                r#""the password must contain 8 to 18 characters""#,
            ),
            (
                "full-stop",
                r#""The password must contain 8 to 18 characters.""#,
            ),
            (
                "padded",
                r#""The password must contain 8 to 18 characters ""#,
            ),
            (
                "unfilled",
                r#""The password must contain {0} to {1} characters""#,
            ),
            (
                "filled-with-nothing",
                r#""The password must contain  to  characters""#,
            ),
            ("empty", r#""""#),
            ("null", "null"),
            ("number", "1"),
        ] {
            let id = format!("ciam/changePasswordByMobile/message/{CODE}/en:{operator}");
            let wanted = format!(r#"{{"error_code":"{CODE}","error_msg":{wanted}}}"#);
            assert_eq!(
                body(&id, &request(&[("X-L", "en")]), &right),
                Some(wanted),
                "{id}"
            );
            assert_eq!(edited(&id, &request(&[("X-L", "zh")]), &right), None);
            assert_eq!(edited(&id, &request(&[]), &right), None);
        }
    }

    #[test]
    fn a_text_fixed_for_one_situation_is_edited_in_no_other() {
        let id = "eiam/skipPasswordUpdate/message/SDK.COMMON.1001/en:full-stop";
        let right = answer(400, r#"{"error_code":"SDK.COMMON.1001","error_msg":"No."}"#);
        let without = request(&[("X-L", "en")]);
        let with = request(&[("X-L", "en"), ("X-client-id", "app")]);
        let wanted = r#"{"error_code":"SDK.COMMON.1001","error_msg":"No"}"#;
        assert_eq!(body(id, &without, &right).as_deref(), Some(wanted));
        assert_eq!(edited(id, &with, &right), None);
        assert_eq!(breaks(id), Ok(vec!["EIAM-SKIP-H18", "EIAM-SKIP-E04"]));
    }

    #[test]
    fn full_width_punctuation_is_forbidden_in_english_and_allowed_in_chinese() {
        let id = |language: &str| {
            format!("ciam/skipPasswordUpdate/message/IDAAS.SDK.PARAM.0003/{language}:full-width")
        };
        assert_eq!(breaks(&id("en")), Ok(vec!["CIAM-SKIP-E08"]));
        assert!(breaks(&id("zh")).is_err());
    }
}
