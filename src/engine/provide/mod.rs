//! What comes before a row: calling providers, and keeping what they gave for who may share it.
//!
//! One file a kind; [`CaseRun::bind`] lists them.

mod command;
mod lease;
mod pool;
mod prompt;
mod steps;
mod values;

pub use prompt::Asker;

pub(super) use lease::{Held, Lease};

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::{case_run::CaseRun, secrets::SecretCollector, wire::Doubt};
use crate::{
    plan::{Need, uses_binding},
    target::{Kind, Provider, Scope},
    template::Bindings,
    transcript::{StepRecord, Stop},
};

/// What providers gave, or why they could not, for the rows that share it; and whom prompts ask.
#[derive(Debug, Default)]
pub(super) struct Shared {
    cells: Mutex<HashMap<String, Arc<OnceCell<Kept>>>>,
    pub asker: Option<Arc<dyn Asker>>,
    /// Held while a question is open, so that two never interleave.
    pub turn: tokio::sync::Mutex<()>,
}

/// A provider that gave nothing.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub provider: String,
    /// The step that it failed at, with what was answered; `None` where nothing was sent.
    pub record: Option<StepRecord>,
}

/// The one call of a shared provider. A failure is kept too: it would not go better 500 times.
#[derive(Debug, Clone)]
struct Kept {
    outcome: Result<Value, Stop>,
    failed: Option<Failed>,
    secrets: SecretCollector,
    leases: Vec<Arc<Lease>>,
    /// About the answers that it was made of.
    doubts: Vec<Doubt>,
}

impl Shared {
    /// What is asked for from now on is fetched anew.
    pub(super) fn forget(&self) {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.clear();
    }

    fn cell(&self, key: &str) -> Arc<OnceCell<Kept>> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(key.to_owned()).or_default())
    }
}

