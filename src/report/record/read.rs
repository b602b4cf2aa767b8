//! Reads a record back, and refuses one that is cut short, was added to, or does not agree with
//! itself.

use std::{
    collections::HashSet,
    io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom},
    time::Duration,
};

use super::{FIRST_VERSION, Footer, Header, Line, RequirementCounts, VERSION, seal};
use crate::{
    ids::{CaseId, RequirementId},
    result::{
        CaseResult, CellState, Counts, Evidence, MatrixState, RequirementState, RunReport, State,
        Verdict,
    },
};

/// A record read back, known to be whole and to agree with itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub header: Header,
    pub footer: Footer,
    report: RunReport,
}

impl Record {
    /// The run as it was, to be summed up or rendered again.
    #[must_use]
    pub const fn report(&self) -> &RunReport {
        &self.report
    }

    /// The same, to be changed.
    #[must_use]
    pub fn into_report(self) -> RunReport {
        self.report
    }
}

/// Why a record is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("the record is empty")]
    Empty,
    #[error("line {line}: not a line of a record: {why}")]
    Syntax { line: usize, why: String },
    #[error(
        "line 1: version {found} of the format; only the versions {FIRST_VERSION} to {VERSION} are \
         known"
    )]
    Version { found: u64 },
    #[error("line {line}: {problem}")]
    Line { line: usize, problem: String },
    #[error("line {line}: {source}")]
    Footer { line: usize, source: FooterError },
    #[error("the footer is missing after line {line}, so the record is not whole")]
    NoFooter { line: usize },
    #[error(
        "the footer on line {line} has no digest, so nothing tells whether the record is whole"
    )]
    NoSeal { line: usize },
    #[error(
        "the digest in the footer on line {line} is not that of the lines above: the record was damaged \
         or changed"
    )]
    Damaged { line: usize },
}

impl RecordError {
    /// Whether a record was whole once and is not any more; else it never was one that can be read here.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::Empty | Self::Version { .. } => false,
            Self::Syntax { line, .. } => *line > 1,
            Self::Line { .. }
            | Self::Footer { .. }
            | Self::NoFooter { .. }
            | Self::NoSeal { .. }
            | Self::Damaged { .. } => true,
        }
    }
}

/// How the footer differs from what the lines above it say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FooterError {
    #[error("the footer counts {footer} case lines, but {lines} stand above it")]
    Cases { footer: usize, lines: usize },
    #[error("the footer says {footer} {name}, but the lines say {lines}")]
    Count {
        name: &'static str,
        footer: usize,
        lines: usize,
    },
    #[error("the footer counts {footer}, but the lines say {lines}")]
    Requirements { footer: String, lines: String },
    #[error("the footer concludes `{footer}`, but the lines say `{lines}`")]
    Conclusion { footer: String, lines: &'static str },
    #[error("the footer gives exit code {footer}, but the lines say {lines}")]
    ExitCode { footer: u8, lines: u8 },
    #[error("the footer leaves not run {footer}, but the lines say {lines}")]
    NotRun { footer: usize, lines: usize },
}

/// Reads a record back.
///
/// # Errors
/// The first thing that is wrong, with the number of its line.
pub fn read(text: &str) -> Result<Record, RecordError> {
    let mut lines = Lines::default();
    for (index, content) in text.lines().enumerate() {
        lines.take(index + 1, content)?;
    }
    let record = lines.end()?;
    check_seal(text, &record)?;
    Ok(record)
}

/// A record of version 4 has no seal.
fn check_seal(text: &str, record: &Record) -> Result<(), RecordError> {
    if record.header.version < SEALED {
        return Ok(());
    }
    let line = text.lines().count();
    match seal::parted(text) {
        None => Err(RecordError::NoSeal { line }),
        Some(sealed) if !sealed.holds() => Err(RecordError::Damaged { line }),
        Some(_) => Ok(()),
    }
}

/// The first version whose records have a seal.
const SEALED: u32 = 5;

/// A longer line is no footer.
const LONGEST_FOOTER: u64 = 1024 * 1024;

