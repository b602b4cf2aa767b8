//! The only reader of time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Seconds since 1970, UTC. A clock before 1970 reads as 0.
#[must_use]
pub fn unix_seconds() -> i64 {
    unix_millis() / 1000
}

/// Milliseconds since 1970, UTC. A clock before 1970 reads as 0.
#[must_use]
pub fn unix_millis() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// The day, UTC.
#[must_use]
pub fn today() -> jiff::civil::Date {
    jiff::Timestamp::from_second(unix_seconds())
        .unwrap_or_default()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// A running stopwatch.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// In whole microseconds: what a record holds, so that what is rendered from it is the same.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let micros = self.0.elapsed().as_micros();
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// How long it is until then; nothing when it is past.
#[must_use]
pub fn until(moment: SystemTime) -> Duration {
    moment.duration_since(SystemTime::now()).unwrap_or_default()
}
