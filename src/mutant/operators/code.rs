//! The error code is not the one of the mistake made.

use serde_json::{Value, json};

use crate::{
    contract::ErrorCode,
    mutant::{
        Family, Mutant,
        edit::{edit_object, replace, text},
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
    let mut out = Vec::new();
    let mut add = |operator: &str, what: String, judged: Judged, value: Option<Value>| {
        let wanted = code.to_owned();
        out.push(scope.answer(
            Named(Family::Code, code, operator),
            what,
            judged,
            edit(
                move |_, response| {
                    response.status == status
                        && text(response, "error_code").as_deref() == Some(&wanted)
                },
                move |response| {
                    edit_object(response, |members| {
                        replace(
                            members,
                            "error_code",
                            value.clone().map(|value| ("error_code", value)),
                        );
                    });
                },
            ),
        ));
    };
    for (operator, other) in [
        ("other-documented", other_documented(scope, code)),
        ("undocumented", undocumented(scope, code)),
        ("other-edition", other_edition(scope)),
    ] {
        let Some(other) = other else { continue };
        add(
            operator,
            format!("names the mistake {other} in place of {code}"),
            text_judged(scope, status, code, &other),
            Some(other.clone().into()),
        );
    }
    for (operator, value) in [
        ("empty", String::new()),
        ("other-case", code.to_lowercase()),
        ("padded", format!("{code} ")),
    ] {
        add(
            operator,
            format!("writes {value:?} in place of {code}"),
            text_judged(scope, status, code, &value),
            Some(value.clone().into()),
        );
    }
    let digits = code
        .rsplit('.')
        .next()
        .and_then(|digits| digits.parse::<i64>().ok())
        .unwrap_or_default();
    for (operator, what, value) in [
        ("number", "is the JSON number of", Some(json!(digits))),
        ("null", "is null in place of", Some(Value::Null)),
        ("missing", "is missing in place of", None),
    ] {
        let breaks = scope.ids(|row| {
            scope.promises_member(row, status, "error_code")
                && (row.about.codes.is_empty() || row.about.codes.iter().any(|known| known == code))
        });
        add(
            operator,
            format!("error_code {what} {code}"),
            judged(breaks, "no requirement speaks of error_code"),
            value,
        );
    }
    out
}

/// Another text in place of a code breaks the rows that fix it. Where none does, a text outside the
/// edition's pattern still breaks the schema of the error body, and so the rows about `error_code`.
fn text_judged(scope: &Scope<'_>, status: u16, code: &str, other: &str) -> Judged {
    let fixed = scope.ids(|row| {
        let codes = &row.about.codes;
        may_have(&row.about, status)
            && codes.iter().any(|known| known == code)
            && !codes.iter().any(|known| known == other)
    });
    if !fixed.is_empty() {
        return judged(fixed, "");
    }
    if scope.contract.errors.pattern.is_match(other) {
        return allowed("no requirement fixes this code, so any code of the edition will do");
    }
    let form = scope
        .ids(|row| row.about.codes.is_empty() && scope.promises_member(row, status, "error_code"));
    judged(form, "no requirement speaks of error_code")
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
fn undocumented(scope: &Scope<'_>, code: &str) -> Option<String> {
    let (group, digits) = code.rsplit_once('.')?;
    let errors = &scope.contract.errors;
    let nines = "9".repeat(digits.len());
    Some(format!("{group}.{nines}"))
        .filter(|other| errors.code(other).is_none() && errors.pattern.is_match(other))
}

/// The first code of another edition that is none in this one.
fn other_edition(scope: &Scope<'_>) -> Option<String> {
    let errors = &scope.contract.errors;
    scope
        .foreign
        .iter()
        .find(|other| errors.code(other).is_none() && !errors.pattern.is_match(other))
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
