//! Values from the environment, from files, or written out.

use serde_json::{Map, Value};

use crate::{engine::case_context::CaseContext, result::Stop, target::Values};

/// A variable that is not set and a file that is not there are things this target lacks, now.
pub(super) fn values(
    context: &mut CaseContext<'_>,
    values: &Values,
    at: &str,
) -> Result<Map<String, Value>, Stop> {
    let fetched = values
        .fetch()
        .map_err(|why| Stop::NotProvided(format!("{at}: {why}")))?;
    let mut given = Map::new();
    for (name, value, secret) in fetched {
        let value = if secret {
            if let Some(text) = value.as_str() {
                context.secrets.declare(text);
            }
            value
        } else {
            context
                .render(&value)
                .map_err(|why| Stop::Setup(format!("{at}: {why}")))?
        };
        given.insert(name, value);
    }
    Ok(given)
}
