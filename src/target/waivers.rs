//! The waivers file: departures of this target that its owner knows of and answers for.

use std::{collections::BTreeMap, path::Path};

use crate::{
    diag::Diagnostic,
    ids::CaseId,
    result::{Source, Waiver},
    yaml::{self, Field, Node, Shape},
};

/// The shape of a waivers file.
pub const SHAPE: Shape = Shape::Object(&[Field::new(
    "waivers",
    Shape::List(&Shape::Object(&[
        Field::new(
            "rows",
            Shape::OneOrMany(&Shape::Text),
            "Ids of rows, whole, as reports show them.",
        )
        .required(),
        Field::new(
            "departs",
            Shape::Map(&Shape::Text),
            "What the row finds, by its place, as reports show both: `status: \"403\"`, \
             `body /error_code: absent`; `*` is anything.",
        )
        .required(),
        Field::new("owner", Shape::Text, "Who answers for it.").required(),
        Field::new("reason", Shape::Text, "Why it is accepted.").required(),
        Field::new(
            "expires",
            Shape::Text,
            "The last day it holds: `2027-01-31`.",
        )
        .required(),
    ])),
    "The accepted faults.",
)
.required()]);

/// Reads the file; `shown` is its name in diagnostics.
pub(super) fn read(path: &Path, shown: &str, found: &mut Vec<Diagnostic>) -> Vec<Waiver> {
    let node = match yaml::read(path, shown) {
        Ok(node) => node,
        Err(mistake) => {
            found.push(mistake);
            return Vec::new();
        }
    };
    yaml::check(&node, &SHAPE, found);
    let entries = node.get("waivers").map(Node::items).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| waiver(entry, found))
        .collect()
}

fn waiver(entry: &Node, found: &mut Vec<Diagnostic>) -> Option<Waiver> {
    let mut word = |key: &str| {
        let node = entry.get(key)?;
        let text = node.text()?.trim();
        if text.is_empty() {
            let message = format!("a waiver says its `{key}`");
            found.push(Diagnostic::new("bad-waiver", &node.span, message));
            return None;
        }
        Some(text.to_owned())
    };
    let (owner, reason) = (word("owner"), word("reason"));
    let date = entry.get("expires")?;
    let expires = match date.text()?.parse() {
        Ok(expires) => Some(expires),
        Err(error) => {
            let message = format!("not a day: {error}");
            found.push(
                Diagnostic::new("bad-waiver", &date.span, message)
                    .help("a year, a month and a day: `2027-01-31`"),
            );
            None
        }
    };
    let departs: BTreeMap<String, String> = entry
        .get("departs")?
        .entries()
        .iter()
        .filter_map(|(place, actual)| Some((place.text()?.to_owned(), actual.scalar()?)))
        .collect();
    if departs.is_empty() {
        found.push(
            Diagnostic::new(
                "bad-waiver",
                &entry.span,
                "a waiver without `departs` would accept anything",
            )
            .help("write what the row finds: `departs: { status: \"403\" }`"),
        );
        return None;
    }
    let rows = entry.get("rows")?.one_or_many();
    let (line, column) = entry.span.position();
    Some(Waiver {
        cases: rows
            .iter()
            .filter_map(|row| row.text().map(CaseId::from))
            .collect(),
        departs,
        owner: owner?,
        reason: reason?,
        expires: expires?,
        source: Source {
            file: entry.span.file.path.clone(),
            line,
            column,
            excerpt: entry.span.excerpt().to_owned(),
        },
    })
}
