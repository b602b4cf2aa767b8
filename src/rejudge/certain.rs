//! What is sure of an answer whose secrets are not known: what is found whatever stands in their places.

use std::collections::BTreeSet;

use super::fill::{Fill, is_masked};
use crate::{
    ids::RequirementId,
    judge::Judgement,
    result::{
        CaseResult, CheckResult, ErrorReason, Evidence, Mismatch, Part, RequestOutcome, SkipReason,
        Subject, Verdict,
    },
};

/// So many checks that are not re-judgeable are named.
const NAMED: usize = 3;

/// The reason of a test case of which nothing is sure.
const NOT_REJUDGEABLE: Verdict = Verdict::Skip(SkipReason::NotRejudgeable);

/// What the suite says of recorded answers.
pub(super) struct Rejudged {
    pub verdict: Verdict,
    pub detail: Option<String>,
    pub checks: Vec<Vec<CheckResult>>,
    pub evidence: Vec<(RequirementId, Evidence)>,
    pub outcome: Option<RequestOutcome>,
    pub stands: bool,
}

/// What one check of a step found, without its texts: its key, where it is written, and the subject and
/// place of its finding, if it is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    step: usize,
    check: String,
    line: usize,
    column: usize,
    finding: Option<(Subject, String)>,
}

impl Found {
    fn of(step: usize, check: &CheckResult) -> Self {
        let finding = check.mismatch.as_ref();
        Self {
            step,
            check: check.check.as_str().to_owned(),
            line: check.source.line,
            column: check.source.column,
            finding: finding.map(|one| (one.subject.clone(), one.place.clone())),
        }
    }
}

/// What all judgements of a test case have in common; the first is the one whose texts are shown. `None`
/// where there is none.
pub(super) fn certain<'r>(
    mut judged: impl Iterator<Item = (Judgement, Fill<'r>)>,
    before: &CaseResult,
) -> Option<Rejudged> {
    let (mut first, fill) = judged.next()?;
    show(&mut first, &fill);
    let of_first = all(&first);
    let mut doubted: BTreeSet<Found> = unsure(&first, before);
    let known = known(&first, before);
    let is_known = |one: &Found| known.contains(&(one.step, one.check.clone()));
    let (mut same_verdict, mut same_outcome) = (true, true);
    for (other, _) in judged {
        let of_other = all(&other);
        let differ = of_first.symmetric_difference(&of_other);
        doubted.extend(differ.filter(|one| !is_known(one)).cloned());
        same_verdict &=
            std::mem::discriminant(&first.verdict) == std::mem::discriminant(&other.verdict);
        same_outcome &= other.stands == first.stands && other.outcome == first.outcome;
        keep_common(&mut first.evidence, &other.evidence);
    }
    for (step, checks) in first.checks.iter_mut().enumerate() {
        checks.retain(|check| !doubted.contains(&Found::of(step, check)));
    }
    let verdict = verdict(&first, before, doubted.is_empty() && same_verdict);
    let is_judged = verdict != NOT_REJUDGEABLE;
    let named = (!doubted.is_empty()).then(|| sentence(&doubted, before));
    Some(Rejudged {
        detail: match &verdict {
            Verdict::Fail(_) | Verdict::Pass(_) => named,
            _ if is_judged => first.detail,
            _ => named.or(first.detail),
        },
        outcome: first.outcome.filter(|_| same_outcome),
        stands: first.stands && same_outcome,
        evidence: if is_judged {
            first.evidence
        } else {
            Vec::new()
        },
        checks: first.checks,
        verdict,
    })
}

/// The verdict on what is sure; `whole` says that everything is.
fn verdict(first: &Judgement, before: &CaseResult, whole: bool) -> Verdict {
    let counting = first.checks.iter().zip(&before.steps);
    let mut counting = counting
        .filter(|(_, step)| matches!(step.part, Part::Request | Part::Then))
        .flat_map(|(checks, _)| checks);
    match &first.verdict {
        Verdict::Fail(_) => match counting.find(|check| check.is_finding()) {
            Some(check) => Verdict::Fail(check.check.clone()),
            None => NOT_REJUDGEABLE,
        },
        // It only tells what was seen.
        Verdict::Skip(SkipReason::OnlyObserved) => first.verdict.clone(),
        // An expectation names what the record does not hold.
        Verdict::Error(ErrorReason::SetupFailed) if before.basis.stopped.is_none() => {
            NOT_REJUDGEABLE
        }
        _ if whole => first.verdict.clone(),
        _ => NOT_REJUDGEABLE,
    }
}