/// Whether a record says itself that it has no rows, which is asked before every run: its first line and
/// its last are enough for it.
///
/// # Errors
/// When the file cannot be read.
pub fn holds_no_run(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut first = Vec::new();
    BufReader::new(&mut *file)
        .take(LONGEST_FOOTER)
        .read_until(b'\n', &mut first)?;
    let first = str::from_utf8(&first).ok().map(str::trim_end);
    if !first.is_some_and(|line| matches!(header(line), Ok(Line::Header(_)))) {
        return Ok(false);
    }
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST_FOOTER)))?;
    let mut rest = Vec::new();
    file.take(LONGEST_FOOTER).read_to_end(&mut rest)?;
    let text = String::from_utf8_lossy(&rest);
    let last = text.lines().next_back().unwrap_or_default();
    Ok(match serde_json::from_str(last) {
        Ok(Line::Footer(footer)) => !footer.ending.is_complete(),
        _ => false,
    })
}

/// The lines read so far.
#[derive(Debug, Default)]
struct Lines {
    header: Option<Header>,
    cases: Vec<CaseResult>,
    ids: HashSet<CaseId>,
    requirements: Vec<RequirementState>,
    /// Each with its line.
    matrices: Vec<(usize, MatrixState)>,
    footer: Option<(usize, Footer)>,
    last: usize,
}

impl Lines {
    fn take(&mut self, line: usize, content: &str) -> Result<(), RecordError> {
        self.last = line;
        let parsed = if line == 1 {
            header(content)?
        } else {
            parse(line, content)?
        };
        if let Some((end, _)) = &self.footer {
            let again = matches!(parsed, Line::Footer(_));
            let what = if again {
                "a second footer"
            } else {
                "a line after the footer"
            };
            return Err(wrong(
                line,
                format!("{what}; the footer on line {end} must be last"),
            ));
        }
        match parsed {
            Line::Header(_) if line > 1 => {
                Err(wrong(line, "a second header; only line 1 may be one"))
            }
            Line::Header(found) => {
                self.header = Some(found);
                Ok(())
            }
            Line::Case(case) => self.case(line, *case),
            Line::Requirement(state) => self.requirement(line, state),
            Line::Matrix(found) => self.matrix(line, found),
            Line::Footer(found) => {
                self.footer = Some((line, found));
                Ok(())
            }
        }
    }

    fn case(&mut self, line: usize, case: CaseResult) -> Result<(), RecordError> {
        let id = &case.id;
        if case.waiver.is_some() && !matches!(case.verdict, Verdict::Fail(_)) {
            let problem = format!("a waiver for the row `{id}`, which did not fail");
            return Err(wrong(line, problem));
        }
        if !self.ids.insert(id.clone()) {
            return Err(wrong(line, format!("a second line for the row `{id}`")));
        }
        self.cases.push(case);
        Ok(())
    }

    fn requirement(&mut self, line: usize, found: RequirementState) -> Result<(), RecordError> {
        let (id, state) = (&found.id, found.state.label());
        if !allowed(&found, &self.cases) {
            let problem = format!("`{id}` is called {state}, but its rows do not say so");
            return Err(wrong(line, problem));
        }
        if self.requirements.iter().any(|known| known.id == *id) {
            let problem = format!("a second line for the requirement `{id}`");
            return Err(wrong(line, problem));
        }
        self.requirements.push(found);
        Ok(())
    }

    fn matrix(&mut self, line: usize, found: MatrixState) -> Result<(), RecordError> {
        let of = (&found.edition, &found.operation, found.matrix);
        let mut known = self.matrices.iter().map(|(_, one)| one);
        if known.any(|one| (&one.edition, &one.operation, one.matrix) == of) {
            return Err(wrong(line, format!("a second line for {}", name(&found))));
        }
        self.matrices.push((line, found));
        Ok(())
    }

