//! What kept rows from being judged: each cause once, with the rows it struck and those behind them.

use std::collections::BTreeMap;

use super::{explain, text::one_line};
use crate::result::{CaseResult, Reason, RunReport, Verdict};

/// From a row behind a twin to what stopped the twin's control, and no further.
const MAX_STEPS: usize = 3;

/// What kept rows from being judged: the rows it struck, and those that stand behind them.
pub(super) struct Cause<'a> {
    pub(super) told: String,
    /// Editions are other systems: the same words there tell of another cause.
    edition: &'a str,
    pub(super) struck: Vec<&'a CaseResult>,
    pub(super) blocked: Vec<&'a CaseResult>,
}

/// The causes of all errors, in order of first appearance.
pub(super) fn root_causes(report: &RunReport) -> Vec<Cause<'_>> {
    let error = |case: &&CaseResult| matches!(case.verdict, Verdict::Error(_));
    let blocked = |case: &CaseResult| *case.verdict.reason() == Reason::ControlFailed;
    let rows: Vec<&CaseResult> = report.cases.iter().filter(error).collect();
    // A row behind a twin whose own control failed leads on to what stopped that control.
    let behind: BTreeMap<String, String> = rows
        .iter()
        .filter(|row| blocked(row))
        .filter_map(|row| Some((explain::detail(row), one_line(row.causes.first()?))))
        .collect();
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for row in rows {
        let mut told = explain::detail(row);
        for _ in 0..MAX_STEPS {
            match behind.get(&told) {
                Some(further) if blocked(row) && !further.is_empty() => told.clone_from(further),
                _ => break,
            }
        }
        let reason = row.verdict.reason();
        let same = |cause: &&mut Cause<'_>| {
            let first = cause.struck.first();
            cause.told == told
                && cause.edition == row.edition
                && (blocked(row) || first.is_none_or(|first| first.verdict.reason() == reason))
        };
        let place = if let Some(known) = causes.iter_mut().find(same) {
            known
        } else {
            causes.push(Cause {
                told,
                edition: &row.edition,
                struck: Vec::new(),
                blocked: Vec::new(),
            });
            let last = causes.len() - 1;
            &mut causes[last]
        };
        if blocked(row) {
            place.blocked.push(row);
        } else {
            place.struck.push(row);
        }
    }
    merged(causes)
}

/// Two providers that the same call answered alike met one cause, though each tells it of its own
/// step.
fn merged(causes: Vec<Cause<'_>>) -> Vec<Cause<'_>> {
    let mut out: Vec<Cause<'_>> = Vec::new();
    for cause in causes {
        let met = answer(&cause);
        let known = out
            .iter_mut()
            .find(|known| known.edition == cause.edition && met.is_some() && answer(known) == met);
        match known {
            Some(known) => {
                known.struck.extend(cause.struck);
                known.blocked.extend(cause.blocked);
            }
            None => out.push(cause),
        }
    }
    out
}

/// The call that stopped a cause's first row and what it was answered: reason, method, path, status
/// and body; nothing where no answer came.
fn answer<'a>(cause: &Cause<'a>) -> Option<(&'a Reason, &'a str, &'a str, u16, &'a str)> {
    let row = cause.struck.first()?;
    let mut steps = row.steps.iter().rev();
    let exchange = steps.find_map(|step| step.exchange.as_ref())?;
    let (_, rest) = exchange.url.split_once("://")?;
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    let path = path.split('?').next().unwrap_or_default();
    let body = exchange.response_body.as_deref().unwrap_or_default();
    Some((
        row.verdict.reason(),
        &exchange.method,
        path,
        exchange.status?,
        body,
    ))
}
