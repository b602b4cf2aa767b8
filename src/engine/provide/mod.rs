//! What comes before a test case: calling providers, and keeping what they gave for who may share it.
//!
//! One file a kind; [`call`] lists them.

mod asker;
mod call;
mod command;
mod entry;
mod lease;
mod pool;
mod prompt;
mod shared;
mod steps;
mod values;

pub use asker::Asker;

pub(super) use call::{bind_target, find, provide};
pub(super) use command::command;
pub(super) use lease::{Held, Lease};
pub(super) use shared::{Failed, Shared};
