//! What an operation may refuse, one function a rule, grouped by what it looks at.

pub(super) mod body;
pub(super) mod codes;
pub(super) mod headers;
pub(super) mod management;
pub(super) mod password;
pub(super) mod tokens;
pub(super) mod user;

use std::fmt;

use super::{call::Call, refusal::Refusal, state::State};

/// What every rule gives back.
pub(super) type Verdict = Result<(), Refusal>;

/// Decides whether a call is refused. It looks at one thing only and lets pass
/// whatever another rule is responsible for, so that rules work in any order
/// and a table without one of them still answers.
pub(super) type Check = Box<dyn Fn(&Call, &State) -> Verdict + Send + Sync>;

/// A named reason to refuse.
pub(super) struct Rule {
    pub name: &'static str,
    pub check: Check,
}

impl Rule {
    pub(super) fn new(
        name: &'static str,
        check: impl Fn(&Call, &State) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            check: Box::new(check),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

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
