//! Where a token stands: in a member of the body, in a header, or as the body itself.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    check::{Place, show},
    exchange::Response,
    result::RecordedToken,
};

/// The scheme that a header may have before its token (RFC 6750, section 2.1).
const SCHEME: &str = "bearer";

/// The place of a token, as a `jwt` expectation names it.
pub(super) enum TokenAt<'w> {
    /// A JSON Pointer into the body.
    Member(&'w str),
    Header(&'w str),
    /// The whole body, as text.
    Body,
}

impl<'w> TokenAt<'w> {
    pub(super) fn of(wanted: &'w Value) -> Self {
        let text = |key: &str| wanted.get(key).and_then(Value::as_str);
        match (text("at"), text("header")) {
            (Some(at), _) => Self::Member(at),
            (None, Some(name)) => Self::Header(name),
            (None, None) => Self::Body,
        }
    }

    /// The place as findings, keys and records name it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Member(at) => (*at).to_owned(),
            Self::Header(name) => {
                format!("{}{}", RecordedToken::IN_HEADER, name.to_ascii_lowercase())
            }
            Self::Body => String::new(),
        }
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Self::Member(at) => Place::at(at),
            Self::Header(name) => Place::header(name),
            Self::Body => Place::body().note("as text"),
        }
    }

    /// What stands there where no token can.
    pub(super) fn instead(&self, response: &Response) -> String {
        let there = match self {
            Self::Member(at) => response.json_or_null().pointer(at).map(show),
            Self::Header(_) => None,
            Self::Body => Some("an empty body".to_owned()),
        };
        there.unwrap_or_else(|| "absent".to_owned())
    }
}

/// The text that stands where a token should, by the name of its place: a JSON Pointer, `header NAME`, or
/// nothing for the body itself. Of a header that is sent several times it is the list of all; the word
/// `Bearer` before it is no part of a token.
#[must_use]
pub fn token_text<'r>(response: &'r Response, at: &str) -> Option<Cow<'r, str>> {
    if at.is_empty() {
        let body = &response.body;
        return (!body.is_empty()).then(|| String::from_utf8_lossy(body));
    }
    let Some(name) = at.strip_prefix(RecordedToken::IN_HEADER) else {
        let there = response.json_or_null().pointer(at)?;
        return there.as_str().map(Cow::Borrowed);
    };
    let mut values = response
        .headers
        .iter()
        .filter_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value.as_str()));
    let first = values.next()?;
    let rest: Vec<&str> = values.collect();
    if rest.is_empty() {
        return Some(Cow::Borrowed(without_scheme(first)));
    }
    Some(Cow::Owned(format!("{first}, {}", rest.join(", "))))
}

fn without_scheme(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(SCHEME) => token.trim_start(),
        _ => value,
    }
}
