//! What the keys of a step and of a case hold: texts, pairs, durations.

use std::time::Duration;

use serde_json::Value;

use crate::{
    diag::Diagnostic,
    yaml::{Kind, Node, holds_expression},
};

/// The text of a key.
pub(super) fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).map(str::to_owned)
}

/// The texts of a key that takes one or many.
pub(super) fn texts(node: Option<&Node>) -> Vec<String> {
    node.map(Node::one_or_many)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.text().map(str::to_owned))
        .collect()
}

/// The entries of a map with scalar values, in order; a list gives its name once for each value.
#[must_use]
pub fn scalars(node: Option<&Node>) -> Vec<(String, Value)> {
    to_json(&pairs(node))
}

/// The same pairs, places forgotten.
pub(super) fn to_json(pairs: &[(String, Node)]) -> Vec<(String, Value)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (name.clone(), value.to_json()))
        .collect()
}

/// As [`scalars`], each value a text at its place.
pub(super) fn pairs(node: Option<&Node>) -> Vec<(String, Node)> {
    node.map(Node::entries)
        .unwrap_or_default()
        .iter()
        .flat_map(|(name, value)| value.one_or_many().into_iter().map(move |one| (name, one)))
        .filter_map(|(name, value)| Some((name.text()?.to_owned(), scalar(value)?)))
        .collect()
}

/// A scalar as the text one would type, at its place.
pub(super) fn scalar(node: &Node) -> Option<Node> {
    Some(Node {
        kind: Kind::Text(node.scalar()?),
        span: node.span.clone(),
    })
}

/// A number from 1 to `most`, or why it is none; `None` for another type, which is a mistake of the file's
/// shape and found there.
pub(super) fn count(node: &Node, most: usize) -> Option<Result<usize, &'static str>> {
    let Some(number) = node.integer() else {
        let later = node.text().is_some_and(holds_expression);
        return later.then_some(Err("this number has to be known before anything is sent"));
    };
    let number = usize::try_from(number).ok();
    let number = number.filter(|number| (1..=most).contains(number));
    Some(number.ok_or("this is no number of times"))
}

/// `5s`, `500ms`, `2m`; a mistake goes to `found`.
pub fn duration(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Duration> {
    let text = node.text()?;
    let parsed = text.parse::<jiff::SignedDuration>();
    let why = match parsed.map(Duration::try_from) {
        Ok(Ok(duration)) => return Some(duration),
        Ok(Err(_)) => "it is less than nothing".to_owned(),
        Err(error) => error.to_string(),
    };
    let message = format!("`{text}` is not a duration: {why}");
    found.push(Diagnostic::new("bad-duration", &node.span, message).help("such as `5s`"));
    None
}
