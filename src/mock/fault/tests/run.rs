//! Runs a scenario against an operation's table and writes down every answer.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

use serde_json::{Map, Value, json};

use super::{
    scenarios::{Body, Exchange},
    tenant::{self, CODE, NEW, NOW, OLD, ask, device},
};
use crate::mock::{
    dialect::Dialect,
    jwt::{self, Form, IdClaims},
    keys,
    operation::Operation,
    ops::session::id_token_seconds,
    reply::{Content, Reply},
    state::State,
};

/// What an operation of the table answers to a scenario, as text.
pub(super) fn answers(
    table: &[Operation],
    edition: Dialect,
    operation: &str,
    scenario: &[Exchange],
) -> String {
    let mut state = tenant::with_users(edition);
    let mut out = String::new();
    for exchange in scenario {
        out += &answer(exchange, table, &mut state, operation);
    }
    out
}

/// The answer to the call and to those that show what it did: its session, its state token, and
/// which passwords let the user in.
pub(super) fn answer(
    exchange: &Exchange,
    table: &[Operation],
    state: &mut State,
    operation: &str,
) -> String {
    let now = NOW + exchange.at;
    let headers = headers(exchange, state, operation);
    let body = body(exchange, state, operation);
    let here = (now, exchange.common_domain);
    let reply = ask(table, state, operation, here, &headers, body.as_ref());
    let mut out = format!("{reply:?}\n");
    if let Some(token) = member(reply.as_ref(), "session_token") {
        out += &session(&token, table, state, now + exchange.session_after);
    }
    if let Some(token) = member(reply.as_ref(), "state_token") {
        let mut headers = device(state);
        headers.push(("X-state-token", token));
        let body = json!({ "verify_code": "777777", "mobile": "13900000002" });
        let reply = ask(table, state, "mfaSms", (now, false), &headers, Some(&body));
        let _ = writeln!(out, "{reply:?}");
    }
    for password in [OLD, NEW, exchange.new_password] {
        let body = json!({ "user_name": "Probe7kq2", "password": password });
        let headers = device(state);
        let reply = ask(
            table,
            state,
            "passwordLogin",
            (now, false),
            &headers,
            Some(&body),
        );
        let _ = writeln!(out, "{reply:?}");
    }
    out
}

fn headers(exchange: &Exchange, state: &State, operation: &str) -> Vec<(&'static str, String)> {
    let known = &state.applications;
    let issued = NOW + exchange.at - exchange.age;
    let mut headers = device(state);
    if exchange.common_domain {
        headers.retain(|(name, _)| *name != "X-client-id");
        headers.push(("X-client-id", known.isv_client_id.clone()));
        headers.push(("X-tenant-id", known.tenant_id.clone()));
    }
    let state_token = jwt::issue_state(
        exchange.stage,
        exchange.user,
        issued,
        state.variation.credentials.state_token_seconds,
        Form::default(),
    );
    headers.push(("X-state-token", (exchange.token)(state_token)));
    if operation == "changePasswordByMobile" {
        let id_token = (exchange.token)(id_token(state.edition, exchange.user, issued));
        headers.push(("Authorization", format!("Bearer {id_token}")));
    }
    for (name, value) in &exchange.headers {
        headers.retain(|(known, _)| known != name);
        headers.extend(value.map(|value| match (*name, value) {
            ("X-client-id", "own") => (*name, known.client_id.clone()),
            ("X-client-id", "isv") => (*name, known.isv_client_id.clone()),
            ("X-tenant-id", "own") => (*name, known.tenant_id.clone()),
            _ => (*name, value.to_owned()),
        }));
    }
    headers
}

fn body(exchange: &Exchange, state: &mut State, operation: &str) -> Option<Value> {
    let password = match operation {
        "changePasswordByMobile" => "password",
        _ => "new_password",
    };
    let mut body = json!({ "verify_code": CODE, "old_password": exchange.old_password });
    body[password] = json!(exchange.new_password);
    match &exchange.body {
        Body::Absent => return None,
        Body::With(members) => {
            for (name, value) in members {
                body[*name] = value.clone();
            }
        }
        Body::WithFreshCode => {
            let end = NOW + exchange.at + 60;
            for purpose in ["CHANGE_PWD_SMS", "UPDATE_PWD_SMS"] {
                let code = "112233".to_owned();
                state.outbox.send("13812345678", purpose, code, end);
            }
            body["verify_code"] = json!("112233");
        }
    }
    Some(body)
}

/// A text of a JSON answer.
fn member(reply: Option<&Reply>, name: &str) -> Option<String> {
    match &reply?.content {
        Content::Json(members) => Some(members.get(name)?.as_str()?.to_owned()),
        Content::Empty | Content::Refused(_) => None,
    }
}

/// An id_token; made once for all scenarios, because signing is slow.
fn id_token(edition: Dialect, user: &str, issued: i64) -> String {
    static MADE: Mutex<BTreeMap<(String, i64), String>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = made.entry((user.to_owned(), issued));
    let token = entry.or_insert_with(|| {
        jwt::issue_id(&IdClaims {
            issuer: "i".into(),
            audience: "a".into(),
            subject: "s".into(),
            issued,
            lifetime: id_token_seconds(edition),
            token_id: "t".into(),
            user: Map::from_iter([("id".to_owned(), json!(user))]),
            form: Form::default(),
            signer: keys::sign_rs256,
        })
    });
    token.clone()
}

/// What the session is good for: a new id_token, or a ticket and its user.
fn session(token: &str, table: &[Operation], state: &mut State, now: i64) -> String {
    let here = (now, false);
    let mut headers = device(state);
    headers.push(("X-session-token", token.to_owned()));
    headers.push(("session-token", token.to_owned()));
    let empty = json!({});
    let renewed = ask(table, state, "refreshIdToken", here, &headers, Some(&empty));
    let manager = [("Authorization", "Bearer manager".to_owned())];
    let body = json!({ "session_token": token, "device_fingerprint": "156aysdna213sc50" });
    let exchanged = ask(
        table,
        state,
        "exchangeSsoTicket",
        here,
        &manager,
        Some(&body),
    );
    let body = json!({ "sso_ticket": member(exchanged.as_ref(), "sso_ticket") });
    let verified = ask(table, state, "verifySsoTicket", here, &manager, Some(&body));
    format!("{renewed:?} {exchanged:?} {verified:?}\n")
}
