//! The waivers file: departures of this target that its owner knows of and answers for.

use std::{collections::BTreeMap, path::Path};

use crate::{
    diag::Diagnostic,
    ids::CaseId,
    result::{IdPattern, Source, Waiver},
    yaml::{self, Field, Node, Shape},
};

/// The shape of a waivers file.
pub const SHAPE: Shape = Shape::Object(&[Field::new(
    "waivers",
    Shape::List(&Shape::Object(&[
        Field::new(
            "rows",
            Shape::OneOrMany(&Shape::Text),
            "Ids of rows, whole, as reports show them; `*` stands for any letters, and then \
             `max_matches` is needed.",
        )
        .required(),
        Field::new(
            "departs",
            Shape::Map(&Shape::Text),
            "What the row finds, by its place, as reports show both: `status: \"403\"`, \
             `body /error_code: absent`; `*` is anything.",
        ),
        Field::new(
            "fingerprints",
            Shape::OneOrMany(&Shape::Text),
            "What the row finds, by the fingerprints that reports show: twelve digits each.",
        ),
        Field::new(
            "max_matches",
            Shape::Integer,
            "How many rows may depart by a pattern; of more, none is accepted.",
        ),
        Field::new("owner", Shape::Text, "Who answers for it.").required(),
        Field::new("reason", Shape::Text, "Why it is accepted.").required(),
        Field::new(
            "since",
            Shape::Text,
            "The day on which it was accepted, for its age: `2026-12-01`.",
        ),
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
    let mut day = |key: &str| {
        let date = entry.get(key)?;
        match date.text()?.parse() {
            Ok(day) => Some(day),
            Err(error) => {
                let message = format!("not a day: {error}");
                found.push(
                    Diagnostic::new("bad-waiver", &date.span, message)
                        .help("a year, a month and a day: `2027-01-31`"),
                );
                None
            }
        }
    };
    let (since, expires) = (day("since"), day("expires"));
    let departs = entry.get("departs").map(Node::entries);
    let departs: BTreeMap<String, String> = departs
        .unwrap_or_default()
        .iter()
        .filter_map(|(place, actual)| Some((place.text()?.to_owned(), actual.scalar()?)))
        .collect();
    let fingerprints = fingerprints(entry, found);
    if departs.is_empty() && fingerprints.is_empty() {
        found.push(
            Diagnostic::new(
                "bad-waiver",
                &entry.span,
                "a waiver without `departs` and `fingerprints` would accept anything",
            )
            .help("write what the row finds: `departs: { status: \"403\" }`"),
        );
        return None;
    }
    let rows = entry.get("rows")?.one_or_many();
    let texts = rows.iter().filter_map(|row| row.text());
    let (patterns, whole): (Vec<&str>, Vec<&str>) = texts.partition(|text| text.contains('*'));
    let max_matches = max_matches(entry, !patterns.is_empty(), found)?;
    let (line, column) = entry.span.position();
    Some(Waiver {
        cases: whole.into_iter().map(CaseId::from).collect(),
        patterns: patterns.into_iter().map(IdPattern::new).collect(),
        max_matches,
        departs,
        fingerprints,
        owner: owner?,
        reason: reason?,
        since,
        expires: expires?,
        source: Source {
            file: entry.span.file.path.clone(),
            line,
            column,
            excerpt: entry.span.excerpt().to_owned(),
        },
    })
}

/// The fingerprints of an entry, each as reports write it.
fn fingerprints(entry: &Node, found: &mut Vec<Diagnostic>) -> Vec<String> {
    let list = entry.get("fingerprints").map(Node::one_or_many);
    let mut out = Vec::new();
    for node in list.unwrap_or_default() {
        let Some(text) = node.text() else {
            continue;
        };
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            out.push(text.to_ascii_lowercase());
        } else {
            let message = format!("`{text}` is no fingerprint");
            found.push(
                Diagnostic::new("bad-waiver", &node.span, message)
                    .help("twelve hexadecimal digits, as the reports write it beside a finding"),
            );
        }
    }
    out
}

/// How many rows may depart by patterns; `None` where that should be written and is not.
fn max_matches(entry: &Node, has_patterns: bool, found: &mut Vec<Diagnostic>) -> Option<usize> {
    let written = entry.get("max_matches");
    let number = written.and_then(Node::integer);
    let most = number.and_then(|number| usize::try_from(number).ok());
    if !has_patterns {
        return Some(most.unwrap_or_default());
    }
    if most.is_none_or(|most| most == 0) {
        let span = written.map_or(&entry.span, |node| &node.span);
        let message = "a pattern of rows needs `max_matches`, or it would accept ever more of them";
        found.push(
            Diagnostic::new("bad-waiver", span, message)
                .help("write how many rows depart today: `max_matches: 3`"),
        );
        return None;
    }
    most
}
