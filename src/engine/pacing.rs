//! When the next request may leave: the pace of the target file, the silence a target asks for, and the
//! test cases that want to be alone.
//!
//! Every request of a run takes its turn here, whoever sends it. A turn is
//! counted from the moment it was really given and not from the one it was due, so that a turn that
//! came late brings no later one nearer: that is why this is no cell rate limiter, which spaces the
//! moments that turns are due.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use crate::{clock::Stopwatch, target};

/// After a silence all who waited would leave at the same moment; each waits so much longer at most.
const SPREAD: Duration = Duration::from_millis(100);

/// The turns of a run; several engines may share one.
#[derive(Debug)]
pub(super) struct Pacing {
    clock: Stopwatch,
    /// The turns given of late; whoever holds it is the next.
    turns: Option<Mutex<Turns>>,
    /// Nothing leaves before, in microseconds of the clock.
    silent_until: AtomicU64,
    /// The places of the test cases that are carried out; one that is exclusive takes them all. Those who
    /// wait are served in the order in which they came.
    places: Semaphore,
}

/// More than there can be test cases in flight.
const PLACES: u32 = 1 << 20;

impl Pacing {
    pub(super) fn new(pace: Option<target::Pace>) -> Self {
        Self {
            clock: Stopwatch::start(),
            turns: pace.map(|pace| Mutex::new(Turns::new(pace))),
            silent_until: AtomicU64::new(0),
            places: Semaphore::new(PLACES as usize),
        }
    }

    /// Returns when a test case may be carried out, for as long as the permit is held: an exclusive one when
    /// no other is, and any other when no exclusive one is.
    pub(super) async fn test_case(&self, exclusive: bool) -> Option<SemaphorePermit<'_>> {
        let places = if exclusive { PLACES } else { 1 };
        // It is never closed, so there is always a permit.
        self.places.acquire_many(places).await.ok()
    }

    /// Returns when one more request may leave.
    pub(super) async fn turn(&self) {
        let Some(turns) = &self.turns else {
            return self.silence().await;
        };
        // Those who wait are served in the order in which they came.
        let mut turns = turns.lock().await;
        loop {
            self.silence().await;
            let now = self.clock.elapsed();
            let wait = turns.due().saturating_sub(now);
            if wait.is_zero() {
                return turns.give(now);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Nothing leaves for so long from now on.
    pub(super) fn hold(&self, silence: Duration) {
        let until = self.clock.elapsed() + silence;
        let until = u64::try_from(until.as_micros()).unwrap_or(u64::MAX);
        self.silent_until.fetch_max(until, Ordering::Relaxed);
    }

    async fn silence(&self) {
        loop {
            let until = Duration::from_micros(self.silent_until.load(Ordering::Relaxed));
            let left = until.saturating_sub(self.clock.elapsed());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left + SPREAD.min(left).mul_f64(fastrand::f64())).await;
        }
    }
}

/// The pace as a rule about the moments at which turns were given.
#[derive(Debug)]
struct Turns {
    pace: target::Pace,
    given: VecDeque<Duration>,
}

impl Turns {
    const fn new(pace: target::Pace) -> Self {
        Self {
            pace,
            given: VecDeque::new(),
        }
    }

    /// When the next turn may be given: the time of the pace after the one that is as many turns back as
    /// may be given in it, and the like for a burst.
    fn due(&self) -> Duration {
        let target::Pace {
            requests,
            burst,
            within,
        } = self.pace;
        let after = |turns: usize, wait: Duration| {
            let back = self.given.len().checked_sub(turns)?;
            Some(*self.given.get(back)? + wait)
        };
        let share = u32::try_from(burst).unwrap_or(u32::MAX);
        let whole = u32::try_from(requests).unwrap_or(u32::MAX);
        let in_its_time = after(requests, within);
        let in_a_burst = after(burst, within.saturating_mul(share) / whole);
        in_its_time.max(in_a_burst).unwrap_or_default()
    }

    fn give(&mut self, now: Duration) {
        if self.given.len() == self.pace.requests {
            self.given.pop_front();
        }
        self.given.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The moments of so many turns when every one is taken late by up to `late`.
    fn moments(requests: usize, burst: usize, late: Duration) -> Vec<Duration> {
        let mut random = fastrand::Rng::with_seed(7);
        let mut turns = Turns::new(target::Pace {
            requests,
            burst,
            within: SECOND,
        });
        let mut now = Duration::ZERO;
        (0..400)
            .map(|_| {
                now = now.max(turns.due()) + late.mul_f64(random.f64());
                turns.give(now);
                now
            })
            .collect()
    }

    /// The most turns in any window of this length.
    fn most(moments: &[Duration], window: Duration) -> usize {
        let within = |first: &Duration| {
            let later = moments.iter().filter(|moment| *moment >= first);
            later
                .filter(|moment| moment.saturating_sub(*first) < window)
                .count()
        };
        moments.iter().map(within).max().unwrap_or(0)
    }

    #[test]
    fn no_second_holds_more_turns_than_the_pace_however_late_they_are_taken() {
        for requests in [1, 3, 20, 50] {
            for burst in [1, 2, 7, 50] {
                let burst = burst.min(requests);
                for late in [0, 5, 300] {
                    let moments = moments(requests, burst, Duration::from_millis(late));
                    let most = most(&moments, SECOND);
                    assert!(most <= requests, "{requests}/{burst}/{late}: {most}");
                }
            }
        }
    }

    #[test]
    fn no_more_turns_than_a_burst_are_given_at_one_moment() {
        for burst in [1, 4] {
            let moments = moments(20, burst, Duration::ZERO);
            assert_eq!(most(&moments, Duration::from_millis(1)), burst);
        }
    }

    #[test]
    fn a_pace_slower_than_one_in_a_second_is_kept() {
        let mut turns = Turns::new(target::Pace {
            requests: 1,
            burst: 1,
            within: SECOND * 4 / 3,
        });
        turns.give(SECOND);
        assert_eq!(turns.due(), SECOND + SECOND * 4 / 3);
    }

    #[test]
    fn turns_taken_in_time_use_the_whole_pace() {
        let moments = moments(20, 1, Duration::ZERO);
        assert_eq!(most(&moments, SECOND), 20);
        assert_eq!(moments[399], SECOND * 399 / 20);
    }
}
