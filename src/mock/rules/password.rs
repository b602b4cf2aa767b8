//! Rules about the password that is shown and the one that is to be set.

use super::{Check, Objection, Verdict, user};
use crate::mock::{actor::Actor, call::Call, policy::Clause, state::State, users::LOCK_AFTER};

/// The password in `member` keeps this clause of the policy.
pub(crate) fn keeps(member: &'static str, clause: Clause) -> impl Check {
    move |call: &Call, state: &State| {
        let Some(password) = call.text(member) else {
            return Ok(());
        };
        let user = user::acting(call, state);
        if state.policy.breaks(clause, password, user) {
            let args = state.policy.arguments(clause, call.language());
            return Err(Objection::naming(args));
        }
        Ok(())
    }
}

/// `password` is the user's own, at login.
pub(crate) fn shown(call: &Call, state: &State) -> Verdict {
    correct("password", call, state)
}

/// `old_password` is the one that is to be replaced.
pub(crate) fn old_shown(call: &Call, state: &State) -> Verdict {
    correct("old_password", call, state)
}

/// The password in `member` is the user's current one. A wrong one counts as a failed login.
///
/// At login an unknown user gets the same answer as a wrong password, so that
/// names cannot be probed. A value that is no string is simply not the password.
fn correct(member: &str, call: &Call, state: &State) -> Verdict {
    let given = call.member(member);
    if given.is_none_or(|value| value.is_string() && call.text(member).is_none()) {
        return Ok(());
    }
    match user::acting(call, state) {
        Some(user) if user.password.as_deref() == call.text(member) => Ok(()),
        Some(user) => Err(Objection {
            failed_login: Some(user.id.clone()),
            ..Objection::naming([user.remaining_after_failure()])
        }),
        None if call.actor == Actor::UserName && user::key(call, state).is_some() => {
            Err(Objection::naming([LOCK_AFTER - 1]))
        }
        None => Ok(()),
    }
}
