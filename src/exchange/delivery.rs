//! What is wrong with the way in which an answer was delivered, whatever it says.

use serde::{Deserialize, Serialize};

/// A defect of delivery: the target's mistake, and a finding about it. Its text holds no value of the
/// answer but a length, a number, a member's name or a word of a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    #[error("the body is longer than the {limit} bytes that are read of it")]
    CutAtBound { limit: usize },
    #[error("the status {0} is outside 100 to 599")]
    Status(u16),
    #[error("`Transfer-Encoding` stands beside `Content-Length`")]
    BothFramings,
    #[error("`Content-Length` is told {0} times")]
    RepeatedLength(usize),
    #[error("a line of the head ends without a carriage return")]
    BareLineFeed,
    #[error("the body is not in the content coding `{coding}`: {why}")]
    Coding { coding: String, why: String },
    #[error("the JSON begins with a byte order mark")]
    ByteOrderMark,
    #[error("there are bytes behind the JSON")]
    AfterJson,
    /// The place as a JSON Pointer.
    #[error("an object of the JSON has the member `{0}` twice")]
    TwiceInObject(String),
    /// The beginning of the number.
    #[error("a number of the JSON does not fit into 64 bits: {0}")]
    Number(String),
}

impl Defect {
    /// What would have been right.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        match self {
            Self::CutAtBound { .. } => "a body that can be read to its end",
            Self::Status(_) => "a status from 100 to 599",
            Self::BothFramings => "one of `Transfer-Encoding` and `Content-Length`",
            Self::RepeatedLength(_) => "one `Content-Length`",
            Self::BareLineFeed => "lines that end with a carriage return and a line feed",
            Self::Coding { .. } => "a body in the content coding that is told",
            Self::ByteOrderMark => "JSON from the first byte on",
            Self::AfterJson => "nothing behind the JSON",
            Self::TwiceInObject(_) => "each member of an object once",
            Self::Number(_) => "numbers that every reader takes alike",
        }
    }
}
