//! What the page says of the proof of strength that lies beside it.

use serde::Serialize;

use crate::{
    report::text::one_line,
    result::{MutantList, ProofBeside, ProofSummary},
};

/// A proof, or why none is shown.
#[derive(Serialize)]
pub(super) struct StrengthView {
    /// `None` where it is of another suite or cannot be read.
    proof: Option<Proof>,
    unreadable: String,
}

#[derive(Serialize)]
struct Proof {
    tone: &'static str,
    caught: usize,
    counted: usize,
    /// With one decimal, rounded down: only all is a hundred.
    percent: String,
    strength: String,
    target: String,
    started: String,
    mutants: usize,
    enumerated: usize,
    left_out: usize,
    accepted: MutantList,
    missed: MutantList,
    lists: Vec<List>,
}

#[derive(Serialize)]
struct List {
    /// Nobody has written why.
    open: bool,
    count: usize,
    first: Vec<Note>,
    more: usize,
}

#[derive(Serialize)]
struct Note {
    id: String,
    note: String,
}

impl StrengthView {
    pub(super) fn of(beside: &ProofBeside) -> Self {
        let (proof, unreadable) = match beside {
            ProofBeside::Same(summary) => (Some(Proof::of(summary)), String::new()),
            ProofBeside::Other => (None, String::new()),
            ProofBeside::Unreadable(reason) => (None, one_line(reason)),
        };
        Self { proof, unreadable }
    }
}

impl Proof {
    fn of(summary: &ProofSummary) -> Self {
        let of_thousand = match summary.counted {
            0 => 0,
            counted => summary.caught.saturating_mul(1_000) / counted,
        };
        let started = summary.started.strftime("%Y-%m-%d %H:%M:%S UTC");
        let lists = [(&summary.missed, true), (&summary.accepted, false)];
        Self {
            tone: match summary.strength.as_str() {
                "proved" | "partial" => "good",
                "holes" | "inconclusive" => "open",
                _ => "bad",
            },
            caught: summary.caught,
            counted: summary.counted,
            percent: format!("{}.{}", of_thousand / 10, of_thousand % 10),
            strength: one_line(&summary.strength),
            target: one_line(&summary.target),
            started: started.to_string(),
            mutants: summary.mutants,
            enumerated: summary.enumerated,
            left_out: summary.left_out,
            accepted: summary.accepted.clone(),
            missed: summary.missed.clone(),
            lists: lists
                .into_iter()
                .filter(|(list, _)| list.count > 0)
                .map(|(list, open)| List::of(list, open))
                .collect(),
        }
    }
}

impl List {
    fn of(list: &MutantList, open: bool) -> Self {
        let first = list.first.iter().map(|one| Note {
            id: one_line(&one.id),
            note: one_line(&one.note),
        });
        Self {
            open,
            count: list.count,
            first: first.collect(),
            more: list.count.saturating_sub(list.first.len()),
        }
    }
}
