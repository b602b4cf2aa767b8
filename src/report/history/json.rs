//! The runs of a target as JSON.

use serde_json::json;

use crate::result::History;

/// The version of the form.
const VERSION: u32 = 1;

/// One object: `version`, and everything of [`History`]; `specs/history.schema.json` describes it.
///
/// # Panics
/// Never: strings and numbers are always JSON.
#[must_use]
pub fn json(history: &History) -> String {
    let mut out = serde_json::to_value(history).expect("a history is JSON");
    if let Some(members) = out.as_object_mut() {
        members.shift_insert(0, "version".to_owned(), json!(VERSION));
    }
    format!("{out:#}")
}
