//! One cause, one block: findings that are alike, and what keeps test cases from being judged.
//!
//! Findings are alike by typed facts: the call, the subject, what would have held, and the pattern of
//! what came instead. No sentence is read.

mod alike;
mod brief;
mod errors;
mod words;

pub(super) use self::{
    brief::{Brief, briefs},
    errors::Cause,
    words::{again, call, is_instead, sent_by, sentence, written},
};

use std::collections::{BTreeMap, BTreeSet};

use self::{alike::Answer, errors::root_causes};
use super::{
    explain::{self, Finding},
    text::one_line,
};
use crate::{
    ids::RequirementId,
    result::{CaseResult, Mismatch, RunReport, Source, Subject, Verdict},
};

/// A finding with the test case that it was made in. A failed test case without any, which no judge
/// makes, stands for itself.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) case: &'a CaseResult,
    pub(super) finding: Option<Finding<'a>>,
}

impl<'a> Found<'a> {
    fn answer(&self) -> Option<Answer<'a>> {
        let finding = self.finding?;
        Some(Answer::of(self.case, finding))
    }

    /// Whether nobody asked, and the contract alone demands it.
    fn is_contracts(&self) -> bool {
        let check = self.finding.map(|(_, check, _)| &check.check);
        check.is_some_and(|check| *check == "conforms")
    }

    /// Whether this is only a consequence of another finding: in the same answer, the text of a wrong
    /// code, or a further part of what the same requirements are about.
    fn follows(&self, other: &Self) -> bool {
        let (Some((step, check, mismatch)), Some((first_step, first_check, first))) =
            (self.finding, other.finding)
        else {
            return false;
        };
        let text_of_code = first.subject == Subject::Code && mismatch.subject == Subject::Message;
        let same_promise = !check.violates.is_empty() && check.violates == first_check.violates;
        std::ptr::eq(step, first_step) && (text_of_code || same_promise)
    }
}

/// A requirement that is violated.
pub(super) struct Promise<'a> {
    pub(super) id: &'a RequirementId,
    /// Empty where nothing says it.
    pub(super) sentence: String,
    /// Where the documents say so; empty where that is not known.
    pub(super) place: String,
}

/// Findings that have one cause.
pub(super) struct FindingGroup<'a> {
    /// In the plan's order; never empty.
    pub(super) found: Vec<Found<'a>>,
    /// Consequences in the same answers.
    pub(super) also: Vec<Found<'a>>,
    /// Test cases that could not be judged because of it.
    pub(super) blocked: Vec<&'a CaseResult>,
}

/// Why test cases are red.
pub(super) enum Block<'a> {
    Fail(FindingGroup<'a>),
    Error(Cause<'a>),
}

impl Block<'_> {
    fn blocks(&self) -> bool {
        match self {
            Self::Fail(group) => !group.blocked.is_empty(),
            // What strikes many is a provider or an address that they share.
            Self::Error(cause) => !cause.blocked.is_empty() || cause.struck.len() > 1,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Fail(group) => group.found.len(),
            Self::Error(cause) => cause.struck.len() + cause.blocked.len(),
        }
    }
}

/// Every cause once: first what keeps other test cases from being judged, then findings, then the
/// other errors, those that are seen most often first.
pub(super) fn of(report: &RunReport) -> Vec<Block<'_>> {
    let mut groups = groups(report);
    let mut errors = Vec::new();
    for cause in root_causes(report) {
        match groups.iter_mut().find(|group| group.is_behind(&cause)) {
            Some(group) => group.blocked.extend(cause.all()),
            None => errors.push(Block::Error(cause)),
        }
    }
    let mut blocks: Vec<Block<'_>> = groups.into_iter().map(Block::Fail).chain(errors).collect();
    blocks.sort_by_key(|block| {
        let error = matches!(block, Block::Error(_));
        (!block.blocks(), error, usize::MAX - block.size())
    });
    blocks
}

/// What the target does otherwise than it should, in order of first appearance.
fn groups(report: &RunReport) -> Vec<FindingGroup<'_>> {
    let failed =
        |case: &&CaseResult| matches!(case.verdict, Verdict::Fail(_)) && case.waiver.is_none();
    let mut places = BTreeMap::new();
    let mut out: Vec<FindingGroup<'_>> = Vec::new();
    for case in report.cases.iter().filter(failed) {
        // Where each finding of the test case went.
        let mut leading: Vec<(Found<'_>, usize)> = Vec::new();
        for one in found(case) {
            let lead = leading.iter().find(|(lead, _)| one.follows(lead));
            if let Some((_, place)) = lead {
                out[*place].also.push(one);
                continue;
            }
            let place = *places.entry(key(&one)).or_insert_with(|| {
                out.push(FindingGroup {
                    found: Vec::new(),
                    also: Vec::new(),
                    blocked: Vec::new(),
                });
                out.len() - 1
            });
            out[place].found.push(one);
            leading.push((one, place));
        }
    }
    with_the_contracts(out)
}

fn found(case: &CaseResult) -> Vec<Found<'_>> {
    let findings = explain::findings(case);
    if findings.is_empty() {
        let finding = None;
        return vec![Found { case, finding }];
    }
    let each = findings.into_iter().map(Some);
    each.map(|finding| Found { case, finding }).collect()
}

