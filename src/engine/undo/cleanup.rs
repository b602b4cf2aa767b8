//! The cleanup of one thing: it is found by the names that the run gave it, and then removed.

use serde_json::{Value, json};

use super::{
    error::{CleanupError, StepFault},
    path,
    swept::Undone,
};
use crate::{
    clock::Stopwatch,
    engine::{
        case_context::CaseContext,
        hits::{self, Hits, Unclear},
        journal::Entry,
        provide::{command, provide},
        record, step,
    },
    exchange::Response,
    judge,
    plan::{Need, Step},
    result::{Part, StepOwner},
    target::{Action, Finds, Kind, Provider, Undo, UndoStep},
};

/// Carries out the cleanup of an entry's provider, in bindings of its own.
///
/// # Errors
/// Why the thing may still be there.
pub(super) async fn undo(
    context: &mut CaseContext<'_>,
    entry: &Entry,
) -> Result<Undone, CleanupError> {
    let name = &entry.provider;
    let provider = context.settings.providers.get(name);
    let provider = provider.ok_or_else(|| CleanupError::NoProvider(name.clone()))?;
    let undo = provider.undo.as_ref();
    let undo = undo.ok_or_else(|| CleanupError::NoCleanup(name.clone()))?;
    // What the target told comes first, so that it takes the place of nothing that the run knows.
    let mut inner = entry.known.clone();
    inner.insert("target".into(), context.bindings["target"].clone());
    inner.insert("run".into(), json!({ "id": context.run.journal.run() }));
    inner.insert("created".into(), Value::Object(entry.names.clone()));
    let outer = std::mem::replace(&mut context.bindings, inner);
    let caller = std::mem::replace(&mut context.owner, StepOwner::Cleanup(name.clone()));
    let outcome = carry_out(context, provider, undo).await;
    context.owner = caller;
    context.bindings = outer;
    outcome
}

async fn carry_out(
    context: &mut CaseContext<'_>,
    provider: &Provider,
    undo: &Undo,
) -> Result<Undone, CleanupError> {
    if let Kind::Clock(clock) = &provider.kind {
        return put_right(context, provider, &clock.back).await;
    }
    bind_needs(context, provider, |name| undo.names(name)).await?;
    let (mut found, mut removed) = (false, !undo.steps.iter().any(UndoStep::changes));
    for one in &undo.steps {
        let known = |name: &String| context.bindings.contains_key(name);
        if one.unless.as_ref().is_some_and(known) {
            continue;
        }
        let Some(finds) = &one.finds else {
            removed |= remove(context, one, found).await?;
            continue;
        };
        match find(context, &one.step, finds).await? {
            Hits::Ours(given) => context.bindings.extend(given),
            Hits::Gone => return Ok(Undone::Absent),
            Hits::Unsure(why) => return Err(StepFault::Unsure(why).in_step(&one.step.name)),
        }
        found = true;
    }
    Ok(if removed {
        Undone::Removed
    } else {
        Undone::Absent
    })
}

/// Puts the time of a target right that was moved.
async fn put_right(
    context: &mut CaseContext<'_>,
    provider: &Provider,
    back: &Action,
) -> Result<Undone, CleanupError> {
    bind_needs(context, provider, |name| back.names(name)).await?;
    match back {
        Action::Command(back) => {
            let at = format!("the clock ({})", provider.place);
            let ended = command(context, back, &at).await;
            ended.map_err(CleanupError::Stopped)?;
        }
        Action::Step(step) => {
            let answer = send(context, step).await?;
            let refused = step.checks.is_empty() && !answer.is_success();
            let refused = refused.then(|| format!("answered {}", answer.status));
            if let Some(why) = answer.broken.or(refused) {
                return Err(StepFault::Broken(why).in_step(&step.name));
            }
        }
    }
    Ok(Undone::Removed)
}

