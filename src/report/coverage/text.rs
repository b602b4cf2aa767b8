//! Coverage as a page.

use std::{collections::BTreeMap, fmt::Write as _};

use comfy_table::{Cell as Slot, CellAlignment, ContentArrangement, Table, presets};

use crate::report::text::{counted, one_line, wrap};
use crate::{
    ids::OperationId,
    result::{Cell, Coverage, Matrix, OperationCoverage, RequirementState, Share, State, Tally},
};

/// The width of running text; tables are as wide as they must be.
const WIDTH: usize = 100;

/// The page: unproven, violated, numbers, matrices, holes.
#[must_use]
pub fn text(coverage: &Coverage) -> String {
    let mut page = String::new();
    line(&mut page, &basis(coverage));
    for state in [State::Unproven, State::Violated] {
        listed(&mut page, coverage, state);
    }
    totals(&mut page, coverage);
    for operation in &coverage.operations {
        matrices(&mut page, operation);
    }
    for (edition, operations) in &coverage.neighbours {
        let names: Vec<&str> = operations.iter().map(OperationId::as_str).collect();
        let names = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        page.push('\n');
        wrapped(
            &mut page,
            &format!("Neighbours in {edition}, used by flows, not tested themselves: {names}"),
        );
    }
    page
}

fn basis(coverage: &Coverage) -> String {
    let rows = counted(coverage.cases, "row");
    match &coverage.target {
        None => format!("What {rows} would prove; nothing was run."),
        Some(target) => {
            let mut out = format!("What {rows} proved of {}.", one_line(target));
            if coverage.unknown_cases > 0 {
                let gone = counted(coverage.unknown_cases, "row");
                let _ = write!(
                    out,
                    " {gone} of the record stand in no case file any more and prove nothing."
                );
            }
            out
        }
    }
}

fn heading(page: &mut String, title: &str) {
    let _ = write!(page, "\n{title}\n{}\n", "-".repeat(title.chars().count()));
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

/// A paragraph: lines after the first are set in.
fn wrapped(page: &mut String, text: &str) {
    for (index, part) in wrap(text, WIDTH).iter().enumerate() {
        let lead = if index == 0 { "" } else { "  " };
        line(page, &format!("{lead}{part}"));
    }
}

fn all(coverage: &Coverage) -> impl Iterator<Item = &RequirementState> {
    coverage.operations.iter().flat_map(|one| &one.requirements)
}

fn listed(page: &mut String, coverage: &Coverage, state: State) {
    let found: Vec<_> = all(coverage)
        .filter(|one| one.judged && one.state == state)
        .collect();
    let title = format!("{} {}", counted(found.len(), "requirement"), state.label());
    heading(page, &title);
    if found.is_empty() {
        line(page, "none");
    }
    for one in found {
        let why = one.why.as_deref().unwrap_or_default();
        wrapped(page, &format!("{}: {}", one.id, one_line(why)));
    }
}

/// Numbers by operation and kind: what is done, out of what, and what was left out of that.
fn totals(page: &mut String, coverage: &Coverage) {
    heading(page, "Requirements by operation and kind");
    let (done, planned) = (State::Satisfied, coverage.target.is_none());
    let done = if planned { State::Cased } else { done };
    let head = [
        "operation",
        "kind",
        done.label(),
        "violated",
        "unproven",
        "not testable",
        "only observed",
        "never observed",
    ];
    let mut table = table(&head);
    for operation in &coverage.operations {
        let name = format!("{} {}", operation.edition, operation.operation);
        let mut kinds: Vec<&str> = Vec::new();
        for one in &operation.requirements {
            if !kinds.contains(&one.kind.as_str()) {
                kinds.push(&one.kind);
            }
        }
        for kind in kinds {
            let own = || operation.requirements.iter().filter(|one| one.kind == kind);
            table.add_row(numbers(&name, kind, own(), done));
        }
        table.add_row(numbers(&name, "all", operation.requirements.iter(), done));
    }
    show(page, &table);
    heading(page, "Shares of what the documents name");
    let mut head = vec!["operation", "requirements"];
    head.extend(Matrix::ALL.map(Matrix::label));
    let mut table = self::table(&head);
    for operation in &coverage.operations {
        let mut row = vec![
            format!("{} {}", operation.edition, operation.operation),
            share(operation.satisfied()),
        ];
        row.extend(Matrix::ALL.map(|matrix| share(operation.share(matrix))));
        table.add_row(row);
    }
    show(page, &table);
    wrapped(
        page,
        "done/of, after what is not testable was taken out; of headers and members also what is only observed counts as done",
    );
}

fn numbers<'r>(
    operation: &str,
    kind: &str,
    requirements: impl Iterator<Item = &'r RequirementState>,
    done: State,
) -> Vec<String> {
    let (judged, open): (Vec<_>, Vec<_>) = requirements.partition(|one| one.judged);
    let tally = Tally::of(judged.iter().map(|one| one.state));
    let silent = Tally::of(open.iter().map(|one| one.state));
    let excluded = tally.count(State::NotTestable);
    let of = tally.total() - excluded;
    vec![
        operation.to_owned(),
        kind.to_owned(),
        format!("{}/{of}", tally.count(done)),
        tally.count(State::Violated).to_string(),
        tally.count(State::Unproven).to_string(),
        (excluded + silent.count(State::NotTestable)).to_string(),
        silent.count(State::Observed).to_string(),
        silent.count(State::Empty).to_string(),
    ]
}

