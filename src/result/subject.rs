//! What a finding and a requirement are about: one part of an answer, or what came of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The part of an answer that is judged. A finding has one; a requirement names those that its
/// sentence fixes, and only a finding on one of them violates it.
///
/// The order is that of judging: where an earlier one is wrong, a later one may not be there to be
/// judged at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// That the answer arrives as HTTP and JSON demand.
    Delivery,
    /// The request should have been accepted.
    Accepted,
    /// The request should have been refused.
    Refused,
    /// The number of the status, where the outcome is right.
    Status,
    /// The media type of the body.
    MediaType,
    /// The body as a whole: JSON, an object, or nothing.
    Form,
    /// The error code.
    Code,
    /// The text of a refusal, its language included.
    Message,
    /// A header of the answer, in small letters.
    Header(String),
    /// A member of the answer that should be there and fit, as a JSON Pointer.
    Member(String),
    /// A member of the answer that should not be there, as a JSON Pointer.
    Absent(String),
    /// That the body has no other members than those documented.
    Closed,
    /// A part of a token.
    Claim {
        /// Where the token stands in the answer: a JSON Pointer, the empty text for a body that is the
        /// token, or `header` and a name in small letters.
        token: String,
        /// `form`, `alg`, `kid`, `typ`, `signature`, `user`, `lifetime`, or a claim's name.
        part: String,
    },
    /// What the request changed, as later requests show it; the word of the register.
    Effect(String),
}

impl Subject {
    /// The same for a header under any spelling of its name.
    #[must_use]
    pub fn header(name: &str) -> Self {
        match name.to_ascii_lowercase() {
            name if name == "content-type" => Self::MediaType,
            name => Self::Header(name),
        }
    }

    /// Whether nothing else of the answer can be judged while this is wrong: another outcome, or a
    /// body that is none, has no code and no members to look at.
    #[must_use]
    pub const fn hides_the_rest(&self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::Form)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted | Self::Refused => f.write_str("outcome"),
            Self::Status => f.write_str("status"),
            Self::MediaType => f.write_str("media type"),
            Self::Form => f.write_str("form of the body"),
            Self::Code => f.write_str("error code"),
            Self::Message => f.write_str("message"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::Member(at) | Self::Absent(at) => write!(f, "member {at}"),
            Self::Closed => f.write_str("set of members"),
            Self::Claim { token, part } => write!(f, "{part} of the token {token}"),
            Self::Effect(effect) => write!(f, "effect {effect}"),
            Self::Delivery => f.write_str("delivery"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_ordered_as_they_are_judged() {
        let order = [
            Subject::Delivery,
            Subject::Accepted,
            Subject::Status,
            Subject::MediaType,
            Subject::Form,
            Subject::Code,
            Subject::Message,
            Subject::Member("/a".into()),
        ];
        assert!(order.is_sorted());
    }

    #[test]
    fn the_content_type_is_the_media_type_under_any_spelling() {
        assert_eq!(Subject::header("CONTENT-type"), Subject::MediaType);
        assert_eq!(Subject::header("X-One"), Subject::Header("x-one".into()));
    }
}
