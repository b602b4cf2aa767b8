//! Taking away again what providers made: after the test case, at the end of the run, or in a sweep.
//!
//! Takes: entries of the journal. Gives: what became of each. Never: acts on what the target only said
//! is ours.

mod cleanup;
mod error;
mod path;
mod swept;

pub use swept::{Swept, Undone};

use std::time::Duration;

use serde_json::Value;

use self::{cleanup::undo, error::CleanupError};
use super::{
    case_context::CaseContext,
    journal::Entry,
    provide::bind_target,
    run_context::RunContext,
    stopping::{StopLevel, StopSignal},
};

/// How much longer the clean-up goes on once the run was told to abandon what is in flight.
const GRACE: Duration = Duration::from_secs(3);

/// Undoes what a test case's providers made, the last first. What cannot be undone now, or is not to
/// be found yet, is tried again at the end of the run.
pub(super) async fn undo_all(context: &mut CaseContext<'_>) {
    let journal = &context.run.journal;
    while let Some(number) = context.provided.pending.pop() {
        let Some(entry) = journal.entry(number) else {
            continue;
        };
        if matches!(undo(context, &entry).await, Ok(Undone::Removed)) {
            journal.undone(number);
        }
    }
}

/// Undoes what is still there of a run. Once `stop` asks to abandon, it goes on for three seconds and
/// leaves the rest to the journal.
pub(super) async fn finish(run: &RunContext, stop: StopSignal) -> Vec<Swept> {
    // A token that was fetched at the start may have died of old age.
    run.provided.forget();
    let mut out = Vec::new();
    let mut over = std::pin::pin!(async {
        stop.reaches(StopLevel::Abandon).await;
        tokio::time::sleep(GRACE).await;
    });
    let cut_short = |entry: &Entry| {
        let why = "the clean-up was cut short by a second signal".to_owned();
        Swept::new(entry, &run.journal, Undone::Left(why))
    };
    let mut open = run.journal.open().into_iter();
    while let Some(entry) = open.next() {
        tokio::select! {
            biased;
            () = &mut over => {
                out.push(cut_short(&entry));
                out.extend(open.by_ref().map(|entry| cut_short(&entry)));
            }
            swept = sweep(run, &entry) => out.push(swept),
        }
    }
    run.journal.end();
    out
}

async fn sweep(run: &RunContext, entry: &Entry) -> Swept {
    let undone = undo_alone(run, entry).await;
    if !matches!(undone, Undone::Left(_)) {
        run.journal.undone(entry.number);
    }
    Swept::new(entry, &run.journal, undone)
}

/// Undoes an entry outside of any test case; what it says is masked.
async fn undo_alone(run: &RunContext, entry: &Entry) -> Undone {
    let mut context = match context(run, entry) {
        Ok(context) => context,
        Err(error) => return Undone::Left(error.to_string()),
    };
    let outcome = match bind_target(&mut context).await {
        Ok(()) => undo(&mut context, entry).await,
        Err(stop) => Err(CleanupError::Stopped(stop)),
    };
    let redactor = run.redactor(&context.secrets);
    outcome.unwrap_or_else(|error| Undone::Left(redactor.redact(&error.to_string())))
}

fn context<'r>(run: &'r RunContext, entry: &Entry) -> Result<CaseContext<'r>, CleanupError> {
    let mut editions = run.target.editions.iter();
    let (edition, settings) = editions
        .find(|(edition, _)| edition.as_str() == entry.edition)
        .ok_or_else(|| CleanupError::NotServed(entry.edition.clone()))?;
    let contract = run
        .contract(*edition)
        .ok_or(CleanupError::NoContract(*edition))?;
    Ok(CaseContext::new(run, settings, contract, &Value::Null))
}
