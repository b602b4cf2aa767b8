//! Survivors that a person has accepted, each with a written reason: `specs/<edition>/survivors.yaml`.

use std::{collections::BTreeSet, path::Path};

use crate::{
    contract,
    diag::Diagnostic,
    result::{IdPattern, MutantResult},
    yaml::{self, Field, Node, Shape},
};

/// The shape of a file of accepted survivors.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new(
        "edition",
        Shape::Text,
        "The edition whose mutants these are.",
    )
    .required(),
    Field::new(
        "survivors",
        Shape::List(&Shape::Object(&[
            Field::new(
                "mutant",
                Shape::Text,
                "The mutant's id, whole; `*` stands for any letters.",
            )
            .required(),
            Field::new(
                "reason",
                Shape::Text,
                "Why no row can or should catch it: what the documents leave open.",
            )
            .required(),
        ])),
        "The survivors, in any order.",
    )
    .required(),
]);

/// One accepted survivor.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub mutant: String,
    pub reason: String,
    /// Where it is written.
    pub place: String,
}

/// Reads the files of all editions; an edition without one accepts nothing.
#[must_use]
pub fn load(root: &Path, found: &mut Vec<Diagnostic>) -> Vec<Accepted> {
    let mut out: Vec<Accepted> = Vec::new();
    for edition in contract::editions(root, found) {
        let shown = format!("specs/{edition}/survivors.yaml");
        let path = root.join(&shown);
        if !path.is_file() {
            continue;
        }
        match yaml::read(&path, &shown) {
            Ok(node) => entries(&node, &mut out, found),
            Err(mistake) => found.push(mistake),
        }
    }
    out
}

fn entries(node: &Node, out: &mut Vec<Accepted>, found: &mut Vec<Diagnostic>) {
    yaml::check(node, &SHAPE, found);
    for entry in node.get("survivors").map(Node::items).unwrap_or_default() {
        let word = |key: &str| entry.get(key).and_then(Node::text).map(str::to_owned);
        let (Some(mutant), Some(reason)) = (word("mutant"), word("reason")) else {
            continue;
        };
        if out.iter().any(|known| known.mutant == mutant) {
            found.push(Diagnostic::new(
                "duplicate-id",
                &entry.span,
                format!("the survivor `{mutant}` is listed twice"),
            ));
        }
        out.push(Accepted {
            mutant,
            reason,
            place: entry.span.to_string(),
        });
    }
}

/// Writes the reasons to the survivors. Gives what is stale, each with what is wrong with it: an
/// entry all of whose mutants are caught now and, when all mutants were run, one that names none.
pub(super) fn apply(
    accepted: &[Accepted],
    results: &mut [MutantResult],
    whole: bool,
) -> Vec<String> {
    let mut stale = Vec::new();
    for entry in accepted {
        let pattern = IdPattern::new(&entry.mutant);
        let named = |result: &&mut MutantResult| pattern.matches(&result.id);
        let (mut holds, mut caught) = (false, None);
        for result in results.iter_mut().filter(named) {
            if result.is_hole() {
                result.accepted = Some(entry.reason.clone());
                holds = true;
            } else if result.accepted.is_some() {
                holds = true;
            } else {
                caught = caught.or(Some((result.id.clone(), result.outcome.label())));
            }
        }
        match caught {
            _ if holds => {}
            Some((id, outcome)) => stale.push(format!("{}: {id} is {outcome} now", entry.place)),
            None if whole => stale.push(format!("{}: {} is no mutant", entry.place, entry.mutant)),
            None => {}
        }
    }
    let sorted: BTreeSet<String> = stale.into_iter().collect();
    sorted.into_iter().collect()
}
