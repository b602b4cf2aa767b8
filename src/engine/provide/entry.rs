//! What a provider is about to make, in the journal: before the request that makes it, and with what
//! the answer said about it.

use serde_json::{Map, Value};

use crate::{
    engine::{
        case_context::CaseContext,
        journal::{Entry, keeps},
    },
    ids::ProviderId,
    result::Stop,
    target::{Provider, Undo},
    template::TemplateError,
};

/// Why something that is about to be made has no name for the journal.
#[derive(Debug, thiserror::Error)]
enum NameError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("`{0}` is a secret, and the journal holds none")]
    Secret(String),
}

/// Writes down what a provider is about to make, and binds its names as `created`.
///
/// # Errors
/// When it cannot be named or written down; then nothing may be made.
pub(super) fn begin_entry(
    context: &mut CaseContext<'_>,
    provider: &ProviderId,
    undo: &Undo,
) -> Result<u64, Stop> {
    let number = context.run.journal.reserve();
    let names = names(context, undo, number)
        .map_err(|why| Stop::Setup(format!("provider `{provider}`: {why}")))?;
    let created = Value::Object(names.clone());
    context.bindings.insert("created".into(), created);
    let entry = Entry {
        number,
        edition: context.contract.edition.to_string(),
        provider: provider.clone(),
        names,
        known: Map::new(),
    };
    context.run.journal.begin(entry).map_err(|error| {
        Stop::Setup(format!(
            "provider `{provider}` makes nothing, because the journal cannot be written: {error}"
        ))
    })?;
    Ok(number)
}

/// The names by which it can be found again.
fn names(
    context: &mut CaseContext<'_>,
    undo: &Undo,
    number: u64,
) -> Result<Map<String, Value>, NameError> {
    let mut names = Map::new();
    for (name, value) in undo.texts(context.run.journal.run(), number)? {
        let value = context.render(&value)?;
        let known = |text| context.secrets.knows(text);
        if value.as_str().is_some_and(known) {
            return Err(NameError::Secret(name));
        }
        names.insert(name, value);
    }
    Ok(names)
}

/// Keeps what the cleanup will ask for: captures that it names and that are no secrets.
pub(super) fn update_entry(
    context: &CaseContext<'_>,
    number: u64,
    provider: &Provider,
    undo: &Undo,
) {
    let captures = provider.steps().iter().flat_map(|step| &step.captures);
    let known = captures
        .filter(|capture| keeps(provider, undo, &capture.name))
        .filter_map(|capture| {
            let value = context.bindings.get(&capture.name)?;
            let known = |text| context.secrets.knows(text);
            let secret = value.as_str().is_some_and(known);
            (!secret && !value.is_object() && !value.is_array())
                .then(|| (capture.name.clone(), value.clone()))
        });
    context.run.journal.update(number, known.collect());
}
