//! Users of whom nothing but their state matters: names, numbers and addresses that no other user has.
//!
//! What is invented keeps the whole password policy and can be put inside a password, or reversed,
//! without breaking any clause but the one about personal data.

use serde_json::{Value, json};

use super::{
    state::State,
    users::{User, local_number},
};

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

/// The password of a user for whom none was given. It keeps the whole policy.
const FIRST_PASSWORD: &str = "0ld-Passw0rd7";

/// A user in the plainest state, not yet among the tenant's users.
pub(super) fn invent(state: &mut State) -> User {
    let user_name = unused_name(state);
    let (name, pinyin) = NAMES[state.rng().usize(..NAMES.len())];
    User {
        mobile: Some(unused_mobile(state)),
        id: state.new_user_id(),
        email: Some(unused_email(state)),
        password: Some(FIRST_PASSWORD.to_owned()),
        user_name,
        name: name.to_owned(),
        pinyin: pinyin.to_owned(),
        ..User::default()
    }
}

/// A user as the provider of an account needs it; `null` where there is no mobile.
pub(super) fn describe(user: &User) -> Value {
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

/// A name in pinyin; the letters of a name that nobody wrote down.
pub(super) fn pinyin(name: &str) -> String {
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
