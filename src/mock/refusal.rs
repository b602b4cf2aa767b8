//! Why a call is refused, before its message is made.

/// Why a call is refused: a code of the edition and what its text has to name.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: &'static str,
    /// The code this tenant gives in its place, where the documents allow another.
    pub given_as: Option<&'static str>,
    pub args: Vec<String>,
    /// The user whose failed attempts this one adds to.
    pub failed_login: Option<String>,
    /// Written in the OAuth form (`error`, `error_description`; management token pages, error example)
    /// instead of the edition's own.
    pub oauth: bool,
}
