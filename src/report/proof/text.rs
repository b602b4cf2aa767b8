//! The proof as a page: holes first, the conclusion last.

use comfy_table::{CellAlignment, Table, presets};

use super::{super::text::counted, FILE};
use crate::result::{MutantResult, Outcome, Proof};

/// Survivors shown on the page; all of them are in the file.
const MAX_SHOWN: usize = 40;

/// The page: holes first, then what is accepted, then the figures, the conclusion last.
#[must_use]
pub fn summary(proof: &Proof) -> String {
    let mut lines = void(proof);
    lines.extend(holes(proof));
    lines.extend(proof.stale.iter().map(|stale| format!("STALE  {stale}")));
    let unfair = proof.false_positives.red.iter();
    lines.extend(unfair.map(|(seed, row)| format!("UNFAIR  {row} is red under variation {seed}")));
    lines.extend(known(proof));
    lines.extend(proof.accepted().map(|mutant| {
        let why = mutant.accepted.as_deref().unwrap_or_default();
        format!("accepted  {}: {why}", mutant.id)
    }));
    if !proof.mutants.is_empty() {
        let tables = [
            String::new(),
            by_operation(proof),
            String::new(),
            by_family(proof),
        ];
        lines.extend(tables);
    }
    lines.push(String::new());
    lines.extend(figures(proof));
    lines.push(format!(
        "{}: {} (exit code {})\n",
        proof.target,
        proof.strength().label(),
        proof.strength().exit_code()
    ));
    lines.join("\n").trim_start().to_owned()
}

/// The rows that fail for a known reason, and those that are not judged behind one.
fn known(proof: &Proof) -> Vec<String> {
    let known = proof.known.iter();
    let known = known.map(|(id, why)| format!("known  {id}: {why}"));
    let behind = proof.behind.iter();
    known
        .chain(behind.map(|id| format!("known  {id}: not judged, a known row stands in its way")))
        .collect()
}

/// What makes a proof void: a baseline that is red, and controls that did not hold.
fn void(proof: &Proof) -> Vec<String> {
    let red = proof.baseline_red.iter();
    let red = red.map(|(id, why)| format!("RED  {id}: {why}"));
    let broken = proof.self_checks.iter().filter(|check| !check.held);
    let broken = broken.map(|check| {
        let (name, demand, seen) = (&check.name, &check.demand, &check.seen);
        format!("BROKEN  {name}: {demand}, but {seen}")
    });
    red.chain(broken).chain(nothing(proof)).collect()
}

/// Why there is nothing that could be proved, where the target is as it should be.
fn nothing(proof: &Proof) -> Option<String> {
    if !proof.baseline_red.is_empty() {
        return None;
    }
    let why = if proof.cases.is_empty() {
        "no row is judged on this target, so that none could notice anything"
    } else if proof.enumerated == 0 {
        "no mutant can be made: no requirement of an operation that the rows send says what of an answer \
         it is about (`about` in requirements.yaml; without that file the document says it)"
    } else if proof.mutants.is_empty() && proof.undecided.is_empty() {
        "no mutant has an id that contains any of these words; `probity prove` runs them all"
    } else if proof.self_checks.is_empty() {
        "no row sends an operation that has requirements, so that the machinery could not be tried"
    } else {
        return None;
    };
    Some(format!("NOTHING  {why}"))
}

/// The mutants that nobody caught, as many as a page can bear.
fn holes(proof: &Proof) -> Vec<String> {
    let holes: Vec<&MutantResult> = proof.holes().collect();
    let mut lines = Vec::new();
    for mutant in holes.iter().take(MAX_SHOWN) {
        let outcome = mutant.outcome.label().to_uppercase();
        let breaks = mutant.breaks.join(", ");
        lines.push(format!("{outcome}  {}", mutant.id));
        lines.push(format!("     {}", mutant.what));
        lines.push(format!("     breaks {breaks}; {}", met(mutant)));
    }
    if holes.len() > MAX_SHOWN {
        lines.push(format!("and {} more, in {FILE}", holes.len() - MAX_SHOWN));
    }
    lines
}

fn met(mutant: &MutantResult) -> String {
    let rows = counted(mutant.sent, "row");
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
fn figures(proof: &Proof) -> Vec<String> {
    let score = proof.score();
    let mut lines = vec![format!(
        "{} of {} mutants caught by a row about the broken promise; {} accepted with a reason; {} left out, because the documents leave them open or nobody can see them",
        score.caught,
        score.counted,
        proof.accepted().count(),
        score.left_out,
    )];
    lines.push(left_open(proof));
    lines.extend(sampled(proof));
    let undecided = proof.undecided.iter();
    lines.extend(undecided.map(|(why, count)| {
        let mutants = counted(*count, "mutant");
        format!("{mutants} not decided: {}", why.label())
    }));
    let transcripts = &proof.transcripts;
    lines.push(format!(
        "{} edited transcripts judged in {:.1} s, {} of them red; {} of {} answer mutants caught there",
        transcripts.judged,
        transcripts.elapsed.as_secs_f64(),
        transcripts.red,
        transcripts.caught,
        transcripts.mutants
    ));
    let held = proof.self_checks.iter().filter(|check| check.held).count();
    lines.push(format!(
        "{held} of {} controls of the machinery held; {} baseline rows, {} red, {} of them known",
        proof.self_checks.len(),
        proof.cases.len(),
        proof.baseline_red.len() + proof.known.len(),
        proof.known.len()
    ));
    let left_out = proof.left_out.iter();
    lines.extend(left_out.map(|(why, count)| {
        let rows = counted(*count, "row");
        format!("{rows} left out: {why}")
    }));
    let varied = &proof.false_positives;
    if !varied.seeds.is_empty() {
        let (seeds, rows, red) = (varied.seeds.len(), varied.judged, varied.red.len());
        lines.push(format!("{seeds} variations, {rows} rows, {red} red"));
    }
    lines.push(format!("in {:.1} s", proof.elapsed.as_secs_f64()));
    lines
}

/// What is known of the mutants that the documents leave open.
fn left_open(proof: &Proof) -> String {
    let open = || {
        let all = proof.mutants.iter();
        all.filter(|mutant| matches!(mutant.outcome, Outcome::Open(_)))
    };
    let unsent = |mutant: &&MutantResult| mutant.sent == 0 && mutant.activated.is_none();
    match open().filter(unsent).count() {
        0 => {
            let noticed = open()
                .filter(|mutant| !mutant.noticed_by.is_empty())
                .count();
            format!(
                "{noticed} of those left open are noticed all the same: there the rows or the schema say more than a requirement"
            )
        }
        unsent => format!("{unsent} of those left open were not run; --open runs them"),
    }
}

/// How many of all mutants were run, where that was not all of them.
fn sampled(proof: &Proof) -> Option<String> {
    let (run, all) = (proof.mutants.len(), proof.enumerated);
    let drawn = proof
        .sample
        .map_or_else(String::new, |seed| format!(", drawn with seed {seed}"));
    (run < all).then(|| format!("{run} of {all} mutants were run{drawn}"))
}
