//! What became of each row, and how its answers differ.

use std::collections::{BTreeSet, HashMap};

use super::{
    CaseFacts, RunFacts, StepFacts,
    difference::{Difference, between},
    facts::FindingFacts,
    stable::Stable,
};
use crate::{
    ids::{CaseId, RequirementId},
    result::{AnswerChange, CaseChange, ChangeClass, ChangeKind, Part, SkipReason, Verdict},
};

/// The rows of both runs.
pub(super) struct Rows {
    pub cases: Vec<CaseChange>,
    pub answers: Vec<AnswerChange>,
    /// Places of answers whose values differ and may do so by themselves.
    pub undetermined: usize,
}

/// Compares row by row, in the order of the run after; rows that it does not have come last.
pub(super) fn compare(before: &RunFacts, after: &RunFacts, stable: &Stable<'_>) -> Rows {
    let known: HashMap<&CaseId, &CaseFacts> =
        before.cases.iter().map(|row| (&row.id, row)).collect();
    let mut out = Rows {
        cases: Vec::new(),
        answers: Vec::new(),
        undetermined: 0,
    };
    let mut groups = Groups::default();
    let mut undetermined = BTreeSet::new();
    for now in &after.cases {
        let Some(was) = known.get(&now.id).copied() else {
            let fails = matches!(now.verdict, Verdict::Fail(_)) && !now.waived;
            let kind = if fails {
                ChangeKind::NewFailing
            } else {
                ChangeKind::New
            };
            out.cases.push(change(None, Some(now), kind));
            continue;
        };
        let all = differences(was, now, stable);
        let (unknown, sure): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, one)| one.undetermined);
        let unknown = unknown.into_iter();
        undetermined.extend(unknown.map(|(step, one)| (&step.call, one.place)));
        let kind = kind(was, now, &sure);
        for (step, difference) in sure {
            groups.add(was, now, kind, step, difference);
        }
        out.cases.push(change(Some(was), Some(now), kind));
    }
    let there: BTreeSet<&CaseId> = after.cases.iter().map(|row| &row.id).collect();
    let gone = before.cases.iter().filter(|row| !there.contains(&row.id));
    // A part of the suite has lost nothing: the rest was not asked for.
    let kind = if after.side.whole {
        ChangeKind::Lost
    } else {
        ChangeKind::LeftOut
    };
    out.cases
        .extend(gone.map(|row| change(Some(row), None, kind)));
    out.answers = groups.sorted();
    out.undetermined = undetermined.len();
    out
}

fn change(was: Option<&CaseFacts>, now: Option<&CaseFacts>, kind: ChangeKind) -> CaseChange {
    let shown = now.or(was);
    CaseChange {
        id: shown.map_or_else(|| "".into(), |row| row.id.clone()),
        kind,
        before: was.map(CaseFacts::word),
        after: now.map(CaseFacts::word),
        covers: shown.map_or_else(Vec::new, |row| row.covers.clone()),
    }
}

/// The differences of all steps that both have, each with its step after.
fn differences<'f>(
    was: &'f CaseFacts,
    now: &'f CaseFacts,
    stable: &Stable<'_>,
) -> Vec<(&'f StepFacts, Difference)> {
    let mut out = Vec::new();
    for (before, after) in pairs(was, now) {
        let found = between(was, before, after, |row, step, place| {
            stable.value(row, step, place)
        });
        out.extend(found.into_iter().map(|one| (after, one)));
    }
    out
}

/// The steps that both have: the same by name, owner and part, and of several the same by turn.
fn pairs<'f>(was: &'f CaseFacts, now: &'f CaseFacts) -> Vec<(&'f StepFacts, &'f StepFacts)> {
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for after in &now.steps {
        let mut before = was.steps.iter().enumerate();
        let found = before.find(|(at, step)| step.key() == after.key() && !taken.contains(at));
        if let Some((at, before)) = found {
            taken.insert(at);
            out.push((before, after));
        }
    }
    out
}

fn kind(was: &CaseFacts, now: &CaseFacts, differences: &[(&StepFacts, Difference)]) -> ChangeKind {
    let judged = |row: &CaseFacts| {
        matches!(row.verdict, Verdict::Pass(_) | Verdict::Fail(_))
            || row.verdict == Verdict::OBSERVED
    };
    // Judged when it was sent; what the suite of today would say is not known.
    let was_judged = judged(was) || was.verdict == Verdict::Skip(SkipReason::NotRejudgeable);
    match (&was.verdict, &now.verdict) {
        (Verdict::Fail(_), Verdict::Fail(_)) if is_known(was, now, differences) => {
            ChangeKind::StillFailing
        }
        (_, Verdict::Fail(_)) if now.waived => ChangeKind::Accepted,
        (_, Verdict::Fail(_)) => ChangeKind::Broken,
        (Verdict::Fail(_), _) if judged(now) => ChangeKind::Fixed,
        _ if !was_judged && judged(now) => ChangeKind::JudgedNow,
        _ if !was_judged => ChangeKind::StillNotJudged,
        _ if !judged(now) => {
            let answered = now.steps.iter().any(|step| step.part == Part::Request);
            if answered && differences.is_empty() {
                ChangeKind::BehindAsBefore
            } else {
                ChangeKind::Behind
            }
        }
        _ if differences.is_empty() => ChangeKind::Same,
        _ => ChangeKind::Changed,
    }
}

