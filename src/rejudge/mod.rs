//! Judges the answers of a record again, by the suite as it is now.
//!
//! Takes: a [`RunReport`] that was read from a record, and a [`Suite`]. Gives: a [`RunReport`] with the verdicts
//! that the suite has for the same answers. Never: sends anything, or calls a check held that depends on a
//! value which the record does not have.
//!
//! A row keeps its verdict while neither the contract nor its expectations changed. A row that sends
//! something else now was not answered. Secrets are masked in a record, so each answer is judged with several
//! values in their places; a check that does not find the same each time is *not re-judgeable*.

mod certain;
mod fill;
mod transcript;

use std::{collections::HashMap, io, sync::Arc};

use self::{certain::Rejudged, fill::Fill, transcript::Run};
use crate::{
    contract::Contract,
    ids::CaseId,
    judge,
    plan::TestCase,
    result::{Blocker, CaseResult, Cases, Part, RunReport, SkipReason, SuiteDigest, Verdict},
    suite::Suite,
};

/// Why a record cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum RejudgeError {
    #[error(
        "the record does not hold what judging again needs: it is of before version 6, or nothing was \
         sent in its run"
    )]
    NoBasis,
    #[error("the record is of another suite: none of its rows is in this one")]
    AnotherSuite,
    #[error("its results cannot be read back: {0}")]
    Spool(#[from] io::Error),
}

/// What came of judging again.
#[derive(Debug)]
pub struct Rejudgement {
    /// The run as the suite judges it now.
    pub report: RunReport,
    /// Rows of the record that the suite does not have any more.
    pub gone: Vec<CaseId>,
    /// Rows of the suite that the record does not have.
    pub missing: Vec<CaseId>,
}

/// Judges a recorded run again. What its waivers accepted is accepted as far as its findings are the same.
///
/// # Errors
/// When the record is of another suite, or too old.
pub fn rejudge(recorded: &RunReport, suite: &Suite) -> Result<Rejudgement, RejudgeError> {
    let mut known: HashMap<&CaseId, usize> = HashMap::new();
    for (at, case) in recorded.cases.iter().enumerate() {
        known.insert(&case.id, at);
    }
    let plan = &suite.plan.cases;
    let in_record = |case: &&Arc<TestCase>| known.contains_key(&case.id);
    let (there, missing): (Vec<_>, Vec<_>) = plan.iter().partition(in_record);
    if there.is_empty() && !recorded.cases.is_empty() {
        return Err(RejudgeError::AnotherSuite);
    }
    let bench = Bench {
        recorded,
        suite,
        same_contract: recorded.provenance.suite.contract == suite.digest.contract,
    };
    let mut results: Vec<CaseResult> = Vec::with_capacity(there.len());
    let mut has_basis = false;
    for case in &there {
        let Some(at) = known.get(&case.id) else {
            continue;
        };
        let before = recorded.cases.whole(*at)?;
        has_basis |= !before.basis.is_unknown();
        results.push(bench.result(case, &before));
    }
    if !has_basis {
        return Err(RejudgeError::NoBasis);
    }
    behind_others(&there, &mut results, suite);
    let gone = recorded.cases.iter();
    let gone = gone.filter(|case| suite.plan.get(&case.id).is_none());
    Ok(Rejudgement {
        gone: gone.map(|case| case.id.clone()).collect(),
        missing: missing.iter().map(|case| case.id.clone()).collect(),
        report: bench.report(results),
    })
}

/// What all rows are judged by.
struct Bench<'b> {
    recorded: &'b RunReport,
    suite: &'b Suite,
    same_contract: bool,
}

