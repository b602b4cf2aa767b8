//! Every key of a target file, with the sentence that is its manual entry.

use crate::{
    case::STEP_SHAPE,
    yaml::{Field, Shape},
};

const PROVIDER: Shape = Shape::Object(&[
    Field::new(
        "scope",
        Shape::Word(&["row", "run"]),
        "Called for each row, or once a run.",
    ),
    Field::new("needs", Shape::Map(&Shape::Any), "Providers it builds on."),
    Field::new("steps", Shape::List(&STEP_SHAPE), "The HTTP flow."),
    Field::new(
        "creates",
        Shape::Map(&Shape::Text),
        "Names of what the steps make, chosen by the run and written to disk before the first step; \
         read as `${created.name}`. Each holds `${unique()}` or `${run.id}`.",
    ),
    Field::new(
        "restores",
        Shape::Map(&Shape::Text),
        "As `creates`, for something that was there before and is put back by `cleanup`.",
    ),
    Field::new(
        "cleanup",
        Shape::List(&STEP_SHAPE),
        "Steps that undo it, sent whatever happened, also by `probity cleanup` after a crash.",
    ),
    Field::new(
        "yields",
        Shape::Map(&Shape::Any),
        "The bindings it gives; all captures when absent.",
    ),
]);

const SECRET: Shape = Shape::Object(&[
    Field::new("env", Shape::Text, "Name of the environment variable."),
    Field::new("file", Shape::Text, "Path of a file that holds it."),
]);

const EDITION: Shape = Shape::Object(&[
    Field::new(
        "base_url",
        Shape::Text,
        "Where the edition is served, or `embedded` for the mock in this process.",
    ),
    Field::new(
        "hosts",
        Shape::Map(&Shape::Text),
        "Further base URLs by name.",
    ),
    Field::new(
        "variables",
        Shape::Map(&Shape::Any),
        "Values that cases read as `${target.name}`.",
    ),
    Field::new(
        "variables_from",
        Shape::Text,
        "A provider whose bindings are variables too; called once a run.",
    ),
    Field::new(
        "secrets",
        Shape::Map(&SECRET),
        "Values that are never shown.",
    ),
    Field::new(
        "providers",
        Shape::Map(&PROVIDER),
        "Providers of this edition alone.",
    ),
]);

/// The shape of a target file.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new("name", Shape::Text, "The target's name in reports.").required(),
    Field::new(
        "extends",
        Shape::Text,
        "Another target file, beside this one, that this one changes.",
    ),
    Field::new(
        "define",
        Shape::Any,
        "A place for YAML anchors; otherwise ignored.",
    ),
    Field::new("editions", Shape::Map(&EDITION), "What is served where."),
    Field::new(
        "providers",
        Shape::Map(&PROVIDER),
        "Providers of every edition.",
    ),
    Field::new(
        "tls",
        Shape::Object(&[Field::new(
            "ca",
            Shape::Text,
            "A PEM file, beside this one, of certificates to trust besides the platform's.",
        )]),
        "Whom to trust over https.",
    ),
    Field::new(
        "limits",
        Shape::Object(&[
            Field::new("jobs", Shape::Integer, "Rows in flight at once."),
            Field::new("timeout_ms", Shape::Integer, "Longest wait for one answer."),
            Field::new(
                "max_body_bytes",
                Shape::Integer,
                "Longest answer that is read.",
            ),
        ]),
        "How careful to be.",
    ),
]);
