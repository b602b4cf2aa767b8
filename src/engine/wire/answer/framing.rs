//! The bounds of an answer, and why what came is none.

use crate::exchange::TransportError;

/// The longest head that is read, in bytes; that of each interim answer too.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// So many lines a head has at most, besides the first.
pub(super) const MAX_LINES: usize = 128;

/// So many interim answers (1xx) may come before the answer.
pub(super) const MAX_INTERIM: usize = 32;

/// Why what came is no answer that could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Framing {
    #[error("the answer is not HTTP/1: it does not begin with `HTTP/1.`")]
    NotHttp,
    #[error("the answer is not HTTP: {0}")]
    Head(httparse::Error),
    #[error("the head of the answer is too long: more than {MAX_HEAD} bytes")]
    LongHead,
    #[error("the head of the answer has more than {MAX_LINES} header lines")]
    ManyLines,
    #[error("more than {MAX_INTERIM} interim answers came")]
    ManyInterim,
    #[error("the target switched protocols, which nobody asked for")]
    Switched,
    #[error("the answer tells several lengths that differ")]
    Lengths,
    #[error("the answer's content length is not a number")]
    Length,
    #[error("the answer's transfer coding is not `chunked`")]
    Coding,
    #[error("an answer in HTTP/1.0 cannot be chunked")]
    OldChunks,
    #[error("the answer's chunks are malformed")]
    Chunks,
    #[error("the answer's chunks have too long lines or extensions")]
    LongChunkLine,
    #[error("the trailers behind the answer's chunks are malformed or too long")]
    Trailers,
    #[error("the connection was closed before the answer was complete")]
    Short,
}

impl From<Framing> for TransportError {
    fn from(framing: Framing) -> Self {
        let message = framing.to_string();
        match framing {
            // The way back may be to blame, and not the target.
            Framing::Short => Self::Lost(message),
            _ => Self::Malformed(message),
        }
    }
}
