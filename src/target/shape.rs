//! Every key of a target file, with the sentence that is its manual entry.

use super::{limits, provider, version};
use crate::yaml::{Field, Shape};

const PROVIDER: Shape = Shape::Lazy("provider", provider::shape);

const SECRET: Shape = Shape::Object(&[
    Field::new("env", Shape::Text, "Name of the environment variable."),
    Field::new(
        "file",
        Shape::Text,
        "Path of a file that holds it, from this file's folder.",
    ),
    Field::new(
        "command",
        Shape::List(&Shape::Text),
        "A program and its arguments: it prints the secret.",
    ),
    Field::new(
        "timeout",
        Shape::Text,
        "Longest wait for the command: `10s`.",
    ),
]);

const TLS: Shape = Shape::Object(&[
    Field::new(
        "ca",
        Shape::Text,
        "A PEM file of certificates to trust besides the platform's.",
    ),
    Field::new(
        "cert",
        Shape::Text,
        "A PEM file with the client's own certificate and its chain.",
    ),
    Field::new(
        "key",
        Shape::Text,
        "A PEM file with the private key of `cert`.",
    ),
    Field::new(
        "min",
        Shape::Scalar,
        "The lowest TLS version that is spoken: `1.2` or `1.3`.",
    ),
]);

const PROXY: Shape = Shape::ShortOrLong(
    &Shape::Text,
    &Shape::Object(&[
        Field::new("url", Shape::Text, "`http://host:port`.").required(),
        Field::new("user", Shape::Text, "Whom the proxy knows us as."),
        Field::new("password", SECRET, "The password of `user`."),
    ]),
);

/// An address, or the variable of the environment that has it.
const ADDRESS: Shape = Shape::ShortOrLong(
    &Shape::Text,
    &Shape::Object(&[
        Field::new("env", Shape::Text, "Name of the environment variable.").required(),
        Field::new("default", Shape::Text, "The address where that is not set."),
    ]),
);

const EDITION: Shape = Shape::Object(&[
    Field::new(
        "base_url",
        ADDRESS,
        "Where the edition is served, or `embedded` for the mock in this process; \
         `{ env: NAME, default: … }` asks the environment, and `--base-url` takes its place.",
    ),
    Field::new("hosts", Shape::Map(&ADDRESS), "Further base URLs by name."),
    Field::new(
        "variables",
        Shape::Map(&Shape::Any),
        "Values that cases read as `${target.name}`; `{ env: NAME, default: … }` asks the environment.",
    ),
    Field::new(
        "variables_from",
        Shape::Text,
        "A provider whose bindings are variables too; called once a run.",
    ),
    Field::new(
        "version",
        version::SHAPE,
        "Which version the target is of, for the reports: a text, or where the target tells it.",
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
        "A place for YAML shared; otherwise ignored.",
    ),
    Field::new("editions", Shape::Map(&EDITION), "What is served where."),
    Field::new(
        "providers",
        Shape::Map(&PROVIDER),
        "Providers of every edition.",
    ),
    Field::new(
        "tls",
        TLS,
        "Whom to trust over https, and whom to appear as.",
    ),
    Field::new(
        "proxy",
        PROXY,
        "The HTTP proxy that leads to every address here; the environment names none.",
    ),
    Field::new(
        "resolve",
        Shape::Map(&Shape::Text),
        "Addresses by host, in place of looking the host up: `10.0.0.5`, or with a port.",
    ),
    Field::new(
        "headers",
        Shape::Map(&Shape::Scalar),
        "Headers of every request that does not say something else of them.",
    ),
    Field::new(
        "capabilities",
        Shape::List(&Shape::Text),
        "What this target can do that not every one can; cases name it under `requires`.",
    ),
    Field::new(
        "waivers",
        Shape::Text,
        "The file of accepted faults, from this file's folder.",
    ),
    Field::new("limits", limits::SHAPE, "How careful to be."),
    Field::new(
        "budget",
        Shape::Map(&Shape::Integer),
        "How much of what steps cost a run may use up: `{ sms: 20, accounts: 100 }`.",
    ),
    Field::new(
        "profile",
        Shape::Word(&["read-only", "non-destructive"]),
        "How much a run may do when `--profile` says nothing; `non-destructive` when absent.",
    ),
    Field::new(
        "test_tenant",
        Shape::Text,
        "A sentence: whose tenant this is, and that it may be spoiled. Only then `--profile destructive` runs.",
    ),
]);
