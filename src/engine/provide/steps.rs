//! A flow of HTTP steps: its captures are given.

use serde_json::{Map, Value};

use crate::{
    engine::{case_context::CaseContext, not_given::not_answered, step::prepare},
    plan::Step,
    result::Stop,
};

pub(super) async fn steps(
    context: &mut CaseContext<'_>,
    steps: &[Step],
    whose: &str,
) -> Result<Map<String, Value>, Stop> {
    for (index, step) in steps.iter().enumerate() {
        if let Some(why) = not_answered(context, &steps[..index], |name| step.names(name)) {
            return Err(Stop::Answered(format!("{whose}, {why}")));
        }
        prepare(context, step, None, whose).await?;
    }
    let mut captured = Map::new();
    for capture in steps.iter().flat_map(|step| &step.captures) {
        if let Some(value) = context.bindings.get(&capture.name) {
            captured.insert(capture.name.clone(), value.clone());
        }
    }
    Ok(captured)
}
