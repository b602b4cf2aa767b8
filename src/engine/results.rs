//! The results of a run while they are concluded, wherever they are held.

use crate::result::CaseResult;

/// Results that are concluded: what is at hand of them, and the whole of each where that is more.
pub(crate) trait Results: Send {
    fn kept(&mut self) -> &mut [CaseResult];

    /// The whole of one.
    fn whole(&self, at: usize) -> CaseResult;

    /// Puts another whole result in its place.
    fn replace(&mut self, at: usize, result: CaseResult);
}
