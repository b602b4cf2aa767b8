//! What the page says of the run as a whole: how it ended, why, what is not proven, and each cause of
//! red once.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    SCRIPT, STYLE,
    exchange::{self, Exchange},
    links::{Link, Links, Places},
    slug,
    templates::Inline,
    words::Language,
};
use crate::{
    ids::CaseId,
    report::{
        causes::{self, Block, FindingGroup},
        explain,
        text::{digest, one_line, visible},
    },
    result::{
        CaseResult, Conclusion, Mismatch, Provenance, RequirementState, RunReport, State, Tally,
    },
};

/// Rows of a cause, and of a requirement, that are named.
const MANY_ROWS: usize = 40;
const FEW_ROWS: usize = 3;

/// The front of the page.
#[derive(Serialize)]
pub(super) struct Head {
    style: &'static Inline,
    script: &'static Inline,
    title: String,
    word: String,
    /// `good`, `bad` or `open`, for the colour.
    tone: &'static str,
    because: String,
    facts: Vec<(&'static str, String)>,
    totals: Vec<Total>,
    states: Vec<(&'static str, usize)>,
    not_proven: Vec<Unproven>,
    partial: bool,
    waived: Vec<WaivedRow>,
    waiver_notes: Vec<String>,
    left: Vec<String>,
    causes: usize,
    matrices: bool,
    strength: bool,
    requirements: usize,
}

/// A number of rows, and the search that shows them.
#[derive(Serialize)]
struct Total {
    count: usize,
    words: &'static str,
    search: &'static str,
    tone: &'static str,
}

#[derive(Serialize)]
struct Unproven {
    link: Link,
    state: &'static str,
    sentence: String,
    place: String,
    why: String,
}

#[derive(Serialize)]
struct WaivedRow {
    row: Link,
    found: String,
    owner: String,
    reason: String,
    expires: String,
    /// From the day of the run.
    days_left: Option<i32>,
}

impl Head {
    pub(super) fn of(
        report: &RunReport,
        places: &Places<'_>,
        causes: usize,
        language: Language,
    ) -> Self {
        let conclusion = report.conclusion();
        let target = one_line(&report.target);
        let started = Timestamp::from_millisecond(report.started).unwrap_or(Timestamp::UNIX_EPOCH);
        let day = started.to_zoned(TimeZone::UTC).date();
        let word = conclusion.label().to_owned();
        let partial = !report.is_whole();
        let because = report.because().map(|why| one_line(&why));
        Self {
            style: &STYLE,
            script: &SCRIPT,
            title: format!("{}: {target}, {day}", language.word(&word).unwrap_or(&word)),
            tone: tone(conclusion),
            because: because.unwrap_or_else(|| own(language, "all-passed").to_owned()),
            facts: facts(report, &target, started, language),
            totals: totals(report),
            states: counted(report.requirements.iter().map(|one| one.state)),
            not_proven: not_proven(report, places),
            partial,
            waived: report
                .cases
                .iter()
                .filter_map(|case| waived(case, places, day))
                .collect(),
            waiver_notes: report.waivers.iter().map(|note| one_line(note)).collect(),
            left: report.left.iter().map(|left| one_line(left)).collect(),
            causes,
            strength: report.proof.is_some(),
            matrices: !report.matrices.is_empty(),
            requirements: report.requirements.len(),
            word,
        }
    }
}

const fn tone(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Conformant | Conclusion::WithWaivers => "good",
        Conclusion::WaiversNeedAttention | Conclusion::LeftBehind | Conclusion::Inconclusive => {
            "open"
        }
        Conclusion::NotConformant
        | Conclusion::NotStarted
        | Conclusion::Invalid
        | Conclusion::Unfinished => "bad",
    }
}

/// The addresses of the editions; one alone without its edition.
fn addresses(of: &Provenance) -> String {
    let mut editions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (edition, reached) in &of.editions {
        let address = editions.entry(reached.address.as_str());
        address.or_default().push(edition);
    }
    let each = editions.iter().map(|(address, names)| {
        if editions.len() == 1 {
            one_line(address)
        } else {
            one_line(&format!("{} {address}", names.join(", ")))
        }
    });
    each.collect::<Vec<_>>().join(" · ")
}

fn own(language: Language, key: &'static str) -> &'static str {
    language.word(key).unwrap_or(key)
}

/// Each by the key of its name.
fn facts(
    report: &RunReport,
    target: &str,
    started: Timestamp,
    language: Language,
) -> Vec<(&'static str, String)> {
    let of = &report.provenance;
    let mut out = vec![
        ("Target", target.to_owned()),
        (
            "Started",
            started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        ),
        ("Took", format!("{:.1} s", report.elapsed.as_secs_f64())),
        (
            "Rows",
            own(language, "of-suite")
                .replace("{planned}", &report.planned.to_string())
                .replace("{all}", &report.suite_size.to_string()),
        ),
        ("Exit code", report.conclusion().exit_code().to_string()),
        ("Version", one_line(&of.version().unwrap_or_default())),
        ("Address", addresses(of)),
        ("Profile", one_line(&of.profile)),
        ("Contract", digest(&of.suite.contract)),
        ("Cases", digest(&of.suite.cases)),
        ("Run", one_line(&report.run_id)),
        ("Made by", format!("probity {}", env!("CARGO_PKG_VERSION"))),
    ];
    if report.strict {
        out.push(("Strict", own(language, "warning-fails").to_owned()));
    }
    if let Some(of) = &of.shard {
        out.push(("Shard", of.shard.to_string()));
    }
    out.push(("Merged of", one_line(&of.merged.join(", "))));
    out.push(("Used up", explain::spent(&report.spent)));
    out.retain(|(_, value)| !value.is_empty());
    out
}

fn totals(report: &RunReport) -> Vec<Total> {
    let counts = report.counts();
    let total = |count, words, search, tone| Total {
        count,
        words,
        search,
        tone,
    };
    let all = [
        total(counts.total, "rows", "", "plain"),
        total(counts.passed, "passed", "is:pass", "good"),
        total(counts.failed, "failed", "is:fail", "bad"),
        total(counts.errors, "not judged", "is:error", "open"),
        total(counts.waived, "waived", "is:waived", "open"),
        total(counts.warned, "with warnings", "is:warning", "open"),
        total(
            counts.skipped - counts.observed,
            "skipped",
            "is:skipped",
            "open",
        ),
        total(counts.observed, "only observed", "is:observed", "plain"),
    ];
    let always = ["rows", "passed", "failed", "not judged"];
    all.into_iter()
        .filter(|total| total.count > 0 || always.contains(&total.words))
        .collect()
}

/// How many are in each state, those states left out in which none is.
fn counted(states: impl Iterator<Item = State>) -> Vec<(&'static str, usize)> {
    let tally = Tally::of(states);
    let all = State::ALL.into_iter();
    all.map(|state| (state.label(), tally.count(state)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// What is broken, then what is not proven, except what a filter left out.
fn not_proven(report: &RunReport, places: &Places<'_>) -> Vec<Unproven> {
    let all = || report.requirements.iter();
    let broken = all().filter(|one| one.state == State::Violated);
    let waived = all().filter(|one| one.state == State::Waived);
    let open = all().filter(|one| one.is_unproven() && !one.left_out);
    broken
        .chain(waived)
        .chain(open)
        .map(|one| Unproven {
            link: places.requirement(&one.id),
            state: one.state.label(),
            sentence: one_line(&one.sentence),
            place: one_line(&one.place),
            why: one_line(one.why.as_deref().unwrap_or_default()),
        })
        .collect()
}

fn waived(case: &CaseResult, places: &Places<'_>, day: Date) -> Option<WaivedRow> {
    let waiver = case.waiver.as_ref()?;
    let last: Option<Date> = waiver.expires.parse().ok();
    Some(WaivedRow {
        row: places.row(&case.id),
        found: explain::message(case),
        owner: one_line(&waiver.owner),
        reason: one_line(&waiver.reason),
        expires: one_line(&waiver.expires),
        days_left: last.and_then(|last| last.since(day).ok().map(|span| span.get_days())),
    })
}

/// One cause of red.
#[derive(Serialize)]
pub(super) struct Cause {
    number: usize,
    /// `fail` or `error`.
    kind: &'static str,
    sentence: String,
    because: Vec<String>,
    expected: Vec<String>,
    actual: Option<String>,
    elsewhere: Vec<String>,
    also: Vec<String>,
    violates: Vec<Violated>,
    seen: Links,
    blocked: Links,
    written: Vec<String>,
    again: String,
    sent_by: Option<String>,
    exchange: Option<Exchange>,
}

#[derive(Serialize)]
struct Violated {
    link: Link,
    sentence: String,
    place: String,
}

impl Cause {
    /// Every cause, in the order of the console.
    pub(super) fn all(report: &RunReport, places: &Places<'_>) -> Vec<Self> {
        let blocks = causes::of(report);
        let numbered = blocks.iter().zip(1..);
        numbered
            .map(|(block, number)| match block {
                Block::Fail(group) => Self::of_findings(report, places, group, number),
                Block::Error(cause) => Self::of_errors(places, cause, number),
            })
            .collect()
    }

    fn of_findings(
        report: &RunReport,
        places: &Places<'_>,
        group: &FindingGroup<'_>,
        number: usize,
    ) -> Self {
        let found = group.first();
        let step = found.finding.map(|(step, _, _)| step);
        let mismatch = found.finding.map(|(_, _, mismatch)| mismatch);
        let wrong: Vec<&Mismatch> = mismatch.into_iter().collect();
        let exchange = step.and_then(|step| step.exchange.as_ref());
        let others = group.other_values().into_iter();
        Self {
            number,
            kind: "fail",
            sentence: words(&causes::sentence(&found)),
            because: Vec::new(),
            expected: mismatch.map_or_else(Vec::new, |one| {
                one.expected.iter().map(|value| visible(value)).collect()
            }),
            actual: mismatch.map(|one| visible(&one.actual)),
            elsewhere: others.take(10).map(explain::short).collect(),
            also: group
                .consequences()
                .into_iter()
                .map(|one| words(&causes::is_instead(one)))
                .collect(),
            violates: group
                .promises(report)
                .into_iter()
                .map(|promise| Violated::of(promise, places))
                .collect(),
            seen: links(places, &group.cases()),
            blocked: links(places, &group.blocked),
            written: group.written().into_iter().map(causes::written).collect(),
            again: causes::again(found.case),
            sent_by: step.map(explain::owner),
            exchange: exchange.map(|exchange| Exchange::of(exchange, &wrong, false)),
        }
    }

    fn of_errors(places: &Places<'_>, cause: &causes::Cause<'_>, number: usize) -> Self {
        let shown = cause.shown();
        let sent = explain::exchanges(shown).first().copied();
        let stopping = cause.stopping();
        let wrong: Vec<&Mismatch> = stopping.iter().map(|(_, _, mismatch)| *mismatch).collect();
        Self {
            number,
            kind: "error",
            sentence: words(&cause.sentence()),
            because: cause.because(),
            expected: stopping.map_or_else(Vec::new, |(_, _, one)| {
                one.expected.iter().map(|value| visible(value)).collect()
            }),
            actual: stopping.map(|(_, _, one)| visible(&one.actual)),
            elsewhere: Vec::new(),
            also: Vec::new(),
            violates: Vec::new(),
            seen: links(places, &cause.struck),
            blocked: links(places, &cause.blocked),
            written: stopping.map_or_else(Vec::new, |(_, check, _)| {
                vec![causes::written(&check.source)]
            }),
            again: causes::again(shown),
            sent_by: sent.map(|(step, _)| {
                format!("{}: {}", explain::owner(step), words(&causes::call(step)))
            }),
            exchange: sent.map(|(step, exchange)| {
                Exchange::of(exchange, &wrong, exchange::stopped(shown, step))
            }),
        }
    }
}

impl Violated {
    fn of(promise: causes::Promise<'_>, places: &Places<'_>) -> Self {
        Self {
            link: places.requirement(promise.id),
            sentence: promise.sentence,
            place: promise.place,
        }
    }
}

fn links(places: &Places<'_>, cases: &[&CaseResult]) -> Links {
    places.rows(cases.iter().map(|case| case.id.as_str()), MANY_ROWS)
}

/// A sentence of the console, whose blanks may be such as hold a line together.
fn words(sentence: &str) -> String {
    sentence.replace('\u{a0}', " ")
}

/// One operation, and what is known of its requirements.
#[derive(Serialize)]
pub(super) struct Operation {
    name: String,
    to: String,
    counts: Vec<(&'static str, usize)>,
    /// Something of it is violated or unproven.
    open: bool,
    requirements: Vec<Requirement>,
}

#[derive(Serialize)]
struct Requirement {
    id: String,
    anchor: String,
    sentence: String,
    place: String,
    state: &'static str,
    why: String,
    rows: Links,
}

impl Operation {
    /// The operations in order of first appearance.
    pub(super) fn all(report: &RunReport, places: &Places<'_>) -> Vec<Self> {
        let mut operations: Vec<(String, Vec<&RequirementState>)> = Vec::new();
        for one in &report.requirements {
            let name = one_line(&format!("{} {}", one.edition, one.operation));
            match operations.iter_mut().find(|(known, _)| *known == name) {
                Some((_, all)) => all.push(one),
                None => operations.push((name, vec![one])),
            }
        }
        let operations = operations.into_iter();
        operations
            .map(|(name, all)| Self::of(name, &all, places))
            .collect()
    }

    fn of(name: String, all: &[&RequirementState], places: &Places<'_>) -> Self {
        let is_open = |one: &&RequirementState| {
            matches!(one.state, State::Violated | State::Waived | State::Unproven)
        };
        Self {
            to: slug("operation", &name),
            name,
            counts: counted(all.iter().map(|one| one.state)),
            open: all.iter().any(is_open),
            requirements: all
                .iter()
                .map(|one| Requirement {
                    id: one_line(&one.id),
                    anchor: slug("requirement", &one.id),
                    sentence: one_line(&one.sentence),
                    place: one_line(&one.place),
                    state: one.state.label(),
                    why: one_line(one.why.as_deref().unwrap_or_default()),
                    rows: places.rows(one.cases.iter().map(CaseId::as_str), FEW_ROWS),
                })
                .collect(),
        }
    }
}
