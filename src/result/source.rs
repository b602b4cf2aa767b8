//! A place in a file that a person wrote, as plain data: a report can be made where no file is at hand.

use serde::{Deserialize, Serialize};

/// Where something stands in a file a person wrote: path, line, column, all from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Source {
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// The source line itself, without its line end.
    pub excerpt: String,
}
