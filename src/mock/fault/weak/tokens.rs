//! Tokens that are believed too easily or too long.

use super::{Weakness, also};
use crate::mock::{
    call::Call, dialect::Dialect, jwt, operation::Operation, ops::session::id_token_seconds,
    state::State,
};

pub(super) fn state_signature() -> Vec<Weakness> {
    let token = |call: &Call| call.header("X-state-token").unwrap_or_default();
    vec![
        also(
            "unsigned",
            "believes a readable state token whatever its signature",
            |call, _| call.state_claims.is_some(),
        ),
        also(
            "half",
            "compares only the first half of a state token's signature",
            move |call, _| jwt::state_signature_begins_right(&token(call)),
        ),
        also(
            "alg-none",
            "believes a state token that names no algorithm",
            move |call, _| call.state_claims.is_some() && jwt::is_unsecured(&token(call)),
        ),
    ]
}

pub(super) fn id_signature() -> Vec<Weakness> {
    let token = |call: &Call| call.bearer().unwrap_or_default();
    vec![
        also(
            "unsigned",
            "believes a readable id_token whatever its signature",
            |call, _| call.id_claims.is_some(),
        ),
        also(
            "half",
            "compares only the first half of an id_token's signature",
            move |call, _| jwt::id_signature_begins_right(&token(call)),
        ),
        also(
            "alg-none",
            "believes an id_token that names no algorithm",
            move |call, _| call.id_claims.is_some() && jwt::is_unsecured(&token(call)),
        ),
    ]
}

pub(super) fn stage(row: &Operation) -> Vec<Weakness> {
    let reached = |stage: &'static str| {
        move |call: &Call, _: &State| {
            let claims = call.state_claims.as_ref();
            claims.is_some_and(|claims| claims.state == stage)
        }
    };
    let mut out = vec![also(
        "second-factor",
        "goes on from a login that waits for its second factor",
        reached("MFA_AUTH"),
    )];
    if row.name == "skipPasswordUpdate" {
        out.push(also(
            "expired",
            "goes on from a login that stopped at an expired password",
            reached("PASSWORD_EXPIRED"),
        ));
    }
    out
}

pub(super) fn state_life() -> Vec<Weakness> {
    vec![also(
        "double",
        "accepts a state token for twice its life",
        |call, state| {
            let claims = call.state_claims.as_ref();
            let life = state.variation.credentials.state_token_seconds;
            claims.is_some_and(|claims| call.now < claims.expires + life)
        },
    )]
}

pub(super) fn id_life(edition: Dialect) -> Vec<Weakness> {
    vec![also(
        "double",
        "accepts an id_token for twice its life",
        move |call, _| {
            let claims = call.id_claims.as_ref();
            claims.is_some_and(|claims| call.now < claims.expires + id_token_seconds(edition))
        },
    )]
}
