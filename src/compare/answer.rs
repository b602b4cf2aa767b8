//! One answer in facts that can be compared: its status, its code, its headers, the shape of its body, its
//! values, and what its tokens say.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::align::Names;
use crate::{
    ids::StepId,
    result::{Part, RecordedExchange, RecordedToken, StepOwner, StepResult},
};

/// Members and values of one answer that are compared; a hostile one has more.
const MOST: usize = 2_000;

/// A longer value is compared by its beginning and its length.
const LONGEST: usize = 200;

/// Letters of a body that are shown.
const SAMPLE: usize = 400;

/// Headers that are of the connection, or come and go with a cache.
const OF_THE_CONNECTION: [&str; 6] = [
    "age",
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "transfer-encoding",
];

/// Headers whose values are moments: whether they are there is compared.
const OF_THE_MOMENT: [&str; 2] = ["expires", "last-modified"];

/// Headers that are a list of names, in whatever order.
const LISTS: [&str; 5] = [
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-expose-headers",
    "allow",
    "vary",
];

/// Claims that are moments or made anew for each token (RFC 7519, section 4.1; OpenID Connect Core, section
/// 2). Moments are compared by how far they are apart.
const MOMENTS: [&str; 7] = ["at_hash", "auth_time", "exp", "iat", "jti", "nbf", "nonce"];

/// What is known of one step of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFacts {
    pub name: StepId,
    pub part: Part,
    #[serde(default, skip_serializing_if = "is_of_the_row")]
    pub owner: StepOwner,
    /// `POST /path`, ids in the path left out.
    pub call: String,
    /// `None` where no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The text that goes with the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Names of headers, in small letters.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub headers: BTreeSet<String>,
    /// Members of the body by JSON Pointer, `*` for any item of a list, and claims of its tokens, with the
    /// types they have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, String>,
    /// Values by place: `header server`, `body /status`, `token body /id_token, claim iss`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Microseconds; not in a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_us: Option<u64>,
    /// The beginning of the body; not in a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
}

fn is_of_the_row(owner: &StepOwner) -> bool {
    *owner == StepOwner::Case
}

impl StepFacts {
    /// What is known of a step; `None` where nothing was sent.
    pub(super) fn of(step: &StepResult, names: &Names) -> Option<Self> {
        let exchange = step.exchange.as_ref()?;
        let names = names.with_request(exchange);
        let mut out = Self {
            name: step.name.clone(),
            part: step.part,
            owner: step.owner.clone(),
            call: format!("{} {}", exchange.method, route(exchange)),
            status: exchange.status,
            code: exchange.code.clone(),
            message: exchange.message.as_deref().map(|text| names.apply(text)),
            headers: BTreeSet::new(),
            members: BTreeMap::new(),
            values: BTreeMap::new(),
            elapsed_us: u64::try_from(exchange.elapsed.as_micros()).ok(),
            sample: exchange
                .response_body
                .as_ref()
                .map(|body| body.chars().take(SAMPLE).collect()),
        };
        out.headers(exchange, &names);
        out.body(exchange, &names);
        for token in &exchange.tokens {
            out.token(token, &names);
        }
        Some(out)
    }

    fn headers(&mut self, exchange: &RecordedExchange, names: &Names) {
        for (name, value) in &exchange.response_headers {
            let name = name.to_ascii_lowercase();
            if OF_THE_CONNECTION.contains(&name.as_str()) || self.headers.len() >= MOST {
                continue;
            }
            if name == "set-cookie" {
                self.headers.extend(cookie(value));
                continue;
            }
            if LISTS.contains(&name.as_str()) {
                self.value(format!("header {name}"), &in_order(value), names);
            } else if !OF_THE_MOMENT.contains(&name.as_str()) {
                self.value(format!("header {name}"), value, names);
            }
            self.headers.insert(name);
        }
    }

    fn body(&mut self, exchange: &RecordedExchange, names: &Names) {
        let Some(body) = &exchange.response_body else {
            return;
        };
        if let Ok(value) = serde_json::from_str::<Value>(body) {
            self.member("", "", &value, names);
        } else {
            self.members.insert(String::new(), "not JSON".to_owned());
            self.value("body".to_owned(), body, names);
        }
    }

    /// `at` has `*` for items of a list, `exact` their numbers.
    fn member(&mut self, at: &str, exact: &str, value: &Value, names: &Names) {
        if self.members.len() + self.values.len() > MOST {
            return;
        }
        let kind = kind_of(value);
        let kinds = self.members.entry(at.to_owned()).or_default();
        if !kinds.split(" or ").any(|known| known == kind) {
            let mut all: Vec<&str> = kinds.split(" or ").filter(|one| !one.is_empty()).collect();
            all.push(kind);
            all.sort_unstable();
            *kinds = all.join(" or ");
        }
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let part = name.replace('~', "~0").replace('/', "~1");
                    let (at, exact) = (format!("{at}/{part}"), format!("{exact}/{part}"));
                    self.member(&at, &exact, value, names);
                }
            }
            Value::Array(items) => {
                for (number, value) in items.iter().enumerate() {
                    let (at, exact) = (format!("{at}/*"), format!("{exact}/{number}"));
                    self.member(&at, &exact, value, names);
                }
            }
            Value::String(text) => self.value(format!("body {exact}"), text, names),
            plain => self.value(format!("body {exact}"), &plain.to_string(), names),
        }
    }

    fn token(&mut self, token: &RecordedToken, names: &Names) {
        // What a request carries was an answer before.
        if token.place.starts_with("request") {
            return;
        }
        let place = format!("token {}", token.place);
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let (header, claims) = (parsed(&token.header), parsed(&token.claims));
        self.values
            .insert(format!("{place}, signature"), token.signature.clone());
        for (part, value) in [("header", &header), ("claim", &claims)] {
            for (name, value) in value.as_object().into_iter().flatten() {
                let place = format!("{place}, {part} {name}");
                self.members
                    .insert(place.clone(), kind_of(value).to_owned());
                if part == "claim" && MOMENTS.contains(&name.as_str()) {
                    continue;
                }
                match value {
                    Value::String(text) => self.value(place, text, names),
                    value => self.value(place, &value.to_string(), names),
                }
            }
        }
        let time = |name: &str| claims[name].as_i64();
        if let (Some(from), Some(until)) = (time("iat"), time("exp")) {
            self.values.insert(
                format!("{place}, lifetime"),
                until.saturating_sub(from).to_string(),
            );
        }
    }

    fn value(&mut self, place: String, text: &str, names: &Names) {
        let text = names.apply(text);
        let text = match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}… ({} letters)", &text[..end], text.chars().count()),
            None => text,
        };
        self.values.insert(place, text);
    }

    /// What makes it the same step in another run of the row.
    pub(super) fn key(&self) -> (Part, &StepOwner, &str) {
        (self.part, &self.owner, &self.name)
    }
}

