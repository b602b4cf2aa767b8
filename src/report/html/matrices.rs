//! The matrices: error codes by operation, headers and members by how they stand in the request, and what
//! answers hold. Each cell has a sign, a word and a link to the row that decides it.

use serde::Serialize;

use super::{links::Places, slug};
use crate::{
    report::text::one_line,
    result::{CaseResult, CellState, Matrix, MatrixState, RunReport, State, Verdict},
};

/// The matrices of one edition.
#[derive(Serialize)]
pub(super) struct EditionMatrices {
    name: String,
    to: String,
    /// Error codes by operation.
    codes: Option<Grid>,
    operations: Vec<OperationMatrices>,
}

/// The matrices of one operation.
#[derive(Serialize)]
struct OperationMatrices {
    name: String,
    to: String,
    /// A cell of it is violated or unproven.
    open: bool,
    grids: Vec<Grid>,
    /// Why a cell is not proven or cannot be tested.
    reasons: Vec<Reason>,
}

/// One table.
#[derive(Serialize)]
struct Grid {
    /// `errors`, `headers`, `members` or `answers`.
    kind: &'static str,
    of: String,
    shares: Vec<Dealt>,
    columns: Vec<String>,
    lines: Vec<Line>,
}

/// How many cells of the documents are dealt with.
#[derive(Serialize)]
struct Dealt {
    /// The column that it is of; empty where it is of the whole table.
    of: String,
    done: usize,
    all: usize,
    not_testable: usize,
}

#[derive(Serialize)]
struct Line {
    name: String,
    /// In the order of the columns; `None` where the documents make no cell.
    cells: Vec<Option<Cell>>,
}

#[derive(Serialize)]
struct Cell {
    anchor: String,
    state: &'static str,
    class: String,
    sign: &'static str,
    /// The row that decides it.
    to: Option<String>,
    /// The places of its rows on the page.
    rows: String,
    count: usize,
    /// How many of them failed or could not be judged.
    red: usize,
}

#[derive(Serialize)]
struct Reason {
    cell: String,
    state: &'static str,
    why: String,
}

/// What a cell can be, for the legend: the sign and the word.
pub(super) const SIGNS: [(&str, &str); 8] = [
    ("✓", "satisfied"),
    ("✗", "violated"),
    ("!", "waived"),
    ("?", "unproven"),
    ("○", "observed"),
    ("–", "not testable"),
    ("·", "empty"),
    ("…", LEFT_OUT),
];

/// The word for a cell whose rows were not selected.
const LEFT_OUT: &str = "left out";

fn word(cell: &CellState) -> &'static str {
    if cell.left_out {
        LEFT_OUT
    } else {
        cell.state.label()
    }
}

fn sign(word: &str) -> &'static str {
    let known = SIGNS.into_iter().find(|(_, known)| *known == word);
    known.map_or("", |(sign, _)| sign)
}

impl EditionMatrices {
    /// The editions in the order of the report.
    pub(super) fn all(report: &RunReport, places: &Places<'_>) -> Vec<Self> {
        let mut editions: Vec<(&str, Vec<&MatrixState>)> = Vec::new();
        for one in &report.matrices {
            match editions.iter_mut().find(|(name, _)| *name == one.edition) {
                Some((_, all)) => all.push(one),
                None => editions.push((&one.edition, vec![one])),
            }
        }
        let view = View { report, places };
        let editions = editions.into_iter();
        editions
            .map(|(name, all)| view.edition(name, &all))
            .collect()
    }
}

/// What is shown, and the parts of the page that it links to.
struct View<'r> {
    report: &'r RunReport,
    places: &'r Places<'r>,
}

