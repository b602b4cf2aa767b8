//! What the keys of a step and of a case hold: texts, pairs, durations.

use std::time::Duration;

use serde_json::Value;

use crate::{
    diag::Diagnostic,
    yaml::{Kind, Node},
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

/// `5s`, `500ms`, `2m`; a mistake goes to `found`.
pub fn duration(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Duration> {
    let text = node.text()?;
    match text.parse::<jiff::SignedDuration>() {
        Ok(duration) => Duration::try_from(duration).ok(),
        Err(error) => {
            found.push(
                Diagnostic::new(
                    "bad-duration",
                    &node.span,
                    format!("`{text}` is not a duration: {error}"),
                )
                .help("such as `5s`"),
            );
            None
        }
    }
}