/// The checks, each with its step, that find now what was found when the value was there: no other value in
/// its place has a say.
fn known(first: &Judgement, before: &CaseResult) -> BTreeSet<(usize, String)> {
    let mut out = BTreeSet::new();
    for ((step, checks), recorded) in first.checks.iter().enumerate().zip(&before.steps) {
        for check in checks {
            let found = check.mismatch.as_ref();
            if found.is_some_and(|found| was_found(found, check, &recorded.checks)) {
                out.insert((step, check.check.as_str().to_owned()));
            }
        }
    }
    out
}

fn all(judgement: &Judgement) -> BTreeSet<Found> {
    let steps = judgement.checks.iter().enumerate();
    steps
        .flat_map(|(step, checks)| checks.iter().map(move |check| Found::of(step, check)))
        .collect()
}

/// Keeps of the evidence for each requirement what both say.
fn keep_common(one: &mut [(RequirementId, Evidence)], other: &[(RequirementId, Evidence)]) {
    for (id, evidence) in one {
        let same = other
            .iter()
            .any(|(known, says)| known == id && says == evidence);
        if !same {
            *evidence = Evidence::None;
        }
    }
}

/// Findings that no filling changes and that are in doubt all the same: a hidden value is compared with one
/// that is not hidden, which may be the same. That two hidden values differ is sure, and so is what was found when the value
/// was there.
fn unsure(first: &Judgement, before: &CaseResult) -> BTreeSet<Found> {
    let mut out = BTreeSet::new();
    for ((step, checks), recorded) in first.checks.iter().enumerate().zip(&before.steps) {
        let body = recorded
            .exchange
            .as_ref()
            .and_then(|exchange| serde_json::from_str(exchange.response_body.as_deref()?).ok())
            .unwrap_or(serde_json::Value::Null);
        let length_is_known = recorded.exchange.as_ref().is_none_or(|exchange| {
            let shown = exchange.response_body.as_ref().map_or(0, String::len);
            shown == exchange.response_bytes
        });
        for check in checks {
            // The text was written anew when it was masked.
            let is_doubted = if check.check == "size" || check.check == "text" {
                !length_is_known
            } else {
                check.mismatch.as_ref().is_some_and(|found| {
                    let with_hidden = found.expected.iter().any(|text| is_masked(text));
                    is_of_hidden(found, &body) != with_hidden
                        && !was_found(found, check, &recorded.checks)
                })
            };
            if is_doubted {
                out.insert(Found::of(step, check));
            }
        }
    }
    out
}

/// Whether a finding is about a value that a mask stands for.
fn is_of_hidden(found: &Mismatch, body: &serde_json::Value) -> bool {
    let at_place = match &found.subject {
        // What must not be there is there, whatever it is.
        Subject::Absent(_) => return false,
        Subject::Member(at) => body
            .pointer(at)
            .is_some_and(|value| is_masked(&value.to_string())),
        _ => false,
    };
    at_place || is_masked(&found.actual)
}

/// Whether the run that had the value found the same.
fn was_found(found: &Mismatch, check: &CheckResult, recorded: &[CheckResult]) -> bool {
    // What was cut where a token stands was cut at another place.
    let shown = |text: &str| text.trim_end_matches(['…', '"']).to_owned();
    recorded.iter().any(|one| {
        let same = |was: &Mismatch| {
            (&was.subject, &was.place, &was.expected)
                == (&found.subject, &found.place, &found.expected)
                && shown(&was.actual) == shown(&found.actual)
        };
        one.check == check.check && one.mismatch.as_ref().is_some_and(same)
    })
}

/// Takes tokens that were put together here out of the texts of findings.
fn show(judgement: &mut Judgement, fill: &Fill<'_>) {
    let checks = judgement.checks.iter_mut().flatten();
    for found in checks.filter_map(|check| check.mismatch.as_mut()) {
        let texts = std::iter::once(&mut found.actual).chain(&mut found.expected);
        for text in texts {
            *text = fill.shown(text);
        }
    }
}

/// Which checks are not re-judgeable, in one line.
fn sentence(doubted: &BTreeSet<Found>, before: &CaseResult) -> String {
    let mut names: Vec<String> = Vec::new();
    for one in doubted {
        let step = before.steps.get(one.step);
        let step = step.map_or("", |step| step.name.as_str());
        let at = one.finding.as_ref();
        let at = at.map_or_else(String::new, |(_, place)| format!(" at {place}"));
        let name = format!("`{}`{at} of step `{step}`", one.check);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(NAMED);
    format!(
        "not judged again, because it depends on a value that the record does not hold: {}{more}",
        names.join(", ")
    )
}

/// Whether two results of a test case have the same findings.
pub(super) fn same_findings(one: &CaseResult, other: &CaseResult) -> bool {
    let of = |case: &CaseResult| -> Vec<(String, Mismatch)> {
        let broken = case.broken();
        broken
            .map(|(step, _, found)| (step.name.to_string(), found.clone()))
            .collect()
    };
    of(one) == of(other)
}