/// Nothing is found that was not found before, by an answer of the same status and code, and nobody took back
/// that it is accepted. What is found less is an earlier finding that hides a later one, or the better for it.
fn is_known(was: &CaseFacts, now: &CaseFacts, differences: &[(&StepFacts, Difference)]) -> bool {
    let another_outcome = differences.iter().any(|(step, one)| {
        let judged = matches!(step.part, Part::Request | Part::Then);
        judged && matches!(one.place.as_str(), "status" | "error code")
    });
    if another_outcome || was.waived && !now.waived {
        return false;
    }
    let found = |row: &CaseFacts| -> Vec<FindingFacts> {
        // Under a strict run it is the warnings that fail a row.
        let strict = row.findings.is_empty();
        let warnings = row.warnings.iter().filter(|_| strict);
        row.findings.iter().chain(warnings).cloned().collect()
    };
    let known = found(was);
    found(now).iter().all(|one| {
        let mut known = known.iter();
        known.any(|other| {
            (&other.step, &other.check, &other.subject, &other.place)
                == (&one.step, &one.check, &one.subject, &one.place)
        })
    })
}

/// Differences by what they have in common.
#[derive(Default)]
struct Groups {
    places: HashMap<Key, usize>,
    all: Vec<AnswerChange>,
}

/// What equal differences have in common.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    class: ChangeClass,
    edition: String,
    call: String,
    place: String,
    before: Option<String>,
    after: Option<String>,
}

impl Groups {
    fn add(
        &mut self,
        was: &CaseFacts,
        now: &CaseFacts,
        kind: ChangeKind,
        step: &StepFacts,
        difference: Difference,
    ) {
        let class = class(was, now, kind, step, &difference);
        let Difference {
            place,
            before,
            after,
            ..
        } = difference;
        let key = Key {
            class,
            edition: now.edition.clone(),
            call: step.call.clone(),
            place: place.clone(),
            before: before.clone(),
            after: after.clone(),
        };
        let at = *self.places.entry(key).or_insert_with(|| {
            self.all.push(AnswerChange {
                class,
                edition: now.edition.clone(),
                call: step.call.clone(),
                operation: now.operation.clone(),
                place,
                before,
                after,
                cases: Vec::new(),
                requirements: Vec::new(),
            });
            self.all.len() - 1
        });
        let change = &mut self.all[at];
        if change.cases.last() != Some(&now.id) {
            change.cases.push(now.id.clone());
        }
        for id in requirements(was, now, class, step) {
            if !change.requirements.contains(&id) {
                change.requirements.push(id);
            }
        }
    }

    /// What breaks something first, then what most rows have. A difference that a judged row shows to be
    /// allowed is so in rows that are only observed as well.
    fn sorted(self) -> Vec<AnswerChange> {
        let mut all: Vec<AnswerChange> = Vec::new();
        let (judged, others): (Vec<_>, Vec<_>) = self
            .all
            .into_iter()
            .partition(|one| one.class == ChangeClass::Compatible);
        all.extend(judged);
        for other in others {
            let same = |one: &&mut AnswerChange| {
                other.class == ChangeClass::Undocumented
                    && one.class == ChangeClass::Compatible
                    && (&one.edition, &one.call, &one.place, &one.before, &one.after)
                        == (
                            &other.edition,
                            &other.call,
                            &other.place,
                            &other.before,
                            &other.after,
                        )
            };
            match all.iter_mut().find(same) {
                Some(known) => {
                    let new = |id: &&CaseId| !known.cases.contains(id);
                    let new: Vec<CaseId> = other.cases.iter().filter(new).cloned().collect();
                    known.cases.extend(new);
                }
                None => all.push(other),
            }
        }
        all.sort_by_key(|one| (one.class, usize::MAX - one.cases.len()));
        all
    }
}

/// How a difference stands to the contract: as the judge found its step.
fn class(
    was: &CaseFacts,
    now: &CaseFacts,
    kind: ChangeKind,
    step: &StepFacts,
    difference: &Difference,
) -> ChangeClass {
    // What another step of the row was answered is not what is found.
    let found = |row: &CaseFacts| {
        let all = row.findings.iter().chain(&row.warnings);
        all.clone().count() == 0 || all.clone().any(|one| one.step == *step.name)
    };
    match kind {
        ChangeKind::Broken | ChangeKind::Accepted if found(now) => ChangeClass::Breaking,
        ChangeKind::Fixed if found(was) => ChangeClass::Fixed,
        ChangeKind::StillFailing if found(now) => ChangeClass::StillFailing,
        ChangeKind::Behind | ChangeKind::BehindAsBefore | ChangeKind::StillNotJudged => {
            ChangeClass::NotJudged
        }
        _ => {
            let new_warning = now.warnings.iter().any(|one| {
                let mut known = was.warnings.iter();
                !known.any(|other| (&other.subject, &other.place) == (&one.subject, &one.place))
            });
            let observed = now.verdict == Verdict::OBSERVED;
            // The contract judges the media type, and no other header unless an expectation names it.
            let place = difference.place.as_str();
            let is_header = place.starts_with("header ") && place != "header content-type";
            if new_warning || observed || is_header {
                ChangeClass::Undocumented
            } else {
                ChangeClass::Compatible
            }
        }
    }
}

/// What a difference violates, or what it keeps again.
fn requirements(
    was: &CaseFacts,
    now: &CaseFacts,
    class: ChangeClass,
    step: &StepFacts,
) -> Vec<RequirementId> {
    let of = |row: &CaseFacts| {
        let own = row.findings.iter().filter(|one| one.step == *step.name);
        own.flat_map(|one| &one.violates).cloned().collect()
    };
    match class {
        ChangeClass::Breaking | ChangeClass::StillFailing => of(now),
        ChangeClass::Fixed => of(was),
        ChangeClass::NotJudged | ChangeClass::Undocumented | ChangeClass::Compatible => Vec::new(),
    }
}
