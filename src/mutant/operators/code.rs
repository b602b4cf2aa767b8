//! The error code is not the one of the mistake made.

use serde_json::Value;

use super::refusals::{Refusals, code_value};
use crate::{
    contract::{ErrorBody, ErrorCode, Requirement},
    mutant::{
        Family, Mutant,
        edit::other_case,
        scope::{Judged, Named, Scope, allowed, edit, judged, may_have},
    },
};

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    scope
        .codes()
        .into_iter()
        .flat_map(|code| of_code(scope, code))
        .collect()
}

fn of_code(scope: &Scope<'_>, code: &str) -> Vec<Mutant> {
    let status = scope
        .contract
        .errors
        .code(code)
        .map_or(400, ErrorCode::status);
    let Some(form) = form_of(scope, status, code) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let mut add = |operator: &str, what: String, judged: Judged, value: Option<Value>| {
        let wanted = code.to_owned();
        let (reads, writes) = (Refusals::of(scope), Refusals::of(scope));
        out.push(scope.answer(
            Named(Family::Code, code, operator),
            what,
            judged,
            edit(
                move |_, response| response.status == status && reads.has_code(response, &wanted),
                move |response| writes.replace_code(response, value.clone()),
            ),
        ));
    };
    for (operator, other) in [
        ("other-documented", other_documented(scope, code)),
        ("undocumented", undocumented(scope, form, code)),
        ("other-edition", other_edition(scope, form)),
    ] {
        let Some(other) = other else { continue };
        add(
            operator,
            format!("names the mistake {other} in place of {code}"),
            text_judged(scope, form, status, code, &other),
            Some(code_value(form, &other)),
        );
    }
    let texts = [
        ("empty", String::new()),
        ("other-case", other_case(code)),
        ("padded", format!("{code} ")),
    ];
    for (operator, value) in texts.into_iter().filter(|(_, value)| value != code) {
        add(
            operator,
            format!("writes {value:?} in place of {code}"),
            text_judged(scope, form, status, code, &value),
            Some(value.clone().into()),
        );
    }
    let name = member(form);
    let other_type = if form.integer {
        ("text", "is the text of", Some(code.into()))
    } else {
        ("number", "is the JSON number of", Some(digits(code).into()))
    };
    for (operator, what, value) in [
        other_type,
        ("null", "is null in place of", Some(Value::Null)),
        ("missing", "is missing in place of", None),
    ] {
        let breaks = scope.ids(|row| {
            promises_code(scope, row, form, status)
                && (row.about.codes.is_empty() || row.about.codes.iter().any(|known| known == code))
        });
        add(
            operator,
            format!("{name} {what} {code}"),
            judged(breaks, &unspoken(form)),
            value,
        );
    }
    out
}

/// The error body in which a code comes with a status: one whose pattern it matches.
fn form_of<'c>(scope: &Scope<'c>, status: u16, code: &str) -> Option<&'c ErrorBody> {
    let bodies = scope.error_bodies(status).into_iter();
    let mut bodies = bodies.filter(|body| body.code_at.is_some());
    bodies.find(|body| body.pattern.is_match(code))
}

/// The place of the code, for people.
fn member(form: &ErrorBody) -> &str {
    let at = form.code_at.as_deref().unwrap_or_default();
    at.strip_prefix('/')
        .filter(|name| !name.contains('/'))
        .unwrap_or(at)
}

fn unspoken(form: &ErrorBody) -> String {
    format!("no requirement speaks of {}", member(form))
}

/// Whether a row promises that a refusal with this status has a code.
fn promises_code(scope: &Scope<'_>, row: &Requirement, form: &ErrorBody, status: u16) -> bool {
    let at = form.code_at.as_deref().unwrap_or_default();
    let mut name = at.split('/').skip(1);
    name.next()
        .is_some_and(|name| scope.promises_member(row, status, name))
}