impl Bench<'_> {
    /// The result of a row by the suite as it is now.
    fn result(&self, case: &TestCase, before: &CaseResult) -> CaseResult {
        let contract = Contract::of_edition(&self.suite.contracts, case.edition.as_str());
        let as_it_was = |verdict: Verdict| CaseResult {
            steps: before.steps.clone(),
            outcome: before.outcome,
            stands: before.stands,
            blocked_by: before.blocked_by.clone(),
            causes: before.causes.clone(),
            basis: before.basis.clone(),
            elapsed: before.elapsed,
            detail: before.detail.clone(),
            ..judge::unsent(case, contract, verdict, String::new())
        };
        let not_rejudgeable = |why: &str| CaseResult {
            stands: false,
            outcome: None,
            detail: Some(why.to_owned()),
            ..without_checks(as_it_was(Verdict::Skip(SkipReason::NotRejudgeable)))
        };
        if before.basis.is_unknown() {
            // Nothing was sent, and so nothing can be judged otherwise.
            return as_it_was(before.verdict.clone());
        }
        if before.basis.sends != case.sends() {
            return not_rejudgeable(
                "the row sends something else now, which has no answer in the record",
            );
        }
        let was_behind = is_behind(before);
        if !was_behind && self.same_contract && before.basis.expects == case.expects() {
            let mut same = as_it_was(before.verdict.clone());
            same.requirements.clone_from(&before.requirements);
            same.waiver.clone_from(&before.waiver);
            return same;
        }
        if before.blocked_by.is_some() && !was_behind {
            return as_it_was(before.verdict.clone());
        }
        let Some(contract) = contract else {
            return not_rejudgeable("the suite has no contract of its edition any more");
        };
        let Some(rejudged) = self.judged_anew(case, before, contract) else {
            return not_rejudgeable("nothing was judged");
        };
        let mut result = as_it_was(rejudged.verdict);
        if was_behind {
            // What it waited for is looked at below, when all have their results.
            (result.blocked_by, result.causes) = (None, Vec::new());
        }
        judge::note(&mut result.requirements, &rejudged.evidence);
        (result.outcome, result.stands) = (rejudged.outcome, rejudged.stands);
        result.detail = rejudged.detail;
        for (step, checks) in result.steps.iter_mut().zip(rejudged.checks) {
            step.checks = judge::bounded(checks);
        }
        if certain::same_findings(&result, before) {
            result.waiver.clone_from(&before.waiver);
        }
        result
    }

    /// What is sure of a row, judged once with each filling of its masks.
    fn judged_anew(
        &self,
        case: &TestCase,
        before: &CaseResult,
        contract: &Contract,
    ) -> Option<Rejudged> {
        let run = Run {
            run_id: &self.recorded.run_id,
            provenance: &self.recorded.provenance,
        };
        let judged = (0..fill::WAYS.len()).map(|way| {
            let fill = Fill::new(way, before);
            let transcript = transcript::of(run, case, before, &fill);
            let judgement = judge::case(case, &transcript, contract, self.recorded.strict);
            (judgement, fill)
        });
        certain::certain(judged, before)
    }

    fn report(&self, results: Vec<CaseResult>) -> RunReport {
        let (recorded, suite) = (self.recorded, self.suite);
        let mut provenance = recorded.provenance.clone();
        provenance.suite = suite.digest.clone();
        let answered = recorded.provenance.answers.clone();
        provenance.answers = answered.or_else(|| known(&recorded.provenance.suite));
        let mut seen = judge::Seen::default();
        for case in &results {
            seen.take(&suite.contracts, case);
        }
        let plan = &suite.plan.cases;
        RunReport {
            run_id: recorded.run_id.clone(),
            target: recorded.target.clone(),
            provenance,
            started: recorded.started,
            elapsed: recorded.elapsed,
            suite_size: plan.len(),
            planned: results.len(),
            strict: recorded.strict,
            waivers: recorded.waivers.clone(),
            requirements: judge::requirements(&suite.contracts, plan, &results),
            matrices: judge::matrices(&suite.contracts, plan, &results, &seen),
            proof: None,
            spent: recorded.spent.clone(),
            leaks: recorded.leaks.clone(),
            ending: recorded.ending.clone(),
            left: recorded.left.clone(),
            cases: Cases::from(results),
        }
    }
}

