//! The status is another one than documented.

use crate::mutant::{
    Family, Mutant,
    edit::{set_body, set_header, text},
    scope::{Named, Scope, edit, judged},
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
            let breaks = scope.ids(|row| row.about.status == Some(status));
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
        let Some(status) = scope.contract.errors.code(code).map(|entry| entry.status) else {
            continue;
        };
        for other in [200, 500] {
            let breaks = scope.ids(|row| {
                row.about.status == Some(status)
                    && row.about.codes.iter().any(|known| known == code)
            });
            if breaks.is_empty() {
                continue;
            }
            let wanted = code.to_owned();
            out.push(scope.answer(
                Named(Family::Status, code, &other.to_string()),
                format!("answers {other} with {code}, which is documented with {status}"),
                judged(breaks, ""),
                edit(
                    move |_, response| {
                        response.status == status
                            && text(response, "error_code").as_deref() == Some(&wanted)
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
