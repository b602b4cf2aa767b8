//! Which version each edition of the target says it is of: for the reports, never for a verdict.

use serde_json::{Map, Value};

use super::{
    case_context::CaseContext, provide, run_context::RunContext, step, undo, version_seen::cut,
};
use crate::{
    ids::Edition,
    result::StepOwner,
    target::{TargetEdition, Version},
};

/// The versions that are known; what must be asked for one is asked, unless nothing may be sent.
pub(super) async fn versions(run: &RunContext, may_send: bool) -> Vec<(Edition, String)> {
    let mut out = Vec::new();
    for (edition, settings) in &run.target.editions {
        let version = match &settings.version {
            Some(Version::Text(text)) => Some(cut(text)),
            Some(Version::Header(_)) => run.versions.of(*edition),
            Some(Version::Provider { .. } | Version::Step { .. }) if may_send => {
                asked(run, *edition, settings).await
            }
            Some(Version::Provider { .. } | Version::Step { .. }) | None => None,
        };
        out.extend(version.map(|version| (*edition, version)));
    }
    out
}

/// The version as a provider gives it, or as the answer to a request has it; `None` where there is none.
async fn asked(run: &RunContext, edition: Edition, settings: &TargetEdition) -> Option<String> {
    let contract = run.contract(edition)?;
    let nothing = Value::Object(Map::new());
    let mut context = CaseContext::new(run, settings, contract, &nothing);
    context.owner = StepOwner::Preflight;
    let given = given(&mut context, settings).await;
    undo::undo_all(&mut context).await;
    run.remember(&context.secrets);
    match given? {
        Value::String(text) => Some(cut(&text)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        plain => Some(cut(&plain.to_string())),
    }
}

/// What stands where the target file says that the version does.
async fn given(context: &mut CaseContext<'_>, settings: &TargetEdition) -> Option<Value> {
    provide::bind_target(context).await.ok()?;
    match settings.version.as_ref()? {
        Version::Provider { need, pointer } => {
            let given = provide::provide(context, need, 0).await.ok()?;
            given.pointer(pointer).cloned()
        }
        Version::Step { step, pointer } => {
            step::prepare(context, step, None, "version").await.ok()?;
            let sent = context.transcript.steps.last()?.attempts.last()?;
            let answer = sent.outcome.as_ref().ok()?;
            answer.json_or_null().pointer(pointer).cloned()
        }
        Version::Text(_) | Version::Header(_) => None,
    }
}
