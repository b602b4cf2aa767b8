//! What an operation may refuse, one function a rule, grouped by what it looks at.

pub(super) mod body;
pub(super) mod codes;
pub(super) mod headers;
pub(super) mod management;
pub(super) mod password;
pub(super) mod tokens;
pub(super) mod user;

use super::{call::Call, operation::Refusal, state::State};

/// What every rule gives back.
pub(super) type Verdict = Result<(), Refusal>;

/// Refuses with a code unless the condition holds; `subject` fills the message's first placeholder.
fn ensure(holds: bool, code: &'static str, subject: &'static str) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Refusal::code(code).arg(subject))
    }
}

/// Gives a rule function its shape without repeating the types at every use.
fn rule(
    check: impl Fn(&Call, &State) -> Verdict + Send + Sync + 'static,
) -> impl Fn(&Call, &State) -> Verdict + Send + Sync + 'static {
    check
}
