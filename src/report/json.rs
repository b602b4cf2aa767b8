//! The run as a record that can be read back: a header, one line a row, one line a requirement, a
//! footer.
//!
//! Every line is one JSON object with a `kind`. The structs here are the format; internal types
//! may change without it, and it changes only with [`VERSION`].

use std::{
    collections::BTreeSet,
    fmt::{self, Write as _},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::result::{
    CaseResult, CheckResult, Counts, Ending, Mismatch, Reason, RecordedExchange, Repeated,
    RequirementState, RunReport, Source, Spent, State, StepResult, Tally, Verdict, Waived,
};

/// The record's name in the report folder.
pub const FILE: &str = "run.jsonl";

/// The version of the format, stated in the header.
pub const VERSION: u32 = 3;

/// A record read back, known to be whole and to agree with itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub header: Header,
    pub cases: Vec<Case>,
    pub footer: Footer,
    report: RunReport,
}

/// Why a record is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("the record is empty")]
    Empty,
    #[error("line {line}: not a line of a record: {why}")]
    Syntax { line: usize, why: String },
    #[error("line {line}: {problem}")]
    Line { line: usize, problem: String },
    #[error("the footer is missing after line {line}, so the record is not whole")]
    NoFooter { line: usize },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Entry {
    Header(Header),
    Case(Box<Case>),
    Requirement(Standing),
    Footer(Footer),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of Probity that wrote the record.
    pub probity: String,
    /// The version of the format.
    pub version: u32,
    pub run_id: String,
    pub target: String,
    /// RFC 3339, UTC.
    pub started: String,
    pub planned: usize,
    pub suite_size: usize,
    pub strict: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub id: String,
    pub title: String,
    pub edition: String,
    pub operation: String,
    pub control: bool,
    /// `pass`, `fail`, `error` or `skip`.
    pub verdict: String,
    pub reason: String,
    /// Who accepted the departure of a failed row.
    #[serde(default)]
    pub waiver: Option<Waiver>,
    pub detail: Option<String>,
    pub causes: Vec<String>,
    pub requirements: Vec<Requirement>,
    pub source: Place,
    pub tags: Vec<String>,
    pub elapsed_us: u64,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    pub owner: String,
    pub reason: String,
    /// The last day it holds.
    pub expires: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    pub id: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub excerpt: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub name: String,
    pub part: String,
    pub attempts: usize,
    /// How many answers were lost, and the same request was sent again; absent when none was.
    #[serde(default, skip_serializing_if = "is_none")]
    pub lost: usize,
    /// How many answers only asked to come again later, and the same request was sent again.
    #[serde(default, skip_serializing_if = "is_none")]
    pub turned_away: usize,
    pub checks: Vec<Check>,
    pub exchange: Option<Exchange>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that a derive wants"
)]
const fn is_none(count: &usize) -> bool {
    *count == 0
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub check: String,
    pub held: bool,
    pub warning: bool,
    pub source: Place,
    pub mismatch: Option<Departure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    pub place: String,
    pub expected: Vec<String>,
    pub actual: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub method: String,
    pub url: String,
    pub request_headers: Vec<(String, String)>,
    pub request_body: Option<String>,
    pub curl: String,
    pub status: Option<u16>,
    pub response_headers: Vec<(String, String)>,
    pub response_body: Option<String>,
    pub trouble: Option<String>,
    pub elapsed_us: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// How many case lines stand above.
    pub cases: usize,
    pub counts: Totals,
    /// What is amiss with the waivers of the target, each with its place.
    pub waivers: Vec<String>,
    pub conclusion: String,
    pub exit_code: u8,
    pub elapsed_us: u64,
    pub requirements: Standings,
    /// What was used up; absent where nothing has a cost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spent: Vec<Cost>,
    /// Outputs in which a secret stood before it was masked there, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaks: Vec<String>,
    /// How the run ended; absent where every planned row has a result.
    #[serde(default, skip_serializing_if = "Ending::is_complete")]
    pub ending: Ending,
    /// Planned rows without a line above; 0 unless the run is unfinished.
    #[serde(default)]
    pub not_run: usize,
    /// What the run made and did not remove, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// How much of one thing was used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    pub what: String,
    pub spent: u64,
    /// `null` where it has no bound.
    pub budget: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub total: usize,
    pub passed: usize,
    pub warned: usize,
    pub failed: usize,
    pub waived: usize,
    pub errors: usize,
    pub skipped: usize,
    pub observed: usize,
}

