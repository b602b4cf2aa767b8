//! Rules about the password that is shown and the one that is to be set.

use super::{Check, Objection, Rule, user};
use crate::mock::{actor::Actor, call::Call, policy::Clause, state::State, users::LOCK_AFTER};

/// Which code an edition gives each clause of the policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PolicyCodes {
    pub history: &'static str,
    pub reverse: &'static str,
    pub user_data: &'static str,
    pub types: &'static str,
    pub weak: &'static str,
    pub repeat: &'static str,
    pub length: &'static str,
}

impl PolicyCodes {
    const fn code(&self, clause: Clause) -> &'static str {
        match clause {
            Clause::History => self.history,
            Clause::Reverse => self.reverse,
            Clause::UserData => self.user_data,
            Clause::Types => self.types,
            Clause::Weak => self.weak,
            Clause::Repeat => self.repeat,
            Clause::Length => self.length,
        }
    }
}

/// One rule for each clause, about the password in `member`.
pub(crate) fn policy(member: &'static str, codes: PolicyCodes) -> impl Iterator<Item = Rule> {
    Clause::ALL.into_iter().map(move |clause| {
        Rule::new(
            clause.rule_name(),
            codes.code(clause),
            keeps(member, clause),
        )
    })
}

fn keeps(member: &'static str, clause: Clause) -> impl Check {
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

/// The user is not locked, shows the right password, and may act.
pub(crate) fn login(
    locked: &'static str,
    wrong: &'static str,
    disabled: &'static str,
) -> [Rule; 3] {
    [
        Rule::new("user-unlocked", locked, user::unlocked),
        Rule::new("password-correct", wrong, correct("password")),
        Rule::new("user-enabled", disabled, user::enabled),
    ]
}

/// The user is there, shows the old password, and may act.
pub(crate) fn old(missing: &'static str, wrong: &'static str, disabled: &'static str) -> [Rule; 3] {
    [
        Rule::new("user-exists", missing, user::exists),
        Rule::new("old_password-correct", wrong, correct("old_password")),
        Rule::new("user-enabled", disabled, user::enabled),
    ]
}

/// The password in `member` is the user's current one. A wrong one counts as a failed login.
///
/// At login an unknown user gets the same answer as a wrong password, so that
/// names cannot be probed. A value that is no string is simply not the password.
fn correct(member: &'static str) -> impl Check {
    move |call: &Call, state: &State| {
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
}
