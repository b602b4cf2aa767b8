//! Rules about the password that is shown and the one that is to be set.

use super::{Verdict, rule, user};
use crate::mock::{
    actor::Actor, call::Call, policy::Clause, refusal::Refusal, rules::Rule, state::State,
    users::LOCK_AFTER,
};

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
        Rule::new(clause.rule_name(), move |call: &Call, state: &State| {
            let Some(password) = call.text(member) else {
                return Ok(());
            };
            if !state
                .policy
                .breaks(clause, password, user::acting(call, state))
            {
                return Ok(());
            }
            let mut refusal = Refusal::code(codes.code(clause));
            refusal.args = state.policy.arguments(clause, call.language());
            Err(refusal)
        })
    })
}

/// The password in `member` is the user's current one. A wrong one counts as a failed login.
///
/// At login an unknown user gets the same answer as a wrong password, so that
/// names cannot be probed. A value that is no string is simply not the password.
pub(crate) fn correct(
    member: &'static str,
    code: &'static str,
) -> impl Fn(&Call, &State) -> Verdict + Send + Sync + 'static {
    rule(move |call, state| {
        let given = call.member(member);
        if given.is_none_or(|value| value.is_string() && call.text(member).is_none()) {
            return Ok(());
        }
        match user::acting(call, state) {
            Some(user) if user.password.as_deref() == call.text(member) => Ok(()),
            Some(user) => Err(Refusal::code(code)
                .arg(user.remaining_after_failure())
                .counting_against(&user.id)),
            None if call.actor == Actor::UserName && user::key(call, state).is_some() => {
                Err(Refusal::code(code).arg(LOCK_AFTER - 1))
            }
            None => Ok(()),
        }
    })
}
