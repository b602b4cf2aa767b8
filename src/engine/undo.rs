//! Taking away again what providers made: after the row, at the end of the run, or in a sweep.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    Engine, StopLevel, StopSignal,
    capture::Flow,
    journal::{Entry, Journal, Left},
};
use crate::{
    judge,
    plan::Need,
    secret::{Redactor, is_secret_member},
    target::{Provider, Undo},
    template::Bindings,
    transcript::{Part, Stop},
};

/// How much longer the clean-up goes on once the run was told to abandon what is in flight.
const GRACE: Duration = Duration::from_secs(3);

/// What became of something that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    Removed,
    /// The target does not know it: the run died before it was made, or somebody was faster.
    Absent,
    /// It is still there, for this reason.
    Left(String),
}

/// One thing that was made, and what became of it.
#[derive(Debug, Clone)]
pub struct Swept {
    pub edition: String,
    pub provider: String,
    /// Its names, as `user_name=…`.
    pub names: String,
    /// The run that made it.
    pub run: String,
    pub undone: Undone,
}

impl Swept {
    fn new(entry: &Entry, journal: &Journal, undone: Undone) -> Self {
        let names = entry.names.iter().map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}={value}")
        });
        Self {
            edition: entry.edition.clone(),
            provider: entry.provider.clone(),
            names: names.collect::<Vec<_>>().join(", "),
            run: journal.run().to_owned(),
            undone,
        }
    }
}

impl Left {
    /// What the run left, untouched.
    #[must_use]
    pub fn things(&self) -> Vec<Swept> {
        let untouched = || Undone::Left("not removed yet".to_owned());
        let open = self.0.open();
        let each = open.iter();
        each.map(|entry| Swept::new(entry, &self.0, untouched()))
            .collect()
    }
}

impl Engine {
    /// Undoes what is still there of this run. To be called when no row is in flight any more.
    /// Once `stop` asks to abandon, it goes on for [`GRACE`] and leaves the rest to the journal.
    pub async fn finish(&self, stop: StopSignal) -> Vec<Swept> {
        // A token that was fetched at the start may have died of old age.
        self.provided.forget();
        let mut out = Vec::new();
        let mut over = std::pin::pin!(async {
            stop.reaches(StopLevel::Abandon).await;
            tokio::time::sleep(GRACE).await;
        });
        let cut_short = |entry: &Entry| {
            let why = "the clean-up was cut short by a second signal".to_owned();
            Swept::new(entry, &self.journal, Undone::Left(why))
        };
        let mut open = self.journal.open().into_iter();
        while let Some(entry) = open.next() {
            tokio::select! {
                biased;
                () = &mut over => {
                    out.push(cut_short(&entry));
                    out.extend(open.by_ref().map(|entry| cut_short(&entry)));
                }
                swept = self.sweep(&entry) => out.push(swept),
            }
        }
        self.journal.end();
        out
    }

    /// How many things of this run are still to be undone.
    pub fn pending(&self) -> usize {
        self.journal.open().len()
    }

    /// Goes on with the journal of a run that is over, to undo what it left.
    #[must_use]
    pub fn resuming(mut self, left: Left) -> Self {
        self.journal = left.0;
        self
    }

    async fn sweep(&self, entry: &Entry) -> Swept {
        let undone = match self.undo_alone(entry).await {
            Ok(undone) => {
                self.journal.undone(entry.number);
                undone
            }
            Err(why) => Undone::Left(why),
        };
        Swept::new(entry, &self.journal, undone)
    }

    /// Undoes an entry outside of any row.
    async fn undo_alone(&self, entry: &Entry) -> Result<Undone, String> {
        let served = self
            .target
            .editions
            .iter()
            .find(|(edition, _)| edition.as_str() == entry.edition);
        let Some((edition, settings)) = served else {
            return Err(format!("the target does not serve `{}`", entry.edition));
        };
        let Some(contract) = self.contracts().iter().find(|c| c.edition == *edition) else {
            return Err(format!("there is no contract of `{edition}`"));
        };
        let mut flow = Flow::new(self, settings, contract, &Value::Null);
        let outcome = match flow.bind_target().await {
            Ok(()) => flow.undo(entry).await,
            Err(stop) => Err(told(&stop)),
        };
        let redactor = Redactor::new(flow.secrets.all());
        outcome.map_err(|why| redactor.redact(&why))
    }
}

