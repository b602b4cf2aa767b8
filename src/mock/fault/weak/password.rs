//! The old password compared too loosely, and clauses of the policy with other bounds.

use super::{Change, Weakness, also, request::number};
use crate::mock::{
    call::Call,
    policy::{Clause, Policy, personal_data},
    rules::user,
    state::State,
    users::User,
};

pub(super) fn old() -> Vec<Weakness> {
    let shown = |call: &Call| call.text("old_password").unwrap_or_default().to_owned();
    let known = |call: &Call, state: &State| {
        let user = user::acting(call, state)?;
        user.password.clone()
    };
    vec![
        also(
            "former",
            "takes a former password for the old one",
            move |call, state| {
                user::acting(call, state).is_some_and(|user| user.former.contains(&shown(call)))
            },
        ),
        also(
            "case",
            "ignores case in the old password",
            move |call, state| {
                known(call, state).is_some_and(|right| right.eq_ignore_ascii_case(&shown(call)))
            },
        ),
        also(
            "last-character",
            "does not compare the last character of the old password",
            move |call, state| {
                let cut = |text: &str| {
                    let mut characters = text.chars();
                    characters.next_back();
                    characters.as_str().to_owned()
                };
                let given = shown(call);
                known(call, state).is_some_and(|right| cut(&right) == cut(&given))
            },
        ),
        number("old_password"),
    ]
}

/// A policy with other figures, or a user of whom less is known, decides.
fn decided(
    clause: Clause,
    member: &'static str,
    name: &'static str,
    wrong: &'static str,
    weaken: impl Fn(&mut Policy, &mut User) + Send + Sync + 'static,
) -> Weakness {
    also(name, wrong, move |call, state| {
        let Some(password) = call.text(member) else {
            return false;
        };
        let mut policy = state.policy.clone();
        let mut user = user::acting(call, state).cloned().unwrap_or_default();
        weaken(&mut policy, &mut user);
        !policy.breaks(clause, password, Some(&user))
    })
}

/// Also refuses a password at the bound.
fn refused(
    member: &'static str,
    name: &'static str,
    wrong: &'static str,
    stop: impl Fn(&Policy, &str) -> bool + Send + Sync + 'static,
) -> Weakness {
    let stop = move |call: &Call, state: &State| {
        let given = call.text(member);
        given.is_some_and(|password| stop(&state.policy, password))
    };
    let (wrong, change) = (wrong.to_owned(), Change::Never(member, Box::new(stop)));
    Weakness {
        name,
        wrong,
        change,
    }
}

/// The weakenings of the rule that enforces a clause of the policy, if it enforces one.
pub(super) fn clause(rule: &str, member: &'static str) -> Vec<Weakness> {
    let known = Clause::ALL
        .into_iter()
        .find(|clause| clause.rule_name() == rule);
    match known {
        None => Vec::new(),
        Some(Clause::Length) => length(member),
        Some(Clause::Types) => types(member),
        Some(Clause::Repeat) => repeat(member),
        Some(Clause::UserData) => user_data(member),
        Some(Clause::Reverse) => reversed(member),
        Some(Clause::Weak) => weak(member),
        Some(Clause::History) => history(member),
    }
}

fn length(member: &'static str) -> Vec<Weakness> {
    let decided = |name, wrong, weaken: fn(&mut Policy, &mut User)| {
        decided(Clause::Length, member, name, wrong, weaken)
    };
    vec![
        decided(
            "one-shorter",
            "accepts a password one character too short",
            |policy, _| policy.min_length -= 1,
        ),
        decided(
            "one-longer",
            "accepts a password one character too long",
            |policy, _| policy.max_length += 1,
        ),
        refused(
            member,
            "no-shortest",
            "refuses a password of exactly the least length",
            |policy, password| password.chars().count() == policy.min_length,
        ),
        refused(
            member,
            "no-longest",
            "refuses a password of exactly the greatest length",
            |policy, password| password.chars().count() == policy.max_length,
        ),
    ]
}

fn types(member: &'static str) -> Vec<Weakness> {
    vec![decided(
        Clause::Types,
        member,
        "one-fewer",
        "is content with one character type fewer",
        |policy, _| policy.min_types -= 1,
    )]
}

fn repeat(member: &'static str) -> Vec<Weakness> {
    vec![
        decided(
            Clause::Repeat,
            member,
            "one-more",
            "accepts one more equal character in a row",
            |policy, _| policy.max_repeat += 1,
        ),
        refused(
            member,
            "no-most",
            "refuses as many equal characters in a row as are allowed",
            |policy, password| {
                let mut allowed = policy.clone();
                allowed.max_repeat -= 1;
                allowed.breaks(Clause::Repeat, password, None)
            },
        ),
    ]
}

fn user_data(member: &'static str) -> Vec<Weakness> {
    let decided = |name, wrong, weaken: fn(&mut Policy, &mut User)| {
        decided(Clause::UserData, member, name, wrong, weaken)
    };
    vec![
        decided("user-name", "does not look for the user name", |_, user| {
            user.user_name.clear();
        }),
        decided(
            "mobile",
            "does not look for the mobile number",
            |_, user| user.mobile = None,
        ),
        decided(
            "email",
            "does not look for the name in the e-mail address",
            |_, user| user.email = None,
        ),
        decided(
            "pinyin",
            "does not look for the name in pinyin",
            |_, user| user.pinyin.clear(),
        ),
        also(
            "case",
            "does not see user data in other letter case",
            move |call, state| {
                let data = user::acting(call, state).map(personal_data);
                let password = given(call, member);
                let mut data = data.iter().flatten();
                !data.any(|datum| password.contains(datum))
            },
        ),
    ]
}

fn reversed(member: &'static str) -> Vec<Weakness> {
    vec![
        also(
            "whole",
            "sees the reversed user name only where it is the whole password",
            move |call, state| {
                let reversed = reversed_name(call, state);
                !given(call, member).eq_ignore_ascii_case(&reversed)
            },
        ),
        also(
            "case",
            "does not see the reversed user name in other letter case",
            move |call, state| !given(call, member).contains(&reversed_name(call, state)),
        ),
    ]
}

fn weak(member: &'static str) -> Vec<Weakness> {
    vec![also(
        "case",
        "does not know a weak password in other letter case",
        move |call, state| !state.policy.weak.contains(&given(call, member)),
    )]
}

fn history(member: &'static str) -> Vec<Weakness> {
    let decided = |name, wrong, weaken: fn(&mut Policy, &mut User)| {
        decided(Clause::History, member, name, wrong, weaken)
    };
    vec![
        decided(
            "one-fewer",
            "forgets the oldest password it should remember",
            |policy, _| policy.history -= 1,
        ),
        decided(
            "current",
            "accepts the password that is already set",
            |_, user| user.password = None,
        ),
    ]
}

fn given<'call>(call: &'call Call, member: &str) -> &'call str {
    call.text(member).unwrap_or_default()
}

fn reversed_name(call: &Call, state: &State) -> String {
    let user = user::acting(call, state);
    user.map(|user| user.user_name.chars().rev().collect())
        .unwrap_or_default()
}
