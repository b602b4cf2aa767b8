//! The bytes of an answer's body, and what they are as JSON: parsed once, however many checks ask.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::Defect;

/// So many defects of one body are told; a body can hold thousands.
const MAX_DEFECTS: usize = 8;

/// What UTF-8 text begins with when its writer marked the byte order.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A body. The bytes never change, so that what was parsed of them stays true.
#[derive(Clone, Default)]
pub struct Body {
    bytes: Vec<u8>,
    parsed: Arc<OnceLock<Parsed>>,
}

#[derive(Debug, Default)]
struct Parsed {
    value: Option<Value>,
    defects: Vec<Defect>,
}

impl Body {
    /// The body as JSON; `None` when it is not JSON from the first byte to the last.
    #[must_use]
    pub fn json(&self) -> Option<&Value> {
        self.parsed().value.as_ref()
    }

    /// What makes these bytes doubtful as JSON: another parser might read something else. Only of
    /// interest where the body is meant to be JSON.
    #[must_use]
    pub fn json_defects(&self) -> &[Defect] {
        &self.parsed().defects
    }

    /// The bytes, to be changed and put into another body.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| Parsed::of(&self.bytes))
    }
}

impl Parsed {
    fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(BYTE_ORDER_MARK) {
            return Self {
                value: None,
                defects: vec![Defect::ByteOrderMark],
            };
        }
        let mut names = Names::default();
        let mut parser = serde_json::Deserializer::from_slice(bytes);
        let value = match (Strict { names: &mut names }).deserialize(&mut parser) {
            Ok(value) => value,
            Err(error) => {
                // The parser has no kind of its own for a number that overflows.
                let overflow = error.to_string().starts_with("number out of range");
                let at = format!("at line {}, column {}", error.line(), error.column());
                let defects = overflow.then_some(Defect::Number(at));
                return Self {
                    value: None,
                    defects: defects.into_iter().collect(),
                };
            }
        };
        if parser.end().is_err() {
            return Self {
                value: None,
                defects: vec![Defect::AfterJson],
            };
        }
        let mut defects = names.twice;
        defects.extend(lossy_numbers(bytes));
        defects.truncate(MAX_DEFECTS);
        Self {
            value: Some(value),
            defects,
        }
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            parsed: Arc::default(),
        }
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        text.as_bytes().to_vec().into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Body {}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({:?})", String::from_utf8_lossy(&self.bytes))
    }
}

/// The way to the value that is read, and the names that an object has twice.
#[derive(Default)]
struct Names {
    path: Vec<Segment>,
    twice: Vec<Defect>,
}

enum Segment {
    Name(String),
    Index(usize),
}

impl Names {
    fn met_again(&mut self, name: &str) {
        if self.twice.len() == MAX_DEFECTS {
            return;
        }
        let mut at = String::new();
        for segment in &self.path {
            at.push('/');
            match segment {
                Segment::Name(name) => at.push_str(name),
                Segment::Index(index) => at.push_str(&index.to_string()),
            }
        }
        at.push('/');
        at.push_str(name);
        self.twice.push(Defect::TwiceInObject(cut(&at)));
    }
}

/// A place or a number as far as anybody wants to read it.
fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Reads a value as `serde_json` does, and notes names that one object has twice, which it drops.
struct Strict<'n> {
    names: &'n mut Names,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Value, D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        loop {
            self.names.path.push(Segment::Index(out.len()));
            let item = items.next_element_seed(Strict {
                names: &mut *self.names,
            })?;
            self.names.path.pop();
            match item {
                Some(item) => out.push(item),
                None => return Ok(Value::Array(out)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if out.contains_key(&name) {
                self.names.met_again(&name);
            }
            self.names.path.push(Segment::Name(name));
            let value = members.next_value_seed(Strict {
                names: &mut *self.names,
            })?;
            if let Some(Segment::Name(name)) = self.names.path.pop() {
                out.insert(name, value);
            }
        }
        Ok(Value::Object(out))
    }
}