/// Binds what those providers give that are named, and what they build on.
async fn bind_needs(
    context: &mut CaseContext<'_>,
    provider: &Provider,
    named: impl Fn(&str) -> bool,
) -> Result<(), CleanupError> {
    for need in needs(provider, named) {
        let value = Box::pin(provide(context, need, 1)).await;
        let value = value.map_err(CleanupError::Stopped)?;
        context.bindings.insert(need.name.clone(), value);
    }
    Ok(())
}

/// Sends a step that finds nothing; true when it changed something.
async fn remove(
    context: &mut CaseContext<'_>,
    one: &UndoStep,
    found: bool,
) -> Result<bool, CleanupError> {
    let step = &one.step;
    let in_step = |fault: StepFault| fault.in_step(&step.name);
    if one.changes() {
        path::verify(step, &context.bindings).map_err(in_step)?;
    }
    let answer = send(context, step).await?;
    if let Some(why) = answer.broken {
        return Err(in_step(StepFault::Broken(why)));
    }
    if one.changes() && !answer.is_success() && found && step.checks.is_empty() {
        return Err(in_step(StepFault::Contradicted(answer.status)));
    }
    Ok(one.changes() && answer.is_success())
}

/// Looks for ours, again and again if the step says `until`, and gives what it saw last.
async fn find(
    context: &mut CaseContext<'_>,
    step: &Step,
    finds: &Finds,
) -> Result<Hits, CleanupError> {
    let mut once = step.clone();
    let until = once.until.take();
    let watch = Stopwatch::start();
    let mut attempts = 0;
    loop {
        let seen = look(context, &once, finds).await?;
        attempts += 1;
        let until = until.as_ref();
        let pause = until.and_then(|until| until.pause_after(attempts, watch.elapsed()));
        match pause {
            Some(pause) if !matches!(seen, Hits::Ours(_)) => tokio::time::sleep(pause).await,
            _ => return Ok(seen),
        }
    }
}

async fn look(
    context: &mut CaseContext<'_>,
    step: &Step,
    finds: &Finds,
) -> Result<Hits, CleanupError> {
    let answer = send(context, step).await?;
    if let Some(why) = answer.broken {
        return Ok(Hits::Unsure(Unclear::Broken(why)));
    }
    if !answer.is_success() {
        return Ok(Hits::Gone);
    }
    let names = context.bindings["created"].as_object().cloned();
    let seen = hits::look(finds, answer.body.as_ref(), &names.unwrap_or_default());
    if let Hits::Ours(given) = &seen {
        for (name, value) in given {
            context.secrets.bound(name, name, value);
        }
    }
    Ok(seen)
}

/// Sends a step of a cleanup, and finds out what is wrong with its answer.
async fn send(context: &mut CaseContext<'_>, step: &Step) -> Result<Answer, CleanupError> {
    let before = context.transcript.steps.len();
    let sent = step::send(context, step, Part::Cleanup, None).await;
    sent.map_err(CleanupError::Stopped)?;
    let record = context.transcript.steps.get(before);
    let last = record.and_then(|record| record.attempts.last());
    let (Some(record), Some(Ok(response))) = (record, last.map(|last| &last.outcome)) else {
        return Err(CleanupError::Unanswered(step.name.clone()));
    };
    let mut answer = Answer::of(response);
    answer.broken = if step.checks.is_empty() {
        let found_out = answer.is_success() || matches!(answer.status, 404 | 410);
        (!found_out).then(|| format!("answered {}", answer.status))
    } else {
        judge::first_broken(step, record, context.contract)?.map(record::sentence)
    };
    Ok(answer)
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

/// The providers that the cleanup names, with those that they are given values of, in order.
fn needs(provider: &Provider, named: impl Fn(&str) -> bool) -> Vec<&Need> {
    let mut out: Vec<&Need> = Vec::new();
    for need in provider.needs.iter().rev() {
        if named(&need.name) || out.iter().any(|later| later.names(&need.name)) {
            out.push(need);
        }
    }
    out.reverse();
    out
}
