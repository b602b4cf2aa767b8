//! A tree as bytes, and back: every value in the order written, with its place in the text.
//!
//! What comes back is checked as if a stranger had written it: every place is inside the text and
//! between two characters, no value is nested deeper than the parser lets it be, and nothing is
//! reserved that the bytes could not hold.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::{
    diag::{SourceFile, Span},
    yaml::{Kind, Limits, Node},
};

/// One value. Those that it holds stand behind it; a map's are its keys and values in turn.
#[derive(Debug, Serialize, Deserialize)]
struct Value<'t> {
    /// Where it begins, from where the value before it began.
    ahead: i32,
    length: u32,
    #[serde(borrow)]
    form: Form<'t>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Form<'t> {
    Null,
    Bool(bool),
    Negative(i64),
    Positive(u64),
    Real(f64),
    /// The text that stands at its place.
    Plain,
    /// The text that stands at its place, within quotes.
    Quoted,
    Text(&'t str),
    List(u32),
    Map(u32),
}

/// The fewest bytes of a value.
const LEAST: usize = 3;

/// The tree as bytes; `None` where it holds what a file that was read cannot hold.
pub(super) fn encode(node: &Node) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut before = 0;
    write(node, &mut before, &mut out)?;
    Some(out)
}

fn write(node: &Node, before: &mut usize, out: &mut Vec<u8>) -> Option<()> {
    let range = &node.span.range;
    let start = i64::try_from(range.start).ok()?;
    let ahead = start - i64::try_from(*before).ok()?;
    *before = range.start;
    let count = |count: usize| u32::try_from(count).ok();
    let form = match &node.kind {
        Kind::Null => Form::Null,
        Kind::Bool(value) => Form::Bool(*value),
        Kind::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(value), _) => Form::Positive(value),
            (None, Some(value)) => Form::Negative(value),
            (None, None) => Form::Real(number.as_f64()?),
        },
        Kind::Text(text) if plain(&node.span) == Some(text) => Form::Plain,
        Kind::Text(text) if quoted(&node.span) == Some(text) => Form::Quoted,
        Kind::Text(text) => Form::Text(text),
        Kind::List(items) => Form::List(count(items.len())?),
        Kind::Map(entries) => Form::Map(count(entries.len())?),
    };
    let value = Value {
        ahead: i32::try_from(ahead).ok()?,
        length: count(range.len())?,
        form,
    };
    *out = postcard::to_extend(&value, std::mem::take(out)).ok()?;
    for item in node.items() {
        write(item, before, out)?;
    }
    for (key, value) in node.entries() {
        write(key, before, out)?;
        write(value, before, out)?;
    }
    Some(())
}

fn plain(span: &Span) -> Option<&str> {
    span.file.text.get(span.range.clone())
}

fn quoted(span: &Span) -> Option<&str> {
    let text = plain(span)?;
    text.get(1..text.len().checked_sub(1)?)
}

/// The tree that these bytes hold, its places in this file; `None` where they hold no such tree.
pub(super) fn decode(bytes: &[u8], file: &Arc<SourceFile>) -> Option<Node> {
    let mut decoder = Decoder {
        file,
        before: 0,
        left: bytes.len() / LEAST,
        rest: bytes,
    };
    let node = decoder.node(0)?;
    decoder.rest.is_empty().then_some(node)
}

struct Decoder<'b> {
    file: &'b Arc<SourceFile>,
    /// Where the value before began.
    before: usize,
    rest: &'b [u8],
    /// How many values the bytes may still hold that no list or map has claimed.
    left: usize,
}

impl Decoder<'_> {
    fn node(&mut self, depth: usize) -> Option<Node> {
        let (value, rest) = postcard::take_from_bytes::<Value<'_>>(self.rest).ok()?;
        self.rest = rest;
        let start = self
            .before
            .checked_add_signed(isize::try_from(value.ahead).ok()?)?;
        let end = start.checked_add(usize::try_from(value.length).ok()?)?;
        self.before = start;
        let span = Span {
            file: Arc::clone(self.file),
            range: start..end,
        };
        // Inside the text, and between characters.
        plain(&span)?;
        let kind = match value.form {
            Form::Null => Kind::Null,
            Form::Bool(value) => Kind::Bool(value),
            Form::Negative(value) => Kind::Number(value.into()),
            Form::Positive(value) => Kind::Number(value.into()),
            Form::Real(value) => Kind::Number(Number::from_f64(value)?),
            Form::Plain => Kind::Text(plain(&span)?.to_owned()),
            Form::Quoted => Kind::Text(quoted(&span)?.to_owned()),
            Form::Text(text) => Kind::Text(text.to_owned()),
            Form::List(count) => {
                let mut items = self.room(count, 1, depth)?;
                for _ in 0..count {
                    items.push(self.node(depth + 1)?);
                }
                Kind::List(items)
            }
            Form::Map(count) => {
                let mut entries = self.room(count, 2, depth)?;
                for _ in 0..count {
                    let key = self.node(depth + 1)?;
                    key.text()?;
                    entries.push((key, self.node(depth + 1)?));
                }
                Kind::Map(entries)
            }
        };
        Some(Node { kind, span })
    }

    /// Room for so many parts of so many values each, if the bytes can hold them.
    fn room<T>(&mut self, count: u32, values: usize, depth: usize) -> Option<Vec<T>> {
        let count = usize::try_from(count).ok()?;
        self.left = self.left.checked_sub(count.checked_mul(values)?)?;
        (depth < Limits::GENERATED.depth).then(|| Vec::with_capacity(count))
    }
}
