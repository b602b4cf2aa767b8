//! The causes of red of the run after that are new, each with what was answered before.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ids::{CaseId, RequirementId},
    report::causes::{self, Brief},
    result::{
        AnswerChange, CaseChange, CaseResult, ChangeClass, ChangeKind, Comparison, RunReport, State,
    },
};

/// A cause that is new.
pub(super) struct Broken<'a> {
    pub brief: Brief<'a>,
    /// How the answer that shows it is other than before, where it was there before.
    pub change: Option<&'a AnswerChange>,
    /// What is not proven any more because of it.
    pub not_proven: Vec<RequirementId>,
}

/// Causes of red, those that are new apart from those that were there.
pub(super) struct Causes<'a> {
    pub new: Vec<Broken<'a>>,
    pub known: Vec<Brief<'a>>,
}

impl<'a> Causes<'a> {
    pub(super) fn of(comparison: &'a Comparison, after: &'a RunReport) -> Self {
        let kinds: BTreeMap<&CaseId, ChangeKind> = comparison
            .cases
            .iter()
            .map(|row| (&row.id, row.kind))
            .collect();
        let is_new = |case: &&CaseResult| {
            let kind = kinds.get(&case.id);
            matches!(
                kind,
                Some(
                    ChangeKind::Broken
                        | ChangeKind::NewFailing
                        | ChangeKind::Behind
                        | ChangeKind::BehindAsBefore
                )
            )
        };
        let all = causes::briefs(after);
        let (new, known): (Vec<_>, Vec<_>) = all.into_iter().partition(|brief| {
            let mut rows = brief.seen.iter().chain(&brief.blocked).copied();
            rows.any(|case| is_new(&case))
        });
        let mut causes: Vec<Broken<'_>> = Vec::new();
        for brief in new {
            let one = Broken::of(comparison, brief);
            // One change of an answer may break several promises, each in its own way.
            let mut there = causes.iter_mut();
            match there.find(|known| known.is_the_same_change(&one)) {
                Some(known) => known.join(one),
                None => causes.push(one),
            }
        }
        Self { new: causes, known }
    }
}

impl<'a> Broken<'a> {
    fn of(comparison: &'a Comparison, brief: Brief<'a>) -> Self {
        let rows: BTreeSet<&CaseId> = brief
            .seen
            .iter()
            .chain(&brief.blocked)
            .map(|case| &case.id)
            .collect();
        let method = brief.sent.map(|(_, exchange)| exchange.method.as_str());
        let changes = comparison.answers.iter().filter(|change| {
            let called = method.is_none_or(|method| change.call.starts_with(method));
            called
                && matches!(change.class, ChangeClass::Breaking | ChangeClass::NotJudged)
                && change.cases.iter().any(|row| rows.contains(row))
        });
        // What is found wrong says most about it, and then what decides most of an answer.
        let found = brief.place();
        let weight = |change: &&AnswerChange| {
            let place = change.place.as_str();
            let is_breaking = change.class == ChangeClass::Breaking;
            let is_it = found.is_some_and(|found| {
                found == place || place == "error code" && brief.check == "error-code"
            });
            let rank = match place {
                _ if is_it => 0,
                "status" => 1,
                "error code" => 2,
                place if place.starts_with("body") => 3,
                _ => 4,
            };
            (!is_breaking, rank)
        };
        let change = changes.min_by_key(weight);
        let covered: BTreeSet<&RequirementId> = comparison
            .cases
            .iter()
            .filter(|row| rows.contains(&row.id))
            .flat_map(|row| &row.covers)
            .collect();
        let lost = comparison.requirements.iter();
        let lost = lost.filter(|one| {
            one.before == Some(State::Satisfied)
                && one.after != Some(State::Violated)
                && covered.contains(&one.id)
        });
        Self {
            change,
            not_proven: lost.map(|one| one.id.clone()).collect(),
            brief,
        }
    }

    fn is_the_same_change(&self, other: &Self) -> bool {
        let of = |one: &Self| {
            let change = one.change?;
            Some((
                change.edition.clone(),
                change.call.clone(),
                change.place.clone(),
                change.before.clone(),
                change.after.clone(),
            ))
        };
        self.brief.is_fail == other.brief.is_fail && of(self).is_some() && of(self) == of(other)
    }

    fn join(&mut self, other: Self) {
        let brief = &mut self.brief;
        for (all, more) in [
            (&mut brief.seen, other.brief.seen),
            (&mut brief.blocked, other.brief.blocked),
        ] {
            for case in more {
                if all.iter().all(|known| known.id != case.id) {
                    all.push(case);
                }
            }
        }
        for promise in other.brief.violates {
            if brief.violates.iter().all(|known| known.id != promise.id) {
                brief.violates.push(promise);
            }
        }
        for id in other.not_proven {
            if !self.not_proven.contains(&id) {
                self.not_proven.push(id);
            }
        }
    }
}

/// The rows of a kind, in their order.
pub(super) fn of_kind(comparison: &Comparison, kind: ChangeKind) -> Vec<&CaseChange> {
    let rows = comparison.cases.iter();
    rows.filter(|row| row.kind == kind).collect()
}