/// A list of names in the order of the alphabet.
fn in_order(list: &str) -> String {
    let mut names: Vec<&str> = list.split(',').map(str::trim).collect();
    names.sort_unstable();
    names.join(", ")
}

/// A cookie that is set, by its name and each of its attributes; when it ends is a moment.
fn cookie(header: &str) -> Vec<String> {
    let mut parts = header.split(';').map(str::trim);
    let pair = parts.next().unwrap_or_default();
    // What has no name is masked as a whole.
    let Some((name, _)) = pair.split_once('=') else {
        return vec!["set-cookie".to_owned()];
    };
    let mut out = vec![format!("set-cookie {name}")];
    for attribute in parts.filter(|part| !part.is_empty()) {
        let attribute = attribute.to_ascii_lowercase();
        let (key, _) = attribute.split_once('=').unwrap_or((&attribute, ""));
        let shown = if matches!(key, "expires" | "max-age") {
            key
        } else {
            &attribute
        };
        out.push(format!("set-cookie {name}, {shown}"));
    }
    out
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The path as the step has it written, with what is computed left out; of an older record what looks like
/// no id.
fn route(exchange: &RecordedExchange) -> String {
    if exchange.route.is_empty() {
        path(&exchange.url)
    } else {
        exchange.route.clone()
    }
}

/// The path of a URL, with what is an id in it left out.
fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    let path = path.split('?').next().unwrap_or_default();
    let segments = path.split('/').map(|segment| {
        let version = segment.strip_prefix('v').unwrap_or(segment);
        let is_version = segment.len() < 4 && version.bytes().all(|byte| byte.is_ascii_digit());
        let is_id = segment.bytes().any(|byte| byte.is_ascii_digit()) && !is_version;
        if is_id || segment.len() > 40 {
            "{}"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(body: &str) -> StepFacts {
        let exchange = RecordedExchange {
            method: "GET".to_owned(),
            url: "https://t.example/api/v2/users/0198-7a/keys?x=1".to_owned(),
            status: Some(200),
            response_headers: vec![
                ("Server".to_owned(), "x/1".to_owned()),
                ("Date".to_owned(), "now".to_owned()),
                ("Set-Cookie".to_owned(), "sid=1; Path=/".to_owned()),
            ],
            response_body: Some(body.to_owned()),
            ..RecordedExchange::default()
        };
        let step = StepResult {
            name: "request".into(),
            part: Part::Request,
            owner: StepOwner::Case,
            checks: Vec::new(),
            exchange: Some(exchange),
            attempts: 1,
            repeated: crate::result::Repeated::default(),
            earlier: Vec::new(),
        };
        StepFacts::of(&step, &Names::default()).expect("something was sent")
    }

    #[test]
    fn an_answer_is_its_shape_its_values_and_the_headers_that_are_not_of_the_moment() {
        let facts = facts(r#"{"a":1,"b":[{"c":"x"},{"c":null}]}"#);
        assert_eq!(facts.call, "GET /api/v2/users/{}/keys");
        let headers: Vec<&str> = facts.headers.iter().map(String::as_str).collect();
        assert_eq!(
            headers,
            ["server", "set-cookie sid", "set-cookie sid, path=/"]
        );
        assert_eq!(facts.members["/b/*/c"], "null or string");
        assert_eq!(facts.members["/a"], "integer");
        assert_eq!(facts.values["body /b/0/c"], "x");
        assert_eq!(facts.values["header server"], "x/1");
    }

    #[test]
    fn a_cookie_is_its_name_and_its_attributes_and_no_moment() {
        for (header, expected) in [
            ("sid=[secret:0a1b2c]", &["set-cookie sid"][..]),
            (
                "sid=[secret:0a1b2c]; HttpOnly; SameSite=Strict; Max-Age=60",
                &[
                    "set-cookie sid",
                    "set-cookie sid, httponly",
                    "set-cookie sid, samesite=strict",
                    "set-cookie sid, max-age",
                ],
            ),
            ("[secret:0a1b2c]", &["set-cookie"]),
        ] {
            assert_eq!(cookie(header), expected);
        }
    }

    #[test]
    fn a_body_that_is_no_json_is_one_value() {
        let facts = facts("<p>");
        assert_eq!(facts.members[""], "not JSON");
        assert_eq!(facts.values["body"], "<p>");
    }

    #[test]
    fn a_hostile_body_is_bounded() {
        let members: Vec<String> = (0..50_000).map(|at| format!("\"m{at}\":{at}")).collect();
        let facts = facts(&format!("{{{}}}", members.join(",")));
        assert!(facts.members.len() + facts.values.len() < MOST + 10);
    }
}
