//! Results that are taken back, because what a test case was answered may have been another's answer.
//!
//! A connection may tell so long after the test case was judged, so each test case's doubts are kept
//! until all test cases are done.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use super::{results::Results, wire::Doubt};
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

    /// Whether the result rests on answers that are in doubt.
    pub(super) fn doubts(&self, result: &CaseResult) -> bool {
        self.why_not(result).is_some()
    }

    /// Why the result does not hold, where it rests on answers that are in doubt.
    fn why_not(&self, result: &CaseResult) -> Option<String> {
        let rests_on_answers = !matches!(
            result.verdict,
            Verdict::Skip(_)
                | Verdict::Error(
                    ErrorReason::Desync | ErrorReason::HarnessFault | ErrorReason::ControlFailed
                )
        );
        self.why(&result.id).filter(|_| rests_on_answers)
    }

    /// The result as it is once its answers are in doubt; `None` where they are not, or where it rests
    /// on none.
    pub(super) fn withdrawn(&self, result: &CaseResult) -> Option<CaseResult> {
        let why = self.why_not(result)?;
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
        cases: &[Arc<TestCase>],
        results: &mut dyn Results,
        behind: impl Fn(&TestCase, &CaseResult) -> CaseResult,
    ) {
        let kept = results.kept().iter();
        let withdrawn = kept.filter(|result| result.verdict == DESYNC);
        let mut taken_back: BTreeMap<CaseId, CaseResult> = withdrawn
            .map(|result| (result.id.clone(), result.clone()))
            .collect();
        if taken_back.is_empty() {
            return;
        }
        let cases: BTreeMap<&str, &TestCase> = cases
            .iter()
            .map(|case| (case.id.as_str(), &**case))
            .collect();
        let mut more = true;
        while more {
            more = false;
            for at in 0..results.kept().len() {
                let result = &results.kept()[at];
                let judged = matches!(result.verdict, Verdict::Pass(_) | Verdict::Fail(_));
                let Some(case) = cases.get(result.id.as_str()).filter(|_| judged) else {
                    continue;
                };
                let mut before = std::iter::once(&case.control_id).chain(&case.prerequisites);
                let before = before.find_map(|id| taken_back.get(id).filter(|_| *id != case.id));
                if let Some(before) = before {
                    let blocked = behind(case, before);
                    taken_back.insert(blocked.id.clone(), blocked.clone());
                    results.replace(at, blocked);
                    more = true;
                }
            }
        }
    }
}
