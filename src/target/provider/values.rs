//! Values from the environment, from files, or written out.

use std::{collections::BTreeSet, path::PathBuf};

use serde_json::Value;

use super::{Kind, Reading, told_once};
use crate::{
    diag::Diagnostic,
    target::{
        layers::beside,
        source::{self, SourceError},
    },
    yaml::{Field, Kind as NodeKind, Node, Shape},
};

pub(super) const FIELD: Field = Field::new(
    "values",
    Shape::Map(&Shape::ShortOrLong(
        &Shape::Scalar,
        &Shape::Object(&[
            Field::new("env", Shape::Text, "Name of an environment variable."),
            Field::new(
                "file",
                Shape::Text,
                "A file, beside this one, that holds it.",
            ),
        ]),
    )),
    "Values by name: written out, or `{ env: NAME }` or `{ file: path }`, which are never shown.",
);

/// Named values and where each comes from, in the order written.
#[derive(Debug, Clone)]
pub struct Values(Vec<(String, Source)>);

#[derive(Debug, Clone)]
enum Source {
    /// May hold `${…}`.
    Written(Value),
    /// A variable, and what it was when the target file was read.
    Environment(String, Option<String>),
    File(PathBuf),
}

impl Values {
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The values now, and which of them are not to be shown; those written out may hold `${…}`.
    ///
    /// # Errors
    /// When a variable is not set or a file cannot be read.
    pub fn fetch(&self) -> Result<Vec<(String, Value, bool)>, SourceError> {
        let fetched = self.0.iter().map(|(name, source)| {
            let (value, secret) = match source {
                Source::Written(value) => (value.clone(), false),
                Source::Environment(variable, value) => {
                    (Value::from(source::set(variable, value.as_deref())?), true)
                }
                Source::File(path) => (Value::from(source::text_of(path)?.trim_end()), true),
            };
            Ok((name.clone(), value, secret))
        });
        fetched.collect()
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "kinds are read by functions of one type"
)]
pub(super) fn read(
    node: &Node,
    reading: &Reading<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Kind> {
    let mut values = Vec::new();
    for (name, value) in node.entries() {
        let text = |key: &str| value.get(key).and_then(Node::text);
        let source = match (&value.kind, text("env"), text("file")) {
            (NodeKind::Map(_), Some(variable), None) => {
                let value = reading.outside.get(variable);
                Source::Environment(variable.to_owned(), value)
            }
            (NodeKind::Map(_), None, Some(path)) => Source::File(beside(value, path)),
            (NodeKind::Map(_), ..) => {
                told_once(
                    found,
                    Diagnostic::new(
                        "bad-provider",
                        &name.span,
                        "a value is written out, or comes from either `env` or `file`",
                    )
                    .help("code: { env: SMS_CODE }"),
                );
                Source::Written(Value::Null)
            }
            _ => Source::Written(value.to_json()),
        };
        values.push((name.text().unwrap_or_default().to_owned(), source));
    }
    Some(Kind::Values(Values(values)))
}