/// The number that a code ends in.
fn digits(code: &str) -> i64 {
    let last = code.rsplit('.').next();
    last.and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

/// Another text in place of a code breaks the rows that fix it. Where none does, a text outside the
/// edition's pattern still breaks the schema of the error body, and so the rows about its code.
fn text_judged(
    scope: &Scope<'_>,
    form: &ErrorBody,
    status: u16,
    code: &str,
    other: &str,
) -> Judged {
    let fixed = scope.ids(|row| {
        let codes = &row.about.codes;
        may_have(&row.about, status)
            && codes.iter().any(|known| known == code)
            && !codes.iter().any(|known| known == other)
    });
    if !fixed.is_empty() {
        return judged(fixed, "");
    }
    if form.pattern.is_match(other) {
        return allowed("no requirement fixes this code, so any code of the edition will do");
    }
    let of_form =
        scope.ids(|row| row.about.codes.is_empty() && promises_code(scope, row, form, status));
    judged(of_form, &unspoken(form))
}

/// A documented code of the operation that no row allows beside this one; of another group, if
/// there is one, because codes of a group stand beside each other in the documents too.
fn other_documented(scope: &Scope<'_>, code: &str) -> Option<String> {
    let excused = |other: &str| {
        scope
            .rows(|row| {
                let has = |wanted: &str| row.about.codes.iter().any(|known| known == wanted);
                has(code) && has(other)
            })
            .next()
            .is_some()
    };
    let group = |code: &str| code.rsplit_once('.').map(|(group, _)| group.to_owned());
    let others: Vec<&str> = scope
        .codes()
        .into_iter()
        .filter(|other| *other != code && !excused(other))
        .collect();
    others
        .iter()
        .find(|other| group(other) != group(code))
        .or_else(|| others.first())
        .map(|other| (*other).to_owned())
}

/// A code of the edition's pattern that no table lists.
fn undocumented(scope: &Scope<'_>, form: &ErrorBody, code: &str) -> Option<String> {
    let end = code.trim_end_matches(|c: char| c.is_ascii_digit());
    let other = if end == code {
        format!("{code}9")
    } else {
        format!("{end}{}", "9".repeat(code.len() - end.len()))
    };
    let unknown = scope.contract.errors.code(&other).is_none();
    (unknown && form.pattern.is_match(&other)).then_some(other)
}

/// The first code of another edition that is none in this one.
fn other_edition(scope: &Scope<'_>, form: &ErrorBody) -> Option<String> {
    let errors = &scope.contract.errors;
    scope
        .foreign
        .iter()
        .find(|other| errors.code(other).is_none() && !form.pattern.is_match(other))
        .map(|other| (*other).to_owned())
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, body, breaks, edited, request};

    #[test]
    fn the_code_is_replaced_and_nothing_else() {
        let refusal = answer(
            400,
            r#"{"error_code":"IDAAS.SDK.PARAM.0013","error_msg":"x"}"#,
        );
        for (operator, wanted) in [
            ("undocumented", r#""IDAAS.SDK.PARAM.9999""#),
            ("other-edition", r#""SDK.COMMON.1001""#),
            ("other-documented", r#""IDAAS.SDK.USER.0001""#),
            ("empty", r#""""#),
            ("other-case", r#""idaas.sdk.param.0013""#),
            ("padded", r#""IDAAS.SDK.PARAM.0013 ""#),
            ("number", "13"),
            ("null", "null"),
        ] {
            let id = format!("ciam/skipPasswordUpdate/code/IDAAS.SDK.PARAM.0013:{operator}");
            assert_eq!(
                body(&id, &request(&[]), &refusal),
                Some(format!(r#"{{"error_code":{wanted},"error_msg":"x"}}"#)),
                "{id}"
            );
            let another = answer(400, r#"{"error_code":"IDAAS.SDK.PARAM.0014"}"#);
            assert_eq!(edited(&id, &request(&[]), &another), None);
        }
        let id = "ciam/skipPasswordUpdate/code/IDAAS.SDK.PARAM.0013:missing";
        let left = body(id, &request(&[]), &refusal);
        assert_eq!(left.as_deref(), Some(r#"{"error_msg":"x"}"#));
    }

    #[test]
    fn another_code_is_one_that_no_row_allows_beside_the_right_one() {
        // EIAM-FUM-H01 allows 1003 beside 1001, and B03 allows SMS.1005 beside it.
        let id = "eiam/forcedChangeByMobile/code/SDK.COMMON.1001:other-documented";
        let refusal = answer(400, r#"{"error_code":"SDK.COMMON.1001"}"#);
        let text = body(id, &request(&[]), &refusal).expect("applies");
        assert!(!text.contains("1003") && !text.contains("SMS"), "{text}");
        assert!(breaks(id).is_ok_and(|ids| ids.contains(&"EIAM-FUM-H01")));
    }

    #[test]
    fn a_code_that_no_row_fixes_may_be_another_one_of_the_edition_but_no_other_text() {
        let id = |operator: &str| {
            format!("oneaccess/forcedChangeByOldPassword/code/PWD.0002:{operator}")
        };
        assert!(breaks(&id("undocumented")).is_err());
        assert!(breaks(&id("other-documented")).is_err());
        assert!(breaks(&id("other-edition")).is_ok_and(|ids| ids.contains(&"OA-FUP-R18")));
        assert!(breaks(&id("number")).is_ok_and(|ids| ids.contains(&"OA-FUP-R16")));
    }
}
