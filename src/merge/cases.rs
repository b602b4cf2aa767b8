//! The results of all shards as those of one run.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{MergeError, parts::ShardPart};
use crate::{
    ids::{CaseId, RequirementId},
    plan::{Selection, TestCase},
    result::{CaseResult, Covered, Evidence, Shard, Verdict},
};

/// A result, and the shard that it is of.
struct Found<'p> {
    result: &'p CaseResult,
    shard: Shard,
    /// Whether the test case belongs to this shard, and is not only there for others.
    own: bool,
}

/// One result of each test case, in the plan's order.
pub(super) fn merged(
    parts: &[ShardPart],
    plan: &[Arc<TestCase>],
) -> Result<Vec<CaseResult>, MergeError> {
    let mut kept: HashMap<&CaseId, Found<'_>> = HashMap::new();
    for part in parts {
        let shard = part.shard.shard;
        let own = own(plan, shard);
        for result in &part.report.cases {
            let found = Found {
                result,
                shard,
                own: own.contains(&result.id),
            };
            let better = match kept.get(&result.id) {
                Some(known) => outweighs(&found, known)?,
                None => true,
            };
            if better {
                kept.insert(&result.id, found);
            }
        }
    }
    let kept = plan.iter().filter_map(|case| kept.get(&case.id));
    Ok(kept.map(|found| found.result.clone()).collect())
}

/// The test cases that belong to a shard.
fn own(plan: &[Arc<TestCase>], shard: Shard) -> HashSet<CaseId> {
    let selection = Selection {
        shard: Some(shard),
        ..Selection::default()
    };
    let own = selection.asked(plan);
    own.into_iter().map(|case| case.id.clone()).collect()
}

/// Whether one result is kept rather than another of the same test case. What could not be judged in one
/// shard takes nothing from what was judged in another, since all that depends on it there says so itself.
fn outweighs(new: &Found<'_>, known: &Found<'_>) -> Result<bool, MergeError> {
    match (is_judged(new.result), is_judged(known.result)) {
        (true, false) => Ok(true),
        (false, true) => Ok(false),
        (true, true) if !is_same(new.result, known.result) => Err(contradiction(known, new)),
        (true, true) | (false, false) => Ok(new.own && !known.own),
    }
}

/// Whether the result tells what the target did.
fn is_judged(result: &CaseResult) -> bool {
    let verdict = &result.verdict;
    matches!(verdict, Verdict::Pass(_) | Verdict::Fail(_)) || *verdict == Verdict::OBSERVED
}

/// Whether two results say the same of the target and of each requirement: then one stands for both.
fn is_same(one: &CaseResult, other: &CaseResult) -> bool {
    let evidence = |result: &CaseResult| -> Vec<(RequirementId, Evidence)> {
        let all = result.requirements.iter();
        all.map(|Covered { id, evidence, .. }| (id.clone(), *evidence))
            .collect()
    };
    let findings = |result: &CaseResult| -> BTreeSet<(String, Option<String>)> {
        let broken = result.broken();
        broken
            .map(|(step, check, _)| (step.name.to_string(), check.fingerprint()))
            .collect()
    };
    one.verdict == other.verdict
        && evidence(one) == evidence(other)
        && findings(one) == findings(other)
}

fn contradiction(first: &Found<'_>, second: &Found<'_>) -> MergeError {
    let text = |found: &Found<'_>| {
        let verdict = &found.result.verdict;
        format!("{} ({})", verdict.label(), verdict.reason())
    };
    MergeError::Contradiction {
        id: first.result.id.to_string(),
        first: text(first),
        first_shard: first.shard,
        second: text(second),
        second_shard: second.shard,
    }
}
