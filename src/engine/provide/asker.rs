//! The person at the terminal, as a provider sees them.

use std::{fmt, future::Future, io, pin::Pin};

/// Someone who can be asked.
pub trait Asker: fmt::Debug + Send + Sync {
    /// Shows a question and waits for its answer, without end; who gives up drops the future.
    fn ask<'a>(
        &'a self,
        question: &'a str,
        secret: bool,
    ) -> Pin<Box<dyn Future<Output = io::Result<String>> + Send + 'a>>;
}
