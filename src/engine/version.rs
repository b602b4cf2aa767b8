//! Which version each edition of the target says it is of: for the reports, never for a verdict.

use serde_json::{Map, Value};

use super::{case_context::CaseContext, provide, run_context::RunContext, undo, version_seen::cut};
use crate::{
    ids::Edition,
    result::StepOwner,
    target::{TargetEdition, Version},
};

/// The versions that are known; a provider that must tell one is called, unless nothing may be sent.
pub(super) async fn versions(run: &RunContext, may_send: bool) -> Vec<(Edition, String)> {
    let mut out = Vec::new();
    for (edition, settings) in &run.target.editions {
        let version = match &settings.version {
            Some(Version::Text(text)) => Some(cut(text)),
            Some(Version::Header(_)) => run.versions.of(*edition),
            Some(Version::Provider { .. }) if may_send => provided(run, *edition, settings).await,
            Some(Version::Provider { .. }) | None => None,
        };
        out.extend(version.map(|version| (*edition, version)));
    }
    out
}

/// The version as a provider gives it; `None` where it gives none.
async fn provided(run: &RunContext, edition: Edition, settings: &TargetEdition) -> Option<String> {
    let Some(Version::Provider { need, pointer }) = &settings.version else {
        return None;
    };
    let contract = run.contract(edition)?;
    let nothing = Value::Object(Map::new());
    let mut context = CaseContext::new(run, settings, contract, &nothing);
    context.owner = StepOwner::Preflight;
    let bound = provide::bind_target(&mut context).await.is_ok();
    let given = if bound {
        provide::provide(&mut context, need, 0).await.ok()
    } else {
        None
    };
    undo::undo_all(&mut context).await;
    run.remember(&context.secrets);
    let given = given?;
    let text = match given.pointer(pointer)? {
        Value::String(text) => text.clone(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
        plain => plain.to_string(),
    };
    Some(cut(&text))
}
