//! Effects that skip a part of their work, and calls that act although they are refused.

mod code;
mod password;
mod session;

use http::HeaderValue;

use super::{Edit, Family, Plan, on};
use crate::mock::{
    call::Call,
    dialect::Dialect,
    operation::{Handler, Operation},
    reply::{Content, Reply},
    rules::user,
    state::State,
    users::User,
};

/// What an operation does beside answering, as far as a piece of it can be left out.
#[derive(Debug, Clone, Copy)]
enum Part {
    Password,
    Code,
    Session,
    SecondFactor,
    Denial,
    Warning,
    Login,
}

fn parts(edition: Dialect, operation: &str) -> &'static [Part] {
    match (operation, edition) {
        ("forcedChangeByMobile", _) => &[Part::Password, Part::Code, Part::Session],
        ("changePasswordByMobile", _) => &[Part::Password, Part::Code, Part::Login],
        ("forcedChangeByOldPassword", _) => &[
            Part::Password,
            Part::Session,
            Part::SecondFactor,
            Part::Denial,
        ],
        // CIAM knows no second factor here.
        ("skipPasswordUpdate", Dialect::Ciam) => &[Part::Session, Part::Denial, Part::Warning],
        ("skipPasswordUpdate", _) => &[
            Part::Session,
            Part::SecondFactor,
            Part::Denial,
            Part::Warning,
        ],
        _ => &[],
    }
}

/// What the effect of this operation can skip.
pub(super) fn of(edition: Dialect, operation: &'static str) -> Vec<Plan> {
    let parts = parts(edition, operation).iter();
    let mut out: Vec<Plan> = parts
        .flat_map(|part| match part {
            Part::Password => password::plans(operation),
            Part::Code => code::plans(operation),
            Part::Session => session::plans(operation),
            Part::SecondFactor => session::second_factor(operation),
            Part::Denial => session::denial(operation),
            Part::Warning => password::warning(operation),
            Part::Login => password::login(operation),
        })
        .collect();
    for (name, language, wrong) in [
        ("chinese", "en", "answers in English whatever X-L says"),
        ("english", "zh", "answers in Chinese whatever X-L says"),
    ] {
        out.push(way(operation, name, wrong, move |row, call, state| {
            call.headers
                .insert("X-L", HeaderValue::from_static(language));
            row.in_order(call, state)
        }));
    }
    out
}

fn plan(name: &str, wrong: &str, edit: Edit) -> Plan {
    Plan {
        name: format!("effect:skip-{name}"),
        family: Family::Effect,
        wrong: wrong.to_owned(),
        edit,
    }
}

/// Answers in another way.
fn way(
    operation: &'static str,
    name: &str,
    wrong: &str,
    way: impl Fn(&Operation, &mut Call, &mut State) -> Reply + Send + Sync + 'static,
) -> Plan {
    let way: Handler = Box::new(way);
    let edit = move |table: &mut [Operation]| on(table, operation, |row| row.way = way);
    plan(name, wrong, Box::new(edit))
}

/// Spoils what a call that is not refused has done.
fn after(
    operation: &'static str,
    name: &str,
    wrong: &str,
    spoil: impl Fn(&Call, &mut State, &mut Reply) + Send + Sync + 'static,
) -> Plan {
    way(operation, name, wrong, move |row, call, state| {
        let mut reply = row.in_order(call, state);
        if !is_refused(&reply) {
            spoil(call, state, &mut reply);
        }
        reply
    })
}

fn is_refused(reply: &Reply) -> bool {
    matches!(reply.content, Content::Refused(_))
}

fn change_user(call: &Call, state: &mut State, change: impl FnOnce(&mut User)) {
    let id = user::acting(call, state).map(|user| user.id.clone());
    if let Some(user) = id.and_then(|id| state.user_mut(&id)) {
        change(user);
    }
}

/// Does everything and then puts a part of the user back; `restore` gets the user now and before.
fn restoring(
    row: &Operation,
    call: &mut Call,
    state: &mut State,
    restore: impl FnOnce(&mut User, User),
) -> Reply {
    let before = user::acting(call, state).cloned();
    let reply = row.in_order(call, state);
    if let (false, Some(before)) = (is_refused(&reply), before) {
        change_user(call, state, |user| restore(user, before));
    }
    reply
}
