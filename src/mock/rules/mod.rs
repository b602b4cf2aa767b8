//! What an operation may refuse, one check a rule, grouped by what it looks at.
//!
//! A check knows no code: an edition's table gives each rule its name and its code.

pub(super) mod body;
pub(super) mod codes;
pub(super) mod headers;
pub(super) mod management;
pub(super) mod password;
pub(super) mod tokens;
pub(super) mod user;

use std::fmt;

use super::{call::Call, refusal::Refusal, state::State};

/// Decides whether a call is refused. It looks at one thing only and lets pass
/// whatever another rule is responsible for, so that rules work in any order
/// and a table without one of them still answers.
pub(super) trait Check: Fn(&Call, &State) -> Verdict + Send + Sync + 'static {}

impl<F: Fn(&Call, &State) -> Verdict + Send + Sync + 'static> Check for F {}

/// What every check gives back.
pub(super) type Verdict = Result<(), Objection>;

/// What a check has against a call, without a code.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Objection {
    /// What fills the placeholders of the message.
    args: Vec<String>,
    /// The user whose failed attempts this one adds to.
    failed_login: Option<String>,
}

impl Objection {
    fn naming(args: impl IntoIterator<Item = impl fmt::Display>) -> Self {
        Self {
            args: args.into_iter().map(|arg| arg.to_string()).collect(),
            failed_login: None,
        }
    }
}

/// The form in which a refusal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With a code and a message of the edition.
    Edition,
    /// With `error` and `error_description`.
    OAuth,
}

/// The code a tenant gives in place of the table's, where the documents allow another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherCode {
    Always(&'static str),
    /// Only where this member is there, and blank.
    IfBlank(&'static str, &'static str),
}

/// A named reason to refuse, and the code that is then given.
pub(super) struct Rule {
    pub name: &'static str,
    pub code: &'static str,
    pub other: Option<OtherCode>,
    form: Form,
    pub check: Box<dyn Check>,
}

impl Rule {
    pub(super) fn new(name: &'static str, code: &'static str, check: impl Check) -> Self {
        Self {
            name,
            code,
            other: None,
            form: Form::Edition,
            check: Box::new(check),
        }
    }

    /// A rule that refuses in the form of OAuth; its code is an OAuth error.
    pub(super) fn oauth(name: &'static str, error: &'static str, check: impl Check) -> Self {
        Self {
            form: Form::OAuth,
            ..Self::new(name, error, check)
        }
    }

    /// The same rule with another check, made from its own.
    #[must_use]
    pub(super) fn checking<C: Check>(self, make: impl FnOnce(Box<dyn Check>) -> C) -> Self {
        Self {
            check: Box::new(make(self.check)),
            ..self
        }
    }

    /// Whether its code is one of the edition's, with a message.
    #[cfg(test)]
    pub(super) fn has_message(&self) -> bool {
        self.form == Form::Edition
    }

    pub(super) fn judge(&self, call: &Call, state: &State) -> Result<(), Refusal> {
        (self.check)(call, state).map_err(|objection| Refusal {
            code: self.code,
            given_as: self.other.and_then(|other| match other {
                OtherCode::Always(code) => Some(code),
                OtherCode::IfBlank(member, code) => call.member(member).map(|_| code),
            }),
            args: objection.args,
            failed_login: objection.failed_login,
            oauth: self.form == Form::OAuth,
        })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Objects unless the condition holds; `subject` fills the message's first placeholder.
fn ensure(holds: bool, subject: &'static str) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Objection::naming([subject]))
    }
}
