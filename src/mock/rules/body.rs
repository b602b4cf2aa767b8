//! Rules about the form of the body (parameter tables). `null` counts as absent, `""` as blank.

use super::{Check, Verdict, ensure};
use crate::mock::{call::Call, state::State};

/// The body is a JSON object.
pub(crate) fn object(call: &Call, _: &State) -> Verdict {
    ensure(call.has_object(), "body")
}

/// The member is there and, if it is a string, not blank.
pub(crate) fn present(member: &'static str) -> impl Check {
    move |call: &Call, _: &State| {
        let given = call
            .member(member)
            .is_some_and(|value| !value.is_string() || call.text(member).is_some());
        ensure(given, member)
    }
}

/// The member is a string with something in it.
pub(crate) fn filled(member: &'static str) -> impl Check {
    move |call: &Call, _: &State| ensure(call.text(member).is_some(), member)
}

/// The member, if given, is a string.
pub(crate) fn string(member: &'static str) -> impl Check {
    move |call: &Call, _: &State| {
        let right = call.member(member).is_none_or(serde_json::Value::is_string);
        ensure(right, member)
    }
}
