//! Which values of a test case are secret: by their names, by where they travel, by what they are made
//! of.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{
    exchange::{Request, Response},
    plan::{Body, Step},
    secret::{
        Secret, is_secret_header, is_secret_member, secrets_in, secrets_of_addresses,
        secrets_of_pairs,
    },
    target::TargetEdition,
    template::{self, Bindings},
};

/// The secrets that a test case met.
#[derive(Debug, Default, Clone)]
pub(super) struct SecretCollector {
    /// Declared, captured, provided, or computed from such.
    held: BTreeSet<Secret>,
    /// Written in a case file for all to read, and yet sent as a password or a token.
    written: BTreeSet<Secret>,
}

impl SecretCollector {
    /// What the target file declares.
    pub(super) fn declared(settings: &TargetEdition) -> Self {
        let mut met = Self::default();
        for secret in &settings.secrets {
            met.hold(secret.expose());
        }
        for url in std::iter::once(&settings.base_url).chain(settings.hosts.values()) {
            met.userinfo(url);
        }
        met
    }

    /// What must be masked in the test case's own texts.
    pub(super) fn all(&self) -> impl Iterator<Item = &Secret> + Clone {
        self.held.iter().chain(&self.written)
    }

    /// What must be in no text of the run.
    pub(super) fn held(&self) -> &BTreeSet<Secret> {
        &self.held
    }

    /// The secret members of a value.
    pub(super) fn value(&mut self, value: &Value) {
        secrets_in(value, &mut |secret| self.hold(secret));
    }

    /// A value that was bound to a name, taken from a place of this name.
    pub(super) fn bound(&mut self, name: &str, place: &str, value: &Value) {
        let secret = is_secret_member(name) || is_secret_member(place) || is_secret_header(place);
        match value {
            Value::String(text) if secret => self.hold(text),
            Value::Number(number) if secret => self.hold(&number.to_string()),
            other => self.value(other),
        }
    }

    /// What a request carries: in its headers, its URL, its body.
    pub(super) fn request(&mut self, request: &Request, step: &Step, of_case: bool) {
        let literals = if of_case { literals(step) } else { Vec::new() };
        let mut found = Self::default();
        for (name, value) in &request.headers {
            found.header(name, value);
        }
        found.userinfo(&request.url);
        found.addresses(&request.url);
        if let Some(body) = &request.body {
            found.body(body);
        }
        for secret in found.held {
            let text = secret.expose();
            if !literals.iter().any(|literal| literal.contains(text)) {
                self.held.insert(secret);
            } else if !is_word(text) {
                self.written.insert(secret);
            }
        }
    }

    /// What an answer carries.
    pub(super) fn response(&mut self, response: &Response) {
        for (name, value) in &response.headers {
            self.header(name, value);
        }
        self.body(&response.body);
    }

    /// The value of an expression that was computed from a secret.
    pub(super) fn computed(&mut self, expression: &str, value: &Value, bindings: &Bindings) {
        self.value(value);
        let Value::String(text) = value else {
            return;
        };
        let mut sources = Self::default();
        for path in template::names(expression) {
            let names = path.split('.');
            let last = names.clone().next_back().unwrap_or_default().to_owned();
            let bound = names.skip(1).fold(
                bindings.get(path.split('.').next().unwrap_or_default()),
                |value, name| value?.get(name),
            );
            let Some(bound) = bound else {
                continue;
            };
            sources.bound(&last, &last, bound);
            if let Some(bound) = bound.as_str().filter(|bound| self.knows(bound)) {
                sources.hold(bound);
            }
        }
        // What still has the secret in it is masked there.
        let shown_whole = |secret: &Secret| text.contains(secret.expose());
        if !sources.held.is_empty() && !sources.held.iter().any(shown_whole) {
            self.hold(text);
        }
    }

    /// What another test case met when it called what this one shares.
    pub(super) fn join(&mut self, other: &Self) {
        self.held.extend(other.held.iter().cloned());
        self.written.extend(other.written.iter().cloned());
    }

    /// A value that is secret whatever it is called.
    pub(super) fn declare(&mut self, secret: &str) {
        self.hold(secret);
    }

    pub(super) fn knows(&self, text: &str) -> bool {
        let text = Secret::from(text);
        self.held.contains(&text) || self.written.contains(&text)
    }

    fn hold(&mut self, secret: &str) {
        if !secret.is_empty() {
            self.held.insert(Secret::from(secret));
        }
    }

