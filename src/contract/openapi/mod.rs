//! The OpenAPI document of an edition, as its vendor publishes it: 3.0, 3.1 or 3.2, YAML or JSON, one file
//! or many.
//!
//! Takes: the folder of the edition, and which operations the suite uses. Gives: the operations, and every
//! mistake in what is used; a mistake in anything else is a warning, and leaves that operation out.
//! Never: guesses what a misspelt keyword means, or fetches anything.
//!
//! No crate's model is used. Those that we tried (`openapiv3`, `oas3`, `roas`) keep no place of a value in
//! the file, and drop the keywords of schemas that they do not know, which switches checks off in silence.

mod convert;
mod example;
mod files;
mod grammar;
mod operation;
mod overlay;
mod parameters;
mod read;
mod responses;
mod slips;
mod statuses;
mod version;

pub(super) use convert::fragment;
pub use example::{Blank, Credential, ExampleAnswer, ExampleBody, ExampleRequest, ExampleValue};
pub(super) use example::{requests, server};
pub(super) use files::referenced_by;
pub use operation::{Operation, ResponseHeader, ResponseRule, server_behind};
pub(crate) use operation::{is_json, media_type_of};
pub use read::Used;
pub(super) use read::{Document, load, of, schemas_of};
pub use statuses::Statuses;
