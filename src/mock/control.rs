//! What only a console or a person can do on a real tenant, under `/__mock/`.
//!
//! No part of any contract: it makes accounts in every state, reads the messages
//! that were sent, and hands out tokens of a chosen age.

use http::Method;
use serde_json::{Map, Value, json};

use super::{
    call::Call,
    operation::{Actor, Content, Reply},
    ops::session,
    state::State,
    users::{PasswordState, User, local_number},
};
use crate::clock;

/// Names and how they are written in pinyin; short enough to stand inside a password.
const NAMES: &[(&str, &str)] = &[
    ("王小明", "wangxiaoming"),
    ("李晓红", "lixiaohong"),
    ("张建国", "zhangjianguo"),
    ("陈丽华", "chenlihua"),
    ("刘志强", "liuzhiqiang"),
    ("周文博", "zhouwenbo"),
    ("赵雅琴", "zhaoyaqin"),
    ("黄海燕", "huanghaiyan"),
];

/// What a user starts with unless told otherwise. It keeps the whole policy.
const FIRST_PASSWORD: &str = "0ld-Passw0rd7";

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
        return problem(400, "the body is not a JSON object");
    }
    let segments: Vec<&str> = path.split('/').collect();
    match (method.as_str(), segments.as_slice()) {
        ("GET", ["application"]) => application(state),
        ("GET", ["policy"]) => policy(state),
        ("GET", ["codes"]) => newest_code(&call, state),
        ("GET", ["users"]) => {
            let users: Vec<Value> = state.users.iter().map(describe).collect();
            Reply::json(json!({ "users": users }))
        }
        ("POST", ["users"]) => create(&call, state),
        (_, ["users", id, rest @ ..]) => one_user(&call, state, method, id, rest),
        _ => problem(404, "no such control path"),
    }
}

fn one_user(call: &Call, state: &mut State, method: &Method, id: &str, rest: &[&str]) -> Reply {
    let Some(user) = state.users.get(id).cloned() else {
        return problem(404, "no such user");
    };
    match (method.as_str(), rest) {
        ("GET", []) => Reply::json(describe(&user)),
        ("PUT", []) => update(call, state, id),
        ("DELETE", []) => {
            state.users.remove(id);
            Reply::json(json!({}))
        }
        ("POST", ["state-token"]) => {
            let reached = call.text("state").unwrap_or("PASSWORD_WARN");
            let age = age(call, state.variation.state_token_seconds);
            let token = state.issue_state_token(reached, id, call.now - age);
            Reply::json(json!({ "state_token": token }))
        }
        ("POST", ["id-token"]) => {
            let age = age(call, session::id_token_seconds(state.edition));
            let claims = session::id_claims(call, state, &user, call.now - age);
            Reply::json(json!({})).with_id_token(claims)
        }
        _ => problem(404, "no such control path"),
    }
}

fn application(state: &State) -> Reply {
    let known = &state.applications;
    Reply::json(json!({
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "other_client_id": known.other_client_id,
        "tenant_id": known.tenant_id,
        "isv_client_id": known.isv_client_id,
        "common_url": state.common_url,
        "session_expire": session::operation_seconds(state),
        "state_token_lifetime": state.variation.state_token_seconds,
    }))
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
        return problem(400, "give mobile or email, and type");
    };
    match state.outbox.newest(receiver, purpose, call.now) {
        Some(code) => Reply::json(json!({ "verify_code": code })),
        None => problem(404, "no such code was sent"),
    }
}

