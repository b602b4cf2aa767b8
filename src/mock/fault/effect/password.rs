//! Changes of a password that do less than they say, or more than they may.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Plan, after, change_user, is_refused, plan, restoring, way};
use crate::mock::{
    call::Call,
    fault::{Edit, on, replace},
    operation::Operation,
    reply::Reply,
    rules::{Check, Rule, user},
    state::State,
    users::PasswordState,
};

pub(super) fn plans(operation: &'static str) -> Vec<Plan> {
    vec![
        way(
            operation,
            "password",
            "says that the password is changed and leaves it",
            |row, call, state| {
                restoring(row, call, state, |user, before| {
                    user.password = before.password;
                    user.former = before.former;
                })
            },
        ),
        plan(
            "retirement",
            "lets the old password in beside the new one",
            retirement(operation),
        ),
        way(
            operation,
            "history",
            "does not remember the password it replaces",
            |row, call, state| {
                restoring(row, call, state, |user, before| user.former = before.former)
            },
        ),
        way(
            operation,
            "reset",
            "goes on warning about the password it has just changed",
            |row, call, state| {
                restoring(row, call, state, |user, before| {
                    user.password_state = before.password_state;
                    user.must_modify = before.must_modify;
                })
            },
        ),
        way(
            operation,
            "rules",
            "refuses a call and changes the password all the same",
            |row, call, state| {
                let reply = row.in_order(call, state);
                let given = ["new_password", "password"].map(|member| call.text(member));
                let given = given.into_iter().flatten().next();
                if let (true, Some(password)) = (is_refused(&reply), given) {
                    change_user(call, state, |user| user.set_password(password));
                }
                reply
            },
        ),
    ]
}

/// A skip that clears what it should only put off.
pub(super) fn warning(operation: &'static str) -> Vec<Plan> {
    let wrong = "forgets the warning about the password";
    vec![after(operation, "warning", wrong, |call, state, _| {
        change_user(call, state, |user| {
            user.password_state = PasswordState::Fresh;
        });
    })]
}

/// A change that needs no login.
pub(super) fn login(operation: &'static str) -> Vec<Plan> {
    let wrong = "serves the owner of the code where nobody is logged in";
    vec![way(operation, "login", wrong, without_login)]
}

fn without_login(row: &Operation, call: &mut Call, state: &mut State) -> Reply {
    let reply = row.in_order(call, state);
    if !is_refused(&reply) || call.header("Authorization").is_some() {
        return reply;
    }
    let given = call.text("verify_code");
    let owner = state
        .outbox
        .live(call.now)
        .find(|(_, _, code)| Some(*code) == given);
    let owner = owner.and_then(|(receiver, ..)| state.users.with_mobile(receiver));
    let (Some(id), Some(password)) = (owner.map(|user| user.id.clone()), call.text("password"))
    else {
        return reply;
    };
    if let Some(user) = state.user_mut(&id) {
        user.set_password(password);
    }
    Reply::empty()
}

/// The login knows the passwords that this operation has replaced, by user id.
fn retirement(operation: &'static str) -> Edit {
    let replaced = Arc::new(Mutex::new(BTreeMap::<String, String>::new()));
    let seen = Arc::clone(&replaced);
    Box::new(move |table| {
        on(table, operation, |row| {
            row.way = Box::new(move |row, call, state| {
                restoring(row, call, state, |_, before| {
                    let mut replaced = replaced.lock().unwrap_or_else(PoisonError::into_inner);
                    replaced.extend(before.password.map(|password| (before.id, password)));
                })
            });
        });
        on(table, "passwordLogin", |row| {
            replace(row, "password-correct", |honest| {
                let check: Check = honest.check;
                Rule::new(honest.name, move |call, state| {
                    let replaced = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    let user = user::acting(call, state);
                    let old = user.and_then(|user| replaced.get(&user.id));
                    if old.is_some_and(|old| call.text("password") == Some(old)) {
                        return Ok(());
                    }
                    check(call, state)
                })
            });
        });
    })
}
