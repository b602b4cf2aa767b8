//! Checks of the proof itself: if the relay or the operators do not work, the proof is void.

use std::sync::Arc;

use super::{Context, Subject, baseline::Baseline, error::ProveError};
use crate::{
    mutant::{self, Mutant},
    result::{MutantResult, Outcome, SelfCheck},
};

/// The smallest part of the test cases that a gross mutant must turn red, in percent.
const ALMOST_ALL: usize = 90;

/// What a control mutant must do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Demand {
    /// Changes nothing: nobody may notice.
    Unnoticed,
    /// Breaks everything: almost every test case must notice.
    NoticedByAlmostAll,
    /// Its entry names a requirement that it does not break: this must come out.
    ReportedAsMislabelled,
}

impl Demand {
    const fn label(self) -> &'static str {
        match self {
            Self::Unnoticed => "a server that is changed in nothing is noticed by no row",
            Self::NoticedByAlmostAll => {
                "a server that answers nothing but 500 fails almost every row"
            }
            Self::ReportedAsMislabelled => {
                "a mutant filed under a requirement it does not break is not counted as caught"
            }
        }
    }
}

/// The control mutants of every operation that has requirements.
pub(super) fn controls(subject: &Subject, baseline: &Baseline) -> Vec<(Demand, Mutant)> {
    let mut out = Vec::new();
    for contract in subject.contracts.iter() {
        if !baseline.serves(contract.edition) {
            continue;
        }
        for operation in contract.operations_under_test() {
            let controls = [
                (Demand::Unnoticed, mutant::inert(contract, operation)),
                (
                    Demand::NoticedByAlmostAll,
                    mutant::gross(contract, operation),
                ),
                (
                    Demand::ReportedAsMislabelled,
                    mutant::mislabelled(contract, operation),
                ),
            ];
            for (demand, mutant) in controls {
                // An operation that no test case of this suite calls has nothing to be tested with.
                let met = mutant.filter(|mutant| {
                    let route = baseline.route(contract.edition, operation);
                    baseline.meeting(mutant, &route).next().is_some()
                });
                out.extend(met.map(|mutant| (demand, mutant)));
            }
        }
    }
    out
}

/// Runs the controls.
///
/// # Errors
/// When a relay or the client cannot be set up.
pub(super) async fn check(
    context: &Arc<Context>,
    controls: Vec<(Demand, Mutant)>,
    jobs: usize,
) -> Result<Vec<SelfCheck>, ProveError> {
    let (demands, mutants): (Vec<Demand>, Vec<Mutant>) = controls.into_iter().unzip();
    let results = super::run_all(context, mutants, jobs, &mut |_| {}).await?;
    Ok(demands
        .into_iter()
        .zip(results)
        .map(|(demand, result)| SelfCheck {
            name: result.id.clone(),
            demand: demand.label().to_owned(),
            held: holds(demand, &result),
            seen: seen(&result),
        })
        .collect())
}

fn holds(demand: Demand, result: &MutantResult) -> bool {
    let red = result.noticed_by.len() + result.unjudged.len();
    match demand {
        Demand::Unnoticed => result.sent > 0 && red == 0,
        Demand::NoticedByAlmostAll => {
            !result.noticed_by.is_empty() && red * 100 >= result.sent * ALMOST_ALL
        }
        Demand::ReportedAsMislabelled => result.outcome == Outcome::CaughtElsewhere,
    }
}

fn seen(result: &MutantResult) -> String {
    format!(
        "{} of {} rows failed, {} could not be judged: {}",
        result.noticed_by.len(),
        result.sent,
        result.unjudged.len(),
        result.outcome.label()
    )
}
