//! Retries a request after a transport error, but only if repeating it cannot change the target, and
//! after the silence that the target asks for.
//!
//! Takes: a request. Gives: every attempt, in order, and why it was repeated; the last one counts.
//! Never: sends again because of what an answer says of the request, or takes being turned away for
//! an answer to it.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBuilder};

use super::{
    breaker::Breaker,
    pacing::Pacing,
    wire::{Doubt, Wire},
};
use crate::{
    clock,
    exchange::{Again, Exchange, Request, Response, TransportError},
    result::Stop,
    target::Limits,
};

/// How often a step may be turned away, whatever it was asked to wait.
const TURNED_AWAY: usize = 8;

/// Methods that do nothing further when they are sent twice.
const IDEMPOTENT: [&str; 6] = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"];

/// What is sent, and for whom.
#[derive(Debug)]
pub(super) struct Delivery<'d> {
    /// The name of the step, for sentences.
    pub step: &'d str,
    pub request: &'d Request,
    /// Statuses that the step expects; none of them asks to come again later.
    pub expected: &'d [u16],
    /// Raised when the answer may have been another's.
    pub doubt: &'d Doubt,
}

/// Sends for a whole run, in turn.
#[derive(Debug)]
pub(super) struct Sender {
    pub wire: Wire,
    pub pacing: Arc<Pacing>,
    breaker: Breaker,
    limits: Limits,
}

/// A request whose answer only asks to come again later.
#[derive(Debug, Clone, Copy)]
struct TurnedAway {
    status: u16,
    /// The silence that was asked for.
    wait: Duration,
}

/// How often a step was turned away, and for how long in all.
#[derive(Debug, Default)]
struct Refusals {
    times: usize,
    silence: Duration,
}

impl Sender {
    pub(super) fn new(wire: Wire, limits: Limits) -> Self {
        Self {
            wire,
            pacing: Arc::new(Pacing::new(limits.pace)),
            breaker: Breaker::new(limits.breaker),
            limits,
        }
    }

    /// Sends the request, again and again where that is allowed.
    ///
    /// # Errors
    /// Why there is no usable answer. A transport error is part of the last attempt and no error here.
    pub(super) async fn deliver(
        &self,
        delivery: &Delivery<'_>,
        attempts: &mut Vec<Exchange>,
    ) -> Result<(), Stop> {
        let mut refusals = Refusals::default();
        let mut pauses = self.pauses();
        loop {
            let mut exchange = self.send_in_turn(delivery).await?;
            let turned_away = turned_away(&exchange, delivery.expected);
            let pause = if is_lost(&exchange) && may_follow(&exchange) {
                pauses.next()
            } else {
                None
            };
            exchange.again = pause.map(|_| Again::Lost);
            attempts.push(exchange);
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
                continue;
            }
            let Some(turned_away) = turned_away else {
                return Ok(());
            };
            self.bear(delivery, turned_away, &mut refusals)?;
            if let Some(last) = attempts.last_mut() {
                last.again = Some(Again::TurnedAway);
            }
        }
    }

    /// Sends once, when it is this request's turn.
    async fn send_in_turn(&self, delivery: &Delivery<'_>) -> Result<Exchange, Stop> {
        self.breaker.check()?;
        self.pacing.turn().await;
        // It may have opened while this one waited.
        self.breaker.check()?;
        let sending = self.wire.send(delivery.request.clone(), delivery.doubt);
        let exchange = sending.await;
        let lost = is_lost(&exchange);
        if lost || is_answered(&exchange) {
            self.breaker.note(!lost);
        }
        Ok(exchange)
    }

    /// Keeps the silence that the target asks for.
    ///
    /// # Errors
    /// When the request must not be sent again, or was turned away too often or for too long.
    fn bear(
        &self,
        delivery: &Delivery<'_>,
        turned_away: TurnedAway,
        refusals: &mut Refusals,
    ) -> Result<(), Stop> {
        let TurnedAway { status, wait } = turned_away;
        let longest = self.limits.retry_after_max;
        self.pacing.hold(wait.min(longest));
        refusals.times += 1;
        refusals.silence = refusals.silence.saturating_add(wait);
        // 429 says that the request was not carried out; 503 leaves that open.
        let once = status == 503 && !IDEMPOTENT.contains(&delivery.request.method.as_str());
        if once || refusals.times > TURNED_AWAY || refusals.silence > longest {
            let why = rate_limited(turned_away, refusals.times, longest);
            let step = delivery.step;
            return Err(Stop::RateLimited(format!("step `{step}`: {why}")));
        }
        Ok(())
    }

    /// The pauses before sending again what was lost on the way; as many as may be sent again.
    fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(5))
            .with_max_times(self.limits.retries)
            .with_jitter()
            .build()
    }
}

