//! What the tenant's owner sees from beside the tenant, on a port of its own: the test gateway that
//! catches messages, the list of accounts, and the traffic.
//!
//! No part of the tenant: a live tenant's owner has a telephone, a console and a dashboard for it.

use http::Method;
use serde_json::{Value, json};

use super::{call::Call, rate::Traffic, reply::Reply, state::State};

/// Answers the owner; nothing here changes anything.
pub(super) fn answer(
    call: &Call,
    state: &State,
    traffic: Traffic,
    method: &Method,
    path: &str,
) -> Reply {
    match (method, path) {
        (&Method::GET, "/messages") => newest_message(call, state),
        (&Method::GET, "/users") => {
            let users: Vec<Value> = state.users.iter().map(listed).collect();
            Reply::json(json!({ "users": users }))
        }
        (&Method::GET, "/traffic") => Reply::json(json!({
            "answered": traffic.answered,
            "refused": traffic.refused,
            "peak_per_second": traffic.peak,
        })),
        _ => Reply::problem(404, "here are GET /messages, GET /users and GET /traffic"),
    }
}

fn newest_message(call: &Call, state: &State) -> Reply {
    let (Some(to), Some(purpose)) = (call.pair("to"), call.pair("type")) else {
        return Reply::problem(400, "give `to`, a number or an address, and `type`");
    };
    match state.outbox.newest(to, purpose, call.now) {
        Some(code) => Reply::json(json!({ "to": to, "type": purpose, "code": code })),
        None => Reply::problem(404, "no such message has come"),
    }
}

/// A line of the list of accounts; who only counts accounts need not see passwords.
fn listed(user: &super::users::User) -> Value {
    json!({
        "user_id": user.id,
        "user_name": user.user_name,
        "disabled": user.disabled,
    })
}
