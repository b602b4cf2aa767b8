//! Whether records are those of all shards of one run.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};

use super::{MergeError, Part};
use crate::result::{ErrorReason, Reached, RunReport, RunShard, Shard, Verdict, without_masks};

/// A part that is known to be a shard that came to its end.
#[derive(Debug)]
pub(super) struct ShardPart {
    pub name: String,
    pub shard: RunShard,
    pub report: RunReport,
    made_by: String,
}

/// The parts in the order of their shards, when they are all of one run and each is there once.
pub(super) fn all_of_one_run(parts: Vec<Part>) -> Result<Vec<ShardPart>, MergeError> {
    let parts: Result<Vec<ShardPart>, MergeError> = parts.into_iter().map(finished).collect();
    let mut parts = parts?;
    let Some((first, others)) = parts.split_first() else {
        return Err(MergeError::Nothing);
    };
    for other in others {
        of_one_run(first, other)?;
    }
    parts.sort_by_key(|part| part.shard.shard);
    each_once(&parts)?;
    Ok(parts)
}

fn finished(part: Part) -> Result<ShardPart, MergeError> {
    let Part {
        name,
        made_by,
        report,
    } = part;
    let Some(shard) = report.provenance.shard.clone() else {
        return Err(MergeError::NoShard { name });
    };
    if !report.ending.is_complete() {
        let because = report.because().unwrap_or_default();
        let shard = shard.shard;
        return Err(MergeError::Unfinished {
            name,
            shard,
            because,
        });
    }
    let interrupted = Verdict::Error(ErrorReason::Interrupted);
    let cases = report.cases.iter();
    let rows = cases.filter(|case| case.verdict == interrupted).count();
    if rows > 0 {
        let shard = shard.shard;
        return Err(MergeError::Interrupted { name, shard, rows });
    }
    Ok(ShardPart {
        name,
        shard,
        report,
        made_by,
    })
}

/// A digest as people compare it.
pub(super) fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}

/// The waivers in short, so that two lists of them can be told apart.
fn list_of(shard: &RunShard) -> String {
    let text = serde_json::to_string(&shard.waivers).unwrap_or_default();
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    short(&HEXLOWER.encode(digest.as_ref()))
}

/// What two shards of one run have in common, each by its name.
fn common(part: &ShardPart) -> Vec<(&'static str, String)> {
    let ShardPart { shard, report, .. } = part;
    let suite = &report.provenance.suite;
    vec![
        ("number of shards", shard.shard.of().to_string()),
        ("target", report.target.clone()),
        ("profile", report.provenance.profile.clone()),
        ("strictness", report.strict.to_string()),
        ("contract", short(&suite.contract)),
        ("suite of cases", short(&suite.cases)),
        ("number of selected rows", shard.planned.to_string()),
        ("selection of rows", short(&shard.ids)),
        ("version of Probity", part.made_by.clone()),
        ("list of waivers", list_of(shard)),
    ]
}

fn of_one_run(first: &ShardPart, other: &ShardPart) -> Result<(), MergeError> {
    let foreign = |what: String, own: &str, there: &str| MergeError::Foreign {
        name: other.name.clone(),
        first: first.name.clone(),
        what,
        own: own.to_owned(),
        other: there.to_owned(),
    };
    for ((what, there), (_, own)) in common(first).into_iter().zip(common(other)) {
        if own != there {
            return Err(foreign(what.to_owned(), &own, &there));
        }
    }
    // An edition that is served by a mock is there only where rows of it are.
    let editions = &first.report.provenance.editions;
    for (edition, own) in &other.report.provenance.editions {
        let there = editions.get(edition);
        if let Some((what, own, there)) = there.and_then(|there| differing(own, there)) {
            return Err(foreign(format!("{what} of {edition}"), &own, &there));
        }
    }
    Ok(())
}

/// How an edition is reached otherwise in one run than in another: what, there, and here.
fn differing(own: &Reached, there: &Reached) -> Option<(String, String, String)> {
    if own.address != there.address {
        let (own, there) = (own.address.clone(), there.address.clone());
        return Some(("address".to_owned(), own, there));
    }
    if let (Some(own), Some(there)) = (&own.version, &there.version)
        && own != there
    {
        return Some(("version".to_owned(), own.clone(), there.clone()));
    }
    // Which secret it was is not told by its mask.
    let value = |of: &Map<String, Value>, name: &str| {
        let value = of.get(name)?;
        Some(without_masks(&value.to_string()))
    };
    let mut names = own.variables.keys().chain(there.variables.keys());
    let name = names.find(|name| value(&own.variables, name) != value(&there.variables, name))?;
    Some((
        format!("variable {name}"),
        value(&own.variables, name).unwrap_or_default(),
        value(&there.variables, name).unwrap_or_default(),
    ))
}

/// So many missing shards are named.
const NAMED: usize = 8;

/// Of parts in the order of their shards.
fn each_once(parts: &[ShardPart]) -> Result<(), MergeError> {
    for pair in parts.windows(2) {
        let shard = pair[0].shard.shard;
        if shard == pair[1].shard.shard {
            return Err(MergeError::Twice {
                shard,
                first: pair[0].name.clone(),
                second: pair[1].name.clone(),
            });
        }
    }
    let of = parts.first().map_or(0, |part| part.shard.shard.of());
    let is_there = |index: u32| {
        let found = parts.binary_search_by_key(&index, |part| part.shard.shard.index());
        found.is_ok()
    };
    let missing: Vec<u32> = (1..=of).filter(|index| !is_there(*index)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let shards = missing
        .iter()
        .filter_map(|index| Shard::new(*index, of).ok());
    let mut named: Vec<String> = shards.take(NAMED).map(|shard| shard.to_string()).collect();
    if missing.len() > NAMED {
        named.push(format!("and {} more", missing.len() - NAMED));
    }
    Err(MergeError::Missing { of, missing: named })
}
