//! Why an expectation cannot be compared with an answer: a mistake of its author, never the target's.

use thiserror::Error;

use super::matcher::InvalidWord;
use crate::{diag::Diagnostic, jsonpath::InvalidPath, template::TemplateError};

/// Why a check cannot judge an answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unusable {
    #[error(transparent)]
    Word(#[from] InvalidWord),
    #[error(transparent)]
    Path(#[from] InvalidPath),
    /// The documents have no text to compare with. It is only told where the code itself is the
    /// expected one: a text belongs to its code.
    #[error("the documents have no text of `{code}` in `{language}`")]
    NoText { code: String, language: String },
    #[error("the documents promise no text with an error code")]
    NoMessages,
    #[error("the documents say not where a refusal has its code")]
    NoCodes,
    /// The token is not there any more, and nobody looked when it was.
    #[error("no key of this set was tried on the token at `{at}` when it came")]
    NotRecorded { at: String },
}

/// Why an expectation cannot be used, with the place where it is written.
#[derive(Debug, Error)]
pub enum ExpectationError {
    /// A text in it cannot be computed.
    #[error("{place}: {source}")]
    Template {
        place: String,
        source: TemplateError,
    },
    /// What was computed is nothing that the check takes.
    #[error("{0}")]
    Invalid(Diagnostic),
    /// It cannot be compared with this answer.
    #[error("{place}: {source}")]
    Unusable { place: String, source: Unusable },
}

impl ExpectationError {
    /// Whether it is only known because of what the target answered, so that a finding on the same
    /// answer comes first.
    #[must_use]
    pub const fn yields(&self) -> bool {
        matches!(
            self,
            Self::Unusable {
                source: Unusable::NoText { .. },
                ..
            }
        )
    }
}
