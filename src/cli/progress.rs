//! What is told of a run while it goes on, to standard error: how far it is, how fast, and what failed.
//!
//! On a terminal that is a bar. Elsewhere it is a line every ten seconds, and a line for each failure as
//! it happens. What is told when is decided by values that know no clock: [`Speed`], [`Beat`] and
//! [`Failures`] are given the time.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    output::{note, shown},
    terminal,
};
use crate::{
    clock::Stopwatch,
    report::console::headline,
    result::{CaseResult, ErrorReason, Verdict},
    secret::SecretIndex,
};

/// How often the bar is drawn anew, also while no row ends.
const DRAWN: Duration = Duration::from_secs(1);
/// How often a line is printed where there is no bar.
const EVERY: Duration = Duration::from_secs(10);
/// The speed is that of this last while: a target that got slower is seen.
const WINDOW: Duration = Duration::from_secs(30);
/// Failures that are told as they happen.
const MOST: usize = 20;
/// Failures with the same words that are told: a cause does not hide the others.
const MOST_ALIKE: usize = 3;

/// A bar for the rows of a run, and nothing where standard error is no terminal.
pub(super) fn bar() -> ProgressBar {
    let bar = terminal::progress(0, "rows");
    // The bar takes the columns that the words leave, so that nothing is cut at 80.
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    of: usize,
    done: usize,
    failed: usize,
    not_judged: usize,
}

impl Counts {
    fn add(&mut self, case: &CaseResult) {
        self.done += 1;
        match case.verdict {
            Verdict::Fail(_) => self.failed += usize::from(case.waiver.is_none()),
            Verdict::Error(_) => self.not_judged += 1,
            Verdict::Pass(_) | Verdict::Skip(_) => {}
        }
    }
}

/// How many rows end in a second, over the last [`WINDOW`].
#[derive(Debug)]
struct Speed {
    /// When so many rows had ended.
    seen: VecDeque<(Duration, usize)>,
}

impl Speed {
    fn new() -> Self {
        Self {
            seen: [(Duration::ZERO, 0)].into(),
        }
    }

    /// Takes note of how many rows have ended by now.
    fn see(&mut self, now: Duration, done: usize) {
        self.seen.push_back((now, done));
        while self.seen.len() > 1 && now.saturating_sub(self.seen[0].0) > WINDOW {
            self.seen.pop_front();
        }
    }

    /// `120 of 555 rows, 12/s, 36 s left, 2 failed, 1 not judged`.
    fn words(&self, counts: Counts) -> String {
        let mut words = vec![format!("{} of {} rows", counts.done, counts.of)];
        words.extend(self.rate(counts));
        for (count, what) in [(counts.failed, "failed"), (counts.not_judged, "not judged")] {
            if count > 0 {
                words.push(format!("{count} {what}"));
            }
        }
        words.join(", ")
    }

    /// `12/s, 36 s left`; that nothing moves where it does not; nothing before there is a time.
    fn rate(&self, counts: Counts) -> Option<String> {
        let ((first, before), (last, done)) = (self.seen.front()?, self.seen.back()?);
        let lasted = last.saturating_sub(*first).as_secs_f64();
        if lasted < 1.0 {
            return None;
        }
        if done == before {
            return Some(format!("no row ended in {lasted:.0} s"));
        }
        let rate = count(done - before) / lasted;
        let left = count(counts.of.saturating_sub(counts.done)) / rate;
        let digits = usize::from(rate < 9.95);
        Some(format!("{rate:.digits$}/s, {} left", time(left)))
    }
}

/// Counts of rows are small enough for any float.
fn count(rows: usize) -> f64 {
    u32::try_from(rows).unwrap_or(u32::MAX).into()
}

