//! Taking away again what providers made: after the row, at the end of the run, or in a sweep.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    Engine, StopLevel, StopSignal,
    case_run::{CaseRun, PAUSE},
    hits::{self, Hits},
    journal::{Entry, Journal, Left, printable},
    request::is_part,
};
use crate::{
    clock::Stopwatch,
    exchange::Response,
    judge,
    plan::{Need, Step},
    secret::is_secret_member,
    target::{Finds, Provider, Undo, UndoStep},
    template::{each_text, named_in},
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
            printable(&format!("{name}={value}"))
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
    /// Once `stop` asks to abandon, it goes on for three seconds and leaves the rest to the journal.
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
        let mut run = CaseRun::new(self, settings, contract, &Value::Null);
        let outcome = match run.bind_target().await {
            Ok(()) => run.undo(entry).await,
            Err(stop) => Err(told(&stop)),
        };
        let redactor = self.redactor(&run.secrets);
        outcome.map_err(|why| redactor.redact(&why))
    }
}

impl CaseRun<'_> {
    /// Writes down what a provider is about to make, and binds its names as `created`.
    pub(super) fn begin_entry(&mut self, name: &str, undo: &Undo) -> Result<u64, Stop> {
        let journal = &self.engine.journal;
        let trouble = |why: String| Stop::Setup(format!("provider `{name}`: {why}"));
        let number = journal.reserve();
        let mut names = Map::new();
        for (of, value) in undo
            .texts(journal.run(), number)
            .map_err(|error| trouble(error.to_string()))?
        {
            let value = self.render(&value).map_err(trouble)?;
            if value.as_str().is_some_and(|text| self.secrets.knows(text)) {
                return Err(trouble(format!(
                    "`{of}` is a secret, and the journal holds none"
                )));
            }
            names.insert(of, value);
        }
        self.bindings
            .insert("created".into(), Value::Object(names.clone()));
        let entry = Entry {
            number,
            edition: self.contract.edition.to_string(),
            provider: name.to_owned(),
            names,
            known: Map::new(),
        };
        journal.begin(entry).map_err(|error| {
            Stop::Setup(format!(
                "provider `{name}` makes nothing, because the journal cannot be written: {error}"
            ))
        })?;
        Ok(number)
    }

    /// Keeps what the cleanup will ask for: captures that it names and that are no secrets.
    pub(super) fn update_entry(&self, number: u64, provider: &Provider, undo: &Undo) {
        let captures = provider.steps().iter().flat_map(|step| &step.captures);
        let known = captures
            .filter(|capture| keeps(provider, undo, &capture.name))
            .filter_map(|capture| {
                let value = self.bindings.get(&capture.name)?;
                let secret = value.as_str().is_some_and(|text| self.secrets.knows(text));
                (!secret && !value.is_object() && !value.is_array())
                    .then(|| (capture.name.clone(), value.clone()))
            });
        self.engine.journal.update(number, known.collect());
    }

    /// Undoes what this row's providers made, the last first. What cannot be undone now, or is not to
    /// be found yet, is tried again at the end of the run.
    pub(super) async fn undo_all(&mut self) {
        while let Some(number) = self.pending.pop() {
            let Some(entry) = self.engine.journal.entry(number) else {
                continue;
            };
            if self.undo(&entry).await == Ok(Undone::Removed) {
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
        // What the target told comes first, so that it takes the place of nothing that the run knows.
        let mut inner = entry.known.clone();
        inner.insert("target".into(), self.bindings["target"].clone());
        inner.insert("run".into(), json!({ "id": self.engine.journal.run() }));
        inner.insert("created".into(), Value::Object(entry.names.clone()));
        let outer = std::mem::replace(&mut self.bindings, inner);
        let owner = self.provider.replace(entry.provider.clone());
        let outcome = self.cleanup(provider, undo).await;
        self.provider = owner;
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
        let (mut found, mut removed) = (false, !undo.steps.iter().any(UndoStep::changes));
        for one in &undo.steps {
            let known = |name: &String| self.bindings.contains_key(name);
            if one.unless.as_ref().is_some_and(known) {
                continue;
            }
            let step = &one.step;
            let in_step = |why: String| format!("step `{}` {why}", step.name);
            if let Some(finds) = &one.finds {
                match self.find(step, finds).await? {
                    Hits::Ours(given) => self.bindings.extend(given),
                    Hits::Gone => return Ok(Undone::Absent),
                    Hits::Unsure(why) => return Err(in_step(why)),
                }
                found = true;
                continue;
            }
            if one.changes() {
                self.parts(step).map_err(in_step)?;
            }
            let answer = self.sent_for_undo(step).await?;
            if let Some(why) = answer.broken {
                return Err(in_step(why));
            }
            if one.changes() && !answer.is_success() && found && step.checks.is_empty() {
                let status = answer.status;
                return Err(in_step(format!(
                    "answered {status} about what was just shown"
                )));
            }
            removed |= one.changes() && answer.is_success();
        }
        Ok(if removed {
            Undone::Removed
        } else {
            Undone::Absent
        })
    }

    /// Looks for ours, again and again if the step says `eventually`, and gives what it saw last.
    async fn find(&mut self, step: &Step, finds: &Finds) -> Result<Hits, String> {
        let mut once = step.clone();
        let deadline = once.eventually.take();
        let watch = Stopwatch::start();
        loop {
            let seen = self.look(&once, finds).await?;
            let over = deadline.is_none_or(|deadline| watch.elapsed() >= deadline);
            if over || matches!(seen, Hits::Ours(_)) {
                return Ok(seen);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn look(&mut self, step: &Step, finds: &Finds) -> Result<Hits, String> {
        let answer = self.sent_for_undo(step).await?;
        if let Some(why) = answer.broken {
            return Ok(Hits::Unsure(why));
        }
        if !answer.is_success() {
            return Ok(Hits::Gone);
        }
        let names = self.bindings["created"].as_object().cloned();
        let seen = hits::look(finds, answer.body.as_ref(), &names.unwrap_or_default());
        if let Hits::Ours(given) = &seen {
            for (name, value) in given {
                self.secrets.bound(name, name, value);
            }
        }
        Ok(seen)
    }

    /// Sends a step of a cleanup, and says what is wrong with its answer.
    async fn sent_for_undo(&mut self, step: &Step) -> Result<Answer, String> {
        let before = self.transcript.steps.len();
        self.step(step, Part::Cleanup, None)
            .await
            .map_err(|stop| told(&stop))?;
        let record = self.transcript.steps.get(before);
        let last = record.and_then(|record| record.attempts.last());
        let (Some(record), Some(Ok(response))) = (record, last.map(|last| &last.outcome)) else {
            return Err(format!("step `{}` was not answered", step.name));
        };
        let mut answer = Answer::of(response);
        answer.broken = if step.checks.is_empty() {
            let found_out = answer.is_success() || matches!(answer.status, 404 | 410);
            (!found_out).then(|| format!("answered {}", answer.status))
        } else {
            judge::first_broken(step, record, self.contract)?
        };
        Ok(answer)
    }

    /// A value in a path that is not one part of it would lead to something else.
    fn parts(&self, step: &Step) -> Result<(), String> {
        let taken = |text: &str| {
            let names = named_in(text).into_iter();
            let names = names.filter(|name| !name.starts_with("target."));
            names
                .flat_map(|name| self.texts_of(&name))
                .collect::<Vec<_>>()
        };
        let in_params = step.params.iter().filter_map(|(_, value)| value.as_str());
        let in_params = in_params.flat_map(taken);
        // A parameter is encoded, but these stay what they are.
        let leading = in_params.filter(|text| matches!(text.as_str(), "" | "." | ".."));
        let in_path = taken(&step.path).into_iter();
        let wrong = in_path.filter(|text| !is_part(text)).chain(leading).next();
        match wrong {
            Some(text) => Err(format!(
                "is not sent: {text:?} is not one part of a path as it stands"
            )),
            None => Ok(()),
        }
    }

    /// The texts of what a name such as `created.user_name` is bound to.
    fn texts_of(&self, name: &str) -> Vec<String> {
        let mut path = name.split('.');
        let first = self.bindings.get(path.next().unwrap_or_default());
        let value = path.fold(first, |value, member| value?.get(member));
        let mut texts = Vec::new();
        each_text(value.unwrap_or(&Value::Null), &mut |text| {
            texts.push(text.to_owned());
        });
        texts
    }
}

/// What a step of a cleanup was answered with.
struct Answer {
    status: u16,
    /// `None` for what is no JSON, or was delivered with any defect: nothing is deleted by an answer
    /// that two readers may take differently.
    body: Option<Value>,
    /// What is wrong with it.
    broken: Option<String>,
}

impl Answer {
    fn of(response: &Response) -> Self {
        Self {
            status: response.status,
            body: response
                .json()
                .filter(|_| response.defects.is_empty())
                .cloned(),
            broken: None,
        }
    }

    const fn is_success(&self) -> bool {
        matches!(self.status, 200..300)
    }
}

/// Whether what creating something told under this name is kept for its cleanup.
pub(super) fn keeps(provider: &Provider, undo: &Undo, name: &str) -> bool {
    let mut captures = provider.steps().iter().flat_map(|step| &step.captures);
    captures.any(|capture| capture.name == name) && undo.asks(name) && !is_secret_member(name)
}

/// The providers that the cleanup names, with those that they are given values of, in order.
fn wanted<'p>(provider: &'p Provider, undo: &Undo) -> Vec<&'p Need> {
    let mut out: Vec<&Need> = Vec::new();
    for need in provider.needs.iter().rev() {
        if undo.names(&need.name) || out.iter().any(|later| later.names(&need.name)) {
            out.push(need);
        }
    }
    out.reverse();
    out
}

fn told(stop: &Stop) -> String {
    stop.why().to_owned()
}
