//! For every departure a conversation that shows it: the same calls, another answer.

mod exchanges;
mod setting;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use self::{
    exchanges::{Turn, conversations, turn},
    setting::{CODE, NEW, NOW, OLD, ask, device, setting},
};
use super::{apply, faults};
use crate::mock::{
    dialect::Dialect,
    editions,
    jwt::{self, Form, IdClaims},
    keys,
    operation::Operation,
    ops::session::id_token_seconds,
    reply::Content,
    state::State,
};

/// What a server answers to one conversation, as text.
fn said(table: &[Operation], edition: Dialect, operation: &str, exchanges: &[Turn]) -> String {
    let mut state = setting(edition);
    let mut out = String::new();
    for turn in exchanges {
        take(turn, table, &mut state, operation, &mut out);
    }
    out
}

fn take(turn: &Turn, table: &[Operation], state: &mut State, operation: &str, out: &mut String) {
    let now = NOW + turn.at;
    let issued = now - turn.age;
    let mut headers = device(state);
    if turn.common_domain {
        headers.retain(|(name, _)| *name != "X-client-id");
        headers.push(("X-client-id", state.applications.isv_client_id.clone()));
        headers.push(("X-tenant-id", state.applications.tenant_id.clone()));
    }
    let state_token = jwt::issue_state(
        turn.stage,
        turn.user,
        issued,
        state.variation.credentials.state_token_seconds,
        Form::default(),
    );
    headers.push(("X-state-token", (turn.token)(state_token)));
    if operation == "changePasswordByMobile" {
        let id_token = id_token(state.edition, turn.user, issued);
        headers.push((
            "Authorization",
            format!("Bearer {}", (turn.token)(id_token)),
        ));
    }
    for (name, value) in &turn.headers {
        headers.retain(|(known, _)| known != name);
        let known = &state.applications;
        headers.extend(value.map(|value| match (*name, value) {
            ("X-client-id", "own") => (*name, known.client_id.clone()),
            ("X-client-id", "isv") => (*name, known.isv_client_id.clone()),
            ("X-tenant-id", "own") => (*name, known.tenant_id.clone()),
            _ => (*name, value.to_owned()),
        }));
    }
    let password = if operation == "changePasswordByMobile" {
        "password"
    } else {
        "new_password"
    };
    let mut body = json!({ "verify_code": CODE, "old_password": turn.old_password });
    body[password] = json!(turn.new_password);
    for (name, value) in &turn.members {
        if *value == json!("fresh") {
            for purpose in ["CHANGE_PWD_SMS", "UPDATE_PWD_SMS"] {
                state
                    .outbox
                    .send("13812345678", purpose, "112233".into(), now + 60);
            }
            body[*name] = json!("112233");
        } else if *name == "body" {
            body = value.clone();
        } else {
            body[*name] = value.clone();
        }
    }
    let here = (now, turn.common_domain);
    let reply = ask(table, state, operation, here, &headers, &body);
    let _ = writeln!(out, "{reply:?}");
    let members = match reply.map(|reply| reply.content) {
        Some(Content::Json(members)) => members,
        _ => serde_json::Map::new(),
    };
    let token = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    if let Some(token) = token("session_token") {
        session(&token, table, state, now + turn.session_after, out);
    }
    if let Some(token) = token("state_token") {
        let mut headers = device(state);
        headers.push(("X-state-token", token));
        let body = json!({ "verify_code": "777777", "mobile": "13900000002" });
        let reply = ask(table, state, "mfaSms", (now, false), &headers, &body);
        let _ = writeln!(out, "{reply:?}");
    }
    for password in [OLD, NEW, turn.new_password] {
        let body = json!({ "user_name": "Probe7kq2", "password": password });
        let headers = device(state);
        let reply = ask(table, state, "passwordLogin", (now, false), &headers, &body);
        let _ = writeln!(out, "{reply:?}");
    }
}

/// An id_token; made once for all conversations, because signing is slow.
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
            user: json!({ "id": user })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            form: Form::default(),
            signer: keys::sign_rs256,
        })
    });
    token.clone()
}

/// What the session is good for: a new id_token, or a ticket and its user.
fn session(token: &str, table: &[Operation], state: &mut State, now: i64, out: &mut String) {
    let mut headers = device(state);
    headers.push(("X-session-token", token.to_owned()));
    headers.push(("session-token", token.to_owned()));
    let here = (now, false);
    let renewed = ask(table, state, "refreshIdToken", here, &headers, &json!({}));
    let manager = [("Authorization", "Bearer manager".to_owned())];
    let body = json!({ "session_token": token, "device_fingerprint": "156aysdna213sc50" });
    let ticket = ask(table, state, "exchangeSsoTicket", here, &manager, &body);
    let text = match ticket.as_ref().map(|reply| &reply.content) {
        Some(Content::Json(members)) => members.get("sso_ticket").cloned(),
        _ => None,
    };
    let body = json!({ "sso_ticket": text });
    let verified = ask(table, state, "verifySsoTicket", here, &manager, &body);
    let _ = writeln!(out, "{renewed:?} {ticket:?} {verified:?}");
}

#[test]
fn the_documented_call_succeeds_in_this_world() {
    for (edition, names) in super::UNDER_TEST {
        for name in *names {
            let table = editions::operations(*edition);
            let text = said(&table, *edition, name, &[turn()]);
            let first = text.lines().next().unwrap_or_default();
            assert!(first.contains("status: 200"), "{edition} {name}: {text}");
        }
    }
}

#[test]
fn every_departure_shows_itself_in_some_conversation() {
    let conversations = conversations();
    let mut unseen = Vec::new();
    for (edition, names) in super::UNDER_TEST {
        let all = faults(*edition);
        for name in *names {
            let table = editions::operations(*edition);
            let answered = |exchanges: &Vec<Turn>| said(&table, *edition, name, exchanges);
            let honest: Vec<String> = conversations.iter().map(answered).collect();
            for fault in all.iter().filter(|fault| fault.operation == *name) {
                let mut table = editions::operations(*edition);
                apply(*edition, &fault.name, &mut table).expect("a fault");
                let shown = conversations
                    .iter()
                    .zip(&honest)
                    .any(|(exchanges, honest)| said(&table, *edition, name, exchanges) != *honest);
                if !shown {
                    unseen.push(format!("{edition} {}", fault.name));
                }
            }
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
}

#[test]
fn a_code_that_is_left_good_serves_again() {
    let (edition, operation) = (Dialect::Ciam, "changePasswordByMobile");
    let mut table = editions::operations(edition);
    let all = faults(edition);
    let wanted = all
        .iter()
        .find(|one| one.operation == operation && one.name.ends_with("effect:skip-code-use"));
    apply(edition, &wanted.expect("a fault").name, &mut table).expect("it applies");
    let mut state = setting(edition);
    let mut answer = |password: &'static str| {
        let again = Turn {
            new_password: password,
            ..turn()
        };
        let mut out = String::new();
        take(&again, &table, &mut state, operation, &mut out);
        out.lines().next().unwrap_or_default().to_owned()
    };
    for password in [NEW, "An0ther-Passw0rd"] {
        let first = answer(password);
        assert!(first.contains("status: 200"), "{password}: {first}");
    }
}
