//! What only a console or a person can do on a real tenant, under `/__mock/`.
//!
//! No part of any contract: it makes accounts in every state, reads the messages
//! that were sent, and hands out tokens of a chosen age.

use http::Method;
use serde_json::{Value, json};

use super::{
    actor::Actor, call::Call, ops::session, people, reply::Reply, state::State,
    users::PasswordState,
};
use crate::clock;

/// Answers a control request; `path` is what follows `/__mock/`.
pub(super) fn answer(
    state: &mut State,
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
) -> Reply {
    let now = clock::unix_seconds();
    let call = Call::new(
        state.edition,
        Actor::Nobody,
        false,
        now,
        http::HeaderMap::new(),
        query,
        body,
    );
    if !body.is_empty() && !call.has_object() {
        return Reply::problem(400, "the body is not a JSON object");
    }
    let segments: Vec<&str> = path.split('/').collect();
    match (method.as_str(), segments.as_slice()) {
        ("GET", ["application"]) => Reply::json(application(state)),
        ("GET", ["policy"]) => policy(state),
        ("GET", ["codes"]) => newest_code(&call, state),
        ("GET", ["users"]) => {
            let users: Vec<Value> = state.users.iter().map(people::describe).collect();
            Reply::json(json!({ "users": users }))
        }
        ("POST", ["users"]) => create(&call, state),
        (_, ["users", id, rest @ ..]) => one_user(&call, state, method, id, rest),
        _ => Reply::problem(404, "no such control path"),
    }
}

fn one_user(call: &Call, state: &mut State, method: &Method, id: &str, rest: &[&str]) -> Reply {
    let Some(user) = state.users.get(id).cloned() else {
        return Reply::problem(404, "no such user");
    };
    match (method.as_str(), rest) {
        ("GET", []) => Reply::json(people::describe(&user)),
        ("PUT", []) => update(call, state, id),
        ("DELETE", []) => {
            state.users.remove(id);
            Reply::json(json!({}))
        }
        ("POST", ["state-token"]) => {
            let reached = call.text("state").unwrap_or("PASSWORD_WARN");
            let age = age(call, state.variation.credentials.state_token_seconds);
            let token = state.issue_state_token(reached, id, call.now - age);
            Reply::json(json!({ "state_token": token }))
        }
        ("POST", ["id-token"]) => {
            let age = age(call, session::id_token_seconds(state.edition));
            let claims = session::id_claims(call, state, &user, call.now - age);
            Reply::json(json!({})).with_id_token(claims)
        }
        _ => Reply::problem(404, "no such control path"),
    }
}

/// What the console shows about the registered applications.
pub(super) fn application(state: &State) -> Value {
    let known = &state.applications;
    json!({
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "other_client_id": known.other_client_id,
        "tenant_id": known.tenant_id,
        "isv_client_id": known.isv_client_id,
        "common_url": state.common_url,
        "session_expire": session::operation_seconds(state),
        "state_token_lifetime": state.variation.credentials.state_token_seconds,
    })
}

fn policy(state: &State) -> Reply {
    let policy = &state.policy;
    Reply::json(json!({
        "min_length": policy.min_length,
        "max_length": policy.max_length,
        "min_types": policy.min_types,
        "max_repeat": policy.max_repeat,
        "weak": policy.weak,
        "history": policy.history,
    }))
}

fn newest_code(call: &Call, state: &State) -> Reply {
    let (Some(receiver), Some(purpose)) = (
        call.pair("mobile").or_else(|| call.pair("email")),
        call.pair("type"),
    ) else {
        return Reply::problem(400, "give mobile or email, and type");
    };
    match state.outbox.newest(receiver, purpose, call.now) {
        Some(code) => Reply::json(json!({ "verify_code": code })),
        None => Reply::problem(404, "no such code was sent"),
    }
}

fn create(call: &Call, state: &mut State) -> Reply {
    let text = |name: &str| call.text(name).map(ToOwned::to_owned);
    let Some(password_state) = stated(call) else {
        return Reply::problem(400, "password_state is one of ok, warn, expired");
    };
    let mut user = people::invent(state);
    if let Some(user_name) = text("user_name") {
        if state.users.named(&user_name).is_some() {
            return Reply::problem(400, "user_name is taken");
        }
        user.user_name = user_name;
    }
    if let Some(name) = text("name") {
        user.pinyin = people::pinyin(&name);
        user.name = name;
    }
    match call.member("mobile") {
        Some(Value::Bool(false)) => user.mobile = None,
        Some(Value::String(mobile)) => user.mobile = Some(mobile.clone()),
        _ => {}
    }
    user.pinyin = text("pinyin").unwrap_or(user.pinyin);
    user.email = text("email").or(user.email);
    user.password = text("password").or(user.password);
    user.former = texts(call, "history");
    user.mfa = texts(call, "mfa");
    user.denied = call.flag("denied").unwrap_or(false);
    user.disabled = call.flag("disabled").unwrap_or(false);
    user.must_modify = call.flag("must_modify").unwrap_or(false);
    user.password_state = password_state;
    let reply = Reply::json(people::describe(&user));
    state.users.insert(user);
    reply
}

fn update(call: &Call, state: &mut State, id: &str) -> Reply {
    if call.member("password_state").is_some() && stated(call).is_none() {
        return Reply::problem(400, "password_state is one of ok, warn, expired");
    }
    let Some(user) = state.user_mut(id) else {
        return Reply::problem(404, "no such user");
    };
    if let Some(disabled) = call.flag("disabled") {
        user.disabled = disabled;
    }
    if let Some(denied) = call.flag("denied") {
        user.denied = denied;
    }
    if let Some(must_modify) = call.flag("must_modify") {
        user.must_modify = must_modify;
    }
    if call.member("mfa").is_some() {
        user.mfa = texts(call, "mfa");
    }
    if let (Some(_), Some(password_state)) = (call.member("password_state"), stated(call)) {
        user.password_state = password_state;
    }
    Reply::json(people::describe(user))
}

/// `password_state`, `ok` if absent, nothing if unknown.
fn stated(call: &Call) -> Option<PasswordState> {
    PasswordState::from_name(call.text("password_state").unwrap_or("ok"))
}

/// Seconds since a token was issued: `age`, or a little more than its life if it is to be `expired`.
fn age(call: &Call, lifetime: i64) -> i64 {
    if call.flag("expired") == Some(true) {
        return lifetime + 60;
    }
    call.member("age").and_then(Value::as_i64).unwrap_or(0)
}

fn texts(call: &Call, name: &str) -> Vec<String> {
    let list = call.member(name).and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(ToOwned::to_owned).collect()
}
