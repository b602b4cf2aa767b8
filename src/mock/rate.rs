//! How many calls a second the tenant takes, and how many it was really sent.
//!
//! The gate is given the time, which counts from whenever the tenant was started.

use std::{collections::VecDeque, time::Duration};

use http::{HeaderValue, Response, StatusCode, header};

use super::wire::{Body, whole};
use crate::clock;

/// What is counted in.
const SECOND: Duration = Duration::from_secs(1);

/// What a tenant was asked so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Calls that were let in.
    pub answered: u64,
    /// Calls that were turned away with 429.
    pub refused: u64,
    /// The most calls, of both kinds, within any one second.
    pub peak: usize,
}

/// The form of Retry-After for a call beyond the rate; HTTP has two (RFC 9110, 10.2.3).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryAfter {
    #[default]
    Seconds,
    Date,
}

impl RetryAfter {
    /// What stands in the header, if the wait begins at this moment.
    fn value(self, wait: Duration, now_millis: i64) -> String {
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        match self {
            Self::Seconds => (millis.max(1).saturating_add(999))
                .div_euclid(1000)
                .to_string(),
            Self::Date => {
                let until = (now_millis + millis + 999).div_euclid(1000);
                let moment =
                    jiff::Timestamp::from_second(until).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
                moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
            }
        }
    }

    /// The answer of whatever guards the tenant; it does not speak the tenant's language.
    pub(super) fn respond(self, wait: Duration) -> Response<Body> {
        let mut response = Response::new(whole("too many requests"));
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("text/plain");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Ok(value) = self.value(wait, clock::unix_millis()).parse() {
            headers.insert(header::RETRY_AFTER, value);
        }
        response
    }
}

/// Lets in so many calls within any one second, and counts all of them.
#[derive(Debug)]
pub(super) struct Limiter {
    /// Without a limit everything is let in.
    limit: Option<usize>,
    /// When the calls of the last second were let in.
    taken: VecDeque<Duration>,
    /// When the calls of the last second came, turned away or not.
    came: VecDeque<Duration>,
    traffic: Traffic,
}

impl Limiter {
    pub(super) fn new(limit: Option<usize>) -> Self {
        Self {
            limit,
            taken: VecDeque::new(),
            came: VecDeque::new(),
            traffic: Traffic::default(),
        }
    }

    pub(super) fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// A call at this moment: let in, or after how long the next one would be.
    pub(super) fn enter(&mut self, now: Duration) -> Result<(), Duration> {
        forget(&mut self.came, now);
        forget(&mut self.taken, now);
        self.came.push_back(now);
        self.traffic.peak = self.traffic.peak.max(self.came.len());
        let full = self.limit.is_some_and(|limit| self.taken.len() >= limit);
        if full {
            self.traffic.refused += 1;
            let oldest = self.taken.front().copied().unwrap_or(now);
            return Err((oldest + SECOND).saturating_sub(now));
        }
        self.taken.push_back(now);
        self.traffic.answered += 1;
        Ok(())
    }
}

/// Drops what is a whole second old.
fn forget(moments: &mut VecDeque<Duration>, now: Duration) {
    while moments.front().is_some_and(|then| *then + SECOND <= now) {
        moments.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn one_call_too_many_within_a_second_is_turned_away_until_the_second_is_over() {
        let mut limiter = Limiter::new(Some(2));
        assert_eq!(limiter.enter(at(0)), Ok(()));
        assert_eq!(limiter.enter(at(400)), Ok(()));
        assert_eq!(limiter.enter(at(999)), Err(at(1)));
        assert_eq!(limiter.enter(at(1000)), Ok(()));
        assert_eq!(limiter.enter(at(1399)), Err(at(1)));
        assert_eq!(limiter.enter(at(1400)), Ok(()));
    }

    #[test]
    fn calls_that_were_turned_away_take_nobodys_place_and_are_counted() {
        let mut limiter = Limiter::new(Some(1));
        for millis in [0, 100, 200, 1000] {
            let _ = limiter.enter(at(millis));
        }
        let counted = Traffic {
            answered: 2,
            refused: 2,
            peak: 3,
        };
        assert_eq!(limiter.traffic(), counted);
    }

    #[test]
    fn who_comes_back_when_told_is_never_too_early() {
        assert_eq!(RetryAfter::Seconds.value(at(1), 0), "1");
        assert_eq!(RetryAfter::Seconds.value(at(1000), 0), "1");
        assert_eq!(RetryAfter::Seconds.value(at(1001), 0), "2");
        let date = |millis| RetryAfter::Date.value(at(millis), 784_111_776_500);
        assert_eq!(date(500), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date(501), "Sun, 06 Nov 1994 08:49:38 GMT");
    }

    #[test]
    fn without_a_limit_the_peak_is_the_fullest_second_wherever_it_begins() {
        let mut limiter = Limiter::new(None);
        for millis in [0, 900, 1000, 1100, 1899, 1900, 3000] {
            assert_eq!(limiter.enter(at(millis)), Ok(()));
        }
        // From 900 to 1899; the call at 1900 is a second after that at 900.
        assert_eq!(limiter.traffic().peak, 4);
        assert_eq!(limiter.traffic().answered, 7);
    }
}
