//! Values in the place of masks.
//!
//! A record has masks where secrets were. Equal secrets have equal masks, and that is all that is known of
//! them. So an answer is judged several times, each time with other values in the place of its masks: a check
//! that finds the same each time does not depend on them.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    result::{CaseResult, RecordedToken},
    secret::{Redactor, masks},
};

/// The ways to fill masks. The first leaves them as they are, so that its findings can be shown.
pub(super) const WAYS: [fn(&str) -> String; 10] = [
    |id| format!("[secret:{id}]"),
    |id| id.to_owned(),
    |id| format!("{:08}", number(id)),
    |id| id.repeat(200),
    |id| format!("<{id}> &'\"/?%#+ \u{5bc6}\u{7801}"),
    |id| format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(id)),
    |id| format!("00000000-0000-4000-8000-000000{id}"),
    |id| format!("Aa1!{id}"),
    |id| format!("{id}@example.com"),
    |id| format!("https://example.com/{id}?a=1"),
];

/// What the number of a mask is read from.
fn number(id: &str) -> u64 {
    u64::from_str_radix(id, 16).unwrap_or_default()
}

/// One way to fill the masks of a test case.
pub(super) struct Fill<'r> {
    way: fn(&str) -> String,
    /// The tokens of the test case by their masks, put together again from what is recorded of them.
    tokens: HashMap<&'r str, String>,
}

impl<'r> Fill<'r> {
    pub(super) fn new(way: fn(&str) -> String, case: &'r CaseResult) -> Self {
        let mut out = Self {
            way,
            tokens: HashMap::new(),
        };
        let exchanges = case.steps.iter().filter_map(|step| step.exchange.as_ref());
        for token in exchanges.flat_map(|exchange| &exchange.tokens) {
            if let Some(text) = out.token(token) {
                out.tokens.insert(&token.mask, text);
            }
        }
        out
    }

    /// A token with the recorded header and claims. Its signature is none: what became of that is
    /// recorded. `None` for one that is not recorded as a whole.
    fn token(&self, token: &RecordedToken) -> Option<String> {
        if token.malformed.is_some() || token.mask.is_empty() {
            return None;
        }
        let part = |text: &str| -> Option<String> {
            let value: Value = serde_json::from_str(text).ok()?;
            let filled = self.value(&value, &mut |_| None);
            filled
                .is_object()
                .then(|| URL_SAFE_NO_PAD.encode(filled.to_string()))
        };
        let signature = match token.signature.as_str() {
            "EMPTY" => ".".to_owned(),
            "ABSENT" => String::new(),
            // Different tokens have different signatures.
            _ => format!(".{}", URL_SAFE_NO_PAD.encode(&token.mask)),
        };
        let (header, claims) = (part(&token.header)?, part(&token.claims)?);
        Some(format!("{header}.{claims}{signature}"))
    }

    /// A text with its masks filled. `at` gives the mask of the token that stands here, where one does.
    pub(super) fn text(&self, text: &str, at: Option<&str>) -> String {
        let mut out = String::new();
        let mut shown = 0;
        for (start, end) in masks(text) {
            if start < shown {
                continue;
            }
            out.push_str(&text[shown..start]);
            let mask = &text[start..end];
            let mut known = [at, Some(mask)].into_iter().flatten();
            let token = known.find_map(|mask| self.tokens.get(mask)).cloned();
            out.push_str(&token.unwrap_or_else(|| self.unknown(mask, at)));
            shown = end;
        }
        out.push_str(&text[shown..]);
        out
    }

    /// What stands for a mask, or for a token of which nothing more is known.
    fn unknown(&self, mask: &str, at: Option<&str>) -> String {
        let id = at.unwrap_or(mask).trim_start_matches("[secret:");
        match id.get(..6) {
            Some(id) if id.bytes().all(|digit| digit.is_ascii_hexdigit()) => (self.way)(id),
            // The words for a token, which is equal to no other that is known.
            _ => (self.way)("ffffff"),
        }
    }

    /// A value with the masks in its texts filled; `at` gives the mask of the token at a JSON Pointer.
    pub(super) fn value<'m>(
        &self,
        value: &Value,
        at: &mut dyn FnMut(&str) -> Option<&'m str>,
    ) -> Value {
        self.inner(value, &mut String::new(), at)
    }

    fn inner<'m>(
        &self,
        value: &Value,
        pointer: &mut String,
        at: &mut dyn FnMut(&str) -> Option<&'m str>,
    ) -> Value {
        let length = pointer.len();
        match value {
            Value::Object(members) => {
                let mut out = serde_json::Map::new();
                for (name, member) in members {
                    pointer.push('/');
                    pointer.push_str(name);
                    out.insert(name.clone(), self.inner(member, pointer, at));
                    pointer.truncate(length);
                }
                Value::Object(out)
            }
            Value::Array(items) => {
                let mut out = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                    out.push(self.inner(item, pointer, at));
                    pointer.truncate(length);
                }
                Value::Array(out)
            }
            Value::String(text) => match masked_number(text) {
                Some(id) => Value::from(100_000_000 + number(id)),
                None => Value::from(self.text(text, at(pointer))),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// A text of a finding without the tokens that were put together here.
    pub(super) fn shown(&self, text: &str) -> String {
        Redactor::new(self.tokens.values().map(String::as_str)).redact(text)
    }
}

/// The digits of a mask that stands for a number.
fn masked_number(text: &str) -> Option<&str> {
    let id = text
        .strip_prefix("[secret:")?
        .strip_suffix("] (a number)")?;
    (id.len() == 6).then_some(id)
}

/// Whether a text has a mask, or what stands for a token.
pub(super) fn is_masked(text: &str) -> bool {
    masks(text).next().is_some()
}