/// What the run says of one requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub id: String,
    pub edition: String,
    pub operation: String,
    /// What it is about, a word of the register.
    pub about: String,
    /// Whether the documents fix the outcome.
    pub judged: bool,
    /// `satisfied`, `violated`, `unproven`, `observed`, `not testable` or `empty`.
    pub state: String,
    pub why: Option<String>,
    /// Whether it is unproven only because rows of it were not selected.
    pub left_out: bool,
    /// The rows that cover it, selected or not.
    pub rows: Vec<String>,
}

/// How many requirement lines stand above, by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standings {
    pub total: usize,
    pub satisfied: usize,
    pub violated: usize,
    pub unproven: usize,
    pub observed: usize,
    pub not_testable: usize,
    pub empty: usize,
}

/// The whole record, one object a line.
#[must_use]
pub fn render(report: &RunReport) -> String {
    let mut out = String::new();
    write_line(&mut out, &Entry::Header(header(report)));
    for case in &report.cases {
        write_line(&mut out, &Entry::Case(Box::new(case.into())));
    }
    for requirement in &report.requirements {
        write_line(&mut out, &Entry::Requirement(requirement.into()));
    }
    write_line(&mut out, &Entry::Footer(footer(report)));
    out
}

/// Reads a record back. Refuses one that is cut short, that was added to, or whose footer says
/// something else than its lines.
///
/// # Errors
/// The first thing that is wrong, with the number of its line.
pub fn read(text: &str) -> Result<Record, RecordError> {
    let mut header = None;
    let mut cases = Vec::new();
    let mut results = Vec::new();
    let mut requirements: Vec<RequirementState> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut footer: Option<(usize, Footer)> = None;
    let mut last = 0;
    for (index, content) in text.lines().enumerate() {
        let line = index + 1;
        last = line;
        let entry: Entry = serde_json::from_str(content).map_err(|error| RecordError::Syntax {
            line,
            why: error.to_string(),
        })?;
        if let Some((end, _)) = &footer {
            let again = matches!(entry, Entry::Footer(_));
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
        match entry {
            Entry::Header(_) if line > 1 => {
                return Err(wrong(line, "a second header; only line 1 may be one"));
            }
            Entry::Header(found) => header = Some(checked(found)?),
            _ if line == 1 => return Err(wrong(line, "the first line must be the header")),
            Entry::Case(case) => {
                results.push(case.result().map_err(|problem| wrong(line, problem))?);
                if !ids.insert(case.id.clone()) {
                    return Err(wrong(
                        line,
                        format!("a second line for the row `{}`", case.id),
                    ));
                }
                cases.push(*case);
            }
            Entry::Requirement(found) => {
                let state = found.result(&results);
                let state = state.map_err(|problem| wrong(line, problem))?;
                if requirements.iter().any(|known| known.id == state.id) {
                    let id = state.id;
                    return Err(wrong(
                        line,
                        format!("a second line for the requirement `{id}`"),
                    ));
                }
                requirements.push(state);
            }
            Entry::Footer(found) => footer = Some((line, found)),
        }
    }
    let (header, started) = header.ok_or(RecordError::Empty)?;
    let (line, footer) = footer.ok_or(RecordError::NoFooter { line: last })?;
    let report = RunReport {
        run_id: header.run_id.clone(),
        target: header.target.clone(),
        started,
        elapsed: Duration::from_micros(footer.elapsed_us),
        suite_size: header.suite_size,
        planned: header.planned,
        cases: results,
        strict: header.strict,
        waivers: footer.waivers.clone(),
        requirements,
        spent: footer.spent.iter().map(Cost::spent).collect(),
        leaks: footer.leaks.clone(),
        ending: footer.ending.clone(),
        left: footer.left.clone(),
    };
    footer
        .agrees(&report)
        .map_err(|problem| wrong(line, problem))?;
    Ok(Record {
        header,
        cases,
        footer,
        report,
    })
}

impl Record {
    /// The run as it was, to be summed up or rendered again.
    #[must_use]
    pub const fn report(&self) -> &RunReport {
        &self.report
    }
}

fn wrong(line: usize, problem: impl Into<String>) -> RecordError {
    RecordError::Line {
        line,
        problem: problem.into(),
    }
}

/// The header, and the moment it names in milliseconds since 1970.
fn checked(header: Header) -> Result<(Header, i64), RecordError> {
    if header.version != VERSION {
        let found = header.version;
        return Err(wrong(
            1,
            format!("version {found} of the format; only {VERSION} is known"),
        ));
    }
    let started: jiff::Timestamp = header.started.parse().map_err(|_| {
        wrong(
            1,
            format!("`{}` is not a moment of RFC 3339", header.started),
        )
    })?;
    Ok((header, started.as_millisecond()))
}

fn write_line(out: &mut String, entry: &Entry) {
    let line = serde_json::to_string(entry).expect("strings and numbers are always JSON");
    let _ = writeln!(out, "{line}");
}

fn header(report: &RunReport) -> Header {
    let started = jiff::Timestamp::from_millisecond(report.started);
    Header {
        probity: env!("CARGO_PKG_VERSION").into(),
        version: VERSION,
        run_id: report.run_id.clone(),
        target: report.target.clone(),
        started: started.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string(),
        planned: report.planned,
        suite_size: report.suite_size,
        strict: report.strict,
    }
}

fn footer(report: &RunReport) -> Footer {
    let conclusion = report.conclusion();
    Footer {
        cases: report.cases.len(),
        counts: report.counts().into(),
        waivers: report.waivers.clone(),
        conclusion: conclusion.words().into(),
        exit_code: conclusion.exit_code(),
        elapsed_us: micros(report.elapsed),
        requirements: standings(report),
        spent: report.spent.iter().map(Cost::from).collect(),
        leaks: report.leaks.clone(),
        ending: report.ending.clone(),
        not_run: report.not_run(),
        left: report.left.clone(),
    }
}

impl From<&Spent> for Cost {
    fn from(spent: &Spent) -> Self {
        Self {
            what: spent.what.clone(),
            spent: spent.spent,
            budget: spent.budget,
        }
    }
}

impl Cost {
    fn spent(&self) -> Spent {
        Spent {
            what: self.what.clone(),
            spent: self.spent,
            budget: self.budget,
        }
    }
}

impl Footer {
    /// What the footer says against what the lines above it say.
    fn agrees(&self, report: &RunReport) -> Result<(), String> {
        let found = report.cases.len();
        if self.cases != found {
            return Err(format!(
                "the footer counts {} case lines, but {found} stand above it",
                self.cases
            ));
        }
        if self.not_run != report.not_run() {
            let (said, found) = (self.not_run, report.not_run());
            return Err(format!(
                "the footer says {said} not run, but the lines say {found}"
            ));
        }
        let counts = Totals::from(report.counts());
        for ((name, said), (_, found)) in self.counts.named().into_iter().zip(counts.named()) {
            if said != found {
                return Err(format!(
                    "the footer says {said} {name}, but the lines say {found}"
                ));
            }
        }
        if self.requirements != standings(report) {
            return Err(format!(
                "the footer counts {}, but the lines say {}",
                self.requirements,
                standings(report)
            ));
        }
        let conclusion = report.conclusion();
        if self.conclusion != conclusion.words() {
            let (said, found) = (&self.conclusion, conclusion.words());
            return Err(format!(
                "the footer concludes `{said}`, but the lines say `{found}`"
            ));
        }
        if self.exit_code != conclusion.exit_code() {
            let (said, found) = (self.exit_code, conclusion.exit_code());
            return Err(format!(
                "the footer gives exit code {said}, but the lines say {found}"
            ));
        }
        Ok(())
    }
}

impl Totals {
    fn named(self) -> [(&'static str, usize); 8] {
        [
            ("total", self.total),
            ("passed", self.passed),
            ("warned", self.warned),
            ("failed", self.failed),
            ("waived", self.waived),
            ("errors", self.errors),
            ("skipped", self.skipped),
            ("observed", self.observed),
        ]
    }
}

impl From<Counts> for Totals {
    fn from(counts: Counts) -> Self {
        Self {
            total: counts.total,
            passed: counts.passed,
            warned: counts.warned,
            failed: counts.failed,
            waived: counts.waived,
            errors: counts.errors,
            skipped: counts.skipped,
            observed: counts.observed,
        }
    }
}

impl From<&CaseResult> for Case {
    fn from(case: &CaseResult) -> Self {
        Self {
            id: case.id.clone(),
            title: case.title.clone(),
            edition: case.edition.clone(),
            operation: case.operation.clone(),
            control: case.control,
            verdict: case.verdict.word().into(),
            reason: case.verdict.reason().word().into(),
            waiver: case.waiver.as_ref().map(|waiver| Waiver {
                owner: waiver.owner.clone(),
                reason: waiver.reason.clone(),
                expires: waiver.expires.clone(),
            }),
            detail: case.detail.clone(),
            causes: case.causes.clone(),
            requirements: case
                .requirements
                .iter()
                .map(|(id, text)| Requirement {
                    id: id.clone(),
                    text: text.clone(),
                })
                .collect(),
            source: (&case.source).into(),
            tags: case.tags.clone(),
            elapsed_us: micros(case.elapsed),
            steps: case.steps.iter().map(Step::from).collect(),
        }
    }
}

impl Case {
    fn result(&self) -> Result<CaseResult, String> {
        if self.waiver.is_some() && self.verdict != "fail" {
            return Err(format!(
                "a waiver for the row `{}`, which did not fail",
                self.id
            ));
        }
        Ok(CaseResult {
            id: self.id.clone(),
            title: self.title.clone(),
            edition: self.edition.clone(),
            operation: self.operation.clone(),
            control: self.control,
            source: self.source.result(),
            requirements: self
                .requirements
                .iter()
                .map(|requirement| (requirement.id.clone(), requirement.text.clone()))
                .collect(),
            verdict: verdict(&self.verdict, &self.reason)?,
            waiver: self.waiver.as_ref().map(|waiver| Waived {
                owner: waiver.owner.clone(),
                reason: waiver.reason.clone(),
                expires: waiver.expires.clone(),
            }),
            detail: self.detail.clone(),
            causes: self.causes.clone(),
            steps: self
                .steps
                .iter()
                .map(Step::result)
                .collect::<Result<_, _>>()?,
            tags: self.tags.clone(),
            elapsed: Duration::from_micros(self.elapsed_us),
        })
    }
}

/// A verdict from its two words; a word that is not one of ours is refused.
fn verdict(shape: &str, word: &str) -> Result<Verdict, String> {
    const REASONS: [Reason; 14] = [
        Reason::Clean,
        Reason::WithWarnings,
        Reason::ControlFailed,
        Reason::SetupFailed,
        Reason::Unreachable,
        Reason::Desync,
        Reason::RateLimited,
        Reason::Interrupted,
        Reason::HarnessFault,
        Reason::NotProvided,
        Reason::BreakerOpen,
        Reason::BudgetSpent,
        Reason::NotInProfile,
        Reason::OnlyObserved,
    ];
    let known = REASONS.into_iter().find(|reason| reason.word() == word);
    let reason = |build: fn(Reason) -> Verdict| {
        let verdict = known.clone().map(build);
        verdict.ok_or_else(|| format!("unknown reason `{word}` for the verdict `{shape}`"))
    };
    match shape {
        "pass" => reason(Verdict::Pass),
        "error" => reason(Verdict::Error),
        "skip" => reason(Verdict::Skip),
        "fail" => Ok(Verdict::Fail(
            known.unwrap_or_else(|| Reason::Broken(word.to_owned())),
        )),
        _ => Err(format!(
            "unknown verdict `{shape}`; it must be pass, fail, error or skip"
        )),
    }
}

impl From<&StepResult> for Step {
    fn from(step: &StepResult) -> Self {
        Self {
            name: step.name.clone(),
            part: step.part.into(),
            attempts: step.attempts,
            lost: step.repeated.lost,
            turned_away: step.repeated.turned_away,
            checks: step.checks.iter().map(Check::from).collect(),
            exchange: step.exchange.as_ref().map(Exchange::from),
        }
    }
}

impl Step {
    fn result(&self) -> Result<StepResult, String> {
        let part = ["setup", "request", "then", "cleanup"]
            .into_iter()
            .find(|part| *part == self.part)
            .ok_or_else(|| format!("unknown part `{}` of the step `{}`", self.part, self.name))?;
        Ok(StepResult {
            name: self.name.clone(),
            part,
            checks: self
                .checks
                .iter()
                .map(Check::result)
                .collect::<Result<_, _>>()?,
            exchange: self.exchange.as_ref().map(Exchange::result),
            attempts: self.attempts,
            repeated: Repeated {
                lost: self.lost,
                turned_away: self.turned_away,
            },
        })
    }
}

impl From<&CheckResult> for Check {
    fn from(check: &CheckResult) -> Self {
        Self {
            check: check.check.clone(),
            held: check.mismatch.is_none(),
            warning: check.warning,
            source: (&check.source).into(),
            mismatch: check.mismatch.as_ref().map(|mismatch| Departure {
                place: mismatch.place.clone(),
                expected: mismatch.expected.clone(),
                actual: mismatch.actual.clone(),
            }),
        }
    }
}

impl Check {
    fn result(&self) -> Result<CheckResult, String> {
        if self.held == self.mismatch.is_some() {
            let check = &self.check;
            return Err(format!("the check `{check}` both held and did not"));
        }
        Ok(CheckResult {
            check: self.check.clone(),
            source: self.source.result(),
            mismatch: self.mismatch.as_ref().map(|mismatch| Mismatch {
                place: mismatch.place.clone(),
                expected: mismatch.expected.clone(),
                actual: mismatch.actual.clone(),
            }),
            warning: self.warning,
        })
    }
}

impl From<&RecordedExchange> for Exchange {
    fn from(exchange: &RecordedExchange) -> Self {
        Self {
            method: exchange.method.clone(),
            url: exchange.url.clone(),
            request_headers: exchange.request_headers.clone(),
            request_body: exchange.request_body.clone(),
            curl: exchange.curl.clone(),
            status: exchange.status,
            response_headers: exchange.response_headers.clone(),
            response_body: exchange.response_body.clone(),
            trouble: exchange.trouble.clone(),
            elapsed_us: micros(exchange.elapsed),
        }
    }
}

impl Exchange {
    fn result(&self) -> RecordedExchange {
        RecordedExchange {
            method: self.method.clone(),
            url: self.url.clone(),
            request_headers: self.request_headers.clone(),
            request_body: self.request_body.clone(),
            curl: self.curl.clone(),
            status: self.status,
            response_headers: self.response_headers.clone(),
            response_body: self.response_body.clone(),
            trouble: self.trouble.clone(),
            elapsed: Duration::from_micros(self.elapsed_us),
        }
    }
}

impl From<&Source> for Place {
    fn from(source: &Source) -> Self {
        Self {
            file: source.file.clone(),
            line: source.line,
            column: source.column,
            excerpt: source.excerpt.clone(),
        }
    }
}

impl Place {
    fn result(&self) -> Source {
        Source {
            file: self.file.clone(),
            line: self.line,
            column: self.column,
            excerpt: self.excerpt.clone(),
        }
    }
}

fn standings(report: &RunReport) -> Standings {
    let tally = Tally::of(report.requirements.iter().map(|one| one.state));
    Standings {
        total: tally.total(),
        satisfied: tally.count(State::Satisfied),
        violated: tally.count(State::Violated),
        unproven: tally.count(State::Unproven),
        observed: tally.count(State::Observed),
        not_testable: tally.count(State::NotTestable),
        empty: tally.count(State::Empty),
    }
}

impl fmt::Display for Standings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requirements ({} satisfied, {} violated, {} unproven, {} observed, {} not testable, \
             {} empty)",
            self.total,
            self.satisfied,
            self.violated,
            self.unproven,
            self.observed,
            self.not_testable,
            self.empty
        )
    }
}

