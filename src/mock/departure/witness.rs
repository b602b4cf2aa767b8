//! For every departure a conversation that shows it: the same calls, another answer.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{apply, departures};
use crate::{
    ids::Edition,
    mock::{
        call::Call,
        editions,
        jwt::{self, Form, IdClaims},
        keys,
        operation::{Content, Operation, Reply},
        ops::session::id_token_seconds,
        state::State,
        users::{PasswordState, User},
    },
};

const NOW: i64 = 1_000_000;
/// Lives on the plain reading of the documents.
const PLAIN_STATE_TOKEN_SECONDS: i64 = 600;
/// When the codes of this world end: after every conversation.
const CODE_END: i64 = NOW + 1_000_000;
const PLAIN_SESSION_SECONDS: i64 = 43_200;
const OLD: &str = "0ld-Passw0rd7";
const NEW: &str = "N3w-Passw0rd1";
const CODE: &str = "135790";
const OTHER_CODE: &str = "864209";
const OTHER_PURPOSE: &str = "246802";

/// One call of the operation and what is asked afterwards.
#[derive(Debug, Clone)]
struct Turn {
    user: &'static str,
    stage: &'static str,
    /// How long ago the token was issued.
    age: i64,
    /// Seconds after the first call.
    at: i64,
    common_domain: bool,
    /// Changes the token after it is made.
    token: fn(String) -> String,
    headers: Vec<(&'static str, Option<&'static str>)>,
    members: Vec<(&'static str, Value)>,
    old_password: &'static str,
    new_password: &'static str,
    /// How long after the call the session is tried.
    session_after: i64,
}

fn turn() -> Turn {
    Turn {
        user: "u-own",
        stage: "PASSWORD_WARN",
        age: 0,
        at: 0,
        common_domain: false,
        token: |token| token,
        headers: Vec::new(),
        members: Vec::new(),
        old_password: OLD,
        new_password: NEW,
        session_after: 1,
    }
}

fn header(name: &'static str, value: Option<&'static str>) -> Turn {
    Turn {
        headers: vec![(name, value)],
        ..turn()
    }
}

fn member(name: &'static str, value: Value) -> Turn {
    Turn {
        members: vec![(name, value)],
        ..turn()
    }
}

fn setting(password: &'static str) -> Turn {
    Turn {
        new_password: password,
        ..turn()
    }
}

fn of_user(user: &'static str) -> Turn {
    Turn { user, ..turn() }
}

/// Everything that is said to each server.
fn conversations() -> Vec<Vec<Turn>> {
    let required = [
        "X-operating-sys-version",
        "X-device-fingerprint",
        "X-agent",
        "X-client-id",
        "X-state-token",
        "X-tenant-id",
    ];
    let mut single = vec![turn()];
    for name in required {
        for value in [None, Some(""), Some(" ")] {
            let common_domain = name == "X-tenant-id";
            single.push(Turn {
                common_domain,
                ..header(name, value)
            });
        }
    }
    for name in ["verify_code", "password", "new_password", "old_password"] {
        for value in [Value::Null, json!(""), json!(12_345_678), json!(135_790)] {
            single.push(member(name, value));
        }
    }
    let passwords = [
        "Ab1#xyz",
        "Ab1#xyzz",
        "Ab1#xyzAb1#xyzAb1#",
        "Ab1#xyzAb1#xyzAb1#x",
        "abcdefghijk",
        "abcdefgh1",
        "Abbb1111#x",
        "Ab1111#xy",
        "Abbb1#xyz",
        "x-Probe7kq2-A",
        "x-PROBE7KQ2-a",
        "13812345678aB#",
        "Mail4f8k2w#",
        "wangxiaoming7A#",
        "2qk7eborP",
        "2QK7EBORp",
        "2qk7eborP#",
        "P@ssw0rd1",
        "p@ssW0rd1",
        "Kept-1aa",
        "Kept-3cc",
        OLD,
    ];
    single.extend(passwords.map(setting));
    single.extend(
        [
            "u-no-mobile",
            "u-denied",
            "u-factor",
            "u-disabled",
            "u-gone",
        ]
        .map(of_user),
    );
    for code in ["999999", "135791", OTHER_CODE, OTHER_PURPOSE] {
        single.push(member("verify_code", json!(code)));
    }
    for old_password in [
        "Wr0ng-Passw0rd",
        "Kept-2bb",
        "0LD-PASSW0RD7",
        "0ld-Passw0rd8",
    ] {
        single.push(Turn {
            old_password,
            ..turn()
        });
    }
    for stage in ["PASSWORD_EXPIRED", "MFA_AUTH"] {
        single.push(Turn { stage, ..turn() });
    }
    for age in [PLAIN_STATE_TOKEN_SECONDS + 1, 301, 7_201, 100_000] {
        single.push(Turn { age, ..turn() });
    }
    let spoilt: [fn(String) -> String; 4] = [
        |_| "abc".to_owned(),
        |token| token.replace(token.split('.').next_back().unwrap_or_default(), "AAAA"),
        |mut token| {
            let last = if token.pop() == Some('A') { "Q" } else { "A" };
            // The last character may hold bits that mean nothing, so the one before goes too.
            token.pop();
            token + last + "A"
        },
        |token| {
            let payload = token.split('.').nth(1).unwrap_or_default();
            // {"alg":"none"}
            format!("eyJhbGciOiJub25lIn0.{payload}.")
        },
    ];
    single.extend(spoilt.map(|token| Turn { token, ..turn() }));
    for at in [299, 300, 301] {
        single.push(Turn {
            at,
            age: -at,
            ..turn()
        });
    }
    let clients = ["AAAAbbbbCCCCddddEEEEffffGGGG0000", "none", "own", "isv"];
    for client in clients {
        for common_domain in [false, true] {
            single.push(Turn {
                common_domain,
                ..header("X-client-id", Some(client))
            });
        }
    }
    for tenant in ["0123456789abcdef0123456789abcdef", "none", "own"] {
        single.push(Turn {
            common_domain: true,
            ..header("X-tenant-id", Some(tenant))
        });
    }
    single.push(Turn {
        session_after: PLAIN_SESSION_SECONDS + 1,
        ..turn()
    });
    for language in ["en", "zh"] {
        single.push(Turn {
            headers: vec![("X-client-id", None), ("X-L", Some(language))],
            ..turn()
        });
    }
    for mobile in [Value::Null, json!("13812345678")] {
        single.push(Turn {
            headers: vec![("Authorization", None)],
            members: vec![("mobile", mobile)],
            ..turn()
        });
    }
    single.push(Turn {
        user: "u-number",
        ..member("old_password", json!(12_345_678))
    });
    let mut all: Vec<_> = single.into_iter().map(|turn| vec![turn]).collect();
    let later = |turn: Turn| Turn {
        at: 5,
        age: 1,
        ..turn
    };
    all.push(vec![Turn {
        members: vec![("body", json!("none"))],
        ..turn()
    }]);
    // The same token and the same code once more; only the same code; back to the first password.
    // A login in the same second would hand out the same text again, so this token is older.
    all.push(vec![
        Turn { age: 9, ..turn() },
        Turn {
            age: 9,
            old_password: NEW,
            ..setting("An0ther-Word")
        },
    ]);
    all.push(vec![
        turn(),
        later(Turn {
            old_password: NEW,
            ..setting("An0ther-Word")
        }),
    ]);
    all.push(vec![
        turn(),
        later(Turn {
            old_password: NEW,
            members: vec![("verify_code", json!("fresh"))],
            ..setting(OLD)
        }),
    ]);
    all.push(vec![setting("short"), later(turn())]);
    all
}

fn world(edition: Edition) -> State {
    let mut state = State::new(
        edition,
        0,
        "http://mock".into(),
        Some("http://common".into()),
    );
    let own = User {
        id: "u-own".into(),
        user_name: "Probe7kq2".into(),
        name: "王小明".into(),
        pinyin: "wangxiaoming".into(),
        mobile: Some("+86-13812345678".into()),
        email: Some("mail4f8k2w@example.com".into()),
        password: Some(OLD.into()),
        former: ["Kept-1aa", "Kept-2bb", "Kept-3cc"]
            .map(String::from)
            .to_vec(),
        password_state: PasswordState::Warn,
        ..User::default()
    };
    for (at, id) in [
        "u-no-mobile",
        "u-denied",
        "u-factor",
        "u-disabled",
        "u-other",
    ]
    .iter()
    .enumerate()
    {
        state.users.insert(User {
            id: (*id).into(),
            user_name: format!("Nobody{id}"),
            pinyin: "nobody".into(),
            mobile: (*id != "u-no-mobile").then(|| format!("+86-1390000000{at}")),
            email: Some(format!("{id}@example.com")),
            former: Vec::new(),
            denied: *id == "u-denied",
            disabled: *id == "u-disabled",
            mfa: if *id == "u-factor" {
                vec!["SMS".into()]
            } else {
                Vec::new()
            },
            ..own.clone()
        });
    }
    state.users.insert(own);
    state.users.insert(User {
        id: "u-number".into(),
        user_name: "Number".into(),
        password: Some("12345678".into()),
        ..User::default()
    });
    let mobiles: Vec<_> = state
        .users
        .iter()
        .filter_map(|user| Some((user.id.clone(), user.mobile.clone()?)))
        .collect();
    for (id, mobile) in mobiles {
        let code = if id == "u-other" { OTHER_CODE } else { CODE };
        for purpose in ["CHANGE_PWD_SMS", "UPDATE_PWD_SMS"] {
            state.outbox.send(&mobile, purpose, code.into(), CODE_END);
        }
        state
            .outbox
            .send(&mobile, "LOGIN_SMS", OTHER_PURPOSE.into(), CODE_END);
        state
            .outbox
            .send(&mobile, "MFA_AUTH_SMS", "777777".into(), CODE_END);
    }
    state.tokens.access.insert("manager".into(), i64::MAX);
    state
}

fn headers_of(list: &[(&str, String)]) -> HeaderMap {
    let each = list.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().expect("a header name");
        (name, HeaderValue::from_str(value).expect("a header value"))
    });
    each.collect()
}

