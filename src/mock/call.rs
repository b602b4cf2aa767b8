//! One request as rules and effects see it: headers, members, tokens read but not yet believed.

use http::HeaderMap;
use serde_json::{Map, Value};

use super::{
    actor::Actor,
    dialect::Dialect,
    jwt::{self, IdPayload, StatePayload},
    language::{Language, Languages},
};

/// A request, parsed once.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub edition: Dialect,
    pub actor: Actor,
    /// Whether it came in through the ISV common domain (OneAccess).
    pub common_domain: bool,
    /// Seconds since 1970 at arrival.
    pub now: i64,
    pub headers: HeaderMap,
    /// Which values of `X-L` are known, and what the others lead to.
    pub languages: Languages,
    /// Decoded query pairs, then decoded form pairs.
    pub pairs: Vec<(String, String)>,
    /// What stands in the `{}` segments of the path.
    pub segments: Vec<String>,
    /// The body, if it is a JSON object.
    body: Option<Map<String, Value>>,
    /// The claims of `X-state-token`; the signature is not looked at here.
    pub state_claims: Option<StatePayload>,
    /// The claims of the id_token in `Authorization`; the signature is not looked at here.
    pub id_claims: Option<IdPayload>,
}

impl Call {
    pub(super) fn new(
        edition: Dialect,
        actor: Actor,
        common_domain: bool,
        now: i64,
        headers: HeaderMap,
        query: &str,
        body: &[u8],
    ) -> Self {
        let mut pairs = pairs(query.as_bytes());
        let object = serde_json::from_slice::<Map<String, Value>>(body).ok();
        if object.is_none() {
            pairs.extend(self::pairs(body));
        }
        let mut call = Self {
            edition,
            actor,
            common_domain,
            now,
            headers,
            languages: Languages::Variants,
            pairs,
            segments: Vec::new(),
            body: object,
            state_claims: None,
            id_claims: None,
        };
        call.state_claims = call
            .header("X-state-token")
            .and_then(|t| jwt::read_state(&t));
        call.id_claims = call.bearer().and_then(|t| jwt::read_id(&t));
        call
    }

    /// A header's value, unless it is absent or blank, which count as the same.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        let text = String::from_utf8_lossy(value.as_bytes());
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// What follows `Bearer` in `Authorization`; the whole value if another scheme is named.
    pub(super) fn bearer(&self) -> Option<String> {
        let value = self.header("Authorization")?;
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Some(token.trim().to_owned())
            }
            _ => Some(value),
        }
    }

    /// Whether the body is a JSON object.
    pub(super) fn has_object(&self) -> bool {
        self.body.is_some()
    }

    /// A member of the body; `null` counts as absent.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.body.as_ref()?.get(name).filter(|v| !v.is_null())
    }

    /// A member of the body that is a string with something in it.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let text = self.member(name)?.as_str()?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// Puts another value into a member of the body, if there is a body.
    pub(super) fn set_member(&mut self, name: &str, value: Value) {
        if let Some(body) = &mut self.body {
            body.insert(name.to_owned(), value);
        }
    }

    /// A member that says yes or no, as Boolean or as the text `"true"`: the editions differ.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.member(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => Some(text == "true"),
            _ => None,
        }
    }

    /// A query or form value.
    pub(super) fn pair(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The language of messages.
    pub(super) fn language(&self) -> Language {
        self.languages.choose(self.header("X-L").as_deref())
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}
