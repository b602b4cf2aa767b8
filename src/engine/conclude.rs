//! What is known only when the last test case has ended: answers that were none, and secrets that
//! another one made known.

use super::{case_result::blocked, curl, doubts::Doubts, record, run_context::RunContext};
use crate::{plan::TestCase, result::CaseResult};

/// To be called once all test cases of these results are done.
pub(super) async fn conclude(run: &RunContext, cases: &[TestCase], results: &mut [CaseResult]) {
    withdraw(run, cases, results).await;
    mask(run, results);
}

/// Waits for answers that nobody asked for, and takes back what the results say where one came: of the
/// test cases that were answered on such a connection, and of those that need these.
async fn withdraw(run: &RunContext, cases: &[TestCase], results: &mut [CaseResult]) {
    run.sender.wire.drain().await;
    for result in &mut *results {
        if let Some(withdrawn) = run.doubts.withdrawn(result) {
            *result = withdrawn;
        }
    }
    Doubts::spread(cases, results, |case, before| blocked(run, case, before));
}

/// Masks what one test case showed and another one made known as a secret.
fn mask(run: &RunContext, results: &mut [CaseResult]) {
    let hide = |text: &mut String| {
        if let Some(masked) = run.known.redact(text) {
            *text = masked;
        }
    };
    for result in results {
        record::texts(result).for_each(hide);
        record::exchange_texts(result).for_each(hide);
        let steps = result.steps.iter_mut();
        for exchange in steps.filter_map(|step| step.exchange.as_mut()) {
            if let Some(line) = curl::with_variables(&exchange.curl) {
                exchange.curl = line;
            }
        }
    }
}