fn ask(
    table: &[Operation],
    state: &mut State,
    name: &str,
    (now, common): (i64, bool),
    headers: &[(&str, String)],
    body: &Value,
) -> Option<Reply> {
    let row = table.iter().find(|row| row.name == name)?;
    let body = if *body == json!("none") {
        String::new()
    } else {
        body.to_string()
    };
    let edition = state.edition;
    let mut call = Call::new(
        edition,
        row.actor,
        common,
        now,
        headers_of(headers),
        "",
        body.as_bytes(),
    );
    let mut reply = row.answer(&mut call, state);
    // The text of a refusal is made from its code in the call's language.
    if let Content::Refused(refusal) = &mut reply.content {
        refusal.args.push(format!("{:?}", call.language()));
    }
    Some(reply)
}

fn device(state: &State) -> Vec<(&'static str, String)> {
    vec![
        ("X-operating-sys-version", "windows10.1.1".into()),
        ("X-device-fingerprint", "156aysdna213sc50".into()),
        ("X-agent", "Mozilla/5.0".into()),
        ("X-client-id", state.applications.client_id.clone()),
        ("X-L", "en".into()),
    ]
}

/// What a server answers to one conversation, as text.
fn said(table: &[Operation], edition: Edition, operation: &str, turns: &[Turn]) -> String {
    let mut state = world(edition);
    let mut out = String::new();
    for turn in turns {
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
        state.variation.state_token_seconds,
        Form::default(),
    );
    headers.push(("X-state-token", (turn.token)(state_token)));
    if operation == "changePasswordByMobile" {
        let id_token = jwt::issue_id(&IdClaims {
            issuer: "i".into(),
            audience: "a".into(),
            subject: "s".into(),
            issued,
            lifetime: id_token_seconds(state.edition),
            token_id: "t".into(),
            user: json!({ "id": turn.user })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            form: Form::default(),
            signer: keys::sign_rs256,
        });
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
                    .send("13812345678", purpose, "112233".into(), now);
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
        let all = departures(*edition);
        for name in *names {
            let table = editions::operations(*edition);
            let answered = |turns: &Vec<Turn>| said(&table, *edition, name, turns);
            let honest: Vec<String> = conversations.iter().map(answered).collect();
            for departure in all.iter().filter(|departure| departure.operation == *name) {
                let shown = conversations.iter().zip(&honest).any(|(turns, honest)| {
                    // Built anew for each, because a departure may remember.
                    let mut table = editions::operations(*edition);
                    apply(*edition, &departure.name, &mut table).expect("a departure");
                    said(&table, *edition, name, turns) != *honest
                });
                if !shown {
                    unseen.push(format!("{edition} {}", departure.name));
                }
            }
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
}
