//! Coverage as a page.

use std::{collections::BTreeMap, fmt::Write as _};

use comfy_table::{Cell as Slot, CellAlignment, ContentArrangement, Table, presets};

use crate::{
    ids::OperationId,
    report::{
        explain::WIDTH,
        text::{NO_BREAK, counted, cut, one_line, wrap},
    },
    result::{Cell, Coverage, Matrix, OperationCoverage, RequirementState, Share, State, Tally},
};

/// How the page is shown.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Columns of running text; tables are as wide as they must be.
    pub width: usize,
    /// Every requirement, kind and cell; else what fits on sixty lines.
    pub long: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: WIDTH,
            long: false,
        }
    }
}

/// Violated requirements that the short page names; they are what a person has to act on.
const VIOLATED: usize = 8;
/// Waived requirements that the short page names.
const WAIVED: usize = 2;
/// Unproven requirements that the short page names.
const UNPROVEN: usize = 4;
/// Operations that the short page counts.
const OPERATIONS: usize = 6;

/// The page: violated, unproven, numbers; and where all is wanted, matrices and holes.
#[must_use]
pub fn text(coverage: &Coverage, options: Options) -> String {
    let mut page = Page {
        text: String::new(),
        options,
    };
    page.wrapped(&basis(coverage));
    page.listed(coverage, State::Violated, VIOLATED);
    if all(coverage).any(|one| one.state == State::Waived) {
        page.listed(coverage, State::Waived, WAIVED);
    }
    page.listed(coverage, State::Unproven, UNPROVEN);
    page.totals(coverage);
    if !options.long {
        page.line("");
        page.line("Kinds, matrices, and every requirement: --long");
        return page.text;
    }
    for operation in &coverage.operations {
        page.matrices(operation);
    }
    for (edition, operations) in &coverage.neighbours {
        let names: Vec<&str> = operations.iter().map(OperationId::as_str).collect();
        let names = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        page.line("");
        page.wrapped(&format!(
            "Neighbours in {edition}, used by flows, not tested themselves: {names}"
        ));
    }
    page.text
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

struct Page {
    text: String,
    options: Options,
}

impl Page {
    fn heading(&mut self, title: &str) {
        let _ = write!(
            self.text,
            "\n{title}\n{}\n",
            "-".repeat(title.chars().count())
        );
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A paragraph: lines after the first are set in.
    fn wrapped(&mut self, text: &str) {
        for (index, part) in wrap(text, self.options.width).iter().enumerate() {
            let lead = if index == 0 { "" } else { "  " };
            self.line(&format!("{lead}{part}"));
        }
    }

    /// A line that is cut where not everything is wanted.
    fn in_short(&mut self, text: &str) {
        if self.options.long {
            self.wrapped(text);
        } else {
            self.line(&cut(&text.replace(NO_BREAK, " "), self.options.width));
        }
    }

    fn show(&mut self, table: &Table) {
        for row in table.lines() {
            self.line(row.trim_end());
        }
    }

    /// The first of a list, or all of it.
    fn shown(&self, total: usize, most: usize) -> usize {
        if self.options.long {
            total
        } else {
            total.min(most)
        }
    }

    fn more(&mut self, rest: usize) {
        if rest > 0 {
            self.line(&format!("and {rest} more"));
        }
    }

    /// The requirements in a state that a person has to look at: id, sentence, and why.
    fn listed(&mut self, coverage: &Coverage, state: State, most: usize) {
        let found: Vec<_> = all(coverage)
            .filter(|one| one.judged && one.state == state)
            .collect();
        let title = format!("{} {}", counted(found.len(), "requirement"), state.label());
        self.heading(&title);
        if found.is_empty() {
            self.line("none");
        }
        let shown = self.shown(found.len(), most);
        for one in &found[..shown] {
            let why = one.why.as_deref().unwrap_or_default();
            self.in_short(&format!("{}{NO_BREAK} {}", one.id, one_line(&one.sentence)));
            self.in_short(&format!("{NO_BREAK} {}", one_line(why)));
        }
        self.more(found.len() - shown);
    }

    /// Numbers by operation and kind: what is done, out of what, and what was left out of that.
    fn totals(&mut self, coverage: &Coverage) {
        self.heading(if self.options.long {
            "Requirements by operation and kind"
        } else {
            "Requirements by operation"
        });
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
        let shown = self.shown(coverage.operations.len(), OPERATIONS);
        let operations = &coverage.operations[..shown];
        let rest = coverage.operations.len() - shown;
        for operation in operations {
            let name = format!("{} {}", operation.edition, operation.operation);
            let mut kinds: Vec<&str> = Vec::new();
            for one in &operation.requirements {
                if !kinds.contains(&one.kind.as_str()) {
                    kinds.push(&one.kind);
                }
            }
            kinds.retain(|_| self.options.long);
            for kind in kinds {
                let own = || operation.requirements.iter().filter(|one| one.kind == kind);
                table.add_row(numbers(&name, kind, own(), done));
            }
            table.add_row(numbers(&name, "all", operation.requirements.iter(), done));
        }
        self.show(&table);
        self.more(rest);
        self.heading("Shares of what the documents name");
        let mut head = vec!["operation", "requirements"];
        head.extend(Matrix::ALL.map(Matrix::label));
        let mut table = self::table(&head);
        for operation in operations {
            let mut row = vec![
                format!("{} {}", operation.edition, operation.operation),
                share(operation.satisfied()),
            ];
            row.extend(Matrix::ALL.map(|matrix| share(operation.share(matrix))));
            table.add_row(row);
        }
        self.show(&table);
        self.more(rest);
        self.wrapped(
        "done/of, after what is not testable was taken out; of headers and members also what is only observed counts as done",
    );
    }

    fn matrices(&mut self, operation: &OperationCoverage) {
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
            self.heading(&title);
            let table = if cells.iter().any(|cell| cell.mode.is_some()) {
                crossed(&cells)
            } else {
                plain(matrix, &cells)
            };
            if cells.is_empty() {
                self.line("the page of the operation names none");
            } else {
                self.show(&table);
            }
            self.holes(&cells);
            self.beside(operation, matrix);
        }
    }

    /// What was sent, expected or seen beside the documents, by where it comes from.
    fn beside(&mut self, operation: &OperationCoverage, matrix: Matrix) {
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
            self.wrapped(&format!("{what}, {}: {}", one_line(why), names.join(", ")));
        }
    }

    /// Cells that nothing fills, and those for which nothing can, with the reason.
    fn holes(&mut self, cells: &[&Cell]) {
        let empty: Vec<String> = cells
            .iter()
            .filter(|cell| cell.state == State::Empty)
            .map(|cell| name(cell))
            .collect();
        if !empty.is_empty() {
            let of = cells.len();
            self.wrapped(&format!(
                "{} of {of} cells without a row: {}",
                empty.len(),
                empty.join(", ")
            ));
        }
        for cell in cells {
            let open = matches!(
                cell.state,
                State::NotTestable | State::Unproven | State::Violated | State::Waived
            );
            if let (true, Some(why)) = (open, &cell.why) {
                let state = cell.state.label();
                self.wrapped(&format!("{state}: {}: {}", name(cell), one_line(why)));
            }
        }
    }
}

fn all(coverage: &Coverage) -> impl Iterator<Item = &RequirementState> {
    coverage.operations.iter().flat_map(|one| &one.requirements)
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
        violated(&tally),
        tally.count(State::Unproven).to_string(),
        (excluded + silent.count(State::NotTestable)).to_string(),
        silent.count(State::Observed).to_string(),
        silent.count(State::Empty).to_string(),
    ]
}

/// How many are violated, and how many of nothing but what somebody accepted.
fn violated(tally: &Tally) -> String {
    match (tally.count(State::Violated), tally.count(State::Waived)) {
        (violated, 0) => violated.to_string(),
        (violated, waived) => format!("{violated}, {waived} waived"),
    }
}

fn share(share: Share) -> String {
    match share.excluded {
        0 => format!("{}/{}", share.done, share.of),
        excluded => format!("{}/{}, {excluded} not testable", share.done, share.of),
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
