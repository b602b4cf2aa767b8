//! What comes before a row: calling providers, and keeping what they gave for who may share it.

use serde_json::{Map, Value};

use super::{capture::Flow, secrets};
use crate::{
    plan::Need,
    target::Provider,
    template::{self, Bindings},
    transcript::Stop,
};

impl Flow<'_> {
    /// Calls a provider and gives its bindings; those of scope `run` are fetched once.
    pub(super) async fn provide(&mut self, need: &Need, depth: usize) -> Result<Value, Stop> {
        let Some(provider) = self.settings.providers.get(&need.provider) else {
            return Err(Stop::NotProvided(format!(
                "the target does not provide `{}`",
                need.provider
            )));
        };
        if depth > 16 {
            return Err(Stop::Harness(format!(
                "provider `{}` nests too deep",
                need.provider
            )));
        }
        let with = template::render(&need.with, &self.bindings)
            .map_err(|why| Stop::Setup(format!("provider `{}`: {why}", need.provider)))?;
        if !provider.per_run {
            return self.call(need, with, depth).await;
        }
        let key = format!("{}/{}/{with}", self.contract.edition, need.provider);
        let cell = self.engine.run_cell(&key);
        let mut slot = cell.lock().await;
        if let Some(value) = &*slot {
            secrets::collect(value, &mut self.secrets);
            return Ok(value.clone());
        }
        let before = self.owed.len();
        // What others share must not depend on whose cookies this row has, nor leave it some.
        let own = std::mem::take(&mut self.jars);
        let outcome = self.call(need, with, depth).await;
        self.jars = own;
        // Other rows go on using it, so this row must not undo it; the end of the run does.
        self.owed.truncate(before);
        let value = outcome?;
        *slot = Some(value.clone());
        Ok(value)
    }

    /// Runs a provider's flow in bindings of its own.
    async fn call(&mut self, need: &Need, with: Value, depth: usize) -> Result<Value, Stop> {
        let provider = &self.settings.providers[&need.provider];
        let mut inner = Bindings::new();
        for name in ["target", "run"] {
            inner.insert(name.into(), self.bindings[name].clone());
        }
        inner.insert("with".into(), with);
        let outer = std::mem::replace(&mut self.bindings, inner);
        let outcome = match &provider.undo {
            None => Box::pin(self.provider_flow(need, provider, depth)).await,
            Some(undo) => match self.promise(need, undo) {
                Ok(number) => {
                    let outcome = Box::pin(self.provider_flow(need, provider, depth)).await;
                    self.learn(number, provider, undo);
                    // Also what failed halfway has made something.
                    self.owed.push(number);
                    outcome
                }
                Err(stop) => Err(stop),
            },
        };
        self.bindings = outer;
        if let Ok(value) = &outcome {
            secrets::collect(value, &mut self.secrets);
        }
        outcome
    }

    async fn provider_flow(
        &mut self,
        need: &Need,
        provider: &Provider,
        depth: usize,
    ) -> Result<Value, Stop> {
        for inner in &provider.needs {
            let value = self.provide(inner, depth + 1).await?;
            self.bindings.insert(inner.name.clone(), value);
        }
        for step in &provider.steps {
            self.setup_step(step, None, &format!("provider `{}`", need.provider))
                .await?;
        }
        if let Some(yields) = &provider.yields {
            template::render(yields, &self.bindings)
                .map_err(|why| Stop::Setup(format!("provider `{}`: {why}", need.provider)))
        } else {
            let mut captured = Map::new();
            for capture in provider.steps.iter().flat_map(|step| &step.captures) {
                if let Some(value) = self.bindings.get(&capture.name) {
                    captured.insert(capture.name.clone(), value.clone());
                }
            }
            Ok(Value::Object(captured))
        }
    }
}