impl CaseRun<'_> {
    /// Calls a provider and gives its bindings; of those that are shared, once for all who share.
    pub(super) async fn provide(&mut self, need: &Need, depth: usize) -> Result<Value, Stop> {
        let settings = self.settings;
        let Some(provider) = settings.providers.get(&need.provider) else {
            self.failed.get_or_insert_with(|| Failed {
                provider: need.provider.clone(),
                record: None,
            });
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
        let whose = format!("provider `{}`", need.provider);
        // An answer that only the look beforehand would have is not worth a person's while.
        let lost = self.rehearsal && provider.scope == Scope::Row;
        if let (true, Kind::Prompt(_)) = (lost, &provider.kind) {
            let place = &provider.place;
            return Err(Stop::NotProvided(format!(
                "{whose} ({place}): a person is asked when a row needs it"
            )));
        }
        let with = self
            .render(&need.with)
            .map_err(|why| Stop::Setup(format!("{whose}: {why}")))?;
        let sharers = match provider.scope {
            Scope::Row => return self.call(need, provider, with, depth).await,
            Scope::File => self.file.as_str(),
            Scope::Run => "",
        };
        let edition = self.contract.edition;
        let cell = self
            .engine
            .provided
            .cell(&format!("{edition}/{sharers}/{whose}/{with}"));
        let mut called_here = false;
        let kept = cell
            .get_or_init(|| async {
                called_here = true;
                let leases = self.held.leases.len();
                let met =
                    std::mem::replace(&mut self.secrets, SecretCollector::declared(self.settings));
                let before = self.pending.len();
                // What others share must not depend on whose cookies this row has, nor leave it some.
                let own = std::mem::take(&mut self.jars);
                let failed = self.failed.take();
                let doubts = std::mem::replace(&mut self.doubts, vec![Doubt::default()]);
                let outcome = self.call(need, provider, with, depth).await;
                self.jars = own;
                let failed = std::mem::replace(&mut self.failed, failed);
                let doubts = std::mem::replace(&mut self.doubts, doubts);
                // Other rows go on using it, so this row must not undo it; the end of the run does.
                self.pending.truncate(before);
                Kept {
                    outcome,
                    failed,
                    secrets: std::mem::replace(&mut self.secrets, met),
                    leases: self.held.leases.get(leases..).unwrap_or_default().to_vec(),
                    doubts,
                }
            })
            .await;
        self.secrets.join(&kept.secrets);
        self.doubts.extend(kept.doubts.iter().cloned());
        for lease in &kept.leases {
            self.held.add(Arc::clone(lease));
        }
        if let (Err(_), Some(failed)) = (&kept.outcome, &kept.failed) {
            if !called_here {
                // Every row that has to do without shows what was answered.
                self.transcript.steps.extend(failed.record.clone());
            }
            self.failed.get_or_insert_with(|| failed.clone());
        }
        kept.outcome.clone()
    }

    /// Calls a provider in bindings of its own.
    async fn call(
        &mut self,
        need: &Need,
        provider: &Provider,
        with: Value,
        depth: usize,
    ) -> Result<Value, Stop> {
        let mut inner = Bindings::new();
        for name in ["target", "run"] {
            inner.insert(name.into(), self.bindings[name].clone());
        }
        inner.insert("with".into(), with);
        let outer = std::mem::replace(&mut self.bindings, inner);
        let not_given = std::mem::take(&mut self.not_given);
        let owner = self.provider.replace(need.provider.clone());
        let outcome = Box::pin(self.given(need, provider, depth)).await;
        self.provider = owner;
        self.bindings = outer;
        self.not_given = not_given;
        if let Ok(value) = &outcome {
            self.secrets.value(value);
        }
        outcome
    }

    async fn given(
        &mut self,
        need: &Need,
        provider: &Provider,
        depth: usize,
    ) -> Result<Value, Stop> {
        let before = self.transcript.steps.len();
        let outcome = self.given_by(need, provider, depth).await;
        if outcome.is_err() {
            let sent = self.transcript.steps.get(before..).unwrap_or_default();
            let record = sent.last().cloned();
            self.failed.get_or_insert_with(|| Failed {
                provider: need.provider.clone(),
                record,
            });
        }
        outcome
    }

    async fn given_by(
        &mut self,
        need: &Need,
        provider: &Provider,
        depth: usize,
    ) -> Result<Value, Stop> {
        let whose = format!("provider `{}`", need.provider);
        // Names that the run chooses may be given to what it builds on; those of what is put back
        // come from there.
        let (creates, restores) = match &provider.undo {
            Some(undo) if undo.restores => (None, Some(undo)),
            undo => (undo.as_ref(), None),
        };
        let mut promised = None;
        if let Some(undo) = creates {
            promised = Some((self.begin_entry(&need.provider, undo)?, undo));
        }
        for inner in &provider.needs {
            let value = self.provide(inner, depth + 1).await?;
            self.note_not_given(inner, &value);
            self.bindings.insert(inner.name.clone(), value);
        }
        if let Some(undo) = restores {
            promised = Some((self.begin_entry(&need.provider, undo)?, undo));
        }
        let outcome = self.made(provider, &whose).await;
        if let Some((number, undo)) = promised {
            self.update_entry(number, provider, undo);
            // Also what failed halfway has made something.
            self.pending.push(number);
        }
        outcome
    }

    /// What the provider's kind gives, as others see it.
    async fn made(&mut self, provider: &Provider, whose: &str) -> Result<Value, Stop> {
        let given = self.bind(provider, whose).await?;
        let Some(yields) = &provider.yields else {
            return Ok(Value::Object(given));
        };
        self.bindings.extend(given);
        let missing = self.not_answered(provider.steps(), |name| uses_binding(yields, name));
        if let Some(why) = missing {
            return Err(Stop::Answered(format!("{whose}, {why}")));
        }
        self.render(yields)
            .map_err(|why| Stop::Setup(format!("{whose}: {why}")))
    }

    /// Does what the provider's kind does and gives what that binds.
    async fn bind(&mut self, provider: &Provider, whose: &str) -> Result<Map<String, Value>, Stop> {
        let at = format!("{whose} ({})", provider.place);
        match &provider.kind {
            Kind::Steps(steps) => self.steps(steps, whose).await,
            Kind::Command(command) => self.command(command, &at).await,
            Kind::Pool(pool) => self.pool(pool, &at).await,
            Kind::Values(values) => self.values(values, &at),
            Kind::Prompt(prompt) => self.prompt(prompt, &at).await,
        }
    }
}
