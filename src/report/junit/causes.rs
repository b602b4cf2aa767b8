//! What is behind rows that could not be judged, as test cases of their own, so that the rows
//! themselves can be skipped and one thing that is broken is red once.

use std::{borrow::Cow, collections::BTreeMap, io, time::Duration};

use super::{
    names::{Names, dotted},
    options::Blocked,
    test_case::{Element, Outcome, Place, TestCase},
};
use crate::{
    report::{
        causes::{self, Block, Cause, again},
        explain::{self, Part},
        text::{NO_BREAK, counted, one_line},
    },
    result::{Blocker, CaseResult, ErrorReason, RunReport, Verdict},
};

/// The suite that they stand in.
pub(super) const SUITE: &str = "probity.causes";

/// What is behind rows.
#[derive(Debug, Default)]
pub(super) struct Causes<'a> {
    /// What rows that are skipped for it say of it, by their ids.
    behind: BTreeMap<&'a str, String>,
    /// Causes that are no red row themselves.
    pub(super) cases: Vec<TestCase<'a>>,
}

impl<'a> Causes<'a> {
    /// Every cause of a run; none where rows that could not be judged are errors themselves.
    pub(super) fn of(
        report: &'a RunReport,
        blocked: Blocked,
        names: &mut Names,
    ) -> io::Result<Self> {
        let mut out = Self::default();
        if blocked == Blocked::Error {
            return Ok(out);
        }
        for block in causes::of(report) {
            match block {
                Block::Fail(group) => {
                    let first = group.first();
                    let sentence = causes::sentence(&first).replace(NO_BREAK, " ");
                    out.skip(group.blocked, &first.case.id, &sentence);
                }
                Block::Error(cause) if is_a_red_row(&cause) => {
                    let sentence = explain::message(cause.root);
                    out.skip(cause.blocked, &cause.root.id, &sentence);
                }
                Block::Error(cause) => {
                    let red = test_case(report, &cause, names)?;
                    // Its name ends with the reason.
                    out.skip(cause.all(), &red.name, &explain::detail(cause.first()));
                    out.cases.push(red);
                }
            }
        }
        Ok(out)
    }

    /// What is behind a row that is skipped for it, in one line.
    pub(super) fn behind(&self, case: &CaseResult) -> Option<&str> {
        self.behind.get(case.id.as_str()).map(String::as_str)
    }

    fn skip(&mut self, rows: impl IntoIterator<Item = &'a CaseResult>, name: &str, sentence: &str) {
        let words = one_line(&format!("blocked by {name}: {sentence}"));
        let rows = rows.into_iter();
        self.behind
            .extend(rows.map(|case| (case.id.as_str(), words.clone())));
    }
}

/// Whether a row that stays red is the cause: what it met itself struck no other row.
fn is_a_red_row(cause: &Cause<'_>) -> bool {
    let root = cause.root;
    let itself = matches!(cause.struck.as_slice(), [one] if std::ptr::eq(*one, root));
    let failed = matches!(root.verdict, Verdict::Fail(_)) && root.waiver.is_none();
    itself && root.blocked_by.is_none() || failed && cause.struck.is_empty()
}

fn test_case<'a>(
    report: &RunReport,
    cause: &Cause<'a>,
    names: &mut Names,
) -> io::Result<TestCase<'a>> {
    let root = cause.root;
    let class = dotted([SUITE, &root.edition]);
    let reason = cause.first().verdict.reason();
    let name = format!("{}: {reason}", what(root));
    Ok(TestCase {
        name: names.unique(&class, &name),
        class,
        time: Duration::ZERO,
        place: Some(Place::of(cause.shown())),
        properties: vec![
            ("verdict".into(), Element::Error.verdict().into()),
            ("reason".into(), reason.into()),
        ],
        outcome: Some(Outcome {
            element: Element::Error,
            kind: Element::Error.verdict(),
            message: cause.sentence(),
            body: body(report, cause)?,
        }),
        output: String::new(),
    })
}

/// A name that the cause has in the next run as well: nothing that was answered stands in it.
fn what(root: &CaseResult) -> String {
    match &root.blocked_by {
        Some(Blocker::Provider { name, step }) => {
            let step = step.as_ref().map(|step| format!(", step '{step}'"));
            format!("provider '{name}'{}", step.unwrap_or_default())
        }
        Some(Blocker::Control(id)) => format!("control {id}"),
        Some(Blocker::Prerequisite(id)) => format!("prerequisite {id}"),
        Some(Blocker::Need(name)) => format!("need '{name}'"),
        None => match (&root.verdict, root.last_exchange()) {
            (Verdict::Error(ErrorReason::SetupFailed), Some((step, _))) => explain::owner(step),
            (Verdict::Error(ErrorReason::Interrupted), _) => String::from("run"),
            (Verdict::Error(ErrorReason::Unreachable | ErrorReason::RateLimited), _) => {
                String::from("target")
            }
            _ => format!("row {}", root.id),
        },
    }
}

/// What led to it, which rows it keeps from being judged, and the exchange that shows it best.
fn body(report: &RunReport, cause: &Cause<'_>) -> io::Result<String> {
    let mut lines = Vec::new();
    let mut field = |label: &str, text: &str| {
        let lead = format!("  {label} ");
        explain::hang(&mut lines, explain::WIDTH, Part::Label, &lead, text);
    };
    for one in cause.because() {
        field("because", &one);
    }
    let ids: Vec<String> = cause.all().map(|case| one_line(&case.id)).collect();
    let count = counted(ids.len(), "row");
    field(
        "blocks",
        &format!("{count}, skipped here: {}", explain::folded(&ids)),
    );
    let shown = whole(report, cause.shown())?;
    field("again", &again(&shown));
    for (step, exchange) in explain::exchanges(&shown) {
        explain::answered(&mut lines, step, exchange);
    }
    Ok(explain::plain(&lines))
}

/// Everything that is known of one of the run's test cases.
fn whole<'a>(report: &'a RunReport, case: &'a CaseResult) -> io::Result<Cow<'a, CaseResult>> {
    let mut all = report.cases.iter();
    match all.position(|one| std::ptr::eq(one, case)) {
        Some(at) => report.cases.whole(at),
        None => Ok(Cow::Borrowed(case)),
    }
}