impl Flow<'_> {
    /// Writes down what a provider is about to make, and binds its names as `created`.
    pub(super) fn promise(&mut self, name: &str, undo: &Undo) -> Result<u64, Stop> {
        let mut names = Map::new();
        for (of, value) in &undo.names {
            let value = self
                .render(value)
                .map_err(|why| Stop::Setup(format!("provider `{name}`: {why}")))?;
            if value.as_str().is_some_and(|text| self.secrets.knows(text)) {
                return Err(Stop::Setup(format!(
                    "provider `{name}`: `{of}` is a secret, and the journal holds none"
                )));
            }
            names.insert(of.clone(), value);
        }
        self.bindings
            .insert("created".into(), Value::Object(names.clone()));
        self.engine
            .journal
            .make(self.contract.edition.as_str(), name, names)
            .map_err(|error| {
                Stop::Setup(format!(
                    "provider `{name}` makes nothing, because the journal cannot be written: {error}"
                ))
            })
    }

    /// Keeps what the cleanup will ask for: captures that it names and that are no secrets.
    pub(super) fn learn(&self, number: u64, provider: &Provider, undo: &Undo) {
        let captures = provider.steps().iter().flat_map(|step| &step.captures);
        let known = captures
            .filter(|capture| undo.steps.iter().any(|step| step.names(&capture.name)))
            .filter(|capture| !is_secret_member(&capture.name))
            .filter_map(|capture| {
                let value = self.bindings.get(&capture.name)?;
                let secret = value.as_str().is_some_and(|text| self.secrets.knows(text));
                (!secret && !value.is_object() && !value.is_array())
                    .then(|| (capture.name.clone(), value.clone()))
            });
        self.engine.journal.learn(number, known.collect());
    }

    /// Undoes what this row's providers made, the last first. What cannot be undone now is tried
    /// again at the end of the run.
    pub(super) async fn undo_all(&mut self) {
        while let Some(number) = self.owed.pop() {
            let Some(entry) = self.engine.journal.entry(number) else {
                continue;
            };
            if self.undo(&entry).await.is_ok() {
                self.engine.journal.undone(number);
            }
        }
    }

    /// Carries out the cleanup of an entry's provider, in bindings of its own.
    async fn undo(&mut self, entry: &Entry) -> Result<Undone, String> {
        let providers = &self.settings.providers;
        let provider = providers
            .get(&entry.provider)
            .ok_or_else(|| format!("the target has no provider `{}` any more", entry.provider))?;
        let undo = provider.undo.as_ref().ok_or_else(|| {
            format!(
                "the provider `{}` has no `cleanup` any more",
                entry.provider
            )
        })?;
        let mut inner = Bindings::new();
        inner.insert("target".into(), self.bindings["target"].clone());
        inner.insert("run".into(), json!({ "id": self.engine.journal.run() }));
        inner.insert("created".into(), Value::Object(entry.names.clone()));
        inner.extend(entry.known.clone());
        let outer = std::mem::replace(&mut self.bindings, inner);
        let outcome = self.cleanup(provider, undo).await;
        self.bindings = outer;
        outcome
    }

    async fn cleanup(&mut self, provider: &Provider, undo: &Undo) -> Result<Undone, String> {
        for need in wanted(provider, undo) {
            let value = Box::pin(self.provide(need, 1))
                .await
                .map_err(|stop| told(&stop))?;
            self.bindings.insert(need.name.clone(), value);
        }
        for step in &undo.steps {
            if step
                .unless
                .as_ref()
                .is_some_and(|name| self.bindings.contains_key(name))
            {
                continue;
            }
            let before = self.transcript.steps.len();
            self.step(step, Part::Cleanup, None)
                .await
                .map_err(|stop| told(&stop))?;
            let Some(record) = self.transcript.steps.get(before) else {
                continue;
            };
            let status = record
                .attempts
                .last()
                .and_then(|exchange| exchange.outcome.as_ref().ok())
                .map_or(0, |answer| answer.status);
            let found_out = (200..300).contains(&status) || matches!(status, 404 | 410);
            let broken = if step.checks.is_empty() {
                (!found_out).then(|| format!("answered {status}"))
            } else {
                judge::first_broken(step, record, self.contract)?
            };
            if let Some(why) = broken {
                return Err(format!("step `{}` {why}", step.name));
            }
            let unknown = step.unless.as_ref();
            if unknown.is_some_and(|name| !self.bindings.contains_key(name)) {
                return Ok(Undone::Absent);
            }
        }
        Ok(Undone::Removed)
    }
}

/// The providers that the cleanup names, with those that they are given values of, in order.
fn wanted<'p>(provider: &'p Provider, undo: &Undo) -> Vec<&'p Need> {
    let mut out: Vec<&Need> = Vec::new();
    for need in provider.needs.iter().rev() {
        let named = undo.steps.iter().any(|step| step.names(&need.name));
        if named || out.iter().any(|later| later.names(&need.name)) {
            out.push(need);
        }
    }
    out.reverse();
    out
}

fn told(stop: &Stop) -> String {
    stop.why().to_owned()
}
