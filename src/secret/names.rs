//! Names whose values are secret, whatever they are: of headers, and of members, pairs and variables.

use std::{cell::RefCell, collections::HashMap};

use serde_json::Value;

use super::{Mask, pattern::SHORTEST, token};

/// A header is secret when a member of its name would be, or when it is one of these.
const HEADERS: [&str; 2] = ["authorization", "proxy-authorization"];

/// A name is secret when, in small letters and digits alone, without a plural and a number, it ends so.
const ENDINGS: [&str; 46] = [
    "accesscode",
    "accesskey",
    "activationcode",
    "apikey",
    "assertion",
    "authcode",
    "authorization",
    "authorizationcode",
    "backupcode",
    "captchacode",
    "codeverifier",
    "cookie",
    "credential",
    "devicecode",
    "jwt",
    "mfacode",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwordagain",
    "passwordconfirm",
    "passwordconfirmation",
    "passwordrepeat",
    "privatekey",
    "pwd",
    "recoverycode",
    "resetcode",
    "samlart",
    "samlresponse",
    "secret",
    "secretkey",
    "securitycode",
    "sessid",
    "sessionid",
    "sessionkey",
    "sharedkey",
    "signature",
    "signingkey",
    "smscode",
    "ticket",
    "token",
    "totp",
    "usercode",
    "verificationcode",
    "verifycode",
];

/// Words too short to be told by an ending (`spin`, `shopping`): the last word of a name is one of them.
const LAST_WORDS: [&str; 2] = ["otp", "pin"];

/// JSON inside the texts of JSON is followed this far.
const DEPTH: usize = 4;

/// True for headers whose values are always masked.
#[must_use]
pub fn is_secret_header(name: &str) -> bool {
    is_secret_member(name) || HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

thread_local! {
    /// What was found of names: every test case asks for the same few, again and again.
    static FOUND: RefCell<HashMap<String, bool>> = RefCell::default();
}

/// Names that are remembered, and their longest: a target may answer with any number of them.
const REMEMBERED: usize = 1_000;
const LONGEST_NAME: usize = 64;

/// True for names of members, form fields and query parameters that always hold secrets.
#[must_use]
pub fn is_secret_member(name: &str) -> bool {
    if name.len() > LONGEST_NAME {
        return ends_as_a_secret(name);
    }
    FOUND.with_borrow_mut(|found| {
        if let Some(known) = found.get(name) {
            return *known;
        }
        if found.len() >= REMEMBERED {
            found.clear();
        }
        let secret = ends_as_a_secret(name);
        found.insert(name.to_owned(), secret);
        secret
    })
}

fn ends_as_a_secret(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    let plain = one(&plain);
    ENDINGS.iter().any(|end| plain.ends_with(end))
        || LAST_WORDS.contains(&one(&last_word(name).to_ascii_lowercase()))
}

/// True for parameters of a URL that hold secrets: there, `code` is what a grant is given for.
#[must_use]
pub fn is_secret_parameter(name: &str) -> bool {
    is_secret_member(name) || name.eq_ignore_ascii_case("code")
}

/// A name without the number and the `s` at its end.
fn one(name: &str) -> &str {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    name.strip_suffix('s').unwrap_or(name)
}

/// The last word of `login_pin`, of `loginPin`, of `PIN`.
fn last_word(name: &str) -> &str {
    let name = name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let mut start = name.len();
    let mut later = None;
    for (at, c) in name.char_indices().rev() {
        let hump = c.is_ascii_lowercase() && later.is_some_and(|c: char| c.is_ascii_uppercase());
        if hump || !c.is_ascii_alphanumeric() {
            break;
        }
        (start, later) = (at, Some(c));
    }
    &name[start..]
}

/// Calls with every secret of a value: what secret members hold, JSON inside texts included, and what
/// secret parameters of URLs hold.
pub fn secrets_in(value: &Value, found: &mut impl FnMut(&str)) {
    visit(value, false, DEPTH, found);
}

fn visit(value: &Value, secret: bool, depth: usize, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                visit(member, is_secret_member(name), depth, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                visit(item, secret, depth, found);
            }
        }
        Value::String(text) if secret => found(text),
        Value::Number(number) if secret => found(&number.to_string()),
        Value::String(text) => match inner(text, depth) {
            Some(inner) => visit(&inner, false, depth - 1, found),
            None => secrets_of_addresses(text)
                .iter()
                .for_each(|secret| found(secret)),
        },
        _ => {}
    }
}

/// Puts masks in place of what secret members hold; true when there was something to mask.
pub(super) fn mask_members(value: &mut Value) -> bool {
    cover(value, false, DEPTH)
}

/// Puts masks in place of what a value holds that has a secret name.
pub(super) fn mask_value(value: &mut Value) -> bool {
    cover(value, true, DEPTH)
}

