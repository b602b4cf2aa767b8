//! Headers and members that are looked at less closely than they should be.

use serde_json::{Value, json};

use super::{Change, Weakness, also};
use crate::mock::dialect::Dialect;

pub(super) fn header(name: &'static str) -> Vec<Weakness> {
    vec![
        also(
            "missing",
            format!("accepts a call without {name}"),
            move |call, _| !call.headers.contains_key(name),
        ),
        also(
            "blank",
            format!("accepts {name} without a value"),
            move |call, _| call.headers.contains_key(name) && call.header(name).is_none(),
        ),
    ]
}

pub(super) fn member(name: &'static str) -> Vec<Weakness> {
    vec![
        also(
            "missing",
            format!("accepts a body without {name}"),
            move |call, _| call.member(name).is_none(),
        ),
        also(
            "blank",
            format!("accepts {name} without a value"),
            move |call, _| call.member(name).is_some_and(Value::is_string),
        ),
    ]
}

pub(super) fn number(member: &'static str) -> Weakness {
    Weakness {
        name: "number",
        wrong: format!("reads a number in {member} as its text"),
        change: Change::Reading(Box::new(move |row, call, state| {
            let number = call.member(member).filter(|value| value.is_number());
            if let Some(text) = number.map(ToString::to_string) {
                call.set_member(member, json!(text));
            }
            row.in_order(call, state)
        })),
    }
}

pub(super) fn client(edition: Dialect) -> Vec<Weakness> {
    let mut out = vec![also(
        "form",
        "accepts any X-client-id of the right form",
        |call, _| {
            let given = call.header("X-client-id");
            given.is_some_and(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_alphanumeric()))
        },
    )];
    if edition == Dialect::OneAccess {
        out.push(also(
            "instance",
            "accepts the client id of the installed instance on the common domain",
            |call, state| {
                let given = call.header("X-client-id");
                call.common_domain && given.is_some_and(|id| id == state.applications.client_id)
            },
        ));
        out.push(also(
            "template",
            "accepts the client id of the ISV template on the tenant's own domain",
            |call, state| {
                let given = call.header("X-client-id");
                given.is_some_and(|id| id == state.applications.isv_client_id)
            },
        ));
    }
    out
}

/// `x-tenant-id-known`.
pub(super) fn tenant() -> Vec<Weakness> {
    vec![also(
        "form",
        "accepts any X-tenant-id of the right form",
        |call, _| {
            let given = call.header("X-tenant-id");
            given.is_some_and(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
        },
    )]
}
