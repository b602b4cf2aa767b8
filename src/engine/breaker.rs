//! A target that answers nothing any more is left alone.
//!
//! There is no half-open state: a run is short, and a later run finds out whether the target answers again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::result::Stop;

/// Counts the requests in a row that got no answer, over all test cases of a run.
#[derive(Debug)]
pub(super) struct Breaker {
    /// 0 never opens.
    limit: usize,
    unanswered: AtomicUsize,
    open: AtomicBool,
}

impl Breaker {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            limit,
            unanswered: AtomicUsize::new(0),
            open: AtomicBool::new(false),
        }
    }

    pub(super) fn note(&self, answered: bool) {
        if answered {
            self.unanswered.store(0, Ordering::Relaxed);
            return;
        }
        let so_far = self.unanswered.fetch_add(1, Ordering::Relaxed) + 1;
        if self.limit > 0 && so_far >= self.limit {
            self.open.store(true, Ordering::Relaxed);
        }
    }

    /// # Errors
    /// When nothing more may be sent.
    pub(super) fn check(&self) -> Result<(), Stop> {
        if !self.open.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(Stop::BreakerOpen(format!(
            "nothing more is sent to the target after {} requests in a row without an answer \
             (`limits.breaker`)",
            self.limit
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_requests_in_a_row_count_and_what_is_open_stays_open() {
        let breaker = Breaker::new(3);
        for answered in [false, false, true, false, false] {
            breaker.note(answered);
            assert_eq!(breaker.check(), Ok(()));
        }
        breaker.note(false);
        assert!(breaker.check().is_err());
        breaker.note(true);
        assert!(breaker.check().is_err());
    }

    #[test]
    fn a_limit_of_nothing_never_opens() {
        let breaker = Breaker::new(0);
        (0..100).for_each(|_| breaker.note(false));
        assert_eq!(breaker.check(), Ok(()));
    }
}
