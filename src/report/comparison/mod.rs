//! What changed between two runs, for people and machines: on the console, as Markdown, as JSON, and
//! as a page with both answers side by side.
//!
//! What is broken comes first, each cause once with the rows behind it; then what could not be judged, what
//! is green and answered otherwise, and the rest in counts.

mod broken;
mod html;
mod json;
mod markdown;
mod page;
mod text;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use text::{Options, text};
