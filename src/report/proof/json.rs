//! The proof as `proof.json`; `specs/proof.schema.json` describes it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    ids::{CaseId, RequirementId},
    result::{
        FalsePositives, MutantResult, Outcome, Proof, Score, Strength, SuiteDigest, Transcripts,
    },
};

/// The version of the file's format.
pub(super) const VERSION: u32 = 4;

#[derive(Serialize)]
struct File<'p> {
    version: u32,
    suite: &'p SuiteDigest,
    target: &'p str,
    started: String,
    elapsed_ms: u128,
    strength: &'static str,
    enumerated: usize,
    sample_seed: Option<u64>,
    score: ScoreEntry,
    by_edition: Vec<Named>,
    by_operation: Vec<Named>,
    by_family: Vec<Named>,
    by_operator: Vec<Named>,
    by_requirement: Vec<Named>,
    baseline: BaselineEntry<'p>,
    self_checks: Vec<SelfCheckEntry<'p>>,
    transcripts: TranscriptEntry<'p>,
    false_positives: FalsePositivesEntry<'p>,
    stale: &'p [String],
    /// How many mutants decide nothing, by the reason.
    undecided: BTreeMap<&'static str, usize>,
    mutants: Vec<MutantEntry<'p>>,
    rows: Vec<RowEntry<'p>>,
}

#[derive(Serialize)]
struct ScoreEntry {
    caught: usize,
    counted: usize,
    left_out: usize,
}

impl From<Score> for ScoreEntry {
    fn from(score: Score) -> Self {
        Self {
            caught: score.caught,
            counted: score.counted,
            left_out: score.left_out,
        }
    }
}

#[derive(Serialize)]
struct Named {
    name: String,
    #[serde(flatten)]
    score: ScoreEntry,
}

#[derive(Serialize)]
struct BaselineEntry<'p> {
    rows: usize,
    /// Every row of the suite was selected.
    whole: bool,
    red: Vec<RedEntry<'p>>,
    known: Vec<RedEntry<'p>>,
    behind: &'p [CaseId],
    /// How many rows are not for this target or its profile, by the reason.
    left_out: &'p BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct RedEntry<'p> {
    row: &'p str,
    why: &'p str,
}

#[derive(Serialize)]
struct SelfCheckEntry<'p> {
    name: &'p str,
    demand: &'p str,
    held: bool,
    seen: &'p str,
}

#[derive(Serialize)]
struct TranscriptEntry<'p> {
    judged: usize,
    red: usize,
    mutants: usize,
    caught: usize,
    missed: &'p [String],
    elapsed_ms: u128,
}

impl<'p> From<&'p Transcripts> for TranscriptEntry<'p> {
    fn from(transcripts: &'p Transcripts) -> Self {
        Self {
            judged: transcripts.judged,
            red: transcripts.red,
            mutants: transcripts.mutants,
            caught: transcripts.caught,
            missed: &transcripts.missed,
            elapsed_ms: transcripts.elapsed.as_millis(),
        }
    }
}

#[derive(Serialize)]
struct FalsePositivesEntry<'p> {
    seeds: &'p [u64],
    rows: usize,
    red: Vec<UnfairEntry<'p>>,
}

impl<'p> From<&'p FalsePositives> for FalsePositivesEntry<'p> {
    fn from(found: &'p FalsePositives) -> Self {
        let red = found.red.iter();
        Self {
            seeds: &found.seeds,
            rows: found.judged,
            red: red
                .map(|(seed, row)| UnfairEntry { seed: *seed, row })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct UnfairEntry<'p> {
    seed: u64,
    row: &'p str,
}

#[derive(Serialize)]
struct MutantEntry<'p> {
    id: &'p str,
    edition: &'p str,
    operation: &'p str,
    family: &'p str,
    operator: &'p str,
    what: &'p str,
    breaks: &'p [RequirementId],
    outcome: &'static str,
    /// Why it is equivalent, or why its survival is accepted.
    reason: Option<&'p str>,
    rows: usize,
    activated: Option<usize>,
    noticed_by: &'p [CaseId],
    unjudged: &'p [CaseId],
}

/// A column of the kill matrix: what a row noticed.
#[derive(Serialize)]
struct RowEntry<'p> {
    id: &'p str,
    noticed: usize,
}

