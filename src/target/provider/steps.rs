//! A flow of HTTP steps, in the step language of the cases.

use std::collections::BTreeSet;

use super::{Kind, Reading};
use crate::{
    case::STEP_SHAPE,
    diag::Diagnostic,
    plan::{Step, lower_steps},
    yaml::{Field, Node, Shape},
};

pub(super) const FIELD: Field = Field::new(
    "steps",
    Shape::List(&STEP_SHAPE),
    "The HTTP flow; its captures are given.",
);

#[expect(
    clippy::unnecessary_wraps,
    reason = "kinds are read by functions of one type"
)]
pub(super) fn read(
    node: &Node,
    reading: &Reading<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Kind> {
    let contract = Some(reading.contract);
    Some(Kind::Steps(lower_steps(node.items(), contract, found)))
}

/// What the flow captures.
pub(super) fn names(steps: &[Step]) -> BTreeSet<String> {
    let captures = steps.iter().flat_map(|step| &step.captures);
    captures.map(|capture| capture.name.clone()).collect()
}
