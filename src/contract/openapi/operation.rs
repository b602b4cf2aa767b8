//! What a document documents: operations, and what each answers with.

use serde_json::Value;

use super::statuses::Statuses;
use crate::{
    contract::{BodySchema, Member, pointer::pointer_part},
    diag::Span,
    ids::OperationId,
    result::{Mismatch, Subject},
};

/// A method on a path.
#[derive(Debug)]
pub struct Operation {
    pub id: OperationId,
    /// Upper case.
    pub method: String,
    /// As documented, below [`Self::server_path`].
    pub path: String,
    /// The path of the server that the document names, such as `/api/v1`; empty where it has none. A base
    /// URL with a path of its own stands for it.
    pub server_path: String,
    /// Header parameters, `Content-Type` and `Authorization` included: name and whether it is required.
    pub headers: Vec<(String, bool)>,
    /// Query parameters: name and whether it is required.
    pub query: Vec<(String, bool)>,
    /// Top-level members of the request body: name and whether it is required.
    pub members: Vec<(String, bool)>,
    pub responses: Vec<ResponseRule>,
    /// The document has a mistake in what it says of this operation, and the suite does not use it: it is
    /// not to be used either.
    pub is_left_out: bool,
    /// Where its operationId stands, or its method where it has none.
    pub span: Span,
}

/// What the contract says about the answers of one operation with one status, or with several.
#[derive(Debug)]
pub struct ResponseRule {
    pub statuses: Statuses,
    /// Documented headers.
    pub headers: Vec<ResponseHeader>,
    /// Documented media types, without parameters; none when no body is documented.
    pub content_types: Vec<String>,
    /// The schemas of those that are JSON, by media type.
    pub schemas: Vec<(String, BodySchema)>,
    /// Documented top-level members of the body, in document order.
    pub members: Vec<Member>,
    /// Where the status stands.
    pub span: Span,
    /// Where the top-level members of the body are described, by name.
    pub places: Vec<(String, Span)>,
}

/// A header that answers have.
#[derive(Debug)]
pub struct ResponseHeader {
    pub name: String,
    pub required: bool,
    /// The form of its value, where one is documented that a text can be read as.
    pub schema: Option<BodySchema>,
    /// Where its name stands.
    pub span: Span,
}

impl ResponseHeader {
    /// What a value of it breaks of its schema. A text that reads as a number or a boolean is one where the
    /// schema wants one.
    #[must_use]
    pub fn complaints(&self, text: &str) -> Vec<Mismatch> {
        let Some(schema) = &self.schema else {
            return Vec::new();
        };
        let found = schema.complaints(&Value::from(text));
        match serde_json::from_str(text) {
            Ok(value @ (Value::Number(_) | Value::Bool(_))) if !found.is_empty() => {
                schema.complaints(&value)
            }
            _ => found,
        }
    }
}

impl Operation {
    /// The rule for a status, if that status is documented: by its number, then by its class, and then by
    /// `default`.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<&ResponseRule> {
        let holding = self
            .responses
            .iter()
            .filter(|rule| rule.statuses.hold(status));
        holding.min_by_key(|rule| rule.statuses)
    }

    /// The documented statuses as they are written, for messages.
    #[must_use]
    pub fn documented_statuses(&self) -> Vec<String> {
        let rules = self.responses.iter();
        rules.map(|rule| rule.statuses.to_string()).collect()
    }

    /// The key of `responses` that documents a status, such as `4XX`; its number where none does.
    #[must_use]
    pub fn key_of(&self, status: u16) -> String {
        let own = self.response(status).map(|rule| rule.statuses.to_string());
        own.unwrap_or_else(|| status.to_string())
    }
}

impl ResponseRule {
    /// Where it is written what a body must be in this respect: at the top-level member that it is
    /// about, else at the status.
    #[must_use]
    pub fn written(&self, subject: &Subject) -> &Span {
        let (Subject::Member(at) | Subject::Absent(at)) = subject else {
            return &self.span;
        };
        let name = at.split('/').nth(1).unwrap_or_default();
        let mut places = self.places.iter();
        let place = places.find(|(place, _)| pointer_part(place) == name);
        place.map_or(&self.span, |(_, span)| span)
    }

    /// Whether the media type is documented, by its name or by a range such as `application/*`.
    #[must_use]
    pub fn allows(&self, media_type: &str) -> bool {
        self.content_types
            .iter()
            .any(|known| covers(known, media_type))
    }

    /// The schema of a body: that of its media type, and of an undocumented type the first, so that
    /// a wrong label hides nothing. `None` for types that are not JSON.
    #[must_use]
    pub fn schema(&self, media_type: Option<&str>) -> Option<&BodySchema> {
        let own = |known: &str| media_type.is_some_and(|received| covers(known, received));
        let mut schemas = self.schemas.iter();
        match media_type.filter(|received| self.allows(received)) {
            Some(_) => schemas.find(|(known, _)| own(known)),
            None => schemas.next(),
        }
        .map(|(_, schema)| schema)
    }
}

/// Whether a documented type or range holds a media type; both are in lower case.
fn covers(documented: &str, media_type: &str) -> bool {
    match documented.split_once('*') {
        None => documented == media_type,
        Some(("", "/*")) => media_type.contains('/'),
        Some((front, behind)) => {
            media_type.len() >= documented.len() - 1
                && media_type.starts_with(front)
                && media_type.ends_with(behind)
        }
    }
}

/// Whether a media type, or a range of them, is read as JSON (RFC 6839, 3.1).
#[must_use]
pub(crate) fn is_json(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/json" | "text/json" | "*/*" | "application/*"
    ) || media_type.ends_with("+json")
}

/// What stands between a base URL and a documented path: the path of the documented server, unless the
/// base URL has a path of its own, which stands for it.
#[must_use]
pub fn server_behind<'s>(base_url: &str, server_path: &'s str) -> &'s str {
    let behind = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    if behind.trim_end_matches('/').contains('/') {
        ""
    } else {
        server_path
    }
}

/// A content type without its parameters, in lower case.
#[must_use]
pub(crate) fn media_type_of(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_types_it_names() {
        for (documented, received, held) in [
            ("application/json", "application/json", true),
            ("application/json", "application/problem+json", false),
            ("application/*+json", "application/problem+json", true),
            ("application/*+json", "application/json", false),
            ("application/*", "application/json", true),
            ("application/*", "text/html", false),
            ("*/*", "text/html", true),
            ("*/*", "text", false),
        ] {
            assert_eq!(
                covers(documented, received),
                held,
                "{documented} {received}"
            );
        }
    }
}
