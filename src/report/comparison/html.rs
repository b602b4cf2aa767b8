//! A comparison as one page to hand over: a single file that loads nothing and needs no script. What was
//! answered before stands beside what is answered now, with the lines marked that differ.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{
    broken::{Broken, Causes, of_kind},
    text::{SUITE_CHANGES, conclusion, difference, longer, suite},
};
use crate::{
    ids::{CaseId, RequirementId},
    report::{
        html::templates::{self, Inline},
        text::{one_line, visible},
    },
    result::{
        AnswerChange, CaseResult, ChangeKind, Compared, Comparison, Decision, RecordedExchange,
        RunReport, State, StepResult, without_masks,
    },
};

/// The page, and what it is put together of.
const TEMPLATES: [(&str, &str); 3] = [
    ("page", include_str!("page.html")),
    ("list", include_str!("list.html")),
    ("answer", include_str!("answer.html")),
];

/// What this page has beside the style of every page.
const STYLE: &str = include_str!("page.css");

/// Lines of an answer that are shown, on either side.
const LINES: usize = 120;

/// Values of a difference that are shown whole.
const VALUE: usize = 2_000;

#[derive(Serialize)]
struct Page {
    style: Inline,
    title: String,
    tone: &'static str,
    conclusion: String,
    sides: Vec<Side>,
    suite: String,
    suite_changes: Option<SuiteChanges>,
    causes: Vec<Cause>,
    answers: Vec<Answer>,
    kinds: Vec<Rows>,
    states: Vec<StateCount>,
    requirements: Vec<Requirement>,
    slower: Vec<String>,
    undetermined: usize,
}

#[derive(Serialize)]
struct Side {
    name: &'static str,
    target: String,
    version: String,
    addresses: String,
    started: String,
    conclusion: String,
    exit_code: u8,
    counts: crate::result::Counts,
    part: bool,
    run_id: String,
}

#[derive(Serialize)]
struct SuiteChanges {
    rows: Vec<Rows>,
}

/// Rows that have something in common.
#[derive(Serialize)]
struct Rows {
    title: String,
    ids: Vec<String>,
}

#[derive(Serialize)]
struct Cause {
    kind: &'static str,
    sentence: String,
    because: Vec<String>,
    change: Option<String>,
    violates: Vec<(String, String)>,
    not_proven: Vec<String>,
    seen: Vec<String>,
    blocked: Vec<String>,
    again: String,
    sent_by: String,
    before: Option<Shown>,
    now: Option<Shown>,
    /// Why nothing stands on the side of before.
    not_there: &'static str,
}

/// One answer, line by line.
#[derive(Serialize)]
struct Shown {
    call: String,
    lines: Vec<Line>,
    left_out: usize,
}

#[derive(Serialize)]
struct Line {
    text: String,
    marked: bool,
}

#[derive(Serialize)]
struct Answer {
    class: &'static str,
    edition: String,
    call: String,
    place: String,
    before: Option<String>,
    after: Option<String>,
    rows: Vec<String>,
    requirements: Vec<String>,
}

#[derive(Serialize)]
struct StateCount {
    state: &'static str,
    before: usize,
    after: usize,
}

#[derive(Serialize)]
struct Requirement {
    id: String,
    sentence: String,
    before: &'static str,
    after: &'static str,
}

/// The whole page. `before` is the first run before with its exchanges, where it is a record and no
/// baseline; `after` is the run after.
///
/// # Errors
/// Never for a template that can be read, which a test holds.
pub fn html(
    comparison: &Comparison,
    before: Option<&RunReport>,
    after: &RunReport,
) -> Result<String, minijinja::Error> {
    templates::page(&TEMPLATES, &page(comparison, before, after))
}

fn page(comparison: &Comparison, before: Option<&RunReport>, after: &RunReport) -> Page {
    let causes = Causes::of(comparison, after);
    let (decision, _) = comparison.decision();
    let target = one_line(&comparison.after.target);
    Page {
        style: Inline::style(STYLE),
        title: format!("What changed on {target}"),
        tone: match decision {
            Decision::Same | Decision::Changed => "good",
            Decision::LessProven => "open",
            Decision::Stricter | Decision::Broken => "bad",
        },
        conclusion: conclusion(comparison),
        sides: vec![
            Side::of("before", &comparison.before),
            Side::of("after", &comparison.after),
        ],
        suite: suite(comparison),
        suite_changes: SuiteChanges::of(comparison),
        causes: causes
            .new
            .iter()
            .map(|one| Cause::of(one, before))
            .collect(),
        answers: comparison.answers.iter().map(Answer::of).collect(),
        kinds: kinds(comparison),
        states: states(comparison),
        requirements: comparison
            .requirements
            .iter()
            .map(|one| Requirement {
                id: one_line(&one.id),
                sentence: one_line(&one.sentence),
                before: one.before.map_or("not there", State::label),
                after: one.after.map_or("not there", State::label),
            })
            .collect(),
        slower: comparison.slower.iter().map(longer).collect(),
        undetermined: comparison.undetermined,
    }
}

