//! Values from the environment, from files, or written out.

use serde_json::{Map, Value};

use crate::{engine::case_run::CaseRun, target::Values, transcript::Stop};

impl CaseRun<'_> {
    /// A variable that is not set and a file that is not there are things this target lacks, now.
    pub(super) fn values(&mut self, values: &Values, at: &str) -> Result<Map<String, Value>, Stop> {
        let fetched = values
            .fetch()
            .map_err(|why| Stop::NotProvided(format!("{at}: {why}")))?;
        let mut given = Map::new();
        for (name, value, secret) in fetched {
            let value = if secret {
                if let Some(text) = value.as_str() {
                    self.secrets.told(text);
                }
                value
            } else {
                self.render(&value)
                    .map_err(|why| Stop::Setup(format!("{at}: {why}")))?
            };
            given.insert(name, value);
        }
        Ok(given)
    }
}
