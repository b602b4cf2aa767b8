//! The status is another one than documented.

use super::refusals::Refusals;
use crate::{
    contract::ErrorCode,
    mutant::{
        Family, Mutant,
        edit::{set_body, set_header},
        scope::{Named, Scope, edit, judged},
    },
};

/// What a server that means well, or one in trouble, sends in place of a status.
fn neighbours(status: u16) -> &'static [u16] {
    match status {
        200 => &[201, 202, 204, 302, 400],
        400 => &[200, 401, 403, 404, 409, 422, 500],
        _ => &[200, 400, 503],
    }
}

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for rule in scope.statuses() {
        let status = rule.status;
        for &other in neighbours(status) {
            let breaks = scope.ids(|row| row.about.answer == Some(status));
            out.push(scope.answer(
                Named(Family::Status, &status.to_string(), &other.to_string()),
                format!("answers {other} where {status} is documented"),
                judged(breaks, "no requirement fixes this status"),
                edit(
                    move |_, response| response.status == status,
                    move |response| become_status(response, other),
                ),
            ));
        }
    }
    for code in scope.codes() {
        let Some(status) = scope.contract.errors.code(code).map(ErrorCode::status) else {
            continue;
        };
        for other in [200, 500] {
            let breaks = scope.ids(|row| {
                row.about.answer == Some(status)
                    && row.about.codes.iter().any(|known| known == code)
            });
            if breaks.is_empty() {
                continue;
            }
            let (wanted, refusals) = (code.to_owned(), Refusals::of(scope));
            out.push(scope.answer(
                Named(Family::Status, code, &other.to_string()),
                format!("answers {other} with {code}, which is documented with {status}"),
                judged(breaks, ""),
                edit(
                    move |_, response| {
                        response.status == status && refusals.has_code(response, &wanted)
                    },
                    move |response| become_status(response, other),
                ),
            ));
        }
    }
    out
}

fn become_status(response: &mut crate::exchange::Response, status: u16) {
    response.status = status;
    // RFC 9110 section 15.3.5: 204 has no content, and section 8.6 no length either.
    if status == 204 {
        set_body(response, Vec::new());
        set_header(response, "content-length", None);
    }
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, breaks, edited, request};

    #[test]
    fn only_the_status_changes_and_only_of_that_status() {
        let refusal = answer(
            400,
            r#"{"error_code":"IDAAS.SDK.PARAM.0013","error_msg":"x"}"#,
        );
        for (operator, status) in [("401", 401), ("422", 422), ("500", 500), ("200", 200)] {
            let id = format!("ciam/skipPasswordUpdate/status/400:{operator}");
            let mut changed = edited(&id, &request(&[]), &refusal).expect("applies");
            assert_eq!(changed.status, status);
            changed.status = 400;
            assert_eq!(changed, refusal);
            assert_eq!(edited(&id, &request(&[]), &answer(200, "{}")), None);
        }
        assert!(
            breaks("ciam/skipPasswordUpdate/status/400:401").is_ok_and(|ids| {
                ids.contains(&"CIAM-SKIP-E10") && !ids.contains(&"CIAM-SKIP-R01")
            })
        );
    }

    #[test]
    fn an_answer_without_content_has_neither_body_nor_length() {
        let id = "ciam/skipPasswordUpdate/status/200:204";
        let changed = edited(id, &request(&[]), &answer(200, "{}")).expect("applies");
        assert_eq!((changed.status, changed.body.len()), (204, 0));
        assert_eq!(changed.header("content-length"), None);
    }

    #[test]
    fn the_status_of_one_mistake_changes_for_that_mistake() {
        let id = "ciam/skipPasswordUpdate/status/IDAAS.SDK.PARAM.0013:500";
        let of = |code: &str| answer(400, &format!(r#"{{"error_code":"{code}"}}"#));
        let changed = edited(id, &request(&[]), &of("IDAAS.SDK.PARAM.0013"));
        assert_eq!(changed.map(|answer| answer.status), Some(500));
        assert_eq!(edited(id, &request(&[]), &of("IDAAS.SDK.PARAM.0014")), None);
        assert_eq!(
            breaks(id),
            Ok(vec!["CIAM-SKIP-H23", "CIAM-SKIP-H24", "CIAM-SKIP-E10"])
        );
    }
}
