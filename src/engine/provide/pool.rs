//! An account of a pool, leased until the row ends.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::lease::{Attempt, Lease};
use crate::{clock::Stopwatch, engine::case_run::CaseRun, target::Pool, transcript::Stop};

/// The pause between two looks at a pool that other rows or processes have leased.
const PAUSE: Duration = Duration::from_millis(25);

impl CaseRun<'_> {
    pub(super) async fn pool(&mut self, pool: &Pool, at: &str) -> Result<Map<String, Value>, Stop> {
        let watch = Stopwatch::start();
        loop {
            let pool_now = pool.clone();
            let attempt = tokio::task::spawn_blocking(move || Lease::attempt(&pool_now)).await;
            let attempt = attempt.map_err(|fault| Stop::Harness(format!("{at}: {fault}")))?;
            match attempt.map_err(|why| Stop::Setup(format!("{at}: {why}")))? {
                Attempt::Leased(lease, members) => {
                    self.held.add(Arc::new(lease));
                    return Ok(members);
                }
                Attempt::Exhausted { spent, leased } => {
                    if leased == 0 || watch.elapsed() >= pool.wait {
                        let count = pool.accounts.len();
                        return Err(Stop::Setup(format!(
                            "{at}: the pool is exhausted: {} of {count} accounts spent or leased \
                             ({spent} spent, {leased} leased; see `{}`)",
                            spent + leased,
                            pool.folder.display()
                        )));
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