/// The file. It ends with a line break.
#[must_use]
pub fn render(proof: &Proof) -> String {
    // These are maps with text keys and finite numbers, which JSON can always say.
    let mut text = serde_json::to_string_pretty(&file(proof)).unwrap_or_default();
    text.push('\n');
    text
}

fn file(proof: &Proof) -> File<'_> {
    let started = jiff::Timestamp::from_millisecond(proof.started);
    File {
        version: VERSION,
        suite: &proof.suite,
        target: &proof.target,
        started: started.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string(),
        elapsed_ms: proof.elapsed.as_millis(),
        strength: strength(proof.strength()),
        enumerated: proof.enumerated,
        sample_seed: proof.sample,
        score: proof.score().into(),
        by_edition: named(proof, |mutant| vec![mutant.edition.clone()]),
        by_operation: named(proof, |mutant| {
            vec![format!("{}/{}", mutant.edition, mutant.operation)]
        }),
        by_family: named(proof, |mutant| vec![mutant.family.clone()]),
        by_operator: named(proof, |mutant| {
            vec![format!("{}/{}", mutant.family, mutant.operator)]
        }),
        by_requirement: named(proof, |mutant| {
            mutant.breaks.iter().map(ToString::to_string).collect()
        }),
        baseline: baseline(proof),
        self_checks: self_checks(proof),
        transcripts: (&proof.transcripts).into(),
        false_positives: (&proof.false_positives).into(),
        stale: &proof.stale,
        undecided: undecided(proof),
        mutants: proof.mutants.iter().map(entry).collect(),
        rows: rows(proof),
    }
}

const fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Proved => "proved",
        Strength::Partial => "partial",
        Strength::Inconclusive => "inconclusive",
        Strength::Holes => "holes",
        Strength::Void => "void",
    }
}

/// The score of each group of mutants, by the names of the groups.
fn named(proof: &Proof, keys: fn(&MutantResult) -> Vec<String>) -> Vec<Named> {
    let scores = proof.scores(keys).into_iter();
    scores
        .map(|(name, score)| Named {
            name,
            score: score.into(),
        })
        .collect()
}

fn baseline(proof: &Proof) -> BaselineEntry<'_> {
    BaselineEntry {
        rows: proof.cases.len(),
        whole: proof.whole,
        red: red(&proof.baseline_red),
        known: red(&proof.known),
        behind: &proof.behind,
        left_out: &proof.left_out,
    }
}

fn red(rows: &[(CaseId, String)]) -> Vec<RedEntry<'_>> {
    let rows = rows.iter();
    rows.map(|(row, why)| RedEntry { row, why }).collect()
}

fn undecided(proof: &Proof) -> BTreeMap<&'static str, usize> {
    let each = proof.undecided.iter();
    each.map(|(why, count)| (why.label(), *count)).collect()
}

fn self_checks(proof: &Proof) -> Vec<SelfCheckEntry<'_>> {
    let checks = proof.self_checks.iter();
    checks
        .map(|check| SelfCheckEntry {
            name: &check.name,
            demand: &check.demand,
            held: check.held,
            seen: &check.seen,
        })
        .collect()
}

fn entry(mutant: &MutantResult) -> MutantEntry<'_> {
    let reason = match &mutant.outcome {
        Outcome::Open(reason)
        | Outcome::Equivalent(reason)
        | Outcome::EquivalentNoticed(reason) => Some(reason.as_str()),
        _ => None,
    };
    let reason = mutant.accepted.as_deref().or(reason);
    MutantEntry {
        id: &mutant.id,
        edition: &mutant.edition,
        operation: &mutant.operation,
        family: &mutant.family,
        operator: &mutant.operator,
        what: &mutant.what,
        breaks: &mutant.breaks,
        outcome: mutant.outcome.label(),
        reason,
        rows: mutant.sent,
        activated: mutant.activated,
        noticed_by: &mutant.noticed_by,
        unjudged: &mutant.unjudged,
    }
}

/// Every baseline row and how many mutants it noticed; a row with none proves nothing by itself.
fn rows(proof: &Proof) -> Vec<RowEntry<'_>> {
    proof
        .cases
        .iter()
        .map(|id| RowEntry {
            id,
            noticed: proof
                .mutants
                .iter()
                .filter(|mutant| mutant.noticed_by.contains(id))
                .count(),
        })
        .collect()
}
