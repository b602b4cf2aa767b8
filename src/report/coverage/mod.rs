//! Coverage for people, what is open first; and the same as JSON.

mod json;
mod text;

pub use json::{VERSION, json};
pub use text::text;
