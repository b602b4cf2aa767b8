//! The proof of strength that lies beside the reports of a run: what it says in short, where it is of the
//! suite that was run.

use serde::{Deserialize, Serialize};

/// What the file is to the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProofBeside {
    /// A proof of the suite that was run.
    Same(Box<ProofSummary>),
    /// A proof of another suite.
    Other,
    /// It is no proof that can be read, for this reason.
    Unreadable(String),
}

/// A proof in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofSummary {
    /// The target that it was proved on.
    pub target: String,
    pub started: jiff::Timestamp,
    /// The word of [`Strength`](super::Strength).
    pub strength: String,
    /// Mutants there are, and those of them that were run.
    pub enumerated: usize,
    pub mutants: usize,
    pub caught: usize,
    /// The denominator: what the documents forbid.
    pub counted: usize,
    pub left_out: usize,
    /// Not caught, and accepted for a written reason.
    pub accepted: MutantList,
    /// Not caught, and nobody has written why.
    pub missed: MutantList,
}

/// Mutants of a kind, and the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MutantList {
    pub count: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<MutantNote>,
}

/// A mutant by its id, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutantNote {
    pub id: String,
    /// Why it is accepted, or how it fared.
    pub note: String,
}

impl ProofBeside {
    /// The texts that came from the file.
    pub fn texts(&mut self) -> Vec<&mut String> {
        let Self::Same(summary) = self else {
            return Vec::new();
        };
        let ProofSummary {
            target,
            accepted,
            missed,
            ..
        } = &mut **summary;
        let notes = accepted.first.iter_mut().chain(&mut missed.first);
        let notes = notes.flat_map(|one| [&mut one.id, &mut one.note]);
        std::iter::once(target).chain(notes).collect()
    }
}
