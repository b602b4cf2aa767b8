//! Rules about captchas and verification codes.

use super::{Check, Verdict, ensure, user};
use crate::mock::{call::Call, state::State};

/// How a code reaches the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Sms,
    Email,
}

/// Where the piece of the slider puzzle belongs (captcha pages: y is always 5.0).
const PUZZLE: (f64, f64) = (237.0, 5.0);

/// How far off the solution may be.
const TOLERANCE: f64 = 3.0;

/// `verify_code` is the newest code sent to the user for one of these purposes.
///
/// A wrong attempt does not use the code up. Without `Authorization`, in the
/// operations that allow it, the purposes of a forgotten password count instead.
pub(crate) fn correct(
    channel: Channel,
    purposes: &'static [String],
    purposes_if_forgotten: &'static [String],
) -> impl Check {
    move |call: &Call, state: &State| {
        let (Some(given), Some(user)) = (call.text("verify_code"), user::acting(call, state))
        else {
            return Ok(());
        };
        let receiver = match channel {
            Channel::Sms => user.mobile.as_deref(),
            Channel::Email => user.email.as_deref(),
        };
        let allowed = if call.header("Authorization").is_some() || purposes_if_forgotten.is_empty()
        {
            purposes
        } else {
            purposes_if_forgotten
        };
        // Another rule refuses a user who has no receiver.
        let right = receiver.is_none_or(|receiver| {
            allowed
                .iter()
                .any(|purpose| state.outbox.newest(receiver, purpose, call.now) == Some(given))
        });
        ensure(right, "verify_code")
    }
}

/// `point_json` solves the captcha of `token`.
pub(crate) fn captcha_solved(call: &Call, state: &State) -> Verdict {
    let (Some(point), Some(token)) = (call.text("point_json"), call.text("token")) else {
        return Ok(());
    };
    let near = serde_json::from_str::<serde_json::Value>(point).is_ok_and(|point| {
        let is_near = |axis: &str, target: f64| {
            let given = point.get(axis).and_then(serde_json::Value::as_f64);
            given.is_some_and(|given| (given - target).abs() <= TOLERANCE)
        };
        is_near("x", PUZZLE.0) && is_near("y", PUZZLE.1)
    });
    ensure(near && state.tokens.captchas.contains(token), "point_json")
}

/// `captcha_token` was given for a solved captcha.
pub(crate) fn captcha_token_known(call: &Call, state: &State) -> Verdict {
    let token = call.text("captcha_token");
    let known = token.is_none_or(|token| state.tokens.solved.contains(token));
    ensure(known, "captcha_token")
}

/// `type` is one of the purposes the edition lists.
pub(crate) fn purpose_known(purposes: &'static [String]) -> impl Check {
    move |call: &Call, _: &State| {
        let known = call
            .text("type")
            .is_none_or(|purpose| purposes.iter().any(|known| known == purpose));
        ensure(known, "type")
    }
}

/// For this purpose the number is given with its area code (CIAM type list, last column).
pub(crate) fn area_code_given(purpose: &'static str) -> impl Check {
    move |call: &Call, _: &State| {
        let matters = call.text("type") == Some(purpose);
        let given = call
            .text("mobile")
            .is_none_or(|mobile| mobile.starts_with('+'));
        ensure(given || !matters, "mobile")
    }
}
