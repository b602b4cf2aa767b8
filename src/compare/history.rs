//! Runs over time: each in short, and what is other than in the run before.
//!
//! A run is taken by itself, and what it exchanged need not be held for it: a folder may have hundreds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    ids::{OperationId, RequirementId},
    result::{
        History, Latency, LeftOut, Part, PastRun, Promises, RequirementState, RunChange, RunReport,
        State,
    },
};

/// A run in short, which [`history`] puts among others.
#[derive(Debug, Clone)]
pub struct Summarized {
    run: PastRun,
    satisfied: BTreeSet<RequirementId>,
}

/// What is told of a run.
#[must_use]
pub fn summarized(file: &str, report: &RunReport) -> Summarized {
    let conclusion = report.conclusion();
    let in_state = |state: State| {
        let judged = report.requirements.iter().filter(|one| one.judged);
        judged.filter(move |one| one.state == state)
    };
    let ids = |state: State| {
        in_state(state)
            .map(|one: &RequirementState| one.id.clone())
            .collect()
    };
    let provenance = &report.provenance;
    let started = Timestamp::from_millisecond(report.started);
    let run = PastRun {
        file: file.to_owned(),
        target: report.target.clone(),
        run_id: report.run_id.clone(),
        started: started.unwrap_or(Timestamp::UNIX_EPOCH),
        version: provenance.version(),
        conclusion: conclusion.label().to_owned(),
        exit_code: conclusion.exit_code(),
        whole: report.is_whole(),
        shard: provenance.shard.as_ref().map(|of| of.shard),
        suite: provenance.suite.clone(),
        counts: report.counts(),
        requirements: Promises {
            satisfied: in_state(State::Satisfied).count(),
            violated: in_state(State::Violated).count(),
            waived: in_state(State::Waived).count(),
            unproven: in_state(State::Unproven).count(),
        },
        violated: ids(State::Violated),
        latencies: latencies(report),
        change: None,
    };
    Summarized {
        run,
        satisfied: ids(State::Satisfied),
    }
}

fn latencies(report: &RunReport) -> Vec<Latency> {
    let mut times: BTreeMap<(&str, &OperationId), Vec<u64>> = BTreeMap::new();
    for case in &report.cases {
        let judged = case.steps.iter().filter(|step| step.part == Part::Request);
        let exchanges = judged.filter_map(|step| step.exchange.as_ref());
        // What never came took as long as somebody waited.
        for exchange in exchanges.filter(|exchange| exchange.status.is_some()) {
            let time = u64::try_from(exchange.elapsed.as_micros()).unwrap_or(u64::MAX);
            let key = (case.edition.as_str(), &case.operation);
            times.entry(key).or_default().push(time);
        }
    }
    let each = times.into_iter().map(|((edition, operation), mut times)| {
        times.sort_unstable();
        Latency {
            edition: edition.to_owned(),
            operation: operation.clone(),
            answers: times.len(),
            median_us: percentile(&times, 50),
            p95_us: percentile(&times, 95),
        }
    });
    each.collect()
}

/// The least of these times, in order, that so many of a hundred do not exceed.
fn percentile(times: &[u64], percent: usize) -> u64 {
    let rank = (times.len() * percent).div_ceil(100);
    times
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// The runs of one target in the order in which they began: of the target of this name, or else of the one
/// whose run began last.
#[must_use]
pub fn history(
    mut runs: Vec<Summarized>,
    target: Option<&str>,
    mut left_out: Vec<LeftOut>,
) -> History {
    runs.sort_by(|one, other| {
        let key = |of: &Summarized| (of.run.started, of.run.run_id.clone(), of.run.file.clone());
        key(one).cmp(&key(other))
    });
    let last = runs.last().map(|one| one.run.target.as_str());
    let target = target.or(last).unwrap_or_default().to_owned();
    let mut kept: Vec<Summarized> = Vec::new();
    for mut one in runs {
        if let Some(why) = not_wanted(&one.run, &kept, &target) {
            let file = one.run.file;
            left_out.push(LeftOut { file, why });
            continue;
        }
        one.run.change = kept.last().map(|before| change(before, &one));
        kept.push(one);
    }
    left_out.sort();
    History {
        target,
        runs: kept.into_iter().map(|one| one.run).collect(),
        left_out,
    }
}

/// Why a run is not one of these.
fn not_wanted(run: &PastRun, kept: &[Summarized], target: &str) -> Option<String> {
    if run.target != target {
        return Some(format!("it is of the target `{}`", run.target));
    }
    let mut kept = kept.iter();
    let same = kept.find(|known| known.run.run_id == run.run_id)?;
    Some(format!("it is the run of `{}` once more", same.run.file))
}

fn change(before: &Summarized, after: &Summarized) -> RunChange {
    let (old, new) = (&before.run, &after.run);
    let other_version = new.version.is_some() && old.version != new.version;
    RunChange {
        conclusion_before: (old.conclusion != new.conclusion).then(|| old.conclusion.clone()),
        version_before: old.version.clone().filter(|_| other_version),
        other_suite: old.suite != new.suite,
        newly_violated: new.violated.difference(&old.violated).cloned().collect(),
        kept_again: old
            .violated
            .intersection(&after.satisfied)
            .cloned()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<u64> = (1..=20).collect();
        assert_eq!((percentile(&times, 50), percentile(&times, 95)), (10, 19));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 95)), (7, 7));
        assert_eq!((percentile(&[1, 9], 50), percentile(&[1, 9], 95)), (1, 9));
        assert_eq!(percentile(&[], 95), 0);
    }
}
