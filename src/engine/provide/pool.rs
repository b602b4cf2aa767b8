//! An account of a pool, leased until the test case ends.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::lease::{Attempt, Lease};
use crate::{clock::Stopwatch, engine::case_context::CaseContext, result::Stop, target::Pool};

/// The pause between two looks at a pool that other test cases or processes have leased.
const PAUSE: Duration = Duration::from_millis(25);

pub(super) async fn pool(
    context: &mut CaseContext<'_>,
    pool: &Pool,
    at: &str,
) -> Result<Map<String, Value>, Stop> {
    let watch = Stopwatch::start();
    loop {
        match attempt(pool, at).await? {
            Attempt::Leased(lease, members) => {
                context.provided.held.add(Arc::new(lease));
                return Ok(members);
            }
            Attempt::Exhausted { spent, leased } => {
                if leased == 0 || watch.elapsed() >= pool.wait {
                    return Err(exhausted(pool, at, spent, leased));
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn attempt(pool: &Pool, at: &str) -> Result<Attempt, Stop> {
    let pool = pool.clone();
    let attempt = tokio::task::spawn_blocking(move || Lease::attempt(&pool)).await;
    attempt
        .map_err(|fault| Stop::Harness(format!("{at}: {fault}")))?
        .map_err(|why| Stop::Setup(format!("{at}: {why}")))
}

fn exhausted(pool: &Pool, at: &str, spent: usize, leased: usize) -> Stop {
    if let Some(why) = pool.empty_part() {
        return Stop::Setup(format!("{at}: the pool is too small: {why}"));
    }
    let (taken, count) = (spent + leased, pool.accounts.len());
    Stop::Setup(format!(
        "{at}: the pool is exhausted: {taken} of {count} accounts spent or leased ({spent} spent, \
         {leased} leased; see `{}`)",
        pool.folder.display()
    ))
}
