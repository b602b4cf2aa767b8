//! What an operation answers, before it is given its language, its signature and its bytes.

use serde_json::{Map, Value, json};

use super::{jwt::IdClaims, refusal::Refusal};

/// What is sent back, before it is given its language and its signature.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Empty,
    Json(Map<String, Value>),
    Refused(Refusal),
}

/// An answer of the mock.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub status: u16,
    pub content: Content,
    /// Becomes the member `id_token`. Signing is slow, so it waits until the state is unlocked.
    pub id_token: Option<IdClaims>,
}

impl Reply {
    /// 200 without a body, as every documented command answers.
    pub(super) fn empty() -> Self {
        Self {
            status: 200,
            content: Content::Empty,
            id_token: None,
        }
    }

    /// 204, which has no body by its nature.
    pub(super) fn nothing() -> Self {
        Self {
            status: 204,
            ..Self::empty()
        }
    }

    /// 200 with a JSON object. Anything but an object becomes an empty one.
    pub(super) fn json(value: Value) -> Self {
        let members = match value {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        Self {
            status: 200,
            content: Content::Json(members),
            id_token: None,
        }
    }

    /// Told to the owner or to whoever uses the control path; the tenant never speaks like this.
    pub(super) fn problem(status: u16, text: &str) -> Self {
        Self {
            status,
            ..Self::json(json!({ "error": text }))
        }
    }

    /// Every documented refusal is a 400.
    pub(super) fn refused(refusal: Refusal) -> Self {
        Self {
            status: 400,
            content: Content::Refused(refusal),
            id_token: None,
        }
    }

    #[must_use]
    pub(super) fn with_id_token(mut self, claims: IdClaims) -> Self {
        self.id_token = Some(claims);
        self
    }
}
