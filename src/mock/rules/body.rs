//! Rules about the form of the body (parameter tables). `null` counts as absent, `""` as blank.

use super::{Verdict, ensure, rule};
use crate::mock::{call::Call, state::State};

/// The body is a JSON object.
pub(crate) fn object(
    code: &'static str,
) -> impl Fn(&Call, &State) -> Verdict + Send + Sync + 'static {
    rule(move |call, _| ensure(call.has_object(), code, "body"))
}

/// The member is there and, if it is a string, not blank.
pub(crate) fn present(
    member: &'static str,
    code: &'static str,
) -> impl Fn(&Call, &State) -> Verdict + Send + Sync + 'static {
    rule(move |call, _| {
        let given = call
            .member(member)
            .is_some_and(|value| !value.is_string() || call.text(member).is_some());
        ensure(given, code, member)
    })
}

/// The member, if given, is a string.
pub(crate) fn string(
    member: &'static str,
    code: &'static str,
) -> impl Fn(&Call, &State) -> Verdict + Send + Sync + 'static {
    rule(move |call, _| {
        let right = call.member(member).is_none_or(serde_json::Value::is_string);
        ensure(right, code, member)
    })
}