impl From<&RequirementState> for Standing {
    fn from(one: &RequirementState) -> Self {
        Self {
            id: one.id.clone(),
            edition: one.edition.clone(),
            operation: one.operation.clone(),
            about: one.kind.clone(),
            judged: one.judged,
            state: one.state.word().into(),
            why: one.why.clone(),
            left_out: one.left_out,
            rows: one.rows.clone(),
        }
    }
}

impl Standing {
    /// The state, as far as the rows above allow it to be true.
    fn result(&self, cases: &[CaseResult]) -> Result<RequirementState, String> {
        let Some(state) = State::read(&self.state).filter(|state| *state != State::Cased) else {
            return Err(format!("unknown state `{}` of `{}`", self.state, self.id));
        };
        let covering = cases.iter().filter(|case| {
            let covers = case.requirements.iter().any(|(id, _)| *id == self.id);
            covers && *case.verdict.reason() != Reason::OnlyObserved
        });
        let covering: Vec<&CaseResult> = covering.collect();
        let failed = |case: &&CaseResult| matches!(case.verdict, Verdict::Fail(_));
        let has_failed = covering.iter().any(failed);
        let proven = !covering.is_empty() && covering.iter().all(|case| case.verdict.is_pass());
        let allowed = match state {
            State::Satisfied => self.judged && proven,
            State::Violated => self.judged && has_failed,
            State::Unproven | State::NotTestable | State::Empty => !(self.judged && has_failed),
            State::Observed | State::Cased => !self.judged,
        };
        if !allowed {
            let (id, state) = (&self.id, state.word());
            return Err(format!(
                "`{id}` is called {state}, but its rows do not say so"
            ));
        }
        Ok(RequirementState {
            id: self.id.clone(),
            edition: self.edition.clone(),
            operation: self.operation.clone(),
            kind: self.about.clone(),
            judged: self.judged,
            state,
            why: self.why.clone(),
            left_out: self.left_out,
            rows: self.rows.clone(),
        })
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_known_by_its_two_words_or_refused() {
        #[track_caller]
        fn check(original: &Verdict) {
            let read = verdict(original.word(), original.reason().word());
            assert_eq!(read.as_ref(), Ok(original));
        }
        check(&Verdict::Pass(Reason::WithWarnings));
        check(&Verdict::Fail(Reason::Broken("status".into())));
        check(&Verdict::Error(Reason::ControlFailed));
        check(&Verdict::Skip(Reason::NotProvided));
        assert!(verdict("passed", "clean").is_err());
        assert!(verdict("pass", "status").is_err());
    }
}