fn share(share: Share) -> String {
    match share.excluded {
        0 => format!("{}/{}", share.done, share.of),
        excluded => format!("{}/{}, {excluded} not testable", share.done, share.of),
    }
}

fn matrices(page: &mut String, operation: &OperationCoverage) {
    for matrix in Matrix::ALL {
        if !operation.cells.iter().any(|cell| cell.matrix == matrix) {
            continue;
        }
        let cells: Vec<&Cell> = operation.documented(matrix).collect();
        let title = format!(
            "{} {}: {}",
            operation.edition,
            operation.operation,
            matrix.label()
        );
        heading(page, &title);
        let table = if cells.iter().any(|cell| cell.mode.is_some()) {
            crossed(&cells)
        } else {
            plain(matrix, &cells)
        };
        if cells.is_empty() {
            line(page, "the page of the operation names none");
        } else {
            show(page, &table);
        }
        holes(page, &cells);
        beside(page, operation, matrix);
    }
}

/// What was sent, expected or seen beside the documents, by where it comes from.
fn beside(page: &mut String, operation: &OperationCoverage, matrix: Matrix) {
    let mut groups: BTreeMap<(bool, &str), Vec<String>> = BTreeMap::new();
    let cells = operation.cells.iter();
    for cell in cells.filter(|cell| cell.matrix == matrix && !cell.documented) {
        let count = cell.seen.max(cell.cases.len());
        let why = cell.why.as_deref().unwrap_or_default();
        let group = groups.entry((cell.seen == 0, why)).or_default();
        group.push(format!("{} ({})", name(cell), counted(count, "row")));
    }
    for ((unseen, why), names) in groups {
        let what = if unseen {
            "sent or expected"
        } else {
            "observed"
        };
        wrapped(
            page,
            &format!("{what}, {}: {}", one_line(why), names.join(", ")),
        );
    }
}

/// Items by mode; each slot has the state and the number of rows.
fn crossed(cells: &[&Cell]) -> Table {
    let mut modes: Vec<&str> = Vec::new();
    let mut items: Vec<&str> = Vec::new();
    for cell in cells {
        let mode = cell.mode.unwrap_or_default();
        if !modes.contains(&mode) {
            modes.push(mode);
        }
        if !items.contains(&cell.item.as_str()) {
            items.push(&cell.item);
        }
    }
    let mut head = vec![""];
    head.extend(&modes);
    let mut table = table(&head);
    for item in items {
        let mut row = vec![one_line(item)];
        for mode in &modes {
            let found = cells
                .iter()
                .find(|cell| cell.item == item && cell.mode == Some(mode));
            row.push(found.map_or_else(String::new, |cell| slot(cell)));
        }
        table.add_row(row);
    }
    table
}

fn slot(cell: &Cell) -> String {
    match cell.state {
        State::Empty => "-".to_owned(),
        State::NotTestable => "not testable".to_owned(),
        state => format!("{} {}", state.label(), cell.cases.len()),
    }
}

fn plain(matrix: Matrix, cells: &[&Cell]) -> Table {
    let mut table = table(&[matrix.label(), "state", "rows", "seen in rows"]);
    for cell in cells {
        table.add_row(vec![
            one_line(&cell.item),
            cell.state.label().to_owned(),
            cell.cases.len().to_string(),
            cell.seen.to_string(),
        ]);
    }
    for column in [2, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Cells that nothing fills, and those for which nothing can, with the reason.
fn holes(page: &mut String, cells: &[&Cell]) {
    let empty: Vec<String> = cells
        .iter()
        .filter(|cell| cell.state == State::Empty)
        .map(|cell| name(cell))
        .collect();
    if !empty.is_empty() {
        let of = cells.len();
        wrapped(
            page,
            &format!(
                "{} of {of} cells without a row: {}",
                empty.len(),
                empty.join(", ")
            ),
        );
    }
    for cell in cells {
        let open = matches!(
            cell.state,
            State::NotTestable | State::Unproven | State::Violated
        );
        if let (true, Some(why)) = (open, &cell.why) {
            let state = cell.state.label();
            wrapped(page, &format!("{state}: {}: {}", name(cell), one_line(why)));
        }
    }
}

fn name(cell: &Cell) -> String {
    match cell.mode {
        Some(mode) => format!("{} {mode}", one_line(&cell.item)),
        None => one_line(&cell.item),
    }
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(head.iter().map(Slot::new));
    table
}

fn show(page: &mut String, table: &Table) {
    for row in table.lines() {
        line(page, row.trim_end());
    }
}