impl View<'_> {
    fn edition(&self, name: &str, all: &[&MatrixState]) -> EditionMatrices {
        let mut operations: Vec<&str> = Vec::new();
        for one in all {
            if !operations.contains(&one.operation.as_str()) {
                operations.push(&one.operation);
            }
        }
        let codes: Vec<&MatrixState> = all
            .iter()
            .copied()
            .filter(|one| one.matrix == Matrix::Errors)
            .collect();
        EditionMatrices {
            name: one_line(name),
            to: slug("matrices", name),
            codes: (!codes.is_empty()).then(|| self.codes(name, &codes)),
            operations: operations
                .into_iter()
                .map(|operation| {
                    let own = all.iter().copied();
                    let own: Vec<&MatrixState> =
                        own.filter(|one| one.operation == *operation).collect();
                    self.operation(name, operation, &own)
                })
                .collect(),
        }
    }

    fn operation(&self, edition: &str, name: &str, all: &[&MatrixState]) -> OperationMatrices {
        let of = |wanted: Matrix| all.iter().copied().filter(move |one| one.matrix == wanted);
        let name = one_line(&format!("{edition} {name}"));
        let mut grids: Vec<Grid> = of(Matrix::Headers)
            .chain(of(Matrix::Members))
            .map(|one| self.modes(&name, one))
            .collect();
        let answers: Vec<&MatrixState> =
            of(Matrix::Statuses).chain(of(Matrix::Responses)).collect();
        if !answers.is_empty() {
            grids.push(self.answers(&name, &answers));
        }
        let cells = || all.iter().flat_map(|one| &one.cells);
        let is_open = |cell: &CellState| {
            matches!(cell.state, State::Violated | State::Waived)
                || (cell.state == State::Unproven && !cell.left_out)
        };
        OperationMatrices {
            to: slug("matrix", &name),
            open: cells().any(is_open),
            reasons: cells().filter_map(reason).collect(),
            grids,
            name,
        }
    }

    /// Error codes by the operations of an edition.
    fn codes(&self, edition: &str, all: &[&MatrixState]) -> Grid {
        let mut items: Vec<&str> = Vec::new();
        for cell in all.iter().flat_map(|one| &one.cells) {
            if !items.contains(&cell.item.as_str()) {
                items.push(&cell.item);
            }
        }
        let lines = items.into_iter().map(|item| Line {
            name: one_line(item),
            cells: all
                .iter()
                .map(|one| {
                    let cell = one.cells.iter().find(|cell| cell.item == item);
                    cell.map(|cell| self.cell(one, cell))
                })
                .collect(),
        });
        Grid {
            kind: "errors",
            of: one_line(edition),
            shares: all
                .iter()
                .map(|one| Dealt::of(one, &one.operation))
                .collect(),
            columns: all.iter().map(|one| one_line(&one.operation)).collect(),
            lines: lines.collect(),
        }
    }

    /// Headers or members by how they stand in the request.
    fn modes(&self, operation: &str, of: &MatrixState) -> Grid {
        let mut modes: Vec<&str> = Vec::new();
        let mut items: Vec<&str> = Vec::new();
        for cell in &of.cells {
            let mode = cell.mode.as_deref().unwrap_or_default();
            if !modes.contains(&mode) {
                modes.push(mode);
            }
            if !items.contains(&cell.item.as_str()) {
                items.push(&cell.item);
            }
        }
        let lines = items.into_iter().map(|item| Line {
            name: one_line(item),
            cells: modes
                .iter()
                .map(|mode| {
                    let is_it = |cell: &&CellState| {
                        cell.item == item && cell.mode.as_deref().unwrap_or_default() == *mode
                    };
                    let cell = of.cells.iter().find(is_it);
                    cell.map(|cell| self.cell(of, cell))
                })
                .collect(),
        });
        Grid {
            kind: of.matrix.label(),
            of: operation.to_owned(),
            shares: vec![Dealt::of(of, "")],
            lines: lines.collect(),
            columns: modes.into_iter().map(one_line).collect(),
        }
    }

    /// Statuses and members of the answers.
    fn answers(&self, operation: &str, all: &[&MatrixState]) -> Grid {
        let cells = all
            .iter()
            .flat_map(|one| one.cells.iter().map(move |cell| (*one, cell)));
        Grid {
            kind: "answers",
            of: operation.to_owned(),
            shares: vec![Dealt::of_all(all)],
            columns: Vec::new(),
            lines: cells
                .map(|(of, cell)| Line {
                    name: one_line(&cell.item),
                    cells: vec![Some(self.cell(of, cell))],
                })
                .collect(),
        }
    }

    fn cell(&self, of: &MatrixState, cell: &CellState) -> Cell {
        let word = word(cell);
        let mode = cell.mode.as_deref().unwrap_or_default();
        let name = format!(
            "{}/{}/{}/{}/{mode}",
            of.edition,
            of.operation,
            of.matrix.label(),
            cell.item
        );
        let rows: Vec<String> = cell.cases.iter().map(ToString::to_string).collect();
        Cell {
            anchor: slug("cell", name.trim_end_matches('/')),
            state: word,
            class: word.replace(' ', "-"),
            sign: sign(word),
            to: self.deciding(cell),
            count: rows.len(),
            red: self.cases(cell).filter(|case| is_red(case)).count(),
            rows: rows.join(" "),
        }
    }

    fn cases(&self, cell: &CellState) -> impl Iterator<Item = &CaseResult> {
        let places = cell.cases.iter();
        places.filter_map(|place| self.report.cases.get(*place))
    }

    /// The row that says why a cell is as it is: the first that is violated or open, else the first.
    fn deciding(&self, cell: &CellState) -> Option<String> {
        let cases = || self.cases(cell);
        let failed = cases().find(|case| matches!(case.verdict, Verdict::Fail(_)));
        let open = || cases().find(|case| is_red(case));
        let case = failed.or_else(open).or_else(|| cases().next())?;
        self.places.row(&case.id).to
    }
}

/// It failed, or it was to be judged and was not.
fn is_red(case: &CaseResult) -> bool {
    match case.verdict {
        Verdict::Pass(_) => false,
        Verdict::Fail(_) | Verdict::Error(_) => true,
        Verdict::Skip(_) => case.verdict != Verdict::OBSERVED,
    }
}

impl Dealt {
    fn of(one: &MatrixState, name: &str) -> Self {
        Self {
            of: one_line(name),
            ..Self::of_all(&[one])
        }
    }

    fn of_all(all: &[&MatrixState]) -> Self {
        let shares = all.iter().map(|one| one.share());
        let mut out = Self {
            of: String::new(),
            done: 0,
            all: 0,
            not_testable: 0,
        };
        for share in shares {
            out.done += share.done;
            out.all += share.of;
            out.not_testable += share.excluded;
        }
        out
    }
}

/// Why a cell is not proven or cannot be tested; of what is violated its row tells it.
fn reason(cell: &CellState) -> Option<Reason> {
    let is_told = matches!(
        cell.state,
        State::Waived | State::Unproven | State::NotTestable
    ) && !cell.left_out;
    let why = cell.why.as_ref().filter(|_| is_told)?;
    let mode = cell.mode.as_deref().unwrap_or_default();
    Some(Reason {
        cell: one_line(format!("{} {mode}", cell.item).trim_end()),
        state: word(cell),
        why: one_line(why),
    })
}
