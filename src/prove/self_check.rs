//! Checks of the proof itself: if the relay or the operators do not work, the proof is void.

use std::{collections::BTreeSet, sync::Arc};

use super::{Context, Fared, baseline::Row, error::ProveError};
use crate::{
    ids::CaseId,
    mutant::{self, Mutant},
    result::{MutantResult, Outcome, Part, SelfCheck, Undecided},
};

/// The smallest part of the test cases that a gross mutant must turn red, in percent.
const ALMOST_ALL: usize = 90;

/// So many red rows are named.
const SHOWN: usize = 3;

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
pub(super) fn controls(context: &Context) -> Vec<(Demand, Mutant)> {
    let baseline = &context.baseline;
    let mut out = Vec::new();
    for contract in context.session.contracts().iter() {
        if !baseline.serves(contract.edition) {
            continue;
        }
        for operation in contract.operations_under_test() {
            let route = baseline.route(contract, operation);
            let met = |mutant: &Mutant| baseline.meeting(mutant, &route);
            // A row about the requirement may fail by what it sends before.
            let wrong = mutant::mislabelled(contract, operation, &|_| true).and_then(|mutant| {
                let rows = met(&mutant);
                mutant::mislabelled(contract, operation, &|id| {
                    rows.iter().all(|row| !row.case.covers.contains(id))
                })
            });
            let controls = [
                (Demand::Unnoticed, mutant::inert(contract, operation)),
                (
                    Demand::NoticedByAlmostAll,
                    mutant::gross(contract, operation),
                ),
                (Demand::ReportedAsMislabelled, wrong),
            ];
            for (demand, mutant) in controls {
                // An operation that no test case of this suite calls has nothing to be tested with.
                let mutant = mutant.filter(|mutant| !met(mutant).is_empty());
                out.extend(mutant.map(|mutant| (demand, mutant)));
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
) -> Result<Vec<SelfCheck>, ProveError> {
    let (demands, mutants): (Vec<Demand>, Vec<Mutant>) = controls.into_iter().unzip();
    let met: Vec<Meeting> = mutants
        .iter()
        .map(|one| Meeting::of(context, one))
        .collect();
    let results = super::run_all(context, mutants, &mut |_| {}).await?;
    let each = demands.into_iter().zip(results).zip(met);
    Ok(each
        .map(|((demand, Fared { result, undecided }), met)| {
            // What was not sent shows nothing of the machinery.
            let spent = undecided == Some(Undecided::BudgetSpent);
            SelfCheck {
                name: result.id.clone(),
                demand: demand.label().to_owned(),
                held: !spent && holds(demand, &result, &met),
                seen: if spent {
                    Undecided::BudgetSpent.label().to_owned()
                } else {
                    seen(&result)
                },
            }
        })
        .collect())
}

/// Of the rows that meet a control: how many, and whether each meets it first where it is only prepared, so
/// that it can be judged no more.
struct Meeting {
    ids: BTreeSet<CaseId>,
    only_prepares: bool,
}

impl Meeting {
    fn of(context: &Context, mutant: &Mutant) -> Self {
        let route = context.route(mutant);
        let parts = |row: &Row| {
            let route = route.as_ref()?;
            row.first_met(mutant, route)
        };
        let rows = context.meeting(mutant);
        Self {
            only_prepares: rows.iter().all(|row| parts(row) == Some(Part::Setup)),
            ids: rows.iter().map(|row| row.case.id.clone()).collect(),
        }
    }
}

fn holds(demand: Demand, result: &MutantResult, met: &Meeting) -> bool {
    let noticed = !result.noticed_by.is_empty();
    let red = result.noticed_by.iter().chain(&result.unjudged);
    match demand {
        Demand::Unnoticed => result.sent > 0 && red.count() == 0,
        Demand::NoticedByAlmostAll => {
            // Others were sent as well, because these need them.
            let red = red.filter(|id| met.ids.contains(*id)).count();
            red > 0 && (noticed || met.only_prepares) && red * 100 >= met.ids.len() * ALMOST_ALL
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
    ) + &first(result)
}

/// The first rows that were red, for who looks for the reason.
fn first(result: &MutantResult) -> String {
    let red: Vec<&str> = result
        .noticed_by
        .iter()
        .chain(&result.unjudged)
        .map(CaseId::as_str)
        .take(SHOWN)
        .collect();
    match red[..] {
        [] => String::new(),
        _ => format!(" ({})", red.join(", ")),
    }
}
