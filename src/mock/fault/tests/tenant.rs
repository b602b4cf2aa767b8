//! A tenant with a user in every state, and a way to ask it.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::mock::{
    call::Call,
    dialect::Dialect,
    operation::Operation,
    reply::{Content, Reply},
    state::State,
    users::{PasswordState, User},
};

pub(super) const NOW: i64 = 1_000_000;
/// When the codes of this tenant end, on the plain reading of the documents.
const CODE_END: i64 = NOW + 300;
pub(super) const OLD: &str = "0ld-Passw0rd7";
pub(super) const NEW: &str = "N3w-Passw0rd1";
pub(super) const CODE: &str = "135790";
pub(super) const OTHER_CODE: &str = "864209";
pub(super) const OTHER_PURPOSE: &str = "246802";

/// A tenant on the plain reading of the documents, with a user in every state.
pub(super) fn with_users(edition: Dialect) -> State {
    let mut state = State::new(
        edition,
        0,
        "http://mock".into(),
        Some("http://common".into()),
    );
    for user in users() {
        send_codes(&mut state, &user);
        state.users.insert(user);
    }
    state.tokens.access.insert("manager".into(), i64::MAX);
    state
}

fn users() -> Vec<User> {
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
    let other = |id: &str, at: u32| User {
        id: id.into(),
        user_name: format!("Nobody{id}"),
        pinyin: "nobody".into(),
        mobile: Some(format!("+86-1390000000{at}")),
        email: Some(format!("{id}@example.com")),
        former: Vec::new(),
        ..own.clone()
    };
    vec![
        User {
            mobile: None,
            ..other("u-no-mobile", 0)
        },
        User {
            denied: true,
            ..other("u-denied", 1)
        },
        User {
            mfa: vec!["SMS".into()],
            ..other("u-factor", 2)
        },
        User {
            disabled: true,
            ..other("u-disabled", 3)
        },
        other("u-other", 4),
        User {
            id: "u-number".into(),
            user_name: "Number".into(),
            password: Some("12345678".into()),
            ..User::default()
        },
        own,
    ]
}

/// A live code for every purpose; that of `u-other` differs.
fn send_codes(state: &mut State, user: &User) {
    let Some(mobile) = &user.mobile else { return };
    let code = if user.id == "u-other" {
        OTHER_CODE
    } else {
        CODE
    };
    for (purpose, code) in [
        ("CHANGE_PWD_SMS", code),
        ("UPDATE_PWD_SMS", code),
        ("LOGIN_SMS", OTHER_PURPOSE),
        ("MFA_AUTH_SMS", "777777"),
    ] {
        state.outbox.send(mobile, purpose, code.into(), CODE_END);
    }
}

fn headers_of(list: &[(&str, String)]) -> HeaderMap {
    let each = list.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().expect("a header name");
        (name, HeaderValue::from_str(value).expect("a header value"))
    });
    each.collect()
}

/// What the operation answers at this time, and through the common domain if so; nothing if the
/// edition has no such operation.
pub(super) fn ask(
    table: &[Operation],
    state: &mut State,
    name: &str,
    (now, common): (i64, bool),
    headers: &[(&str, String)],
    body: Option<&Value>,
) -> Option<Reply> {
    let row = table.iter().find(|row| row.name == name)?;
    let body = body.map_or_else(String::new, Value::to_string);
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

/// The headers that every call sends.
pub(super) fn device(state: &State) -> Vec<(&'static str, String)> {
    vec![
        ("X-operating-sys-version", "windows10.1.1".into()),
        ("X-device-fingerprint", "156aysdna213sc50".into()),
        ("X-agent", "Mozilla/5.0".into()),
        ("X-client-id", state.applications.client_id.clone()),
        ("X-L", "en".into()),
    ]
}