/// What the contract found joins what an expectation found of the same: it is the same promise,
/// stated once more.
fn with_the_contracts(groups: Vec<FindingGroup<'_>>) -> Vec<FindingGroup<'_>> {
    let (contract, mut out): (Vec<_>, Vec<_>) = groups
        .into_iter()
        .partition(|group| group.found.iter().all(Found::is_contracts));
    let mut alone = Vec::new();
    for one in contract {
        let answer = one.found[0].answer();
        match out
            .iter_mut()
            .find(|group| group.found[0].answer() == answer)
        {
            Some(group) => {
                group.found.extend(one.found);
                group.also.extend(one.also);
            }
            None => alone.push(one),
        }
    }
    out.extend(alone);
    out
}

/// What makes two findings one cause.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Alike(Answer<'a>, &'a [String]),
    /// Nothing is known but that it failed.
    Case(&'a str),
}

fn key<'a>(found: &Found<'a>) -> Key<'a> {
    match (found.finding, found.answer()) {
        (Some((_, _, mismatch)), Some(answer)) => Key::Alike(answer, &mismatch.expected),
        _ => Key::Case(found.case.id.as_str()),
    }
}

impl<'a> FindingGroup<'a> {
    /// The finding that is shown: what an expectation found says more than what the contract found.
    pub(super) fn first(&self) -> Found<'a> {
        let asked = self.found.iter().find(|found| !found.is_contracts());
        *asked.unwrap_or(&self.found[0])
    }

    /// The test cases in which it was found.
    pub(super) fn cases(&self) -> Vec<&'a CaseResult> {
        let mut seen = BTreeSet::new();
        let cases = self.found.iter().map(|found| found.case);
        cases.filter(|case| seen.insert(case.id.as_str())).collect()
    }

    /// What else came instead, where it was not always the same.
    pub(super) fn other_values(&self) -> Vec<&'a str> {
        let actual = |found: &Found<'a>| found.finding.map(|(_, _, found)| found.actual.as_str());
        let first = actual(&self.first());
        let mut seen = BTreeSet::new();
        let others = self.found.iter().filter_map(actual);
        others
            .filter(|value| Some(*value) != first && seen.insert(*value))
            .collect()
    }

    /// The consequences, each once.
    pub(super) fn consequences(&self) -> Vec<&'a Mismatch> {
        let mut seen = BTreeSet::new();
        let all = self.also.iter();
        let each = all.filter_map(|found| Some((found, found.finding?)));
        each.filter(|(found, _)| seen.insert(key(found)))
            .map(|(_, (_, _, mismatch))| mismatch)
            .collect()
    }

    /// The requirements that it violates, those of most findings first, those of consequences last.
    pub(super) fn violates(&self) -> Vec<&'a RequirementId> {
        let mut out = by_number(&self.found);
        for id in by_number(&self.also) {
            if !out.contains(&id) {
                out.push(id);
            }
        }
        out
    }

    /// What it violates, in the words of the register, or of a test case where the run does not have the
    /// requirement itself.
    pub(super) fn promises(&self, report: &RunReport) -> Vec<Promise<'a>> {
        let ids = self.violates().into_iter();
        ids.map(|id| {
            let known = report.requirements.iter().find(|one| one.id == *id);
            let covered = || {
                let mut all = self.found.iter().flat_map(|one| &one.case.requirements);
                all.find(|one| one.id == *id).map(|one| one.text.as_str())
            };
            let text = known.map(|one| one.sentence.as_str());
            let text = text.filter(|text| !text.is_empty()).or_else(covered);
            Promise {
                id,
                sentence: one_line(text.unwrap_or_default()),
                place: known.map_or_else(String::new, |one| one_line(&one.place)),
            }
        })
        .collect()
    }

    /// Where it is written: the first expectation, and what the contract says where that was asked.
    pub(super) fn written(&self) -> Vec<&'a Source> {
        let of = |contract: bool| {
            let mut found = self.found.iter();
            let first = found.find(|found| found.is_contracts() == contract)?;
            first.finding.map(|(_, check, _)| &check.source)
        };
        let found: Vec<&Source> = of(false).into_iter().chain(of(true)).collect();
        if found.is_empty() {
            return vec![&self.found[0].case.source];
        }
        found
    }

    /// Whether this is what kept test cases from being judged: it is why the one that they wait for
    /// failed, or it is what stopped their own preparation.
    fn is_behind(&self, cause: &Cause<'_>) -> bool {
        let stopped = cause
            .stopping()
            .map(|finding| Answer::of(cause.root, finding));
        if stopped.is_some() {
            return self.found.iter().any(|found| found.answer() == stopped);
        }
        let first = explain::findings(cause.root).first().copied();
        let same = |found: &Found<'_>| match (found.finding, first) {
            (Some((_, check, _)), Some((_, first, _))) => std::ptr::eq(check, first),
            (None, None) => std::ptr::eq(found.case, cause.root),
            _ => false,
        };
        self.found.iter().any(same)
    }
}

/// The requirements that findings violate, those of most findings first.
fn by_number<'a>(found: &[Found<'a>]) -> Vec<&'a RequirementId> {
    let findings = found.iter().filter_map(|found| found.finding);
    let mut counts: BTreeMap<&RequirementId, usize> = BTreeMap::new();
    let mut order: Vec<&RequirementId> = Vec::new();
    for id in findings.flat_map(|(_, check, _)| &check.violates) {
        let count = counts.entry(id).or_default();
        if *count == 0 {
            order.push(id);
        }
        *count += 1;
    }
    order.sort_by_key(|id| usize::MAX - counts[*id]);
    order
}
