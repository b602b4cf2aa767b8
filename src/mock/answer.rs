//! An answer on its way out, when a test or a mutant may still edit it.

use std::sync::Arc;

/// An answer on its way out, open to editing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

/// Edits the answers of operations; the first argument is the operation's name.
pub type Rewrite = Arc<dyn Fn(&str, &mut Answer) + Send + Sync>;
