//! The proof as a page: holes first, the conclusion last.

use comfy_table::{CellAlignment, Table, presets};

use super::{super::text::counted, FILE};
use crate::result::{MutantResult, Outcome, Proof};

/// Survivors shown on the page; all of them are in the file.
const MAX_SHOWN: usize = 40;

/// The page: holes first, then what is accepted, then the figures, the conclusion last.
#[must_use]
pub fn summary(proof: &Proof) -> String {
    let mut page = String::new();
    let mut line = |text: &str| {
        page.push_str(text);
        page.push('\n');
    };
    for (id, why) in &proof.baseline_red {
        line(&format!("RED  {id}: {why}"));
    }
    for check in proof.self_checks.iter().filter(|check| !check.held) {
        line(&format!(
            "BROKEN  {}: {}, but {}",
            check.name, check.demand, check.seen
        ));
    }
    let holes: Vec<&MutantResult> = proof.holes().collect();
    for mutant in holes.iter().take(MAX_SHOWN) {
        line(&format!(
            "{}  {}",
            mutant.outcome.word().to_uppercase(),
            mutant.id
        ));
        line(&format!("     {}", mutant.what));
        line(&format!(
            "     breaks {}; {}",
            mutant.breaks.join(", "),
            met(mutant)
        ));
    }
    if holes.len() > MAX_SHOWN {
        line(&format!("and {} more, in {FILE}", holes.len() - MAX_SHOWN));
    }
    for stale in &proof.stale {
        line(&format!("STALE  {stale}"));
    }
    for (seed, row) in &proof.false_positives.red {
        line(&format!("UNFAIR  {row} is red under variation {seed}"));
    }
    for mutant in proof.accepted() {
        line(&format!(
            "accepted  {}: {}",
            mutant.id,
            mutant.accepted.as_deref().unwrap_or_default()
        ));
    }
    if !proof.mutants.is_empty() {
        line("");
        line(&by_operation(proof));
        line("");
        line(&by_family(proof));
    }
    line("");
    line(&figures(proof));
    line(&format!(
        "{}: {} (exit code {})",
        proof.target,
        proof.strength().words(),
        proof.strength().exit_code()
    ));
    page.trim_start().to_owned()
}

fn met(mutant: &MutantResult) -> String {
    let rows = counted(mutant.rows, "row");
    match (mutant.activated, mutant.noticed_by.first()) {
        (_, Some(first)) => format!(
            "{rows} met it, noticed by {} such as {first}",
            mutant.noticed_by.len()
        ),
        (Some(times), None) => format!("{rows} met it, it took hold {times} times"),
        (None, None) => format!("{rows} met it"),
    }
}

fn table(head: [&str; 8]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

const COLUMNS: [&str; 7] = [
    "caught",
    "of",
    "elsewhere",
    "by trouble",
    "survived",
    "unreached",
    "left out",
];

fn by_operation(proof: &Proof) -> String {
    grouped(proof, "operation", |mutant| {
        format!("{}/{}", mutant.edition, mutant.operation)
    })
}

fn by_family(proof: &Proof) -> String {
    grouped(proof, "family", |mutant| mutant.family.clone())
}

fn grouped(proof: &Proof, title: &str, key: impl Fn(&MutantResult) -> String) -> String {
    let mut keys: Vec<String> = proof.mutants.iter().map(&key).collect();
    keys.sort();
    keys.dedup();
    let [c1, c2, c3, c4, c5, c6, c7] = COLUMNS;
    let mut table = table([title, c1, c2, c3, c4, c5, c6, c7]);
    for name in keys.iter().map(Some).chain([None]) {
        let members: Vec<&MutantResult> = proof
            .mutants
            .iter()
            .filter(|mutant| name.is_none_or(|name| key(mutant) == *name))
            .collect();
        let count = |wanted: fn(&Outcome) -> bool| {
            let count = members.iter().filter(|mutant| wanted(&mutant.outcome));
            count.count().to_string()
        };
        table.add_row([
            name.map_or("all", String::as_str).to_owned(),
            count(|outcome| *outcome == Outcome::Caught),
            count(Outcome::counts),
            count(|outcome| *outcome == Outcome::CaughtElsewhere),
            count(|outcome| *outcome == Outcome::Errored),
            count(|outcome| *outcome == Outcome::Survived),
            count(|outcome| *outcome == Outcome::Unreached),
            count(|outcome| !outcome.counts()),
        ]);
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// The closing figures, each with what it is a part of.
fn figures(proof: &Proof) -> String {
    let score = proof.score();
    let mut lines = vec![format!(
        "{} of {} mutants caught by a row about the broken promise; {} accepted with a reason; {} left out, because the documents leave them open or nobody can see them",
        score.caught,
        score.counted,
        proof.accepted().count(),
        score.left_out,
    )];
    let unsent = |mutant: &&MutantResult| {
        matches!(mutant.outcome, Outcome::Open(_)) && mutant.rows == 0 && mutant.activated.is_none()
    };
    let open = proof.mutants.iter().filter(|mutant| {
        matches!(mutant.outcome, Outcome::Open(_)) && !mutant.noticed_by.is_empty()
    });
    let (open, unsent) = (open.count(), proof.mutants.iter().filter(unsent).count());
    if unsent == 0 {
        lines.push(format!(
            "{open} of those left open are noticed all the same: there the rows or the schema say more than a requirement"
        ));
    } else {
        lines.push(format!(
            "{unsent} of those left open were not run; --open runs them"
        ));
    }
    if proof.mutants.len() < proof.enumerated {
        let drawn = proof
            .sample
            .map_or_else(String::new, |seed| format!(", drawn with seed {seed}"));
        lines.push(format!(
            "{} of {} mutants were run{drawn}",
            proof.mutants.len(),
            proof.enumerated
        ));
    }
    let told = &proof.transcripts;
    lines.push(format!(
        "{} edited transcripts judged in {:.1} s, {} of them red; {} of {} answer mutants caught there",
        told.judged,
        told.elapsed.as_secs_f64(),
        told.red,
        told.caught,
        told.mutants
    ));
    let held = proof.self_checks.iter().filter(|check| check.held).count();
    lines.push(format!(
        "{held} of {} controls of the machinery held; {} baseline rows, {} red",
        proof.self_checks.len(),
        proof.rows.len(),
        proof.baseline_red.len()
    ));
    if !proof.false_positives.seeds.is_empty() {
        lines.push(format!(
            "{} variations, {} rows, {} red",
            proof.false_positives.seeds.len(),
            proof.false_positives.rows,
            proof.false_positives.red.len()
        ));
    }
    lines.push(format!("in {:.1} s", proof.elapsed.as_secs_f64()));
    lines.join("\n")
}