fn cover(value: &mut Value, secret: bool, depth: usize) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |any, (name, member)| {
            cover(member, is_secret_member(name), depth) | any
        }),
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |any, item| cover(item, secret, depth) | any),
        Value::String(text) if secret => {
            if !text.is_empty() {
                *text = token::stand_in(text);
            }
            !text.is_empty()
        }
        Value::Number(number) if secret => {
            let digits = number.to_string();
            // So short a number is no secret, and that it is a number is what is wrong with it.
            if digits.len() < SHORTEST {
                return false;
            }
            *value = Value::from(format!("{} (a number)", Mask::of(&digits)));
            true
        }
        Value::String(text) => inner(text, depth).is_some_and(|mut inner| {
            let any = cover(&mut inner, false, depth - 1);
            if any {
                *text = inner.to_string();
            }
            any
        }),
        _ => false,
    }
}

/// The JSON that a text holds, when it holds members.
fn inner(text: &str, depth: usize) -> Option<Value> {
    if depth == 0 || !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The pairs of a form whose names are secret: where each value stands, undecoded.
pub(super) fn secret_pairs(text: &str) -> impl Iterator<Item = (usize, usize)> {
    // Beside a `grant_type`, a `code` is what the grant is given for; elsewhere it is a reason.
    let grants = text.contains("grant_type=");
    let secret = move |name: &str| is_secret_member(name) || grants && is_secret_parameter(name);
    pairs(text).filter_map(move |(name, start, end)| secret(name).then_some((start, end)))
}

/// The same of a text that is a URL as a whole.
pub(super) fn secret_pairs_of_address(url: &str) -> impl Iterator<Item = (usize, usize)> {
    let secret = pairs(url).filter(|(name, ..)| is_secret_parameter(name));
    secret.map(|(_, start, end)| (start, end))
}

/// The parameters whose names are secret, of all the URLs in a text.
pub(super) fn secret_parameters(text: &str) -> impl Iterator<Item = (usize, usize)> {
    addresses(text).flat_map(|(start, address)| {
        let secret = pairs(address).filter(|(name, ..)| is_secret_parameter(name));
        secret.map(move |(_, first, last)| (start + first, start + last))
    })
}

/// What has parameters, by its look: a word with a question mark or a hash, from there on.
fn addresses(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '\\' | ')' | '`');
    let mut at = 0;
    text.split(ends).filter_map(move |word| {
        let start = at;
        // All that end a word are of one byte, but for some blanks.
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
        let mark = word.find(['?', '#', ';'])?;
        Some((start + mark, &word[mark..]))
    })
}

/// Name, and where the value begins and ends, of everything written like a parameter.
fn pairs(text: &str) -> impl Iterator<Item = (&str, usize, usize)> {
    let mut at = 0;
    text.split(['&', '?', ';', '#']).filter_map(move |pair| {
        let start = at;
        at += pair.len() + 1;
        let (name, value) = pair.split_once('=')?;
        let length = value.find(char::is_whitespace).unwrap_or(value.len());
        let first = start + name.len() + 1;
        let plain = !name.contains(char::is_whitespace);
        (plain && length > 0).then_some((name, first, first + length))
    })
}

/// What the secret pairs of a form hold, decoded.
pub fn secrets_of_pairs(text: &str) -> Vec<String> {
    secret_pairs(text)
        .map(|place| decoded(text, place))
        .collect()
}

/// What the secret parameters hold of all the URLs in a text, decoded.
pub fn secrets_of_addresses(text: &str) -> Vec<String> {
    secret_parameters(text)
        .map(|place| decoded(text, place))
        .collect()
}