    fn end(self) -> Result<Record, RecordError> {
        let header = self.header.ok_or(RecordError::Empty)?;
        let (line, footer) = self
            .footer
            .ok_or(RecordError::NoFooter { line: self.last })?;
        let (places, matrices): (Vec<usize>, Vec<MatrixState>) = self.matrices.into_iter().unzip();
        let report = RunReport {
            run_id: header.run_id.clone(),
            target: header.target.clone(),
            provenance: header.provenance.clone(),
            started: header.started.as_millisecond(),
            elapsed: Duration::from_micros(footer.elapsed_us),
            suite_size: header.suite_size,
            planned: header.planned,
            cases: self.cases.into(),
            strict: header.strict,
            waivers: footer.waivers.clone(),
            requirements: self.requirements,
            matrices,
            proof: footer.proof.clone(),
            spent: footer.spent.clone(),
            leaks: footer.leaks.clone(),
            ending: footer.ending.clone(),
            left: footer.left.clone(),
        };
        verify(&footer, &report).map_err(|source| RecordError::Footer { line, source })?;
        // Of a record that lost a row every place would be another.
        let mut each = places.into_iter().zip(&report.matrices);
        each.try_for_each(|(line, one)| verify_matrix(line, one, &report.cases))?;
        Ok(Record {
            header,
            footer,
            report,
        })
    }
}

fn parse(line: usize, content: &str) -> Result<Line, RecordError> {
    serde_json::from_str(content).map_err(|error| RecordError::Syntax {
        line,
        why: error.to_string(),
    })
}

/// The first line. Its version is looked at before the rest, which another version may write
/// otherwise.
fn header(content: &str) -> Result<Line, RecordError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        kind: String,
        #[serde(default)]
        version: u64,
    }
    let head: Versioned = serde_json::from_str(content).map_err(|error| RecordError::Syntax {
        line: 1,
        why: error.to_string(),
    })?;
    if head.kind != "header" {
        return Err(wrong(1, "the first line must be the header"));
    }
    if !(u64::from(FIRST_VERSION)..=u64::from(VERSION)).contains(&head.version) {
        return Err(RecordError::Version {
            found: head.version,
        });
    }
    parse(1, content)
}

fn wrong(line: usize, problem: impl Into<String>) -> RecordError {
    RecordError::Line {
        line,
        problem: problem.into(),
    }
}

/// Whether the rows above allow a state to be true: by what they say of this requirement, and not by
/// their verdicts, which findings on other subjects decide as well.
fn allowed(found: &RequirementState, cases: &[CaseResult]) -> bool {
    let judged = |case: &&CaseResult| matches!(case.verdict, Verdict::Pass(_) | Verdict::Fail(_));
    let has_violated = cases.iter().any(|case| violates(case, &found.id));
    let mut violating = cases.iter().filter(|case| violates(case, &found.id));
    let all_waived = violating.all(|case| case.waiver.is_some());
    let covering = cases
        .iter()
        .filter(|case| case.verdict != Verdict::OBSERVED)
        .filter_map(|case| Some((case, evidence(case, &found.id)?)));
    let mut covering = covering.peekable();
    let proven = covering.peek().is_some()
        && covering.all(|(case, evidence)| {
            judged(&case) && matches!(evidence, Evidence::Held | Evidence::Partly)
        });
    match found.state {
        State::Satisfied => found.judged && proven && !has_violated,
        State::Violated => found.judged && has_violated,
        State::Waived => found.judged && has_violated && all_waived,
        State::Unproven | State::NotTestable | State::Empty => !(found.judged && has_violated),
        State::Observed => !found.judged,
        // What is known without a run is no state of one.
        State::Cased => false,
    }
}

fn name(of: &MatrixState) -> String {
    format!("{} {} {}", of.edition, of.operation, of.matrix.label())
}

fn verify_matrix(line: usize, of: &MatrixState, cases: &[CaseResult]) -> Result<(), RecordError> {
    match of.cells.iter().find(|cell| !filled(cell, cases)) {
        None => Ok(()),
        Some(cell) => {
            let (item, state) = (&cell.item, cell.state.label());
            let of = name(of);
            let problem =
                format!("the cell `{item}` of {of} is called {state}, but its rows do not say so");
            Err(wrong(line, problem))
        }
    }
}