/// Whether a row was sent and not judged, because another one that it needs did not stand: there is an answer
/// to judge if that one stands now.
fn is_behind(before: &CaseResult) -> bool {
    let behind = matches!(
        before.blocked_by,
        Some(Blocker::Control(_) | Blocker::Prerequisite(_))
    );
    let mut steps = before.steps.iter();
    behind
        && before.basis.stopped.is_none()
        && steps.any(|step| step.part == Part::Request && step.exchange.is_some())
}

fn known(digest: &SuiteDigest) -> Option<SuiteDigest> {
    digest.is_known().then(|| digest.clone())
}

/// A result that judges nothing, with the steps of the one whose place it takes.
fn in_place_of(was: &CaseResult, result: CaseResult) -> CaseResult {
    without_checks(CaseResult {
        steps: was.steps.clone(),
        basis: was.basis.clone(),
        elapsed: was.elapsed,
        ..result
    })
}

fn without_checks(mut result: CaseResult) -> CaseResult {
    for step in &mut result.steps {
        step.checks.clear();
    }
    result
}

/// Whether a row has no verdict of its own, for want of one that it needs.
const fn waits_for_another(result: &CaseResult) -> bool {
    matches!(
        result.blocked_by,
        Some(Blocker::Control(_) | Blocker::Prerequisite(_))
    ) && matches!(result.verdict, Verdict::Error(_))
}

/// Takes back what rows say whose control or prerequisite does not stand any more.
fn behind_others(cases: &[&Arc<TestCase>], results: &mut [CaseResult], suite: &Suite) {
    let places: HashMap<CaseId, usize> = results
        .iter()
        .enumerate()
        .map(|(at, result)| (result.id.clone(), at))
        .collect();
    // A prerequisite has a control and no further prerequisite, so that two rounds reach every row.
    for _ in 0..2 {
        for (at, case) in cases.iter().enumerate() {
            let judged = matches!(results[at].verdict, Verdict::Pass(_) | Verdict::Fail(_))
                || results[at].verdict == Verdict::OBSERVED;
            let needs = std::iter::once(&case.control_id).chain(&case.prerequisites);
            let needs = needs.filter(|id| **id != case.id);
            let unknown = needs.clone().find(|id| !places.contains_key(*id));
            if let (true, Some(id)) = (judged, unknown) {
                let verdict = Verdict::Skip(SkipReason::NotRejudgeable);
                let why = format!("it needs `{id}`, which is not in the record");
                results[at] = in_place_of(&results[at], judge::unsent(case, None, verdict, why));
                continue;
            }
            let mut needed = needs.filter_map(|id| places.get(id));
            let fallen = needed.find(|place| !results[**place].stands).copied();
            if fallen.is_none() && waits_for_another(&results[at]) {
                let why =
                    "it was not sent, because a row that it needs did not stand, which it does now";
                results[at] = CaseResult {
                    verdict: Verdict::Skip(SkipReason::NotRejudgeable),
                    detail: Some(why.to_owned()),
                    blocked_by: None,
                    causes: Vec::new(),
                    ..results[at].clone()
                };
            }
            let (true, Some(fallen)) = (judged, fallen) else {
                continue;
            };
            let before = &results[fallen];
            let contract = Contract::of_edition(&suite.contracts, case.edition.as_str());
            let blocked = if before.verdict == Verdict::Skip(SkipReason::NotRejudgeable) {
                let why = format!("it needs `{}`, which is not re-judgeable", before.id);
                let verdict = Verdict::Skip(SkipReason::NotRejudgeable);
                judge::unsent(case, contract, verdict, why)
            } else {
                judge::blocked(case, contract, before)
            };
            results[at] = in_place_of(&results[at], blocked);
        }
    }
}