impl Side {
    fn of(name: &'static str, side: &Compared) -> Self {
        let addresses: BTreeSet<&str> = side.addresses.values().map(String::as_str).collect();
        let addresses: Vec<&str> = addresses.into_iter().collect();
        Self {
            name,
            target: one_line(&side.target),
            version: one_line(side.version.as_deref().unwrap_or("not reported")),
            addresses: one_line(&addresses.join(", ")),
            started: side.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            conclusion: one_line(&side.conclusion),
            exit_code: side.exit_code,
            counts: side.counts,
            part: !side.whole,
            run_id: one_line(&side.run_id),
        }
    }
}

impl SuiteChanges {
    fn of(comparison: &Comparison) -> Option<Self> {
        let change = comparison.suite_change.as_ref()?;
        let mut rows = Vec::new();
        for (kind, title) in SUITE_CHANGES {
            let all = change.cases.iter().filter(|row| row.kind == kind);
            rows.push(Rows::of(title, all.map(|row| &row.id)));
        }
        rows.push(Rows::of(
            "not re-judgeable from the record, so that who changed them is not known",
            change.unknown.iter(),
        ));
        rows.retain(|rows| !rows.ids.is_empty());
        Some(Self { rows })
    }
}

impl Rows {
    fn of<'c>(title: &str, ids: impl Iterator<Item = &'c CaseId>) -> Self {
        Self {
            title: title.to_owned(),
            ids: ids.map(|id| one_line(id)).collect(),
        }
    }
}

impl Cause {
    fn of(one: &Broken<'_>, before: Option<&RunReport>) -> Self {
        let brief = &one.brief;
        let ids = |cases: &[&CaseResult]| cases.iter().map(|case| one_line(&case.id)).collect();
        let was = brief.sent.and_then(|(step, _)| {
            let case = brief.seen.first().or(brief.blocked.first())?;
            answered(before?, case, step)
        });
        let now = brief.sent.map(|(_, exchange)| exchange);
        let (before_shown, now_shown) = beside(was.as_ref(), now);
        Self {
            kind: if brief.is_fail { "fail" } else { "error" },
            sentence: brief.sentence.clone(),
            because: brief.because.clone(),
            change: one.change.map(difference),
            violates: brief
                .violates
                .iter()
                .map(|promise| (one_line(promise.id), one_line(&promise.sentence)))
                .collect(),
            not_proven: texts(&one.not_proven),
            seen: ids(&brief.seen),
            blocked: ids(&brief.blocked),
            again: brief.again.clone(),
            sent_by: brief.sent_by().unwrap_or_default(),
            before: before_shown,
            now: now_shown,
            not_there: match before {
                Some(_) => "The run before has no answer to this step.",
                None => "A baseline holds no answers.",
            },
        }
    }
}

fn texts(ids: &[RequirementId]) -> Vec<String> {
    ids.iter().map(|id| one_line(id)).collect()
}

/// What the same step of the same row was answered in another run.
fn answered(run: &RunReport, case: &CaseResult, step: &StepResult) -> Option<RecordedExchange> {
    let at = run.cases.iter().position(|one| one.id == case.id)?;
    let whole = run.cases.whole(at).ok()?;
    let mut steps = whole.steps.iter();
    let same = |one: &&StepResult| {
        (&one.name, &one.owner, one.part) == (&step.name, &step.owner, step.part)
    };
    steps.find(same)?.exchange.clone()
}

