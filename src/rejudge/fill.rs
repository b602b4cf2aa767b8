//! Values in the place of masks.
//!
//! A record has masks where secrets were. Equal secrets have equal masks, and that is all that is known of
//! them. So an answer is judged several times, each time with other values in the place of its masks: a check
//! that finds the same each time does not depend on them.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    contract::pointer_part,
    result::{CaseResult, MASK, RecordedToken},
    secret::{Redactor, masks},
};

/// The ways to fill masks. The first leaves them as they are, so that its findings can be shown.
pub(super) const WAYS: [fn(&str) -> String; 12] = [
    |id| format!("{MASK}{id}]"),
    |id| id.to_owned(),
    |id| format!("{:08}", number(id)),
    |id| id.repeat(200),
    |id| format!("<{id}> &'\"/?%#+ \u{5bc6}\u{7801}"),
    |id| format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(id)),
    |id| format!("00000000-0000-4000-8000-000000{id}"),
    |id| format!("Aa1!{id}"),
    |id| format!("{id}@example.com"),
    |id| format!("https://example.com/{id}?a=1"),
    shortest,
    |id| id.repeat(20_000),
];

/// Two characters, which no other mask has.
fn shortest(id: &str) -> String {
    const FIRST: u32 = 0x4e00;
    let number = u32::from_str_radix(id, 16).unwrap_or_default();
    let letter = |part: u32| char::from_u32(FIRST + part).unwrap_or('\u{fffd}');
    [letter(number >> 12), letter(number & 0xfff)]
        .iter()
        .collect()
}

/// What stands for a number that is hidden, in one of the ways; each is another for another mask.
fn numbers(id: &str, way: usize) -> Value {
    let number = number(id);
    let signed = i64::try_from(number).unwrap_or_default();
    match way % 5 {
        0 => Value::from(100_000_000 + number),
        1 => Value::from(-signed - 1),
        2 => Value::from(1_000_000_000_000_000 + number),
        3 => serde_json::json!(f64::from(u32::try_from(number).unwrap_or_default()) + 0.5),
        _ => Value::from(100_000 + number),
    }
}

/// What the number of a mask is read from.
fn number(id: &str) -> u64 {
    u64::from_str_radix(id, 16).unwrap_or_default()
}

/// One way to fill the masks of a test case.
pub(super) struct Fill<'r> {
    way: fn(&str) -> String,
    /// Which of the ways it is.
    number: usize,
    /// The tokens of the test case by their masks, put together again from what is recorded of them.
    tokens: HashMap<&'r str, String>,
}

impl<'r> Fill<'r> {
    /// `number` is one of [`WAYS`].
    pub(super) fn new(number: usize, case: &'r CaseResult) -> Self {
        let mut out = Self {
            way: WAYS[number % WAYS.len()],
            number,
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
            // A token is shown by its kind alone; any other secret by its own mask.
            let own = if mask.starts_with('(') {
                at
            } else {
                Some(mask)
            };
            let token = own.and_then(|mask| self.tokens.get(mask)).cloned();
            out.push_str(&token.unwrap_or_else(|| self.unknown(own.unwrap_or(mask))));
            shown = end;
        }
        out.push_str(&text[shown..]);
        out
    }

    /// What stands for a mask, or for a token of which nothing more is known.
    fn unknown(&self, mask: &str) -> String {
        let id = mask.trim_start_matches(MASK);
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
                    pointer.push_str(&pointer_part(name));
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
                Some(id) => numbers(id, self.number),
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
    let id = text.strip_prefix(MASK)?.strip_suffix("] (a number)")?;
    (id.len() == 6).then_some(id)
}

/// Whether a text has a mask, or what stands for a token.
pub(super) fn is_masked(text: &str) -> bool {
    masks(text).next().is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{result::without_masks, secret::Mask};

    #[test]
    fn every_way_keeps_different_masks_different_and_the_ways_differ_in_what_checks_look_at() {
        let ids = ["000000", "000001", "0a1b2c", "ffffff", "fff000"];
        for (number, way) in WAYS.iter().enumerate() {
            let texts: BTreeSet<String> = ids.iter().map(|id| way(id)).collect();
            assert_eq!(texts.len(), ids.len(), "way {number}: {texts:?}");
            let numbers: BTreeSet<String> = ids
                .iter()
                .map(|id| numbers(id, number).to_string())
                .collect();
            assert_eq!(numbers.len(), ids.len(), "way {number}: {numbers:?}");
        }
        let lengths: BTreeSet<usize> = WAYS
            .iter()
            .map(|way| way("0a1b2c").chars().count())
            .collect();
        assert!(lengths.contains(&2) && lengths.iter().any(|length| *length > 100_000));
        let all = || (0..WAYS.len()).map(|way| numbers("0a1b2c", way));
        assert!(
            all().any(|one| one.is_f64()) && all().any(|one| one.as_i64().is_some_and(|n| n < 0))
        );
    }

    #[test]
    fn a_member_with_a_slash_in_its_name_is_asked_for_by_its_json_pointer() {
        let fill = Fill {
            way: WAYS[1],
            number: 1,
            tokens: HashMap::new(),
        };
        let mut asked = Vec::new();
        fill.value(&serde_json::json!({ "a/b": { "~c": "x" } }), &mut |at| {
            asked.push(at.to_owned());
            None
        });
        assert_eq!(asked, ["/a~1b/~0c"]);
    }

    #[test]
    fn a_mask_as_the_run_writes_it_is_one_to_all_that_read_records() {
        let mask = Mask::of("hunter22").to_string();
        assert!(mask.starts_with(MASK) && is_masked(&mask), "{mask}");
        assert_eq!(without_masks(&mask), "[secret]");
    }

    #[test]
    fn a_token_stands_only_where_a_token_stood() {
        let token = RecordedToken {
            place: "header set-cookie".into(),
            header: r#"{"alg":"RS256"}"#.into(),
            claims: r#"{"sub":"joe"}"#.into(),
            signature: "present".into(),
            mask: "[secret:0a1b2c]".into(),
            ..RecordedToken::default()
        };
        let fill = Fill {
            way: WAYS[1],
            number: 1,
            tokens: HashMap::new(),
        };
        let text = fill.token(&token).expect("a token");
        let fill = Fill {
            tokens: HashMap::from([(token.mask.as_str(), text.clone())]),
            ..fill
        };
        let at = Some(token.mask.as_str());
        assert_eq!(
            fill.text("a=(token: RS256, signed); b", at),
            format!("a={text}; b")
        );
        assert_eq!(fill.text("sid=[secret:ffffff]", at), "sid=ffffff");
        assert_eq!(fill.text("x [secret:0a1b2c]", None), format!("x {text}"));
    }
}
