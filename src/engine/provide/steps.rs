//! A flow of HTTP steps: its captures are given.

use serde_json::{Map, Value};

use crate::{engine::case_run::CaseRun, plan::Step, transcript::Stop};

impl CaseRun<'_> {
    pub(super) async fn steps(
        &mut self,
        steps: &[Step],
        whose: &str,
    ) -> Result<Map<String, Value>, Stop> {
        for (index, step) in steps.iter().enumerate() {
            if let Some(why) = self.not_answered(&steps[..index], |name| step.names(name)) {
                return Err(Stop::Answered(format!("{whose}, {why}")));
            }
            self.setup_step(step, None, whose).await?;
        }
        let mut captured = Map::new();
        for capture in steps.iter().flat_map(|step| &step.captures) {
            if let Some(value) = self.bindings.get(&capture.name) {
                captured.insert(capture.name.clone(), value.clone());
            }
        }
        Ok(captured)
    }
}