fn decoded(text: &str, (start, end): (usize, usize)) -> String {
    let pair = format!("={}", &text[start..end]);
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_secret_member_is_masked_and_it_is_said_whether_there_was_one() {
        for (mut value, any) in [
            (json!({ "password": "one", "token": "two" }), true),
            (json!([{ "password": "one" }, { "password": "two" }]), true),
            (json!([{ "password": "one" }, { "x": 1 }]), true),
            (json!([{ "x": 1 }, { "password": "one" }]), true),
            (json!({ "x": 1, "password": "one" }), true),
            (json!([{ "x": 1 }, "one"]), false),
            (json!({ "password": "" }), false),
        ] {
            let before = value.clone();
            assert_eq!(mask_members(&mut value), any, "{before}");
            let text = value.to_string();
            assert!(!any || !text.contains("\"one\""), "{text}");
            assert!(!text.contains("\"two\""), "{text}");
            assert_eq!(value == before, !any, "{text}");
        }
    }

    #[test]
    fn texts_in_texts_are_taken_apart_so_deep_and_no_deeper() {
        let nested = |times: usize| {
            let innermost = json!({ "password": "one" });
            (0..times).fold(innermost, |inner, _| json!({ "text": inner.to_string() }))
        };
        assert!(mask_members(&mut nested(DEPTH)));
        assert!(!mask_members(&mut nested(DEPTH + 1)));
    }

    #[test]
    fn names_are_told_by_their_ends_in_any_letters() {
        for name in [
            "password",
            "OLD_PASSWORD",
            "newPassword",
            "state-token",
            "token",
            "clientSecret",
            "pwd",
            "verify_code",
            "sso_ticket",
            "X-Api-Key",
            "passwords[]",
            "tokens",
            "sessionid",
            "JSESSIONID",
            "session-id",
            "secret_key",
            "otp",
            "smsOtp",
            "OTP",
            "pin",
            "login_pin",
            "userPIN",
            "pins[]",
            "cookie",
            "cookies",
            "SAMLResponse",
            "client_assertion",
            "device_code",
            "code_verifier",
            "password2",
            "new_password_1",
            "passwordConfirm",
            "recovery_codes",
            "credentials",
        ] {
            assert!(is_secret_member(name), "{name}");
        }
        for name in [
            "password_state",
            "token_type",
            "token_types",
            "client_assertion_type",
            "code_challenge",
            "access_key_id",
            "spin",
            "shopping",
            "address",
            "status",
            "error_code",
            "code",
            "",
            "name",
        ] {
            assert!(!is_secret_member(name), "{name}");
        }
        for name in [
            "Authorization",
            "X-State-Token",
            "session-token",
            "Set-Cookie",
            "x-signature",
            "X-Api-Key",
        ] {
            assert!(is_secret_header(name), "{name}");
        }
        for name in ["X-client-id", "Content-Type", "X-L", "Date", "X-nonce"] {
            assert!(!is_secret_header(name), "{name}");
        }
    }

    fn found(value: &Value) -> Vec<String> {
        let mut out = Vec::new();
        secrets_in(value, &mut |secret| out.push(secret.to_owned()));
        out
    }

    #[test]
    fn secrets_are_found_and_masked_wherever_secret_members_stand() {
        let mut value = json!({
            "status": "SUCCESS", "password": "Ab1", "n": { "verify_code": 123_456, "x": [{ "token": "t0" }] },
            "state_token": ["a0", { "x": "shown", "pwd": "b0" }], "password_empty": true,
            "api": "{\"user\":\"shown\",\"password\":\"c0\"}", "text": "[1]", "secret": "", "token": null,
        });
        assert_eq!(found(&value), ["Ab1", "123456", "t0", "a0", "b0", "c0", ""]);
        assert!(mask_members(&mut value));
        let mask = |secret| Mask::of(secret).to_string();
        let wanted = json!({
            "status": "SUCCESS", "password": mask("Ab1"),
            "n": { "verify_code": format!("{} (a number)", mask("123456")), "x": [{ "token": mask("t0") }] },
            "state_token": [mask("a0"), { "x": "shown", "pwd": mask("b0") }], "password_empty": true,
            "api": json!({ "user": "shown", "password": mask("c0") }).to_string(),
            "text": "[1]", "secret": "", "token": null,
        });
        assert_eq!(value, wanted);
        let mut plain = json!({ "a": "{\"b\": 1}", "password": "" });
        assert!(!mask_members(&mut plain));
        assert_eq!(plain, json!({ "a": "{\"b\": 1}", "password": "" }));
    }

    #[test]
    fn json_in_json_in_json_is_followed_and_not_for_ever() {
        let mut deep = json!({ "password": "found-it" });
        for _ in 0..DEPTH {
            deep = json!({ "text": deep.to_string() });
        }
        assert_eq!(found(&deep), ["found-it"]);
        let deeper = json!({ "text": deep.to_string() });
        assert!(found(&deeper).is_empty());
    }

    #[test]
    fn pairs_of_a_form_and_of_a_query_are_told_by_their_names() {
        #[track_caller]
        fn check(text: &str, values: &[&str]) {
            let found: Vec<&str> = secret_pairs(text)
                .map(|(start, end)| &text[start..end])
                .collect();
            assert_eq!(found, values, "{text}");
        }
        check(
            "a=1&password=p%20q&client_secret=s+t&x=2",
            &["p%20q", "s+t"],
        );
        check(
            "https://host/x?state_token=abc&y=1#token=def",
            &["abc", "def"],
        );
        check("password=&x=1", &[]);
        check("the password = x and its token=abc def", &[]);
        check("token=abc and more", &["abc"]);
        assert_eq!(
            secrets_of_pairs("password=p%20q&client_secret=s+t"),
            ["p q", "s t"]
        );
    }
}
