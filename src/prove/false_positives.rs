//! The test for false positives: servers that keep every promise and differ wherever no document promises
//! anything. The suite must pass on all of them.

use std::sync::Arc;

use super::{baseline::Baseline, error::ProveError};
use crate::{embedded, mock::Dialect, result::FalsePositives, session::Session};

/// Runs the suite against the embedded mock under seeds from 1 on.
///
/// # Errors
/// When a mock or the client cannot be set up.
pub(super) async fn check(
    session: &Session,
    baseline: &Baseline,
    variations: u64,
) -> Result<FalsePositives, ProveError> {
    let mut out = FalsePositives::default();
    for seed in 1..=variations {
        let mut target = session.written().clone();
        let served =
            |edition| Dialect::of(edition).is_some() && session.written().embedded(edition);
        target.editions.retain(|edition, _| served(*edition));
        let mocks = embedded::start_all(&mut target, seed).await?;
        if mocks.is_empty() {
            return Ok(out);
        }
        // A row that fails on the honest mock is known to, and says nothing of a varied one.
        let cases: Vec<_> = baseline
            .rows
            .iter()
            .map(|row| &row.case)
            .filter(|case| target.editions.contains_key(&case.edition))
            .filter(|case| !baseline.is_known(&case.id))
            .map(Arc::clone)
            .collect();
        let results = session.run_beside(&cases, target, &baseline.shown).await?;
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
