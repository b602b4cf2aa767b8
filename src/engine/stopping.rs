//! How a run is told to stop, and how urgently.

use tokio::sync::watch;

/// What is asked of a run; each level asks for all that those before it ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum StopLevel {
    /// Nothing: the run goes on.
    #[default]
    Go,
    /// No further test case is started, and those in flight are finished.
    Finish,
    /// Rows in flight are abandoned, and the clean-up gets a few seconds more.
    Abandon,
}

/// Where a run looks whether it has to stop.
#[derive(Debug, Clone)]
pub struct StopSignal(watch::Receiver<StopLevel>);

impl StopSignal {
    /// A signal that never comes.
    #[must_use]
    pub fn never() -> Self {
        Self::fixed(StopLevel::Go)
    }

    /// A signal that asks for this much from the beginning, and never for more.
    #[must_use]
    pub fn fixed(level: StopLevel) -> Self {
        Self(watch::channel(level).1)
    }

    /// What is asked for now.
    #[must_use]
    pub fn level(&self) -> StopLevel {
        *self.0.borrow()
    }

    /// Waits until this much is asked for, for ever if nobody can ask any more.
    pub async fn reaches(mut self, level: StopLevel) {
        if self.0.wait_for(|now| *now >= level).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl From<watch::Receiver<StopLevel>> for StopSignal {
    fn from(receiver: watch::Receiver<StopLevel>) -> Self {
        Self(receiver)
    }
}