/// Whether the request may be sent after this attempt: because a second time changes nothing, or
/// because not a byte of it left the first time.
fn may_follow(exchange: &Exchange) -> bool {
    let unsent = exchange.tape.sent.is_empty();
    unsent || IDEMPOTENT.contains(&exchange.request.method.as_str())
}

/// Whether the way to the target or back is to blame. A request that cannot be sent as it is written
/// is its author's mistake, and a head that is not as meant is ours.
fn is_lost(exchange: &Exchange) -> bool {
    use TransportError::{Lost, TooManyFiles};
    let lost = matches!(exchange.outcome, Err(Lost(_) | TooManyFiles(_)));
    lost && exchange.fault.is_none()
}

/// Whether the target said something, sound or not.
fn is_answered(exchange: &Exchange) -> bool {
    use TransportError::{Desync, Malformed};
    matches!(exchange.outcome, Ok(_) | Err(Malformed(_) | Desync(_)))
}

/// Whether the answer only asks to come again later; not so where the step expects its very status.
fn turned_away(exchange: &Exchange, expected: &[u16]) -> Option<TurnedAway> {
    let response = exchange.outcome.as_ref().ok()?;
    let later = matches!(response.status, 429 | 503) && exchange.fault.is_none();
    if !later || expected.contains(&response.status) {
        return None;
    }
    Some(TurnedAway {
        status: response.status,
        wait: retry_after(response)?,
    })
}

/// The silence that `Retry-After` asks for, in seconds or up to a date. The date is the target's, and
/// so is the clock it is compared with where the answer shows it.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.header("retry-after")?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number without end is a silence without end, and no less one for its length.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let then = date(text)?;
    Some(match response.header("date").and_then(date) {
        Some(now) => then.duration_since(now).unwrap_or_default(),
        None => clock::until(then),
    })
}

fn rate_limited(last: TurnedAway, times: usize, longest: Duration) -> String {
    let status = last.status;
    let times = match times {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    let (last, longest) = (last.wait.as_secs(), longest.as_secs());
    format!(
        "the target turned it away {times} with {status}, last for {last} s, and one step waits \
         {longest} s at most; a lower `limits.requests_per_second` or a longer \
         `limits.retry_after_max` may help"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> Response {
        Response {
            status: 429,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Vec::new().into(),
            defects: Vec::new(),
        }
    }

    #[test]
    fn a_silence_is_given_in_seconds_or_up_to_a_date_of_the_targets_clock() {
        let date = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let later = "Sun, 06 Nov 1994 08:50:07 GMT";
        for (headers, seconds) in [
            (&[("Retry-After", "120")][..], Some(120)),
            (&[("retry-after", " 0 ")], Some(0)),
            (&[("Retry-After", "18446744073709551615")], Some(u64::MAX)),
            (
                &[("Retry-After", "99999999999999999999999")],
                Some(u64::MAX),
            ),
            (&[date, ("Retry-After", later)], Some(30)),
            (&[date, ("Retry-After", date.1)], Some(0)),
            // A date that is past by our own clock.
            (&[("Retry-After", later)], Some(0)),
            (&[("Retry-After", "soon")], None),
            (&[("Retry-After", "-1")], None),
            (&[], None),
        ] {
            let wanted = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&answer(headers)), wanted, "{headers:?}");
        }
    }

    #[test]
    fn a_date_to_come_is_a_silence_by_our_own_clock_when_the_target_shows_none() {
        let answer = answer(&[("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")]);
        assert!(retry_after(&answer).is_some_and(|wait| wait > Duration::from_secs(1 << 30)));
    }
}
