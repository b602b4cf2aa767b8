//! Departures from the contract, one promise each: what a suite must notice.
//!
//! Takes: the [`Contract`](crate::contract::Contract)s and the mock's list of departures. Gives: [`Mutant`]s, each with the
//! requirements it breaks, and the edits that carry them out on a request, an answer or a mock.
//! Never: looks at a case. What is broken follows from the documents, not from what a row notices.

mod controls;
mod edit;
mod fill_missing;
mod operators;
mod relay;
mod rulings;
mod scope;
mod token_signer;

pub use controls::{gross, inert, mislabelled};
pub use fill_missing::{Good, Part, RequestEdit};
pub use operators::{catalogue, forged};
pub use relay::{Relay, Route, Upstream};
pub use rulings::{Ruling, Rulings, SHAPE as RULINGS_SHAPE, faults, load as load_rulings};
pub use token_signer::{KeyError, TokenSigner};

use std::{fmt, sync::Arc};

use crate::{
    exchange::{Request, Response},
    ids::{Edition, OperationId, RequirementId},
};

/// A server that breaks one documented promise.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// Such as `ciam/skipPasswordUpdate/member/expire:dropped`; unique and stable.
    pub id: String,
    pub edition: Edition,
    /// The operationId it belongs to.
    pub operation: OperationId,
    pub family: Family,
    /// What is done, whatever it is done to: `dropped`, `null`, `other-documented-code`, `off`, …
    pub operator: String,
    /// What the server does wrong, in one sentence.
    pub what: String,
    /// Ids of the requirements that it breaks, in the register's order.
    pub breaks: Vec<RequirementId>,
    pub documented: DocumentedStatus,
    pub change: Change,
}

/// Whether the suite has to notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentedStatus {
    /// The documents forbid it: some row has to fail.
    Forbidden,
    /// The documents say nothing about it, for this reason: noticed or not, it does not count.
    Open(String),
    /// No difference that a caller could see, or one that the documents allow, for this reason:
    /// nobody may notice.
    Equivalent(String),
}

/// Where a mutant takes hold, for the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Status,
    Code,
    Message,
    ContentType,
    Member,
    Swap,
    Token,
    Body,
    Delivery,
    /// The request reaches the target mended.
    Request,
    /// A rule or an effect of the mock.
    Rule,
}

impl Family {
    pub const ALL: [Self; 11] = [
        Self::Status,
        Self::Code,
        Self::Message,
        Self::ContentType,
        Self::Member,
        Self::Swap,
        Self::Token,
        Self::Body,
        Self::Delivery,
        Self::Request,
        Self::Rule,
    ];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Code => "code",
            Self::Message => "message",
            Self::ContentType => "content-type",
            Self::Member => "member",
            Self::Swap => "swap",
            Self::Token => "token",
            Self::Body => "body",
            Self::Delivery => "delivery",
            Self::Request => "request",
            Self::Rule => "rule",
        }
    }
}

/// How a mutant is carried out.
#[derive(Clone)]
pub enum Change {
    /// Leaves everything as it is: the control of the machinery that nothing may notice.
    Nothing,
    /// Edits matching answers of the operation.
    Answer(AnswerEdit),
    /// Mends matching requests of the operation before the target sees them.
    Request(RequestEdit),
    /// Starts the mock with this departure.
    Mock(String),
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Answer(_) => "Answer",
            Self::Request(_) => "Request",
            Self::Mock(name) => name,
        })
    }
}

/// Says of an answer whether it is the mutant's business.
pub type Applies = Arc<dyn Fn(&Request, &Response) -> bool + Send + Sync>;

/// An edit of an answer. Pure: the same answer is always edited alike, so that it works on the wire
/// and on a recorded transcript.
#[derive(Clone)]
pub struct AnswerEdit {
    pub applies: Applies,
    pub edit: Arc<dyn Fn(&mut Response) + Send + Sync>,
    pub delivery: Delivery,
}

/// What happens to the bytes of an answer on their way; only the wire can do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    #[default]
    Whole,
    /// The connection ends after half of the body.
    CutShort,
    /// The connection is closed before the first byte.
    Reset,
    /// Head and body come in many small pieces. Allowed; nothing may notice.
    InPieces,
    /// Longer than any client waits.
    TooLate,
}
