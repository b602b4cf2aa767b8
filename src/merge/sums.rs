//! What the shards of a run have together: when it was, what it was made of, what it used up.

use std::{collections::BTreeMap, time::Duration};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

use super::parts::ShardPart;
use crate::result::{Provenance, RunReport, Spent};

/// When the first began, and how long it took until the last had ended.
pub(super) fn times(parts: &[ShardPart]) -> (i64, Duration) {
    let reports = || parts.iter().map(|part| &part.report);
    let started = reports().map(|report| report.started).min();
    let started = started.unwrap_or_default();
    let until = reports().map(|report| {
        let after = u64::try_from(report.started.saturating_sub(started)).unwrap_or_default();
        Duration::from_millis(after).saturating_add(report.elapsed)
    });
    (started, until.max().unwrap_or_default())
}

/// The day on which the last shard began, UTC: waivers hold as of then.
pub(super) fn last_day(parts: &[ShardPart]) -> Date {
    let started = parts.iter().map(|part| part.report.started).max();
    let started = Timestamp::from_millisecond(started.unwrap_or_default());
    let started = started.unwrap_or(Timestamp::UNIX_EPOCH);
    started.to_zoned(TimeZone::UTC).date()
}

/// The same for the same shards, in whatever order they are given.
pub(super) fn run_id(parts: &[ShardPart]) -> String {
    let ids: Vec<&str> = parts
        .iter()
        .map(|part| part.report.run_id.as_str())
        .collect();
    let digest = ring::digest::digest(&ring::digest::SHA256, ids.join("\n").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// What the undivided run would have been made of.
pub(super) fn provenance(parts: &[ShardPart]) -> Provenance {
    let all = || parts.iter().map(|part| &part.report.provenance);
    let mut out = all().next().cloned().unwrap_or_default();
    for other in all() {
        for (edition, reached) in &other.editions {
            let known = out.editions.entry(edition.clone());
            let known = known.or_insert_with(|| reached.clone());
            if known.version.is_none() {
                known.version.clone_from(&reached.version);
            }
            for (source, set) in &reached.keys {
                match known.keys.get_mut(source) {
                    Some(there) => add_keys(there, set),
                    None => drop(known.keys.insert(source.clone(), set.clone())),
                }
            }
        }
        if other.seed != out.seed {
            out.seed = None;
        }
        out.jobs = out.jobs.max(other.jobs);
    }
    out.command = Vec::new();
    out.shard = None;
    out.merged = parts
        .iter()
        .map(|part| part.report.run_id.clone())
        .collect();
    out
}

/// A set of keys may change while a run goes on: a shard has what it fetched.
fn add_keys(to: &mut Value, from: &Value) {
    let to = to.get_mut("keys").and_then(Value::as_array_mut);
    let from = from.get("keys").and_then(Value::as_array);
    if let (Some(to), Some(from)) = (to, from) {
        for key in from {
            if !to.contains(key) {
                to.push(key.clone());
            }
        }
    }
}

/// What was used up, and how much all shards together might have used, in the order of the names.
pub(super) fn spent(parts: &[ShardPart]) -> Vec<Spent> {
    let mut out: BTreeMap<&str, Spent> = BTreeMap::new();
    for one in parts.iter().flat_map(|part| &part.report.spent) {
        let sum = out.entry(&one.what).or_insert_with(|| Spent {
            spent: 0,
            budget: one.budget.map(|_| 0),
            what: one.what.clone(),
        });
        sum.spent = sum.spent.saturating_add(one.spent);
        sum.budget = sum
            .budget
            .zip(one.budget)
            .map(|(sum, one)| sum.saturating_add(one));
    }
    out.into_values().collect()
}

/// Sentences of all shards, each once and in the order of the text.
pub(super) fn each_once(
    parts: &[ShardPart],
    sentences: fn(&RunReport) -> &Vec<String>,
) -> Vec<String> {
    let all = parts.iter().flat_map(|part| sentences(&part.report));
    let mut out: Vec<String> = all.cloned().collect();
    out.sort();
    out.dedup();
    out
}
