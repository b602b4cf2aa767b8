//! How a run learns which version the target says it is of: from the target file, from a header of its
//! answers, or from what a provider gives.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{layers, provider::Provider};
use crate::{
    case::STEP_SHAPE,
    contract::Contract,
    diag::Diagnostic,
    ids::ProviderId,
    plan::{Need, Step, lower_step, refuse_repeat},
    yaml::{Field, Node, Shape},
};

/// The shape of the key `version`.
pub(super) const SHAPE: Shape = Shape::ShortOrLong(
    &Shape::Text,
    &Shape::Object(&[
        Field::new(
            "header",
            Shape::Text,
            "A header of the target's answers; the first answer that has it counts.",
        ),
        Field::new(
            "provider",
            Shape::Text,
            "A provider, called once when the rows have run; `pointer` says where in its bindings.",
        ),
        Field::new(
            "pointer",
            Shape::Text,
            "A JSON Pointer into what `provider` gives, or into the answer to `step`: `/version`.",
        ),
        Field::new(
            "step",
            STEP_SHAPE,
            "A request, sent once when the rows have run; `pointer` says where in its answer.",
        ),
    ]),
);

/// Where the version of an edition is told.
#[derive(Debug, Clone)]
pub enum Version {
    /// In the target file itself.
    Text(String),
    /// In this header of the answers.
    Header(String),
    /// In what a provider gives, at this JSON Pointer.
    Provider { need: Need, pointer: String },
    /// In the answer to this request, at this JSON Pointer.
    Step { step: Box<Step>, pointer: String },
}

/// Reads the key; mistakes go to `found`.
pub(super) fn read(
    blocks: &[&Node],
    providers: &BTreeMap<ProviderId, Provider>,
    contract: &Contract,
    found: &mut Vec<Diagnostic>,
) -> Option<Version> {
    let node = layers::first(blocks, "version")?;
    if let Some(text) = node.text() {
        return Some(Version::Text(text.to_owned()));
    }
    let of = |key: &str| node.get(key).and_then(Node::text);
    let step = node.get("step");
    match (of("header"), of("provider"), step, of("pointer")) {
        (Some(header), None, None, None) => Some(Version::Header(header.to_owned())),
        (None, None, Some(step), Some(pointer)) => {
            check_pointer(node, pointer, found);
            refuse_repeat(step, found);
            Some(Version::Step {
                step: Box::new(lower_step(step, Some(contract), found)?),
                pointer: pointer.to_owned(),
            })
        }
        (None, Some(name), None, Some(pointer)) => {
            let at = node.get("provider").unwrap_or(node);
            if !providers.contains_key(name) {
                found.push(
                    Diagnostic::new(
                        "unknown-provider",
                        &at.span,
                        format!("there is no provider `{name}`"),
                    )
                    .suggest(name, providers.keys().map(ProviderId::as_str)),
                );
            }
            check_pointer(node, pointer, found);
            Some(Version::Provider {
                need: Need {
                    name: "version".to_owned(),
                    provider: name.into(),
                    with: Value::Object(Map::new()),
                    span: at.span.clone(),
                },
                pointer: pointer.to_owned(),
            })
        }
        _ => {
            let message = "`version` needs one source: a text, a `header`, or a `provider` or a `step` with a \
                           `pointer`";
            found.push(
                Diagnostic::new("bad-version", &node.span, message)
                    .help("version: { header: X-Server-Version }"),
            );
            None
        }
    }
}

fn check_pointer(node: &Node, pointer: &str, found: &mut Vec<Diagnostic>) {
    if pointer.is_empty() || pointer.starts_with('/') {
        return;
    }
    let at = node.get("pointer").unwrap_or(node);
    let message = format!("`{pointer}` is no JSON Pointer: it must begin with `/`");
    let near = format!("/{pointer}");
    found.push(Diagnostic::new("bad-pointer", &at.span, message).suggest(pointer, [near.as_str()]));
}
