//! What is known only when the last test case has ended: answers that were none, and secrets that
//! another one made known.

use std::sync::Arc;

use super::{curl, doubts::Doubts, record, results::Results, run_context::RunContext};
use crate::{judge, plan::TestCase, result::CaseResult, secret::SecretIndex};

/// To be called once all test cases of these results are done.
pub(super) async fn conclude(run: &RunContext, cases: &[Arc<TestCase>], results: &mut dyn Results) {
    withdraw(run, cases, results).await;
    for result in results.kept() {
        mask(&run.known, result);
    }
}

/// Waits for answers that nobody asked for, and takes back what the results say where one came: of the
/// test cases that were answered on such a connection, and of those that need these.
async fn withdraw(run: &RunContext, cases: &[Arc<TestCase>], results: &mut dyn Results) {
    run.sender.wire.drain().await;
    for at in 0..results.kept().len() {
        if run.doubts.doubts(&results.kept()[at])
            && let Some(withdrawn) = run.doubts.withdrawn(&results.whole(at))
        {
            results.replace(at, withdrawn);
        }
    }
    Doubts::spread(cases, results, |case, before| {
        judge::blocked(case, run.contract(case.edition), before)
    });
}

/// Masks what one test case showed and another one made known as a secret.
fn mask(known: &SecretIndex, result: &mut CaseResult) {
    let hide = |text: &mut String| {
        if let Some(masked) = known.redact(text) {
            *text = masked;
        }
    };
    record::texts(result).for_each(hide);
    record::exchange_texts(result).for_each(hide);
    let steps = result.steps.iter_mut();
    for exchange in steps.filter_map(|step| step.exchange.as_mut()) {
        if let Some(line) = curl::with_variables(&exchange.curl) {
            exchange.curl = line;
        }
    }
}

/// A result that was written as JSON before all secrets were known, with all of them masked; `None`
/// where it shows none of them.
pub(crate) fn masked_line(known: &SecretIndex, line: &str) -> Option<String> {
    if !known.may_stand_in(line) {
        return None;
    }
    let mut result = serde_json::from_str(line).ok()?;
    mask(known, &mut result);
    serde_json::to_string(&result).ok()
}