    fn header(&mut self, name: &str, value: &str) {
        if !is_secret_header(name) {
            // Where a redirect leads, what a link names: what their URLs carry.
            self.userinfo(value);
            self.addresses(value);
            return;
        }
        if name.to_ascii_lowercase().ends_with("authorization") {
            let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
            self.hold(rest);
            if scheme.eq_ignore_ascii_case("basic")
                && let Some(pair) = STANDARD
                    .decode(rest)
                    .ok()
                    .and_then(|pair| String::from_utf8(pair).ok())
            {
                self.pair(&pair);
            }
        } else if name.to_ascii_lowercase().ends_with("cookie") {
            self.hold(value);
            // The attributes of a cookie are words.
            let set = name.to_ascii_lowercase().starts_with("set-");
            let count = if set { 1 } else { usize::MAX };
            for (_, value) in value
                .split(';')
                .take(count)
                .filter_map(|one| one.split_once('='))
            {
                self.hold(value.trim_matches('"'));
            }
        } else {
            self.hold(value);
        }
    }

    fn body(&mut self, bytes: &[u8]) {
        if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
            self.value(&value);
        } else {
            let text = String::from_utf8_lossy(bytes);
            self.pairs(&text);
            self.addresses(&text);
        }
    }

    /// What the URLs of a text carry.
    fn addresses(&mut self, text: &str) {
        for secret in secrets_of_addresses(text) {
            self.hold(&secret);
        }
    }

    fn pairs(&mut self, text: &str) {
        for secret in secrets_of_pairs(text) {
            self.hold(&secret);
        }
    }

    /// Name and password in a URL.
    fn userinfo(&mut self, url: &str) {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some((pair, _)) = authority.rsplit_once('@') {
            self.pair(pair);
            let plain = format!("={}", pair.replace('+', "%2B"));
            for (_, pair) in url::form_urlencoded::parse(plain.as_bytes()) {
                self.pair(&pair);
            }
        }
    }

    /// `name:password`: the whole of it, and the password alone.
    fn pair(&mut self, pair: &str) {
        if let Some((_, password)) = pair.split_once(':') {
            self.hold(pair);
            self.hold(password);
        }
    }
}

/// A word of small letters, such as `password`, is in every text; only its place makes it a secret.
fn is_word(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '-' | ' '))
}

/// The texts of a step that are sent as they are written.
fn literals(step: &Step) -> Vec<&str> {
    let mut out = Vec::new();
    let (form, json): (&[_], _) = match &step.body {
        Body::None => (&[], None),
        Body::Form(pairs) => (pairs, None),
        Body::Json(value) | Body::Raw(value) => (&[], Some(value)),
    };
    let pairs = step.headers.iter().chain(&step.query).chain(form);
    for value in pairs.map(|(_, value)| value).chain(json) {
        texts(value, &mut out);
    }
    out.push(&step.path);
    out.retain(|text| !text.contains("${"));
    out
}

