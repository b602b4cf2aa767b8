//! What a proof of strength says: a page for people, and `proof.json` for machines.

mod json;
mod read;
mod text;

pub use json::render;
pub use read::beside;
pub use text::summary;

/// The name of the file among the reports.
pub const FILE: &str = "proof.json";
