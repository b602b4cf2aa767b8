//! One cause, one block: findings that are alike, and what keeps test cases from being judged.
//!
//! Findings are alike by typed facts: the call, the subject, what would have held, and the pattern of
//! what came instead. No sentence is read.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{
    causes::{Cause, root_causes},
    explain::{self, Finding},
};
use crate::{
    ids::RequirementId,
    result::{CaseResult, CheckKey, RunReport, Source, Subject, Verdict},
};

/// A finding with the test case that it was made in. A failed test case without any, which no judge
/// makes, stands for itself.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) case: &'a CaseResult,
    pub(super) finding: Option<Finding<'a>>,
}

/// Findings that have one cause.
pub(super) struct FindingGroup<'a> {
    /// In the plan's order; never empty.
    pub(super) found: Vec<Found<'a>>,
    /// Test cases that wait in vain for one of those in which it was found.
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
    let mut blocks = Vec::new();
    for cause in root_causes(report) {
        let root = groups.iter_mut().find(|one| one.is_of(cause.root));
        match root {
            Some(group) => group.blocked.extend(cause.blocked),
            None => blocks.push(Block::Error(cause)),
        }
    }
    let mut blocks: Vec<Block<'_>> = groups.into_iter().map(Block::Fail).chain(blocks).collect();
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
        let mut found: Vec<Found<'_>> = explain::findings(case)
            .into_iter()
            .map(|finding| Found {
                case,
                finding: Some(finding),
            })
            .collect();
        if found.is_empty() {
            let finding = None;
            found.push(Found { case, finding });
        }
        for one in found {
            let place = *places.entry(key(&one)).or_insert_with(|| {
                out.push(FindingGroup {
                    found: Vec::new(),
                    blocked: Vec::new(),
                });
                out.len() - 1
            });
            out[place].found.push(one);
        }
    }
    with_the_contracts(out)
}

/// What the contract found joins what an expectation found of the same: it is the same promise,
/// stated once more.
fn with_the_contracts(groups: Vec<FindingGroup<'_>>) -> Vec<FindingGroup<'_>> {
    let (contract, mut out): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(FindingGroup::is_contracts);
    let mut alone = Vec::new();
    for one in contract {
        let same = |other: &&mut FindingGroup<'_>| {
            answer(&other.found[0]) == answer(&one.found[0]) && answer(&one.found[0]).is_some()
        };
        match out.iter_mut().find(same) {
            Some(group) => group.found.extend(one.found),
            None => alone.push(one),
        }
    }
    out.extend(alone);
    out
}

/// What makes two findings one cause.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Alike {
        answer: Answer<'a>,
        expected: &'a [String],
    },
    /// Nothing is known but that it failed.
    Case(&'a str),
}

/// What came instead, of what, to which call.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Answer<'a> {
    edition: &'a str,
    /// Method and path of the request; the operation where none was sent.
    call: (&'a str, String),
    subject: &'a Subject,
    actual: String,
}

fn key<'a>(found: &Found<'a>) -> Key<'a> {
    match (found.finding, answer(found)) {
        (Some((_, _, mismatch)), Some(answer)) => Key::Alike {
            answer,
            expected: &mismatch.expected,
        },
        _ => Key::Case(found.case.id.as_str()),
    }
}

fn answer<'a>(found: &Found<'a>) -> Option<Answer<'a>> {
    let (step, _, mismatch) = found.finding?;
    let call = match &step.exchange {
        Some(exchange) => (
            exchange.method.as_str(),
            pattern(explain::path(&exchange.url)),
        ),
        None => ("", found.case.operation.clone()),
    };
    Some(Answer {
        edition: &found.case.edition,
        call,
        subject: &mismatch.subject,
        actual: match mismatch.subject {
            // These are words of the documents, whatever digits they hold.
            Subject::Accepted
            | Subject::Refused
            | Subject::Status
            | Subject::MediaType
            | Subject::Code => mismatch.actual.clone(),
            _ => pattern(&mismatch.actual),
        },
    })
}

/// A value with all in it that differs from run to run made alike: numbers, ids, tokens.
fn pattern(text: &str) -> String {
    const LONGEST_WORD: usize = 24;
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_');
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|char| is_part(char) != is_part(first));
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        let varies = run.contains(|char: char| char.is_ascii_digit()) || run.len() > LONGEST_WORD;
        out.push_str(if is_part(first) && varies { "#" } else { run });
        rest = after;
    }
    out
}

impl<'a> FindingGroup<'a> {
    /// The finding that is shown.
    pub(super) fn first(&self) -> Found<'a> {
        self.found[0]
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
        let first = actual(&self.found[0]);
        let mut seen = BTreeSet::new();
        let others = self.found.iter().filter_map(actual);
        others
            .filter(|value| Some(*value) != first && seen.insert(*value))
            .collect()
    }

    /// The requirements that it violates, those of most findings first.
    pub(super) fn violates(&self) -> Vec<&'a RequirementId> {
        let findings = self.found.iter().filter_map(|found| found.finding);
        let ids = findings.flat_map(|(_, check, _)| &check.violates);
        let mut counts: BTreeMap<&RequirementId, usize> = BTreeMap::new();
        let mut order: Vec<&RequirementId> = Vec::new();
        for id in ids {
            let count = counts.entry(id).or_default();
            if *count == 0 {
                order.push(id);
            }
            *count += 1;
        }
        order.sort_by_key(|id| usize::MAX - counts[*id]);
        order
    }

    /// Where it is written: the first expectation, and what the contract says where that was asked.
    pub(super) fn written(&self) -> Vec<&'a Source> {
        let of = |contract: bool| {
            let mut findings = self.found.iter().filter_map(|found| found.finding);
            let found = findings.find(|(_, check, _)| is_contracts(&check.check) == contract);
            found.map(|(_, check, _)| &check.source)
        };
        let found: Vec<&Source> = of(false).into_iter().chain(of(true)).collect();
        if found.is_empty() {
            return vec![&self.found[0].case.source];
        }
        found
    }

    /// Whether this is why a test case failed first of all.
    fn is_of(&self, case: &CaseResult) -> bool {
        let first = explain::findings(case).first().copied();
        let same = |found: &Found<'_>| match (found.finding, first) {
            (Some((_, check, _)), Some((_, first, _))) => std::ptr::eq(check, first),
            (None, None) => std::ptr::eq(found.case, case),
            _ => false,
        };
        self.found.iter().any(same)
    }

    fn is_contracts(&self) -> bool {
        let mut findings = self.found.iter().filter_map(|found| found.finding);
        findings.all(|(_, check, _)| is_contracts(&check.check))
    }
}

/// Whether nobody asked, and the contract alone demands it.
fn is_contracts(check: &CheckKey) -> bool {
    *check == "conforms"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_alike_and_words_are_not() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(pattern(text), expected);
        }
        check("7", "#");
        check("\"43200\"", "\"#\"");
        check("user 0198a-77f not found", "user # not found");
        check("/users/42/name", "/users/#/name");
        check("a token of eyJhbGciOiJub25l", "a token of #");
        check("absent", "absent");
        check("not JSON: <p>", "not JSON: <p>");
        check("密码 12", "密码 #");
    }
}
