//! A run as a small file to commit: what can be compared, and nothing that changes by itself or is secret.
//!
//! Each answer stands there once, by a short digest, and a line a row names the answers that the row got, so
//! that the difference in a pull request is the answers that changed and the rows that got them.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::{self, Write as _},
};

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::{
    RunFacts, StepFacts,
    facts::{CaseFacts, RequirementFacts},
    stable::{Stability, Stable},
};
use crate::result::Compared;

/// The version of the form.
const VERSION: u32 = 1;

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    #[error("line 1 is not the first line of a baseline: {0}")]
    NoBaseline(serde_json::Error),
    #[error("it is of version {0} of the form, and only version {VERSION} is known")]
    Version(u32),
    #[error("line {line} is not a line of a baseline: {source}")]
    Line {
        line: usize,
        source: serde_json::Error,
    },
    #[error("line {line} names an answer that is not there: the baseline was cut or changed")]
    NoAnswer { line: usize },
    #[error("it has {found}, and its first line says {stated}: it was cut")]
    Cut { found: String, stated: String },
}

/// Bytes of a digest that tell the answers of one run apart.
const DIGEST: usize = 8;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    baseline: u32,
    /// How many lines of each kind follow.
    lines: Lines,
    #[serde(flatten)]
    side: Compared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Lines {
    answers: usize,
    rows: usize,
    requirements: usize,
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answers, rows, requirements) = (self.answers, self.rows, self.requirements);
        write!(
            f,
            "{answers} answers, {rows} rows and {requirements} requirements"
        )
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Answer(Box<Answer>),
    Row(Box<Row>),
    Requirement(RequirementFacts),
}

#[derive(Serialize, Deserialize)]
struct Answer {
    answer: String,
    #[serde(flatten)]
    facts: StepFacts,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    facts: CaseFacts,
    /// The digests of its answers, in the order of its steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answers: Vec<String>,
}

/// The text of a baseline. Further runs of the same target show which values change by themselves; of one
/// run alone, those are left out of which nobody knows it.
///
/// # Panics
/// Never: what it holds is always JSON.
#[must_use]
pub fn write(runs: &[RunFacts]) -> String {
    let Some(run) = runs.first() else {
        return String::new();
    };
    let stable = Stable::of(runs, run);
    let mut answers = BTreeMap::new();
    let rows: Vec<Row> = run
        .cases
        .iter()
        .map(|row| {
            let steps = row.steps.iter().map(|step| {
                let facts = settled(row, step, &stable);
                let name = name(&facts);
                answers.insert(name.clone(), facts);
                name
            });
            Row {
                answers: steps.collect(),
                facts: CaseFacts {
                    steps: Vec::new(),
                    ..row.clone()
                },
            }
        })
        .collect();
    let mut out = String::new();
    let mut line = |value: serde_json::Result<String>| {
        let _ = writeln!(out, "{}", value.expect("facts are JSON"));
    };
    line(serde_json::to_string(&Head {
        baseline: VERSION,
        lines: Lines {
            answers: answers.len(),
            rows: rows.len(),
            requirements: run.requirements.len(),
        },
        side: Compared {
            // Nothing is compared with it, and it is another in every run.
            run_id: String::new(),
            ..run.side.clone()
        },
    }));
    for (answer, facts) in answers {
        line(serde_json::to_string(&Answer { answer, facts }));
    }
    for row in &rows {
        line(serde_json::to_string(row));
    }
    for one in &run.requirements {
        line(serde_json::to_string(one));
    }
    out
}

/// The answer with those values alone that can be compared.
fn settled(row: &CaseFacts, step: &StepFacts, stable: &Stable<'_>) -> StepFacts {
    let values = step.values.iter();
    let values = values.filter(|(place, _)| stable.value(row, step, place) == Stability::Stable);
    StepFacts {
        values: values
            .map(|(place, value)| (place.clone(), value.clone()))
            .collect(),
        elapsed_us: None,
        sample: None,
        ..step.clone()
    }
}

fn name(facts: &StepFacts) -> String {
    let text = serde_json::to_string(facts).unwrap_or_default();
    HEXLOWER.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..DIGEST])
}

/// Reads a baseline.
///
/// # Errors
/// When it is none, of another version, or cut.
pub fn read(text: &str) -> Result<RunFacts, BaselineError> {
    let mut lines = (1..).zip(text.lines());
    let (_, first) = lines.next().unwrap_or((1, ""));
    let head: Head = serde_json::from_str(first).map_err(BaselineError::NoBaseline)?;
    if head.baseline != VERSION {
        return Err(BaselineError::Version(head.baseline));
    }
    let (mut rows, mut requirements) = (Vec::new(), Vec::new());
    let mut answers: HashMap<String, StepFacts> = HashMap::new();
    for (line, text) in lines {
        match serde_json::from_str(text) {
            Ok(Line::Answer(one)) => {
                answers.insert(one.answer, one.facts);
            }
            Ok(Line::Row(row)) => {
                let named = row.answers.iter();
                let steps: Option<Vec<StepFacts>> =
                    named.map(|name| answers.get(name).cloned()).collect();
                rows.push(CaseFacts {
                    steps: steps.ok_or(BaselineError::NoAnswer { line })?,
                    ..row.facts
                });
            }
            Ok(Line::Requirement(one)) => requirements.push(one),
            Err(source) => return Err(BaselineError::Line { line, source }),
        }
    }
    let found = Lines {
        answers: answers.len(),
        rows: rows.len(),
        requirements: requirements.len(),
    };
    if found != head.lines {
        return Err(BaselineError::Cut {
            found: found.to_string(),
            stated: head.lines.to_string(),
        });
    }
    Ok(RunFacts {
        side: head.side,
        settled: true,
        cases: rows,
        requirements,
    })
}