/// Whether the rows above allow the state of a cell, and all that it names are there.
fn filled(cell: &CellState, cases: &[CaseResult]) -> bool {
    let mut verdicts = Vec::new();
    let mut waived = true;
    for place in &cell.cases {
        let Some(case) = cases.get(*place) else {
            return false;
        };
        verdicts.push(&case.verdict);
        waived &= !matches!(case.verdict, Verdict::Fail(_)) || case.waiver.is_some();
    }
    let failed = verdicts.iter().any(|one| matches!(one, Verdict::Fail(_)));
    match cell.state {
        State::Satisfied => !failed && verdicts.iter().any(|one| one.is_pass()),
        State::Violated => failed,
        State::Waived => failed && waived,
        State::Unproven | State::Observed | State::NotTestable | State::Empty => !failed,
        // What is known without a run is no state of one.
        State::Cased => false,
    }
}

/// What a row says of a requirement that it covers.
fn evidence(case: &CaseResult, id: &RequirementId) -> Option<Evidence> {
    let covered = case.requirements.iter().find(|one| one.id == *id);
    covered.map(|one| one.evidence)
}

/// Whether a failed row violates a requirement, which it may not cover.
fn violates(case: &CaseResult, id: &RequirementId) -> bool {
    let mut checks = case.steps.iter().flat_map(|step| &step.checks);
    matches!(case.verdict, Verdict::Fail(_))
        && (evidence(case, id) == Some(Evidence::Violated)
            || checks.any(|check| check.violates.contains(id)))
}

/// Compares what the footer says with what the lines above it say.
fn verify(footer: &Footer, report: &RunReport) -> Result<(), FooterError> {
    let lines = report.cases.len();
    if footer.cases != lines {
        let footer = footer.cases;
        return Err(FooterError::Cases { footer, lines });
    }
    let counts = named(footer.counts).into_iter().zip(named(report.counts()));
    for ((name, footer), (_, lines)) in counts {
        if footer != lines {
            return Err(FooterError::Count {
                name,
                footer,
                lines,
            });
        }
    }
    let requirements = RequirementCounts::of(report);
    if footer.requirements != requirements {
        return Err(FooterError::Requirements {
            footer: listed(footer.requirements),
            lines: listed(requirements),
        });
    }
    let (stated, lines) = (footer.matrices, report.matrices.len());
    if stated != lines {
        return Err(FooterError::Count {
            name: "matrices",
            footer: stated,
            lines,
        });
    }
    verify_conclusion(footer, report)
}

fn verify_conclusion(footer: &Footer, report: &RunReport) -> Result<(), FooterError> {
    let conclusion = report.conclusion();
    if footer.conclusion != conclusion.label() {
        return Err(FooterError::Conclusion {
            footer: footer.conclusion.clone(),
            lines: conclusion.label(),
        });
    }
    let (code, lines) = (footer.exit_code, conclusion.exit_code());
    if code != lines {
        return Err(FooterError::ExitCode {
            footer: code,
            lines,
        });
    }
    let (not_run, lines) = (footer.not_run, report.not_run());
    if not_run != lines {
        return Err(FooterError::NotRun {
            footer: not_run,
            lines,
        });
    }
    Ok(())
}

fn named(counts: Counts) -> [(&'static str, usize); 8] {
    [
        ("total", counts.total),
        ("passed", counts.passed),
        ("warned", counts.warned),
        ("failed", counts.failed),
        ("waived", counts.waived),
        ("errors", counts.errors),
        ("skipped", counts.skipped),
        ("observed", counts.observed),
    ]
}

fn listed(counts: RequirementCounts) -> String {
    format!(
        "{} requirements ({} satisfied, {} violated, {} unproven, {} observed, {} not testable, {} \
         empty)",
        counts.total,
        counts.satisfied,
        counts.violated,
        counts.unproven,
        counts.observed,
        counts.not_testable,
        counts.empty
    )
}
