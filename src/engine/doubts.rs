//! Results that are taken back, because what a test case was answered may have been another's answer.
//!
//! A connection may tell so long after the test case was judged, so each test case's doubts are kept
//! until all test cases are done.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use super::wire::Doubt;
use crate::{
    ids::CaseId,
    judge,
    plan::TestCase,
    result::{CaseResult, ErrorReason, Verdict},
};

/// The doubts about each test case, by its id.
#[derive(Debug, Default)]
pub(super) struct Doubts(Mutex<HashMap<String, Vec<Doubt>>>);

/// What a test case gets whose answers are in doubt.
const DESYNC: Verdict = Verdict::Error(ErrorReason::Desync);

impl Doubts {
    pub(super) fn keep(&self, id: &str, doubts: Vec<Doubt>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(id.to_owned()).or_default().extend(doubts);
    }

    fn why(&self, id: &str) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let why = kept.get(id)?.iter().find_map(Doubt::why)?;
        Some(why.to_owned())
    }

    /// The result as it is once its answers are in doubt; `None` where they are not, or where it rests
    /// on none.
    pub(super) fn withdrawn(&self, result: &CaseResult) -> Option<CaseResult> {
        let rests_on_answers = !matches!(
            result.verdict,
            Verdict::Skip(_)
                | Verdict::Error(
                    ErrorReason::Desync | ErrorReason::HarnessFault | ErrorReason::ControlFailed
                )
        );
        let why = self.why(&result.id).filter(|_| rests_on_answers)?;
        let mut withdrawn = result.clone();
        withdrawn.verdict = DESYNC;
        withdrawn.detail = Some(why);
        // What the answers kept or broke is no finding any more.
        for step in &mut withdrawn.steps {
            step.checks.clear();
        }
        judge::note(&mut withdrawn.requirements, &[]);
        (withdrawn.outcome, withdrawn.stands) = (None, false);
        Some(withdrawn)
    }

    /// Takes back the results that need one that was taken back, and those that need these.
    pub(super) fn spread(
        cases: &[TestCase],
        results: &mut [CaseResult],
        behind: impl Fn(&TestCase, &CaseResult) -> CaseResult,
    ) {
        let cases: BTreeMap<&str, &TestCase> =
            cases.iter().map(|case| (case.id.as_str(), case)).collect();
        let is_withdrawn = |result: &&CaseResult| result.verdict == DESYNC;
        let mut taken_back: BTreeMap<CaseId, CaseResult> = results
            .iter()
            .filter(is_withdrawn)
            .map(|result| (result.id.clone(), result.clone()))
            .collect();
        let mut more = !taken_back.is_empty();
        while more {
            more = false;
            for result in &mut *results {
                let judged = matches!(result.verdict, Verdict::Pass(_) | Verdict::Fail(_));
                let Some(case) = cases.get(result.id.as_str()).filter(|_| judged) else {
                    continue;
                };
                let mut before = std::iter::once(&case.control_id).chain(&case.prerequisites);
                let before = before.find_map(|id| taken_back.get(id).filter(|_| *id != case.id));
                if let Some(before) = before {
                    *result = behind(case, before);
                    taken_back.insert(result.id.clone(), result.clone());
                    more = true;
                }
            }
        }
    }
}
