//! Operations that take much longer than before. Times differ by themselves, so that this is told and never
//! decides anything.

use std::collections::BTreeMap;

use super::RunFacts;
use crate::{
    ids::OperationId,
    result::{Part, Slower},
};

/// Fewer answers show nothing about how long an operation takes.
const ANSWERS: usize = 5;

/// How many times as long, and by how much, in microseconds.
const TIMES: u64 = 2;
const LONGER: u64 = 50_000;

type Times<'f> = BTreeMap<(&'f str, &'f OperationId), Vec<u64>>;

pub(super) fn compare(before: &RunFacts, after: &RunFacts) -> Vec<Slower> {
    let after = times(after);
    let each = times(before).into_iter().filter_map(|(key, before)| {
        let (before_us, after_us) = (median(before)?, median(after.get(&key)?.clone())?);
        let slower = after_us > TIMES * before_us && after_us > before_us + LONGER;
        slower.then(|| Slower {
            edition: key.0.to_owned(),
            operation: key.1.clone(),
            before_us,
            after_us,
        })
    });
    each.collect()
}

fn times(run: &RunFacts) -> Times<'_> {
    let mut out = Times::new();
    for row in &run.cases {
        let own = row.steps.iter().filter(|step| step.part == Part::Request);
        for time in own.filter_map(|step| step.elapsed_us) {
            out.entry((&row.edition, &row.operation))
                .or_default()
                .push(time);
        }
    }
    out
}

fn median(mut times: Vec<u64>) -> Option<u64> {
    if times.len() < ANSWERS {
        return None;
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}
