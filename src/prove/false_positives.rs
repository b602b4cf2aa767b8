//! The test for false positives: servers that keep every promise and differ wherever no document promises
//! anything. The suite must pass on all of them.

use std::sync::Arc;

use super::{Subject, carry_out, error::ProveError};
use crate::{embedded, engine::Pacing, mock::Dialect, result::FalsePositives};

/// Rows in flight.
const AT_ONCE: usize = 16;

/// Runs the suite against the embedded mock under seeds from 1 on.
///
/// # Errors
/// When a mock or the client cannot be set up.
pub(super) async fn check(
    subject: &Subject,
    variations: u64,
) -> Result<FalsePositives, ProveError> {
    let mut out = FalsePositives::default();
    for seed in 1..=variations {
        let mut target = subject.target.clone();
        let served = |edition| Dialect::of(edition).is_some() && subject.target.embedded(edition);
        target.editions.retain(|edition, _| served(*edition));
        let mocks = embedded::start_all(&mut target, seed).await?;
        if mocks.is_empty() {
            return Ok(out);
        }
        let cases: Vec<_> = subject
            .cases
            .iter()
            .filter(|case| case.observe.is_none() && target.editions.contains_key(&case.edition))
            .cloned()
            .collect();
        let pacing = Arc::new(Pacing::new(target.limits.pace));
        let results = carry_out(&subject.contracts, &cases, target, AT_ONCE, &pacing).await?;
        out.seeds.push(seed);
        out.judged += results.len();
        out.red.extend(
            results
                .iter()
                .filter(|result| !result.verdict.is_pass())
                .map(|result| (seed, result.id.clone())),
        );
    }
    Ok(out)
}
