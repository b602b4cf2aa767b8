//! The operators on recorded answers, judged again with no server: does the judge see it?

use std::collections::BTreeMap;

use super::baseline::{Baseline, Row, touches};
use crate::{
    clock::Stopwatch,
    contract::Contract,
    judge,
    mutant::{AnswerEdit, Change, Delivery, DocumentedStatus, Mutant, Route},
    result::{CheckResult, Part, Transcripts, Verdict},
    session::Session,
    transcript::Transcript,
};

/// Applies every answer mutant to every recorded transcript that it touches.
pub(super) fn judge(session: &Session, baseline: &Baseline, mutants: &[Mutant]) -> Transcripts {
    let watch = Stopwatch::start();
    let mut out = Transcripts::default();
    let mut caught: BTreeMap<&str, bool> = BTreeMap::new();
    for mutant in mutants {
        let Change::Answer(edit) = &mutant.change else {
            continue;
        };
        // Half an answer is not an answer that could be judged again.
        if edit.delivery != Delivery::Whole || mutant.documented != DocumentedStatus::Forbidden {
            continue;
        }
        let Some(contract) = Contract::of_edition(session.contracts(), mutant.edition.as_str())
        else {
            continue;
        };
        let Some(operation) = contract.operation(&mutant.operation) else {
            continue;
        };
        let route = baseline.route(contract, operation);
        for row in &baseline.rows {
            if row.case.edition != mutant.edition {
                continue;
            }
            let Some(edited) = edited(row, mutant, edit, &route) else {
                continue;
            };
            let red = turns_red(row, &edited, contract, session.is_strict());
            out.judged += 1;
            out.red += usize::from(red);
            let covers = row.case.covers.iter().any(|id| mutant.breaks.contains(id));
            *caught.entry(&mutant.id).or_default() |= red && covers;
        }
    }
    out.mutants = caught.len();
    out.caught = caught.values().filter(|caught| **caught).count();
    out.missed = caught
        .into_iter()
        .filter(|(_, caught)| !caught)
        .map(|(id, _)| id.to_owned())
        .collect();
    out.elapsed = watch.elapsed();
    out
}

/// The transcript with every judged answer of the operation edited; `None` when there is none.
fn edited(row: &Row, mutant: &Mutant, edit: &AnswerEdit, route: &Route) -> Option<Transcript> {
    let judged = |part: Part| matches!(part, Part::Request | Part::Then);
    let touched = row
        .transcript
        .steps
        .iter()
        .filter(|step| judged(step.part))
        .flat_map(|step| &step.attempts)
        .any(|exchange| touches(mutant, route, exchange));
    if !touched {
        return None;
    }
    let mut transcript = row.transcript.clone();
    for step in transcript.steps.iter_mut().filter(|step| judged(step.part)) {
        for exchange in &mut step.attempts {
            if touches(mutant, route, exchange)
                && let Ok(response) = &mut exchange.outcome
            {
                (edit.edit)(response);
            }
        }
    }
    Some(transcript)
}

/// Whether the row fails by the edited answers, and finds something that it does not find in those that
/// were recorded.
fn turns_red(row: &Row, edited: &Transcript, contract: &Contract, strict: bool) -> bool {
    let findings = |transcript: &Transcript| -> Option<Vec<CheckResult>> {
        let judgement = judge::case(&row.case, transcript, contract, strict);
        let checks = judgement.checks.into_iter().flatten();
        let found = checks.filter(|check| check.mismatch.is_some());
        matches!(judgement.verdict, Verdict::Fail(_)).then(|| found.collect())
    };
    let Some(found) = findings(edited) else {
        return false;
    };
    if row.result.verdict.is_pass() {
        return true;
    }
    let known = findings(&row.transcript).unwrap_or_default();
    found.iter().any(|one| !known.contains(one))
}