/// Both answers, each with the lines marked that the other does not have.
fn beside(
    before: Option<&RecordedExchange>,
    now: Option<&RecordedExchange>,
) -> (Option<Shown>, Option<Shown>) {
    let lines_before = before.map(lines);
    let lines_now = now.map(lines);
    let shown = |exchange: &RecordedExchange, own: &[String], other: Option<&Vec<String>>| {
        let other: BTreeSet<String> = other
            .into_iter()
            .flatten()
            .map(|line| alike(line))
            .collect();
        Shown {
            call: one_line(&format!("{} {}", exchange.method, exchange.url)),
            left_out: own.len().saturating_sub(LINES),
            lines: own
                .iter()
                .take(LINES)
                .map(|line| Line {
                    marked: !other.is_empty() && !other.contains(&alike(line)),
                    text: line.clone(),
                })
                .collect(),
        }
    };
    let of = |exchange: Option<&RecordedExchange>,
              own: Option<&Vec<String>>,
              other: Option<&Vec<String>>| Some(shown(exchange?, own?, other));
    (
        of(before, lines_before.as_ref(), lines_now.as_ref()),
        of(now, lines_now.as_ref(), lines_before.as_ref()),
    )
}

/// Headers whose values say nothing of what changed.
const IDLE: [&str; 3] = ["date", "content-length", "age"];

/// A line without what differs from answer to answer: which secret it was, the letters of a header's name,
/// when it was sent.
fn alike(line: &str) -> String {
    if let Some((name, value)) = line.split_once(": ")
        && !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        let name = name.to_ascii_lowercase();
        if IDLE.contains(&name.as_str()) {
            return name;
        }
        return format!("{name}: {value}");
    }
    without_masks(line)
}

/// An answer line by line: status, headers, and its body, JSON set out.
fn lines(exchange: &RecordedExchange) -> Vec<String> {
    let Some(status) = exchange.status else {
        let trouble = exchange.trouble.as_deref().unwrap_or_default();
        return vec![one_line(&format!("no answer: {trouble}"))];
    };
    let mut out = vec![status.to_string()];
    for (name, value) in &exchange.response_headers {
        out.push(one_line(&format!("{name}: {value}")));
    }
    let body = exchange.response_body.as_deref().unwrap_or_default();
    if body.is_empty() {
        return out;
    }
    out.push(String::new());
    let parsed: Result<serde_json::Value, _> = serde_json::from_str(body);
    let text = parsed.map_or_else(|_| body.to_owned(), |value| format!("{value:#}"));
    out.extend(visible(&text).lines().map(str::to_owned));
    out
}

impl Answer {
    fn of(change: &AnswerChange) -> Self {
        let value = |text: &Option<String>| {
            let text = text.as_deref()?;
            Some(visible(text).chars().take(VALUE).collect())
        };
        Self {
            class: change.class.label(),
            edition: one_line(&change.edition),
            call: one_line(&change.call),
            place: one_line(&change.place),
            before: value(&change.before),
            after: value(&change.after),
            rows: change.cases.iter().map(|id| one_line(id)).collect(),
            requirements: texts(&change.requirements),
        }
    }
}

/// The rows by what became of them; those in which nothing changed only in their number.
fn kinds(comparison: &Comparison) -> Vec<Rows> {
    let all = ChangeKind::ALL.into_iter();
    all.filter(|kind| *kind != ChangeKind::Same)
        .map(|kind| {
            let rows = of_kind(comparison, kind);
            Rows::of(kind.label(), rows.into_iter().map(|row| &row.id))
        })
        .filter(|rows| !rows.ids.is_empty())
        .collect()
}

fn states(comparison: &Comparison) -> Vec<StateCount> {
    let all = State::ALL.into_iter();
    all.filter_map(|state| {
        let of = |side: &Compared| {
            let count = side.requirements.get(state.label());
            count.copied().unwrap_or_default()
        };
        let (before, after) = (of(&comparison.before), of(&comparison.after));
        (before + after > 0).then(|| StateCount {
            state: state.label(),
            before,
            after,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn secrets_times_and_the_letters_of_names_make_no_line_another() {
        for (one, other, same) in [
            ("Content-Type: a/b", "content-type: a/b", true),
            ("Content-Type: a/b", "content-type: a/c", false),
            ("Date: today", "date: tomorrow", true),
            (
                "  \"token\": \"[secret:0a1b2c]\",",
                "  \"token\": \"[secret:ffffff]\",",
                true,
            ),
            ("  \"a\": 1", "  \"A\": 1", false),
            ("200", "201", false),
        ] {
            assert_eq!(alike(one) == alike(other), same, "{one} {other}");
        }
    }
}
