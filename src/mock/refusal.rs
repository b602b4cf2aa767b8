//! Why a call is refused, before it is put into words.

use std::fmt;

/// Why a call is refused: a code of the edition and what its text has to name.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: &'static str,
    /// The code this tenant gives in its place, where the documents allow another.
    pub given_as: Option<&'static str>,
    pub args: Vec<String>,
    /// The user whose failed attempts this one adds to.
    pub failed_login: Option<String>,
    /// Said in the OAuth form (`error`, `error_description`) instead of the edition's own.
    pub oauth: bool,
}

impl Refusal {
    pub(super) fn code(code: &'static str) -> Self {
        Self {
            code,
            ..Self::default()
        }
    }

    /// Fills the next placeholder of the message.
    #[must_use]
    pub(super) fn arg(mut self, arg: impl fmt::Display) -> Self {
        self.args.push(arg.to_string());
        self
    }

    #[must_use]
    pub(super) fn counting_against(mut self, user_id: &str) -> Self {
        self.failed_login = Some(user_id.to_owned());
        self
    }

    /// The OAuth answer to bad management credentials (management token pages, error example).
    pub(super) fn oauth(error: &'static str, description: &str) -> Self {
        Self {
            code: error,
            args: vec![description.to_owned()],
            oauth: true,
            ..Self::default()
        }
    }
}
