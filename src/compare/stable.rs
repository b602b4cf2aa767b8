//! Which values may be compared: those that are known not to change by themselves.

use std::collections::{HashMap, HashSet};

use super::{CaseFacts, RunFacts, StepFacts};
use crate::ids::CaseId;

/// What is known of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stability {
    /// It does not change by itself.
    Stable,
    /// It changes by itself.
    Volatile,
    /// Nothing is known: there is one run, and its rows do not all have the same value in this place.
    Unknown,
}

/// Where values stand, whatever row has them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place<'f> {
    edition: &'f str,
    call: &'f str,
    status: Option<u16>,
    code: Option<&'f str>,
    place: &'f str,
}

/// What the runs before show of their values.
pub(super) struct Stable<'f> {
    /// The first run before has only values that can be compared.
    settled: bool,
    /// There are several runs before.
    several: bool,
    /// Of each place in the first run before: its value where all rows have the same, and how many rows have
    /// one.
    uniform: HashMap<Place<'f>, (Option<&'f str>, usize)>,
    /// Places at which some row has another value in another run before.
    volatile: HashSet<Place<'f>>,
    /// Of each place in the run after, its values, two of them at most.
    after: HashMap<Place<'f>, HashSet<&'f str>>,
}

impl<'f> Stable<'f> {
    /// `after` is the run that is compared with them.
    pub(super) fn of(before: &'f [RunFacts], after: &'f RunFacts) -> Self {
        let mut out = Self {
            settled: before.first().is_some_and(|run| run.settled),
            several: before.len() > 1,
            uniform: HashMap::new(),
            volatile: HashSet::new(),
            after: HashMap::new(),
        };
        for (row, step) in steps(after) {
            for (place, value) in &step.values {
                let values = out.after.entry(at(row, step, place)).or_default();
                if values.len() < 2 {
                    values.insert(value);
                }
            }
        }
        let Some((first, others)) = before.split_first() else {
            return out;
        };
        for (row, step) in steps(first) {
            for (place, value) in &step.values {
                let value = value.as_str();
                let known = out
                    .uniform
                    .entry(at(row, step, place))
                    .or_insert((Some(value), 0));
                known.1 += 1;
                if known.0 != Some(value) {
                    known.0 = None;
                }
            }
        }
        for other in others {
            let rows: HashMap<&CaseId, &CaseFacts> =
                other.cases.iter().map(|row| (&row.id, row)).collect();
            for (row, step) in steps(first) {
                let Some(other) = rows.get(&row.id) else {
                    continue;
                };
                let other = other.steps.iter().find(|other| other.key() == step.key());
                let Some(other) = other.filter(|other| other.status == step.status) else {
                    continue;
                };
                let differ = step.values.iter().filter(|(place, value)| {
                    other
                        .values
                        .get(*place)
                        .is_some_and(|other| other != *value)
                });
                out.volatile
                    .extend(differ.map(|(place, _)| at(row, step, place)));
            }
        }
        out
    }

    /// What is known of the value that a row of the first run before has at this place.
    pub(super) fn value(&self, row: &CaseFacts, step: &StepFacts, place: &str) -> Stability {
        let key = at(row, step, place);
        if self.settled {
            return Stability::Stable;
        }
        if self.several {
            // Where one row has another value, chance alone may give another row the same.
            return if self.volatile.contains(&key) {
                Stability::Volatile
            } else {
                Stability::Stable
            };
        }
        match self.uniform.get(&key) {
            // All rows had one value, and now they have several others: so has a clock.
            Some((Some(value), 2..)) if self.ran_on(&key, value) => Stability::Unknown,
            Some((Some(_), 2..)) => Stability::Stable,
            _ => Stability::Unknown,
        }
    }
}

impl Stable<'_> {
    /// Whether the run after has several values at a place, and not the one of before.
    fn ran_on(&self, place: &Place<'_>, before: &str) -> bool {
        let values = self.after.get(place);
        values.is_some_and(|values| values.len() > 1 && !values.contains(before))
    }
}

fn steps(run: &RunFacts) -> impl Iterator<Item = (&CaseFacts, &StepFacts)> {
    let rows = run.cases.iter();
    rows.flat_map(|row| row.steps.iter().map(move |step| (row, step)))
}

fn at<'f>(row: &'f CaseFacts, step: &'f StepFacts, place: &'f str) -> Place<'f> {
    Place {
        edition: &row.edition,
        call: &step.call,
        status: step.status,
        code: step.code.as_deref(),
        place,
    }
}
