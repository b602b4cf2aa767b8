//! Why a text cannot be computed.

use thiserror::Error;

/// Why a text with `${…}` has no value.
#[derive(Debug, Error)]
pub enum TemplateError {
    #[error("`${{` without its `}}` in `{text}`")]
    Unclosed { text: String },
    /// The expression language cannot read the expression, or fails to compute it.
    #[error("`${{{expression}}}`: {}", detail(.source))]
    Expression {
        expression: String,
        source: minijinja::Error,
    },
    /// The expression names a binding, or a member of one, that is not there.
    #[error("`${{{expression}}}` is not bound")]
    Unbound { expression: String },
    /// The expression's value has no JSON.
    #[error("`${{{expression}}}`: {source}")]
    NotJson {
        expression: String,
        source: serde_json::Error,
    },
}

/// The expression language's own sentence, without the place inside the expression.
pub(super) fn detail(error: &minijinja::Error) -> String {
    error
        .detail()
        .map_or_else(|| error.to_string(), str::to_owned)
}
