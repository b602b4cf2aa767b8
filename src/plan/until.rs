//! A step that is sent again until its answer is the one that is waited for.

use std::{sync::Arc, time::Duration};

use super::fields::{count, duration};
use crate::{
    check::{self, BoundCheck, Lint},
    diag::Diagnostic,
    yaml::{Kind, Node},
};

/// The most attempts, also where only the time is bounded.
const MOST_ATTEMPTS: usize = 1_000;

/// The first pause where none is written; each one is twice as long as the one before, up to
/// [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A step that is sent again until its answer is the one that is waited for.
#[derive(Debug, Clone)]
pub struct Until {
    /// No attempt begins later than this after the first one.
    pub within: Option<Duration>,
    /// How many attempts there are at most.
    pub at_most: usize,
    /// Between two attempts; it grows where none is written.
    pub pause: Option<Duration>,
    /// What is waited for, where that is not everything the step expects. These are the first of its
    /// checks too, so that the last attempt is judged by them.
    pub condition: Option<Arc<[BoundCheck]>>,
}

impl Until {
    /// How long to wait before the next attempt, after so many attempts in that time; `None` when there
    /// is to be no further one. The last one begins when the time is over and not long before.
    #[must_use]
    pub fn pause_after(&self, attempts: usize, elapsed: Duration) -> Option<Duration> {
        if attempts >= self.at_most {
            return None;
        }
        let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let factor = 2_u32.saturating_pow(doublings);
        let grown = FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE);
        let pause = self.pause.unwrap_or(grown);
        let Some(within) = self.within else {
            return Some(pause);
        };
        let left = within.checked_sub(elapsed)?;
        (!left.is_zero()).then(|| pause.min(left))
    }

    pub(super) fn read(node: &Node, lint: Option<&Lint<'_>>, found: &mut Vec<Diagnostic>) -> Self {
        let mut time = |key| node.get(key).and_then(|text| duration(text, found));
        let (within, pause) = (time("within"), time("pause"));
        let bound = node.get("at-most");
        let is_map = matches!(node.kind, Kind::Map(_));
        if is_map && node.get("within").is_none() && bound.is_none() {
            found.push(
                Diagnostic::new("bad-until", &node.span, "nothing says when to give up")
                    .help("within: 5s, or at-most: 10, or both"),
            );
        }
        let at_most = match bound.and_then(|bound| Some((bound, count(bound, MOST_ATTEMPTS)?))) {
            Some((_, Ok(at_most))) => at_most,
            Some((bound, Err(message))) => {
                let mistake = Diagnostic::new("bad-until", &bound.span, message);
                found.push(mistake.help(format!("a number from 1 to {MOST_ATTEMPTS}")));
                MOST_ATTEMPTS
            }
            None => MOST_ATTEMPTS,
        };
        let condition = match (node.get("expect"), lint) {
            (Some(expect), Some(lint)) => Some(check::bind(expect, lint, found).into()),
            _ => None,
        };
        Self {
            within,
            at_most,
            pause,
            condition,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn until(within: Option<Duration>, at_most: usize) -> Until {
        Until {
            within,
            at_most,
            pause: None,
            condition: None,
        }
    }

    #[test]
    fn pauses_grow_up_to_a_second_and_end_with_the_attempts() {
        let until = until(None, 8);
        let pauses: Vec<_> = (1..=8)
            .map(|attempts| until.pause_after(attempts, Duration::ZERO))
            .map(|pause| pause.map(|pause| pause.as_millis()))
            .collect();
        let grown = [50, 100, 200, 400, 800, 1_000, 1_000].map(Some);
        assert_eq!(pauses[..7], grown);
        assert_eq!(pauses[7], None);
        let endless = Until {
            at_most: MOST_ATTEMPTS,
            ..until
        };
        assert_eq!(
            endless.pause_after(999, Duration::ZERO),
            Some(LONGEST_PAUSE)
        );
    }

    #[test]
    fn the_last_attempt_begins_when_the_time_is_over_and_none_begins_after_it() {
        let until = until(Some(Duration::from_secs(5)), MOST_ATTEMPTS);
        let left = until.pause_after(20, Duration::from_millis(4_900));
        assert_eq!(left, Some(Duration::from_millis(100)));
        assert_eq!(until.pause_after(21, Duration::from_secs(5)), None);
    }
}
