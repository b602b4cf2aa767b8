//! The values that the expectations of a step could name, as a record may hold them.

use serde_json::{Map, Value};

use crate::{
    check::{FETCHED, VERIFIED},
    ids::Edition,
    result::Part,
    secret::Redactor,
    template::Bindings,
    transcript::StepRecord,
};

use super::{Engine, secrets::SecretCollector};

/// Names whose values are known from the rest of a record: what was fetched, the request itself, the run,
/// the row of the matrix.
const ELSEWHERE: [&str; 5] = [FETCHED, VERIFIED, "sent", "run", "matrix"];

/// What the steps of a test case bring, one after the other.
pub(super) struct Recorded<'r> {
    /// What was bound when the last step was judged.
    known: Option<&'r Bindings>,
    /// The target's variables, which stand at the head of a record.
    declared: &'r Map<String, Value>,
}

impl<'r> Recorded<'r> {
    pub(super) const fn new(declared: &'r Map<String, Value>) -> Self {
        Self {
            known: None,
            declared,
        }
    }

    /// What a step has that no step before it has the same, masked; nothing of one that is not judged.
    pub(super) fn of(
        &mut self,
        record: &'r StepRecord,
        redactor: &Redactor,
        secrets: &SecretCollector,
    ) -> Map<String, Value> {
        if record.index.is_none() || record.part == Part::Cleanup {
            return Map::new();
        }
        let known = self.known.replace(&record.bindings);
        let is_new = |name: &str, value: &Value| match known {
            Some(known) => known.get(name) != Some(value),
            None => name != "target" || value.as_object() != Some(self.declared),
        };
        let all = record.bindings.iter();
        let new = |(name, value): &(&String, &Value)| {
            !ELSEWHERE.contains(&name.as_str()) && is_new(name, value)
        };
        redactor.values(all.filter(new), &|text| secrets.knows(text))
    }
}

impl Engine {
    /// The variables of an edition, secrets masked.
    pub(crate) fn shown_variables(&self, edition: Edition) -> Map<String, Value> {
        let Some(settings) = self.run.target.editions.get(&edition) else {
            return Map::new();
        };
        let declared = SecretCollector::declared(settings);
        let redactor = self.run.redactor(&declared);
        redactor.values(&settings.variables, &|text| declared.knows(text))
    }

    /// The key sets that were fetched, each with its edition and where it is from.
    pub(crate) async fn fetched_keys(&self) -> Vec<(Edition, String, Value)> {
        self.run.keys.all().await
    }
}
