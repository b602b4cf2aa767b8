//! A cause of red in plain facts, for formats that have a line or a few for each.

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256};

use super::{Block, Cause, FindingGroup, Promise, again, of, sent_by, sentence};
use crate::{
    report::{explain, text::one_line},
    result::{CaseResult, RecordedExchange, RunReport, Source, StepResult},
};

/// One cause.
pub(in crate::report) struct Brief<'a> {
    /// The target broke a promise; else something could not be judged.
    pub(in crate::report) is_fail: bool,
    /// `POST /path -> 200, body /expire is 7, expected 43200`, on one line.
    pub(in crate::report) sentence: String,
    /// What led to it, outermost first.
    pub(in crate::report) because: Vec<String>,
    /// The key of the check, or the reason of the error.
    pub(in crate::report) check: &'a str,
    pub(in crate::report) violates: Vec<Promise<'a>>,
    /// The test cases that it struck.
    pub(in crate::report) seen: Vec<&'a CaseResult>,
    /// Those that could not be judged because of it.
    pub(in crate::report) blocked: Vec<&'a CaseResult>,
    /// Where the first expectation is written.
    pub(in crate::report) source: &'a Source,
    /// Every place where it is written; none where it is only known which row it struck.
    pub(in crate::report) written: Vec<&'a Source>,
    /// The call that sends it again.
    pub(in crate::report) again: String,
    /// The step at which it showed, and what was exchanged.
    pub(in crate::report) sent: Option<(&'a StepResult, &'a RecordedExchange)>,
    /// The same for the same cause in any run, as long as the suite does not move it to another operation
    /// or check; no value of the target's is in it.
    pub(in crate::report) fingerprint: String,
}

/// Every cause, in the order of the console.
pub(in crate::report) fn briefs(report: &RunReport) -> Vec<Brief<'_>> {
    let blocks = of(report).into_iter();
    blocks
        .map(|block| match block {
            Block::Fail(group) => Brief::of_findings(report, &group),
            Block::Error(cause) => Brief::of_error(&cause),
        })
        .collect()
}

impl<'a> Brief<'a> {
    /// Where in the answer the first finding of the cause is; `None` for what could not be judged.
    pub(in crate::report) fn place(&self) -> Option<&'a str> {
        let (step, _) = self.sent?;
        let mut checks = step.checks.iter().filter(|check| check.is_finding());
        let found = checks.find(|check| check.check == self.check)?;
        Some(found.mismatch.as_ref()?.place.as_str())
    }

    /// Whose step it is at which it showed, with the call where the sentence does not name it.
    pub(in crate::report) fn sent_by(&self) -> Option<String> {
        let (step, _) = self.sent?;
        Some(if self.is_fail {
            explain::owner(step)
        } else {
            plain(&sent_by(step))
        })
    }

    fn of_findings(report: &'a RunReport, group: &FindingGroup<'a>) -> Self {
        let found = group.first();
        let (subject, check) = match found.finding {
            Some((_, check, mismatch)) => (mismatch.subject.to_string(), check.check.as_str()),
            None => (String::new(), found.case.verdict.reason()),
        };
        let sent = found
            .finding
            .and_then(|(step, _, _)| Some((step, step.exchange.as_ref()?)));
        let written = group.written();
        Self {
            is_fail: true,
            sentence: plain(&sentence(&found)),
            because: Vec::new(),
            check,
            violates: group.promises(report),
            seen: group.cases(),
            blocked: group.blocked.clone(),
            source: written.first().copied().unwrap_or(&found.case.source),
            written,
            again: again(found.case),
            fingerprint: fingerprint(&[
                "fail",
                &found.case.edition,
                &found.case.operation,
                check,
                &subject,
                &called(sent),
            ]),
            sent,
        }
    }

    fn of_error(cause: &Cause<'a>) -> Self {
        let shown = cause.shown();
        let stopping = cause.stopping();
        let sent = explain::exchanges(shown).first().copied();
        let written: Vec<&Source> = stopping.iter().map(|(_, check, _)| &check.source).collect();
        let reason = cause.root.verdict.reason();
        let owner = sent.map_or_else(
            || cause.root.id.to_string(),
            |(step, _)| explain::owner(step),
        );
        Self {
            is_fail: false,
            sentence: plain(&cause.sentence()),
            because: cause.because(),
            check: cause.first().verdict.reason(),
            violates: Vec::new(),
            seen: cause.struck.clone(),
            blocked: cause.blocked.clone(),
            source: written.first().copied().unwrap_or(&shown.source),
            written,
            again: again(shown),
            sent,
            fingerprint: fingerprint(&[
                "error",
                &cause.root.edition,
                reason,
                &owner,
                &called(sent),
            ]),
        }
    }

    /// `seen in 37 rows, blocks 6`; what is none is left out.
    pub(in crate::report) fn reach(&self) -> String {
        let of = |count: usize, words: &str| match count {
            0 => None,
            1 => Some(format!("{words} 1 row")),
            count => Some(format!("{words} {count} rows")),
        };
        let seen = of(self.seen.len(), "seen in");
        let blocked = of(self.blocked.len(), "blocks");
        let parts: Vec<String> = seen.into_iter().chain(blocked).collect();
        parts.join(", ")
    }
}

/// Without the blanks that hold words together on a terminal.
fn plain(sentence: &str) -> String {
    one_line(&sentence.replace('\u{a0}', " "))
}

fn called(sent: Option<(&StepResult, &RecordedExchange)>) -> String {
    sent.map_or_else(String::new, |(step, exchange)| {
        format!("{} {}", exchange.method, step.name)
    })
}

fn fingerprint(parts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    HEXLOWER.encode(&context.finish().as_ref()[..16])
}
