//! A comparison as JSON.

use serde_json::json;

use crate::result::Comparison;

/// The version of the form.
const VERSION: u32 = 1;

/// One object: `version`, `gate` (`same`, `changed`, `less-proven`, `stricter`, `broken`), `because`, `exit_code`, and
/// everything of [`Comparison`]: `before` and `after`, `rows` (`id`, `kind`, `before`, `after`, `covers`),
/// `answers` (`class`, `edition`, `call`, `operation`, `place`, `before`, `after`, `rows`, `requirements`),
/// `undetermined`, `requirements` (`id`, `sentence`, `judged`, `before`, `after`, `left_out`), `slower`; and `suite_change`
/// (`rows`, `requirements`, `not_rejudgeable`) where the suites differ and the two are told apart.
///
/// # Panics
/// Never: strings and numbers are always JSON.
#[must_use]
pub fn json(comparison: &Comparison) -> String {
    let (decision, because) = comparison.decision();
    let mut out = serde_json::to_value(comparison).expect("a comparison is JSON");
    if let Some(members) = out.as_object_mut() {
        members.insert("version".to_owned(), json!(VERSION));
        members.insert("gate".to_owned(), json!(decision));
        members.insert("because".to_owned(), json!(because));
        members.insert("exit_code".to_owned(), json!(decision.exit_code()));
    }
    format!("{out:#}")
}
