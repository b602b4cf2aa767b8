//! What may be asked of the page.

use super::words::Language;

/// How the page is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    pub evidence: Evidence,
    pub language: Language,
}

/// Of which test cases the page shows what was exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// Of all but those that simply passed.
    #[default]
    Failed,
    /// Of all.
    All,
}
