//! A flow of HTTP steps: its captures are given.

use serde_json::{Map, Value};

use crate::{engine::capture::Flow, plan::Step, transcript::Stop};

impl Flow<'_> {
    pub(super) async fn steps(
        &mut self,
        steps: &[Step],
        whose: &str,
    ) -> Result<Map<String, Value>, Stop> {
        for step in steps {
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
