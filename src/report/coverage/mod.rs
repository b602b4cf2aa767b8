//! Coverage for people, what is violated first; and the same as JSON.

mod json;
mod text;

pub use json::{VERSION, json};
pub use text::{Options, text};
