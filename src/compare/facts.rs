//! A run in facts that can be compared, without its exchanges.

use std::{collections::BTreeMap, io};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{align::Names, answer};
use crate::{
    ids::{CaseId, OperationId, RequirementId},
    result::{
        Blocker, CaseResult, Compared, Part, RequirementState, RunReport, State, Subject, Tally,
        Verdict,
    },
};

pub use answer::StepFacts;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFacts {
    pub side: Compared,
    /// Only values that can be compared are in it: a baseline.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
    pub cases: Vec<CaseFacts>,
    pub requirements: Vec<RequirementFacts>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFacts {
    pub id: CaseId,
    pub edition: String,
    pub operation: OperationId,
    #[serde(flatten)]
    pub verdict: Verdict,
    /// A waiver accepts that it fails.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// It passed and failed in the run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flaky: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<Blocker>,
    /// What was found, warnings apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingFacts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FindingFacts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<RequirementId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepFacts>,
}

/// One finding: what of which answer, by which check; not the value that came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FindingFacts {
    pub step: String,
    pub check: String,
    pub subject: Subject,
    pub place: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violates: Vec<RequirementId>,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementFacts {
    pub id: RequirementId,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sentence: String,
    pub judged: bool,
    pub state: State,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
}

impl RunFacts {
    /// The facts of a run, row by row.
    ///
    /// # Errors
    /// When the results cannot be read from their spool.
    pub fn of(report: &RunReport) -> io::Result<Self> {
        let mut names: BTreeMap<String, Names> = BTreeMap::new();
        let mut cases = Vec::with_capacity(report.cases.len());
        for at in 0..report.cases.len() {
            let case = report.cases.whole(at)?;
            let names = names
                .entry(case.edition.clone())
                .or_insert_with(|| Names::of(report, &case.edition));
            cases.push(CaseFacts::of(&case, names));
        }
        Ok(Self {
            side: side(report),
            settled: false,
            cases,
            requirements: report
                .requirements
                .iter()
                .map(RequirementFacts::of)
                .collect(),
        })
    }
}

/// What a run was.
fn side(report: &RunReport) -> Compared {
    let conclusion = report.conclusion();
    let tally = Tally::of(report.requirements.iter().map(|one| one.state));
    let states = State::ALL
        .into_iter()
        .filter(|state| tally.count(*state) > 0);
    let started = Timestamp::from_millisecond(report.started);
    let editions = report.provenance.editions.iter();
    Compared {
        target: report.target.clone(),
        version: report.provenance.version(),
        addresses: editions
            .map(|(edition, one)| (edition.clone(), one.address.clone()))
            .collect(),
        run_id: report.run_id.clone(),
        started: started.unwrap_or(Timestamp::UNIX_EPOCH),
        suite: report.provenance.suite.clone(),
        counts: report.counts(),
        conclusion: conclusion.label().to_owned(),
        exit_code: conclusion.exit_code(),
        whole: report.is_whole(),
        ending: report.ending.clone(),
        requirements: states
            .map(|state| (state.label().to_owned(), tally.count(state)))
            .collect(),
    }
}

impl CaseFacts {
    fn of(case: &CaseResult, names: &Names) -> Self {
        let steps = case.steps.iter();
        let steps = steps.filter(|step| step.part != Part::Cleanup);
        Self {
            id: case.id.clone(),
            edition: case.edition.clone(),
            operation: case.operation.clone(),
            verdict: case.verdict.clone(),
            waived: case.waiver.is_some(),
            flaky: case.flaky().is_some(),
            blocked_by: case.blocked_by.clone(),
            findings: findings(case, false),
            warnings: findings(case, true),
            covers: case.requirements.iter().map(|one| one.id.clone()).collect(),
            steps: steps
                .filter_map(|step| StepFacts::of(step, names))
                .collect(),
        }
    }

    /// The verdict in two words.
    pub(super) fn word(&self) -> String {
        let waived = if self.waived { ", waived" } else { "" };
        let flaky = if self.flaky { ", flaky" } else { "" };
        let (shape, reason) = (self.verdict.label(), self.verdict.reason());
        format!("{shape} {reason}{waived}{flaky}")
    }
}

fn findings(case: &CaseResult, warnings: bool) -> Vec<FindingFacts> {
    let mut out: Vec<FindingFacts> = Vec::new();
    for step in &case.steps {
        for check in step.checks.iter().filter(|check| check.warning == warnings) {
            let Some(found) = &check.mismatch else {
                continue;
            };
            out.push(FindingFacts {
                step: step.name.to_string(),
                check: check.check.as_str().to_owned(),
                subject: found.subject.clone(),
                place: found.place.clone(),
                violates: check.violates.clone(),
            });
        }
    }
    out.sort();
    out.dedup();
    out
}

impl RequirementFacts {
    fn of(state: &RequirementState) -> Self {
        Self {
            id: state.id.clone(),
            sentence: state.sentence.clone(),
            judged: state.judged,
            state: state.state,
            left_out: state.left_out,
        }
    }
}