fn create(call: &Call, state: &mut State) -> Reply {
    let text = |name: &str| call.text(name).map(ToOwned::to_owned);
    let Some(password_state) = stated(call) else {
        return problem(400, "password_state is one of ok, warn, expired");
    };
    let user_name = text("user_name").unwrap_or_else(|| unused_name(state));
    if state.users.named(&user_name).is_some() {
        return problem(400, "user_name is taken");
    }
    let chosen = NAMES[state.rng().usize(..NAMES.len())];
    let name = text("name").unwrap_or_else(|| chosen.0.to_owned());
    let mobile = match call.member("mobile") {
        Some(Value::Bool(false)) => None,
        Some(Value::String(mobile)) => Some(mobile.clone()),
        _ => Some(unused_mobile(state)),
    };
    let user = User {
        id: state.new_user_id(),
        pinyin: text("pinyin").unwrap_or_else(|| pinyin(&name)),
        email: Some(text("email").unwrap_or_else(|| unused_email(state))),
        password: Some(text("password").unwrap_or_else(|| FIRST_PASSWORD.to_owned())),
        former: texts(call, "history"),
        mfa: texts(call, "mfa"),
        denied: call.flag("denied").unwrap_or(false),
        disabled: call.flag("disabled").unwrap_or(false),
        must_modify: call.flag("must_modify").unwrap_or(false),
        user_name,
        name,
        mobile,
        password_state,
        ..User::default()
    };
    let reply = Reply::json(describe(&user));
    state.users.insert(user);
    reply
}

fn update(call: &Call, state: &mut State, id: &str) -> Reply {
    if call.member("password_state").is_some() && stated(call).is_none() {
        return problem(400, "password_state is one of ok, warn, expired");
    }
    let Some(user) = state.user_mut(id) else {
        return problem(404, "no such user");
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
    Reply::json(describe(user))
}

/// A user as the provider of an account needs it; `null` where there is no mobile.
fn describe(user: &User) -> Value {
    let prefix = user
        .email
        .as_deref()
        .and_then(|email| email.split('@').next());
    json!({
        "user_id": user.id,
        "user_name": user.user_name,
        "password": user.password,
        "name": user.name,
        "mobile": user.mobile,
        "email": user.email,
        "email_prefix": prefix,
        "pinyin": user.pinyin,
        "mobile_digits": user.mobile.as_deref().map(local_number),
        "password_state": user.password_state.name(),
        "must_modify": user.must_modify,
        "mfa": user.mfa,
        "denied": user.denied,
        "disabled": user.disabled,
    })
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

fn pinyin(name: &str) -> String {
    match NAMES.iter().find(|(known, _)| *known == name) {
        Some((_, pinyin)) => (*pinyin).to_owned(),
        None => name
            .chars()
            .filter(char::is_ascii_alphabetic)
            .collect::<String>()
            .to_lowercase(),
    }
}

/// A name whose reverse is a password that breaks no other clause of the policy.
fn unused_name(state: &mut State) -> String {
    loop {
        let name = format!("Probe{}", scrambled(state, "9aa9aA9a"));
        if state.users.named(&name).is_none() {
            return name;
        }
    }
}

fn unused_email(state: &mut State) -> String {
    loop {
        let email = format!("mail{}@example.com", scrambled(state, "9a9a9a"));
        if state.users.with_email(&email).is_none() {
            return email;
        }
    }
}

/// No digit stands beside itself, so that the number inside a password breaks no other clause.
fn unused_mobile(state: &mut State) -> String {
    loop {
        let mut digits = String::from("1");
        let mut last = '1';
        while digits.len() < 11 {
            let digit = state.rng().digit(10);
            // Chinese mobile numbers go on with 3 to 9.
            if digit != last && (digits.len() > 1 || digit > '2') {
                digits.push(digit);
                last = digit;
            }
        }
        let mobile = format!("+86-{digits}");
        if state.users.with_mobile(&mobile).is_none() {
            return mobile;
        }
    }
}

/// Random characters in the pattern's classes: `9` a digit, `a` lower case, `A` upper case.
fn scrambled(state: &mut State, pattern: &str) -> String {
    let draw = |class| match class {
        '9' => state.rng().digit(10),
        'A' => state.rng().uppercase(),
        _ => state.rng().lowercase(),
    };
    pattern.chars().map(draw).collect()
}

fn problem(status: u16, text: &str) -> Reply {
    let mut members = Map::new();
    members.insert("error".into(), json!(text));
    Reply {
        status,
        content: Content::Json(members),
        id_token: None,
    }
}
