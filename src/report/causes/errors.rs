//! What kept test cases from being judged: each cause once, with those it struck and those behind
//! them.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::{Answer, Call, pattern};
use crate::report::{
    explain::{self, Finding},
    text::one_line,
};
use crate::result::{Blocker, CaseResult, ErrorReason, RunReport, Verdict};

/// One cause of errors.
pub(in crate::report) struct Cause<'a> {
    /// The first test case that the cause struck, or the control that failed by itself.
    pub(in crate::report) root: &'a CaseResult,
    /// Those that could not be judged for this cause itself.
    pub(in crate::report) struck: Vec<&'a CaseResult>,
    /// Those that wait for one of them.
    pub(in crate::report) blocked: Vec<&'a CaseResult>,
}

impl<'a> Cause<'a> {
    /// All that it kept from being judged.
    pub(in crate::report) fn all(&self) -> impl Iterator<Item = &'a CaseResult> {
        self.struck.iter().chain(&self.blocked).copied()
    }

    /// What it is, in one sentence.
    pub(in crate::report) fn sentence(&self) -> String {
        let first = self.first();
        let reason = one_line(first.verdict.reason());
        format!("{reason}: {}", explain::detail(first))
    }

    /// What led to it, outermost first.
    pub(in crate::report) fn because(&self) -> Vec<String> {
        let first = self.first();
        if self.struck.is_empty() && !std::ptr::eq(self.root, first) {
            // What stopped the one that they wait for is not told anywhere else.
            vec![explain::message(self.root)]
        } else {
            explain::further_causes(first)
        }
    }

    /// The finding at which a preparation stopped.
    pub(in crate::report) fn stopping(&self) -> Option<Finding<'a>> {
        stopping(self.root)
    }

    /// The first test case that it kept from being judged.
    pub(in crate::report) fn first(&self) -> &'a CaseResult {
        self.all().next().unwrap_or(self.root)
    }

    /// The test case that shows it best: the first in which something was sent. Where several share a
    /// provider, only one of them asked it.
    pub(in crate::report) fn shown(&self) -> &'a CaseResult {
        let mut all = self.struck.iter().chain([&self.root]).copied();
        let sent = all.find(|case| !explain::exchanges(case).is_empty());
        sent.unwrap_or_else(|| self.first())
    }
}

/// What makes two errors one cause.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind<'a> {
    /// A test case that did not pass and stands for itself.
    Case(&'a str),
    /// A preparation stopped at this finding.
    Finding(Answer<'a>),
    /// The same call answered alike, whoever made it: with this status and body.
    Call(Call<'a>, u16, String),
    /// A provider, at this step.
    Provider(&'a str, Option<&'a str>),
    /// The state of the target or of the run, which strikes every test case alike.
    Everywhere,
}

/// The causes of all errors, in order of first appearance.
pub(super) fn root_causes(report: &RunReport) -> Vec<Cause<'_>> {
    let by_id: BTreeMap<&str, &CaseResult> = report
        .cases
        .iter()
        .map(|case| (case.id.as_str(), case))
        .collect();
    let mut places = BTreeMap::new();
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for case in &report.cases {
        let Verdict::Error(_) = case.verdict else {
            continue;
        };
        let root = root(case, &by_id);
        // Editions are other systems: what is alike there is another cause.
        let key = (&root.edition, reason(root), kind(root));
        let place = *places.entry(key).or_insert_with(|| {
            causes.push(Cause {
                root,
                struck: Vec::new(),
                blocked: Vec::new(),
            });
            causes.len() - 1
        });
        if waits_for(case).is_some() {
            causes[place].blocked.push(case);
        } else {
            causes[place].struck.push(case);
        }
    }
    causes
}

/// The test case at the end of the chain of those that wait for each other.
fn root<'a>(case: &'a CaseResult, by_id: &BTreeMap<&str, &'a CaseResult>) -> &'a CaseResult {
    let mut seen = BTreeSet::new();
    let mut at = case;
    while let Some(next) = waits_for(at).and_then(|id| by_id.get(id)) {
        if !seen.insert(next.id.as_str()) {
            break;
        }
        at = next;
    }
    at
}

/// The test case that another one waits for in vain.
fn waits_for(case: &CaseResult) -> Option<&str> {
    match &case.blocked_by {
        Some(Blocker::Control(id) | Blocker::Prerequisite(id)) => Some(id),
        _ => None,
    }
}

fn reason(root: &CaseResult) -> Option<ErrorReason> {
    match root.verdict {
        Verdict::Error(reason) => Some(reason),
        _ => None,
    }
}

fn kind(root: &CaseResult) -> Kind<'_> {
    if let Some(finding) = stopping(root) {
        return Kind::Finding(Answer::of(root, finding));
    }
    if let Verdict::Error(ErrorReason::SetupFailed) = root.verdict
        && let Some(call) = call(root)
    {
        return call;
    }
    match (&root.verdict, &root.blocked_by) {
        (_, Some(Blocker::Provider { name, step })) => Kind::Provider(name, step.as_deref()),
        // One that is in no report stands for itself.
        (_, Some(Blocker::Control(id) | Blocker::Prerequisite(id))) => Kind::Case(id),
        (
            Verdict::Error(
                ErrorReason::Unreachable | ErrorReason::RateLimited | ErrorReason::Interrupted,
            ),
            _,
        ) => Kind::Everywhere,
        _ => Kind::Case(&root.id),
    }
}

/// The finding at which the preparation of a test case stopped; a provider's step has none.
fn stopping(case: &CaseResult) -> Option<Finding<'_>> {
    if case.verdict != Verdict::Error(ErrorReason::SetupFailed) {
        return None;
    }
    let (step, _) = case.last_exchange()?;
    let mut checks = step.checks.iter();
    checks.find_map(|check| Some((step, check, check.mismatch.as_ref()?)))
}

/// The call that stopped a test case and what it was answered; nothing where no answer came.
fn call(case: &CaseResult) -> Option<Kind<'_>> {
    let (_, exchange) = case.last_exchange()?;
    let body = exchange.response_body.as_deref().unwrap_or_default();
    Some(Kind::Call(
        Call::of(exchange),
        exchange.status?,
        pattern(body),
    ))
}