/// The numbers of a text, which is JSON, that are another number once read: whole ones of more than
/// 64 bits, and others that become zero.
fn lossy_numbers(json: &[u8]) -> Vec<Defect> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < json.len() && out.len() < MAX_DEFECTS {
        match json[at] {
            b'"' => at = behind_text(json, at),
            b'-' | b'0'..=b'9' => {
                let rest = &json[at..];
                let end = rest.iter().position(|byte| !is_of_a_number(*byte));
                let number = &rest[..end.unwrap_or(rest.len())];
                at += number.len();
                if is_lossy(number) {
                    out.push(Defect::Number(cut(&String::from_utf8_lossy(number))));
                }
            }
            _ => at += 1,
        }
    }
    out
}

/// Where a text that begins here ends.
fn behind_text(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = json.get(at) {
        at += match byte {
            b'\\' => 2,
            b'"' => return at + 1,
            _ => 1,
        };
    }
    at
}

const fn is_of_a_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

fn is_lossy(number: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(number) else {
        return false;
    };
    if text.contains(['.', 'e', 'E']) {
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        let is_zero = !mantissa.contains(|c: char| matches!(c, '1'..='9'));
        return !is_zero && text.parse::<f64>().is_ok_and(|value| value == 0.0);
    }
    text.parse::<i64>().is_err() && text.parse::<u64>().is_err()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn defects(text: &str) -> Vec<String> {
        let body = Body::from(text);
        body.json_defects()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_is_read_is_what_the_ordinary_parser_reads() {
        for text in [
            r#"{"b":1,"a":[true,null,-2,1.5,"x\u00e9",{}],"c":{"d":""}}"#,
            "[1, 18446744073709551615, -9223372036854775808, 1e3, 0.1]",
            " \"text\" ",
            "{",
            "",
            "[1] 2",
            "nul",
            "[01]",
            "\u{feff}[]",
        ] {
            let plain: Option<Value> = serde_json::from_str(text).ok();
            assert_eq!(Body::from(text).json(), plain.as_ref(), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Body::from(deep).json(), None);
    }

    #[test]
    fn a_name_that_an_object_has_twice_is_told_with_its_place_however_it_is_written() {
        assert_eq!(defects(r#"{"a":1,"b":{"a":2}}"#), [""; 0]);
        for (text, place) in [
            (r#"{"a":1,"a":1}"#, "`/a`"),
            (r#"{"a":1,"\u0061":2}"#, "`/a`"),
            (r#"{"x":{"y":[0,{"a":1,"b":2,"a":3}]}}"#, "`/x/y/1/a`"),
        ] {
            let found = defects(text);
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].contains(place), "{found:?}");
        }
        // The last one counts, as for most parsers.
        let twice = Body::from(r#"{"a":1,"a":2}"#);
        assert_eq!(twice.json(), Some(&json!({ "a": 2 })));
    }

    #[test]
    fn a_number_that_becomes_another_one_is_told() {
        for text in [
            "[18446744073709551616]",
            "[-9223372036854775809]",
            "{\"a\":123456789012345678901234567890}",
            "[1e400]",
            "[-1.5e999]",
            "[1e-400]",
        ] {
            let found = defects(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("number"), "{found:?}");
        }
        for text in [
            "[18446744073709551615, 0.0, 0e9, 1e20, 1e-300]",
            r#"["123456789012345678901234567890", "\"99999999999999999999999"]"#,
        ] {
            assert_eq!(defects(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_mark_before_and_bytes_behind_the_json_are_told() {
        assert_eq!(
            Body::from("\u{feff}{}").json_defects(),
            [Defect::ByteOrderMark]
        );
        assert_eq!(Body::from("{}{}").json_defects(), [Defect::AfterJson]);
        assert_eq!(Body::from("{}\0").json_defects(), [Defect::AfterJson]);
        assert_eq!(Body::from("{} \r\n").json_defects(), []);
    }

    #[test]
    fn thousands_of_defects_are_told_as_a_few() {
        let many = format!("[{}1]", "99999999999999999999999,".repeat(10_000));
        assert_eq!(Body::from(many).json_defects().len(), MAX_DEFECTS);
        let names = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(10_000));
        assert_eq!(Body::from(names).json_defects().len(), MAX_DEFECTS);
    }
}
