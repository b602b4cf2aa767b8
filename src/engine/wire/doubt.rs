//! Whether what a test case was answered may have been the answer to something else.

use std::sync::{Arc, OnceLock};

/// Shared by a test case and the connections that answered it: one of these may find out long after
/// the case was judged. Clones are the same doubt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubt(Arc<OnceLock<String>>);

impl Doubt {
    /// The first reason stays.
    pub(super) fn raise(&self, why: &str) {
        let _ = self.0.set(why.to_owned());
    }

    /// Why the answers are in doubt, as a sentence without values.
    pub(crate) fn why(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