/// `36 s`, `4 min`, `2 h 10 min`; rounded up, since nobody is glad about `0 s left`.
fn time(seconds: f64) -> String {
    let seconds = Duration::try_from_secs_f64(seconds.ceil()).map_or(u64::MAX, |it| it.as_secs());
    let minutes = seconds.div_ceil(60);
    match (seconds, minutes) {
        (..=90, _) => format!("{seconds} s"),
        (_, ..=90) => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// When the next line is due where there is no bar.
#[derive(Debug)]
struct Beat {
    next: Duration,
}

impl Beat {
    const fn new() -> Self {
        Self { next: EVERY }
    }

    /// Whether a line is due by now; one that was missed is not made up for.
    fn is_due(&mut self, now: Duration) -> bool {
        let due = now >= self.next;
        while self.next <= now {
            self.next += EVERY;
        }
        due
    }
}

/// Which failures are told as they happen.
#[derive(Debug, Default)]
struct Failures {
    printed: usize,
    /// How often the same words were told.
    alike: HashMap<String, usize>,
}

impl Failures {
    /// The line for a row that has ended, if it is told. What only follows from another failure is not:
    /// a row behind a failed control, or one that a signal kept from running.
    fn line(&mut self, case: &CaseResult) -> Option<String> {
        let counts = match case.verdict {
            Verdict::Fail(_) => case.waiver.is_none(),
            Verdict::Error(reason) => !matches!(
                reason,
                ErrorReason::ControlFailed | ErrorReason::Interrupted
            ),
            Verdict::Pass(_) | Verdict::Skip(_) => false,
        };
        if !counts || self.printed > MOST {
            return None;
        }
        let line = headline(case);
        let alike = self.alike.entry(line.message.clone()).or_default();
        *alike += 1;
        let alike = *alike;
        if alike > MOST_ALIKE {
            return None;
        }
        self.printed += 1;
        if self.printed > MOST {
            return Some("further failures are told in the summary".to_owned());
        }
        let more = if alike == MOST_ALIKE {
            " (the summary tells how many more)"
        } else {
            ""
        };
        Some(format!("{line}{more}"))
    }
}

/// Tells people of a run while it goes on.
pub(super) struct Progress<'r> {
    bar: &'r ProgressBar,
    known: &'r SecretIndex,
    /// Nothing is told.
    quiet: bool,
    watch: Stopwatch,
    state: Mutex<State>,
}

struct State {
    counts: Counts,
    speed: Speed,
    beat: Beat,
    failures: Failures,
}

impl<'r> Progress<'r> {
    pub(super) fn begin(
        bar: &'r ProgressBar,
        known: &'r SecretIndex,
        planned: usize,
        quiet: bool,
    ) -> Self {
        if !quiet {
            bar.set_length(u64::try_from(planned).unwrap_or(u64::MAX));
        }
        let counts = Counts {
            of: planned,
            ..Counts::default()
        };
        Self {
            bar,
            known,
            quiet,
            watch: Stopwatch::start(),
            state: Mutex::new(State {
                counts,
                speed: Speed::new(),
                beat: Beat::new(),
                failures: Failures::default(),
            }),
        }
    }

    /// A row has ended.
    pub(super) fn ended(&self, case: &CaseResult) {
        let mut state = self.state();
        state.counts.add(case);
        if self.quiet {
            return;
        }
        if !self.bar.is_hidden() {
            self.bar.set_message(state.speed.words(state.counts));
            self.bar.inc(1);
        } else if let Some(line) = state.failures.line(case) {
            note(&shown(self.known, &line));
        }
    }

    /// Waits for the run, and tells meanwhile how far it is.
    pub(super) async fn watch<T>(&self, run: impl Future<Output = T>) -> T {
        let mut run = pin!(run);
        let mut timer = tokio::time::interval(DRAWN);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let given = loop {
            tokio::select! {
                biased;
                given = &mut run => break given,
                _ = timer.tick() => self.tick(),
            }
        };
        if !self.quiet {
            self.bar.finish_and_clear();
        }
        given
    }

    fn tick(&self) {
        let (now, mut state) = (self.watch.elapsed(), self.state());
        let done = state.counts.done;
        state.speed.see(now, done);
        if self.quiet {
            return;
        }
        if !self.bar.is_hidden() {
            self.bar.set_message(state.speed.words(state.counts));
            self.bar.tick();
        } else if state.beat.is_due(now) {
            note(&state.speed.words(state.counts));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a panic of ours left is still a count.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{PassReason, SkipReason, Waived};

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// A row with this verdict, which says this.
    fn row(id: &str, verdict: Verdict, detail: &str) -> CaseResult {
        let line = serde_json::json!({
            "id": id, "title": "", "edition": "ciam", "operation": "openDoor", "control": false,
            "source": { "file": "", "line": 0, "column": 0, "excerpt": "" },
            "requirements": [], "verdict": "pass", "reason": "clean", "detail": detail,
            "causes": [], "tags": [], "steps": [], "elapsed_us": 0,
        });
        let case = serde_json::from_value(line).expect("a result");
        CaseResult { verdict, ..case }
    }

    fn failed(id: &str, detail: &str) -> CaseResult {
        row(id, Verdict::Fail("status".into()), detail)
    }

    fn error(id: &str, reason: ErrorReason, detail: &str) -> CaseResult {
        row(id, Verdict::Error(reason), detail)
    }

    #[test]
    fn a_line_says_how_far_the_run_is_how_fast_and_what_is_red() {
        let mut speed = Speed::new();
        let mut counts = Counts {
            of: 555,
            done: 120,
            failed: 2,
            not_judged: 1,
        };
        speed.see(seconds(10), counts.done);
        assert_eq!(
            speed.words(counts),
            "120 of 555 rows, 12/s, 37 s left, 2 failed, 1 not judged"
        );
        (counts.failed, counts.not_judged) = (0, 0);
        assert_eq!(speed.words(counts), "120 of 555 rows, 12/s, 37 s left");
    }

    #[test]
    fn before_a_second_has_gone_there_is_no_speed() {
        let mut speed = Speed::new();
        let counts = Counts {
            of: 9,
            done: 3,
            ..Counts::default()
        };
        assert_eq!(speed.words(counts), "3 of 9 rows");
        speed.see(Duration::from_millis(400), 3);
        assert_eq!(speed.words(counts), "3 of 9 rows");
    }

    #[test]
    fn the_speed_is_that_of_the_last_half_minute_and_a_standstill_is_told() {
        let mut speed = Speed::new();
        let counts = |done| Counts {
            of: 1_000,
            done,
            ..Counts::default()
        };
        for second in 1..=30 {
            speed.see(seconds(second), 20 * usize::try_from(second).unwrap());
        }
        assert_eq!(
            speed.words(counts(600)),
            "600 of 1000 rows, 20/s, 20 s left"
        );
        for second in 31..=60 {
            speed.see(seconds(second), 600 + usize::try_from(second - 30).unwrap());
        }
        assert_eq!(
            speed.words(counts(630)),
            "630 of 1000 rows, 1.0/s, 7 min left"
        );
        for second in 61..=90 {
            speed.see(seconds(second), 630);
        }
        assert_eq!(
            speed.words(counts(630)),
            "630 of 1000 rows, no row ended in 30 s"
        );
    }

    #[test]
    fn a_time_is_as_exact_as_anybody_wants_it() {
        #[track_caller]
        fn check(seconds: f64, expected: &str) {
            assert_eq!(time(seconds), expected);
        }
        check(0.2, "1 s");
        check(90.0, "90 s");
        check(91.0, "2 min");
        check(5_400.0, "90 min");
        check(7_800.0, "2 h 10 min");
    }

    #[test]
    fn a_line_is_due_every_ten_seconds_and_a_missed_one_is_not_made_up_for() {
        let mut beat = Beat::new();
        let due: Vec<u64> = [0, 1, 9, 10, 11, 19, 20, 55, 56, 60]
            .into_iter()
            .filter(|second| beat.is_due(seconds(*second)))
            .collect();
        assert_eq!(due, [10, 20, 55, 60]);
    }

    #[test]
    fn a_failure_is_one_line_with_its_row_and_what_is_wrong() {
        let mut failures = Failures::default();
        let line = failures.line(&failed("a/b/one", "the body\nis  wrong"));
        assert_eq!(line.as_deref(), Some("FAIL a/b/one: the body is wrong"));
        let line = failures.line(&error("a/b/two", ErrorReason::Unreachable, "refused"));
        assert_eq!(line.as_deref(), Some("ERROR a/b/two: unreachable: refused"));
    }

    #[test]
    fn what_is_no_failure_and_what_only_follows_from_one_is_not_told() {
        let mut failures = Failures::default();
        let mut waived = failed("a/b/waived", "known");
        waived.waiver = Some(Waived {
            owner: String::new(),
            reason: String::new(),
            expires: String::new(),
            days_left: None,
            age_days: None,
        });
        for quiet in [
            row("a", Verdict::Pass(PassReason::Clean), ""),
            row("a", Verdict::Skip(SkipReason::BudgetSpent), ""),
            error("a", ErrorReason::ControlFailed, "x"),
            error("a", ErrorReason::Interrupted, "x"),
            waived,
        ] {
            assert_eq!(failures.line(&quiet), None, "{:?}", quiet.verdict);
        }
    }

    #[test]
    fn failures_with_the_same_words_are_told_three_times() {
        let mut failures = Failures::default();
        let mut lines = Vec::new();
        for at in 0..9 {
            lines.extend(failures.line(&failed(&format!("a/b/{at}"), "no")));
        }
        assert_eq!(
            lines,
            [
                "FAIL a/b/0: no",
                "FAIL a/b/1: no",
                "FAIL a/b/2: no (the summary tells how many more)"
            ]
        );
        let other = failures.line(&failed("a/c/0", "another"));
        assert_eq!(other.as_deref(), Some("FAIL a/c/0: another"));
    }

    #[test]
    fn after_twenty_failures_one_line_says_where_the_others_are() {
        let mut failures = Failures::default();
        let mut lines = Vec::new();
        for at in 0..40 {
            lines.extend(failures.line(&failed("a/b/c", &format!("wrong {at}"))));
        }
        assert_eq!(lines.len(), MOST + 1);
        assert_eq!(lines[MOST], "further failures are told in the summary");
    }

    #[test]
    fn what_a_waiver_covers_is_not_counted_as_failed() {
        let mut counts = Counts::default();
        let mut waived = failed("a", "");
        waived.waiver = Some(Waived {
            owner: String::new(),
            reason: String::new(),
            expires: String::new(),
            days_left: None,
            age_days: None,
        });
        for case in [
            waived,
            failed("b", ""),
            error("c", ErrorReason::ControlFailed, ""),
            row("d", Verdict::Pass(PassReason::Clean), ""),
        ] {
            counts.add(&case);
        }
        let expected = Counts {
            of: 0,
            done: 4,
            failed: 1,
            not_judged: 1,
        };
        assert_eq!(counts, expected);
    }
}
