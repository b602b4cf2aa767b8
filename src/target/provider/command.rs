//! A program that prints one JSON object.

use std::{path::Path, time::Duration};

use serde_json::Value;

use super::{Kind, Reading, told_once};
use crate::{
    diag::Diagnostic,
    plan::duration,
    target::layers::beside,
    yaml::{Field, Node, Shape},
};

pub(super) const FIELD: Field = Field::new(
    "command",
    Shape::Object(&[
        Field::new(
            "argv",
            Shape::List(&Shape::Scalar),
            "The program and its arguments, run without a shell; a path is taken from beside this file.",
        )
        .required(),
        Field::new(
            "stdin",
            Shape::Word(&["json"]),
            "Gives the program all bindings as one JSON object; nothing when absent.",
        ),
        Field::new(
            "timeout",
            Shape::Text,
            "How long it may take; `10s` when absent.",
        ),
    ]),
    "A program that prints one JSON object: its members are given.",
);

/// A program to run.
#[derive(Debug, Clone)]
pub struct Command {
    /// A name that is looked for on the path, or a file.
    pub program: String,
    /// May hold `${…}`.
    pub arguments: Vec<Value>,
    /// Whether it reads the bindings.
    pub stdin: bool,
    pub timeout: Duration,
}

pub(super) fn read(node: &Node, _: &Reading<'_>, found: &mut Vec<Diagnostic>) -> Option<Kind> {
    let argv = node.get("argv")?;
    let mut words = argv.items().iter();
    let name = words.next().and_then(Node::text).unwrap_or_default();
    if name.is_empty() || name.contains("${") {
        told_once(
            found,
            Diagnostic::new(
                "bad-provider",
                &argv.span,
                "the first word of `argv` is the program, written out",
            )
            .help("argv: [./make-account, \"${with.state}\"]"),
        );
        return None;
    }
    // A bare name is the path's; anything else is a file.
    let program = if Path::new(name).components().count() > 1 || name.starts_with('.') {
        let file = beside(node, name);
        // Without a folder in front it would be looked for on the path.
        let file = if file.is_relative() {
            Path::new(".").join(file)
        } else {
            file
        };
        file.to_string_lossy().into_owned()
    } else {
        name.to_owned()
    };
    Some(Kind::Command(Command {
        program,
        arguments: words
            .filter_map(|word| word.scalar().map(Value::String))
            .collect(),
        stdin: node.get("stdin").is_some(),
        timeout: node
            .get("timeout")
            .and_then(|text| duration(text, found))
            .unwrap_or(Duration::from_secs(10)),
    }))
}
