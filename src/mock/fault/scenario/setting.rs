//! A tenant with a user in every state, and a way to ask it.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::mock::{
    call::Call,
    dialect::Dialect,
    operation::Operation,
    reply::{Content, Reply},
    state::State,
    users::{PasswordState, User},
};

pub(super) const NOW: i64 = 1_000_000;
/// When the codes of this world end, on the plain reading of the documents.
const CODE_END: i64 = NOW + 300;
pub(super) const OLD: &str = "0ld-Passw0rd7";
pub(super) const NEW: &str = "N3w-Passw0rd1";
pub(super) const CODE: &str = "135790";
pub(super) const OTHER_CODE: &str = "864209";
pub(super) const OTHER_PURPOSE: &str = "246802";

pub(super) fn setting(edition: Dialect) -> State {
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

pub(super) fn ask(
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

pub(super) fn device(state: &State) -> Vec<(&'static str, String)> {
    vec![
        ("X-operating-sys-version", "windows10.1.1".into()),
        ("X-device-fingerprint", "156aysdna213sc50".into()),
        ("X-agent", "Mozilla/5.0".into()),
        ("X-client-id", state.applications.client_id.clone()),
        ("X-L", "en".into()),
    ]
}