fn texts<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(members) => members.values().for_each(|member| texts(member, out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn held(met: &SecretCollector) -> Vec<&str> {
        met.held.iter().map(Secret::expose).collect()
    }

    #[test]
    fn headers_give_their_secrets_whole_and_in_part() {
        let check = |name: &str, value: &str, secrets: &[&str]| {
            let mut met = SecretCollector::default();
            met.header(name, value);
            assert_eq!(held(&met), secrets, "{name}: {value}");
        };
        check("Authorization", "Bearer abc", &["abc"]);
        check("authorization", "abc", &["abc"]);
        check(
            "Authorization",
            "Basic dTpwOnc=",
            &["dTpwOnc=", "p:w", "u:p:w"],
        );
        check("Proxy-Authorization", "basic dTpw", &["dTpw", "p", "u:p"]);
        check("Cookie", "a=1x; b=\"2x\"", &["1x", "2x", "a=1x; b=\"2x\""]);
        check("Set-Cookie", "a=1x; Path=/x", &["1x", "a=1x; Path=/x"]);
        check("X-state-token", "abc", &["abc"]);
        check("X-client-id", "abc", &[]);
        check("X-Session-Id", "abc", &["abc"]);
        check(
            "Location",
            "https://app/cb?code=Splx%2Bl&state=s#id_token=abc",
            &["Splx+l", "abc"],
        );
        check("Location", "/cb?a=1&code=Splxl", &["Splxl"]);
        check("Refresh", "0; url=/cb?ticket=ST-1", &["ST-1"]);
        check("Location", "https://me:pa55@host/x", &["me:pa55", "pa55"]);
        check("Content-Type", "text/html; charset=utf-8", &[]);
    }

    #[test]
    fn the_userinfo_of_a_url_is_secret_as_it_is_written_and_as_it_is_meant() {
        let mut met = SecretCollector::default();
        met.userinfo("https://me:p%40+s@host/path");
        assert_eq!(held(&met), ["me:p%40+s", "me:p@+s", "p%40+s", "p@+s"]);
        for url in [
            "https://host/a:b@c",
            "https://me@host",
            "no url",
            "https://host?u=a:b@c",
        ] {
            let mut met = SecretCollector::default();
            met.userinfo(url);
            assert!(met.held.is_empty(), "{url}");
        }
    }

    #[test]
    fn what_is_computed_from_a_secret_is_one_unless_it_still_has_the_secret_in_it() {
        let Value::Object(bindings) = json!({
            "account": { "password": "pa55word", "name": "some-body", "ref": "t0ken-0f-it" }, "code": 1
        }) else {
            unreachable!("the literal above is a map")
        };
        let check = |expression: &str, value: Value, secret: bool| {
            let mut met = SecretCollector::default();
            met.hold("t0ken-0f-it");
            met.computed(expression, &value, &bindings);
            assert_eq!(met.held.len(), 1 + usize::from(secret), "{expression}");
        };
        check("account.password | reverse", json!("drow55ap"), true);
        check(
            "basic(account.name, account.password)",
            json!("c29tZS1ib2R5"),
            true,
        );
        check("account.ref | upper", json!("T0KEN"), true);
        check("account | json", json!("{}"), true);
        check("'x' ~ account.password", json!("xpa55word"), false);
        check("account.name | reverse", json!("ydob-emos"), false);
        check("account.password | length", json!(8), false);
        check("nothing.password | upper", json!("X"), false);
        check("1 +", json!("X"), false);
        check("account.name | f", json!({ "token": "inner" }), true);
    }

    #[test]
    fn captures_are_secret_by_their_name_or_by_their_place() {
        for (name, place, secret) in [
            ("session", "session_token", true),
            ("token", "x", true),
            ("where", "Set-Cookie", true),
            ("user", "user_id", false),
        ] {
            let mut met = SecretCollector::default();
            met.bound(name, place, &json!("value"));
            assert_eq!(!met.held.is_empty(), secret, "{name} from {place}");
        }
        let mut met = SecretCollector::default();
        met.bound("verify_code", "", &json!(123_456));
        met.bound("all", "", &json!({ "pwd": "inner" }));
        assert_eq!(held(&met), ["123456", "inner"]);
    }

    #[test]
    fn what_a_case_file_says_for_all_to_read_is_masked_in_its_row_unless_it_is_a_word() {
        let request = Request {
            method: "POST".into(),
            url: "http://h/p?access_token=in-the-qu3ry".into(),
            headers: vec![
                ("Authorization".into(), "Bearer wr0ng".into()),
                ("X-state-token".into(), "c0mputed".into()),
            ],
            body: Some(
                br#"{"password":"N3w-Passw0rd","old_password":"password","verify_code":"c0de"}"#
                    .to_vec(),
            ),
            exact: false,
            hostless: false,
        };
        let mut step = crate::plan::lower_step(
            &crate::yaml::parse("a.yaml", "request: POST /p\n".into()).expect("YAML"),
            None,
            &mut Vec::new(),
        )
        .expect("a step");
        step.headers = vec![
            ("Authorization".into(), json!("Bearer wr0ng")),
            ("X-state-token".into(), json!("${account.state_token}")),
        ];
        step.body = Body::Json(
            json!({ "password": "N3w-Passw0rd", "old_password": "password", "verify_code": "${code}" }),
        );
        let mut met = SecretCollector::default();
        met.request(&request, &step, true);
        assert_eq!(held(&met), ["c0de", "c0mputed", "in-the-qu3ry"]);
        let written: Vec<&str> = met.written.iter().map(Secret::expose).collect();
        assert_eq!(written, ["N3w-Passw0rd", "wr0ng"]);
        let mut met = SecretCollector::default();
        met.request(&request, &step, false);
        assert_eq!(
            met.held.len(),
            6,
            "a provider's step is in a private file: {met:?}"
        );
    }
}
