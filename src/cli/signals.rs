//! Signals to end: SIGINT, SIGTERM and SIGHUP alike, heard from before the first request until the
//! process ends.

use std::sync::Arc;

use tokio::sync::watch;

use super::output::note;
use crate::engine::{StopLevel, StopSignal};

/// What the signals that came so far ask for.
#[derive(Debug)]
pub(super) struct Signals {
    level: StopSignal,
    /// The exit code once nothing would be lost by ending at once.
    code: Arc<watch::Sender<Option<u8>>>,
}

impl Signals {
    /// Begins to listen. The first signal lets what is in flight finish, the second abandons it, and
    /// a third ends the process as soon as [`Self::may_end`] allows it.
    ///
    /// To be called within a runtime.
    pub(super) fn listen() -> Self {
        let (raise, level) = watch::channel(StopLevel::Go);
        let (code, _) = watch::channel(None);
        let code = Arc::new(code);
        let allowed = code.subscribe();
        let mut source = Source::open();
        tokio::spawn(async move {
            let name = source.next().await;
            note(&format!(
                "{name}: stopping; what is in flight is finished and what was made is removed; \
                 once more abandons it"
            ));
            let _ = raise.send(StopLevel::Finish);
            let name = source.next().await;
            note(&format!(
                "{name}: what is in flight is abandoned and the clean-up shortened; once more ends \
                 at once"
            ));
            let _ = raise.send(StopLevel::Abandon);
            source.next().await;
            end(allowed).await;
        });
        Self {
            level: level.into(),
            code,
        }
    }

    /// What was asked for so far, to be watched by others.
    pub(super) fn level(&self) -> StopSignal {
        self.level.clone()
    }

    /// Waits for the first signal.
    pub(super) async fn first(&self) {
        self.level().reaches(StopLevel::Finish).await;
    }

    /// From now on a third signal ends the process with this code.
    pub(super) fn may_end(&self, code: u8) {
        self.code.send_replace(Some(code));
    }
}

/// Ends the process once that is allowed.
async fn end(mut allowed: watch::Receiver<Option<u8>>) {
    let code = match allowed.wait_for(Option::is_some).await {
        Ok(code) => code.unwrap_or(2),
        // The work is over, and the process is about to end by itself.
        Err(_) => return,
    };
    std::process::exit(i32::from(code));
}

#[cfg(unix)]
struct Source {
    signals: Vec<(&'static str, tokio::signal::unix::Signal)>,
}

#[cfg(unix)]
impl Source {
    fn open() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            ("SIGINT", SignalKind::interrupt()),
            ("SIGTERM", SignalKind::terminate()),
            ("SIGHUP", SignalKind::hangup()),
        ];
        let heard = kinds.into_iter().filter(|(name, kind)| {
            // Under `nohup` the run is meant to outlive its terminal.
            *name != "SIGHUP" || !is_ignored(kind.as_raw_value())
        });
        Self {
            signals: heard
                .filter_map(|(name, kind)| Some((name, signal(kind).ok()?)))
                .collect(),
        }
    }

    /// The name of the next signal; never where none can be listened to.
    async fn next(&mut self) -> &'static str {
        std::future::poll_fn(|context| {
            for (name, signal) in &mut self.signals {
                if signal.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*name);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// Whether whoever started the process had it ignore this signal; known on Linux alone.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(signal - 1).unwrap_or(u32::MAX);
    mask.and_then(|mask| mask.checked_shr(bit))
        .is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
struct Source;

#[cfg(not(unix))]
impl Source {
    fn open() -> Self {
        Self
    }

    async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
