//! Verification codes that are compared too loosely, and calls without a receiver.

use super::{Weakness, also};
use crate::mock::{call::Call, rules::user, state::State, users::local_number};

pub(super) fn correct(operation: &str) -> Vec<Weakness> {
    // The purposes of the edition's rule; a login goes before a forgotten password.
    let purpose = match operation {
        "forcedChangeByMobile" => |_: &Call| "CHANGE_PWD_SMS",
        _ => |call: &Call| match call.header("Authorization") {
            Some(_) => "UPDATE_PWD_SMS",
            None => "FORGET_PWD_SMS",
        },
    };
    let mobile = |call: &Call, state: &State| user::acting(call, state)?.mobile.clone();
    let newest = move |call: &Call, state: &State, now: i64| {
        let receiver = mobile(call, state)?;
        let code = state.outbox.newest(&receiver, purpose(call), now)?;
        Some(code.to_owned())
    };
    vec![
        also(
            "purpose",
            "accepts a code that was sent for another purpose",
            move |call, state| {
                let Some(own) = mobile(call, state) else {
                    return false;
                };
                let given = call.text("verify_code");
                let mut sent = state.outbox.live(call.now);
                sent.any(|(receiver, _, code)| {
                    receiver == local_number(&own) && Some(code) == given
                })
            },
        ),
        also(
            "receiver",
            "accepts a code that went to another number",
            move |call, state| {
                let given = call.text("verify_code");
                let mut sent = state.outbox.live(call.now);
                sent.any(|(_, known, code)| known == purpose(call) && Some(code) == given)
            },
        ),
        also(
            "last-digit",
            "does not compare the last digit of a code",
            move |call, state| {
                let right = newest(call, state, call.now).unwrap_or_default();
                let given = call.text("verify_code").unwrap_or_default();
                !right.is_empty()
                    && given.len() == right.len()
                    && given.starts_with(&right[..right.len() - 1])
            },
        ),
        also(
            "old",
            "accepts a code after its life",
            move |call, state| newest(call, state, i64::MIN).as_deref() == call.text("verify_code"),
        ),
    ]
}

/// `mobile-known`, where the operation also serves forgotten passwords.
pub(super) fn no_receiver() -> Vec<Weakness> {
    vec![
        also(
            "unbound",
            "lets a user without a mobile number through",
            |call, state| user::acting(call, state).is_some(),
        ),
        also(
            "anonymous",
            "lets a call through that names neither a user nor a mobile number",
            |call, state| user::key(call, state).is_none(),
        ),
    ]
}
