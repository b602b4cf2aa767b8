//! A YAML value with its place in the source.

use std::{fmt, sync::Arc};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_yaml::Spanned;

use crate::diag::{SourceFile, Span};

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub kind: Kind,
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// Keys are text nodes, in the order written, merges applied.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The value of a key, if this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|(name, _)| name.text() == Some(key))
            .map(|(_, value)| value)
    }

    /// The entries of a map; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[(Self, Self)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// A list's elements, or the value itself as the only one: for keys that take one or many.
    #[must_use]
    pub fn one_or_many(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::List(items) => items.iter().collect(),
            _ => vec![self],
        }
    }

    /// Whether this key has that name in JSON, where every key is a text.
    #[must_use]
    pub fn is_key(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Text(text) => text == name,
            _ => self.scalar().unwrap_or_default() == name,
        }
    }

    /// The value at a JSON Pointer, which may be this one.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut parts = pointer.strip_prefix('/')?.split('/');
        parts.try_fold(self, |node, part| {
            let part = pointer_name(part);
            match &node.kind {
                Kind::Map(entries) => entries
                    .iter()
                    .find(|(name, _)| name.is_key(&part))
                    .map(|(_, value)| value),
                Kind::List(items) => items.get(part.parse::<usize>().ok()?),
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => None,
            }
        })
    }

    /// As [`Self::pointer`], to change what stands there.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut parts = pointer.strip_prefix('/')?.split('/');
        parts.try_fold(self, |node, part| {
            let part = pointer_name(part);
            match &mut node.kind {
                Kind::Map(entries) => entries
                    .iter_mut()
                    .find(|(name, _)| name.is_key(&part))
                    .map(|(_, value)| value),
                Kind::List(items) => items.get_mut(part.parse::<usize>().ok()?),
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => None,
            }
        })
    }

    /// Takes away what stands at a JSON Pointer; false where nothing does.
    pub fn remove(&mut self, pointer: &str) -> bool {
        let Some((front, last)) = pointer.rsplit_once('/') else {
            return false;
        };
        let name = pointer_name(last);
        match self.pointer_mut(front).map(|parent| &mut parent.kind) {
            Some(Kind::Map(entries)) => {
                let before = entries.len();
                entries.retain(|(key, _)| !key.is_key(&name));
                entries.len() < before
            }
            Some(Kind::List(items)) => {
                let at = name.parse().ok().filter(|at| *at < items.len());
                at.map(|at: usize| items.remove(at)).is_some()
            }
            _ => false,
        }
    }

    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match &self.kind {
            Kind::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The text of a scalar as one would type it; `None` for lists, maps and null.
    #[must_use]
    pub fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Bool(value) => Some(value.to_string()),
            Kind::Number(number) => Some(number.to_string()),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether any text of it holds `${`, and so is computed later.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        match &self.kind {
            Kind::Text(text) => holds_expression(text),
            Kind::List(items) => items.iter().any(Self::is_computed),
            Kind::Map(entries) => {
                let mut entries = entries.iter();
                entries.any(|(key, value)| key.is_computed() || value.is_computed())
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
        }
    }

    /// The same value as JSON, places forgotten.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Kind::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.scalar().unwrap_or_default(), value.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// A JSON value as a node, every part at the same place: for values put in by a matrix.
    #[must_use]
    pub fn from_json(value: &Value, span: &Span) -> Self {
        let kind = match value {
            Value::Null => Kind::Null,
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(number) => Kind::Number(number.clone()),
            Value::String(text) => Kind::Text(text.clone()),
            Value::Array(items) => Kind::List(
                items
                    .iter()
                    .map(|item| Self::from_json(item, span))
                    .collect(),
            ),
            Value::Object(entries) => Kind::Map(
                entries
                    .iter()
                    .map(|(key, value)| {
                        let key = Self {
                            kind: Kind::Text(key.clone()),
                            span: span.clone(),
                        };
                        (key, Self::from_json(value, span))
                    })
                    .collect(),
            ),
        };
        Self {
            kind,
            span: span.clone(),
        }
    }
}

/// The name that a part of a JSON Pointer stands for (RFC 6901, section 4).
#[must_use]
pub fn pointer_name(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// Whether a text holds `${`. Most hold no `$` at all, which is found out faster.
#[must_use]
pub fn holds_expression(text: &str) -> bool {
    text.contains('$') && text.contains("${")
}

/// The tree as the parser delivers it.
pub(super) enum Raw {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

/// Gives every value its span. Lists and maps have no length of their own: the first character stands for them.
pub(super) fn locate(raw: Spanned<Raw>, file: &Arc<SourceFile>) -> Node {
    let span = span_of(&raw.referenced, file);
    let kind = match raw.value {
        Raw::Null => Kind::Null,
        Raw::Bool(value) => Kind::Bool(value),
        Raw::Number(number) => Kind::Number(number),
        Raw::Text(text) => Kind::Text(text),
        Raw::List(items) => Kind::List(items.into_iter().map(|item| locate(item, file)).collect()),
        Raw::Map(entries) => Kind::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let key_span = span_of(&key.referenced, file);
                    let key = Node {
                        kind: Kind::Text(key.value),
                        span: key_span,
                    };
                    (key, locate(value, file))
                })
                .collect(),
        ),
    };
    Node { kind, span }
}

fn span_of(location: &serde_yaml::Location, file: &Arc<SourceFile>) -> Span {
    let to_usize = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
    let mut start = to_usize(location.span().byte_offset())
        .unwrap_or(0)
        .min(file.text.len());
    while !file.text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = start
        .saturating_add(to_usize(location.span().byte_len()).unwrap_or(1).max(1))
        .min(file.text.len());
    while !file.text.is_char_boundary(end) {
        end += 1;
    }
    Span {
        file: Arc::clone(file),
        range: start..end,
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Raw, E> {
        Number::from_f64(value)
            .map(Raw::Number)
            .ok_or_else(|| E::custom("not a JSON number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key()? {
            entries.push((key, access.next_value()?));
        }
        Ok(Raw::Map(entries))
    }
}
