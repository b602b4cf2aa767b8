//! Sessions and tokens that are not what they are said to be, and sessions that should not be.

use serde_json::{Value, json};

use super::{Plan, after, change_user, way};
use crate::mock::{
    call::Call,
    jwt::IdClaims,
    keys,
    operation::Operation,
    reply::{Content, Reply},
    rules::user,
    state::State,
    users::User,
};

pub(super) fn plans(operation: &'static str) -> Vec<Plan> {
    vec![
        after(
            operation,
            "session",
            "hands out a session token that buys nothing",
            |_, state, reply| {
                state.tokens.sessions.remove(session_token(reply));
            },
        ),
        after(
            operation,
            "session-user",
            "opens the session for somebody else",
            |call, state, reply| {
                let other = other_user(call, state);
                if let Some(session) = state.tokens.sessions.get_mut(session_token(reply)) {
                    session.user_id = other.id;
                }
            },
        ),
        after(
            operation,
            "session-end",
            "lets the session live beyond its end",
            |_, state, reply| {
                if let Some(session) = state.tokens.sessions.get_mut(session_token(reply)) {
                    session.expires = i64::MAX;
                }
            },
        ),
        claims(
            operation,
            "published-key",
            "signs the id_token with a key it does not publish",
            |_, claims| {
                claims.signer = keys::sign_rs256_unpublished;
            },
        ),
        claims(
            operation,
            "own-user",
            "puts somebody else into the id_token",
            |other, claims| {
                claims.subject.clone_from(&other.user_name);
                for (claim, value) in [("id", &other.id), ("userName", &other.user_name)] {
                    claims.user.insert(claim.to_owned(), json!(value));
                }
            },
        ),
        claims(
            operation,
            "user-claims",
            "leaves the user out of the id_token",
            |_, claims| {
                claims.user.clear();
            },
        ),
        claims(
            operation,
            "lifetime",
            "lets the id_token live twice as long",
            |_, claims| {
                claims.lifetime *= 2;
            },
        ),
    ]
}

/// Departures from the way to the second factor.
pub(super) fn second_factor(operation: &'static str) -> Vec<Plan> {
    let skipped = "gives a session to a user who owes a second factor";
    let dead_end = "hands out a state token that does not lead to the second factor";
    vec![
        way(operation, "second-factor", skipped, |row, call, state| {
            disguised(row, call, state, |user| user.mfa.clear())
        }),
        after(operation, "stop-token", dead_end, spoil_stop_token),
    ]
}

/// A session where a policy says no.
pub(super) fn denial(operation: &'static str) -> Vec<Plan> {
    let wrong = "gives a session to a user whom a policy turns away";
    vec![way(operation, "denial", wrong, |row, call, state| {
        disguised(row, call, state, |user| user.denied = false)
    })]
}

/// Spoils the id_token of an answer that has one; the first argument is some other user.
fn claims(
    operation: &'static str,
    name: &str,
    wrong: &str,
    spoil: impl Fn(&User, &mut IdClaims) + Send + Sync + 'static,
) -> Plan {
    after(operation, name, wrong, move |call, state, reply| {
        if let Some(claims) = &mut reply.id_token {
            spoil(&other_user(call, state), claims);
        }
    })
}

fn session_token(reply: &Reply) -> &str {
    let Content::Json(members) = &reply.content else {
        return "";
    };
    let token = members.get("session_token").and_then(Value::as_str);
    token.unwrap_or_default()
}

fn other_user(call: &Call, state: &State) -> User {
    let own = user::acting(call, state).map(|user| user.id.as_str());
    let other = state
        .users
        .iter()
        .find(|user| Some(user.id.as_str()) != own);
    other.cloned().unwrap_or_else(|| User {
        id: "20200101000000000-0000-000000000".into(),
        user_name: "somebody-else".into(),
        ..User::default()
    })
}

/// Answers as if the user were another, who is afterwards as before in what the disguise can touch.
fn disguised(
    row: &Operation,
    call: &mut Call,
    state: &mut State,
    disguise: impl FnOnce(&mut User),
) -> Reply {
    let before = user::acting(call, state).cloned();
    change_user(call, state, disguise);
    let reply = row.in_order(call, state);
    if let Some(before) = before {
        change_user(call, state, |user| {
            user.mfa = before.mfa;
            user.denied = before.denied;
        });
    }
    reply
}

fn spoil_stop_token(call: &Call, state: &mut State, reply: &mut Reply) {
    let Some(user_id) = user::acting(call, state).map(|user| user.id.clone()) else {
        return;
    };
    let Content::Json(members) = &mut reply.content else {
        return;
    };
    if let Some(token) = members.get_mut("state_token") {
        *token = json!(state.issue_state_token("PASSWORD_WARN", &user_id, call.now));
    }
}
