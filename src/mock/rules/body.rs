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

/// The rules about a required String member: it is there, and it is a string. An edition without a
/// code for a wrong type counts one as missing.
macro_rules! text {
    ($member:literal, $missing:expr) => {
        $crate::mock::rules::body::text!($member, $missing, $missing)
    };
    ($member:literal, $missing:expr, $wrong_type:expr) => {{
        use $crate::mock::rules::{Rule, body};
        [
            Rule::new(
                concat!($member, "-present"),
                $missing,
                body::present($member),
            ),
            Rule::new(
                concat!($member, "-string"),
                $wrong_type,
                body::string($member),
            ),
        ]
    }};
}
pub(in crate::mock) use text;
