//! The parts of the summary, each under its heading.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    super::{
        causes::{Cause, root_causes},
        explain::{self, Part, WIDTH, hang},
        text::{counted, cut, one_line},
    },
    page::Page,
};
use crate::result::{CaseResult, Conclusion, Repeated, RunReport, Spent, State, Tally, Verdict};

/// Failures shown in full; of the others only the headline.
const MAX_FULL: usize = 25;
const MAX_GROUPS: usize = 20;
const MAX_IDS: usize = 3;

/// Rows that tell the same, under what they tell.
struct Group<'a> {
    key: (&'a str, String),
    rows: Vec<&'a CaseResult>,
}

pub(super) fn failures(page: &mut Page, report: &RunReport, files: &[String]) {
    let failed: Vec<_> = report
        .cases
        .iter()
        .filter(|case| matches!(case.verdict, Verdict::Fail(_)) && case.waiver.is_none())
        .collect();
    if failed.is_empty() {
        return;
    }
    page.heading(&format!("{} failed", counted(failed.len(), "row")));
    for case in failed.iter().take(MAX_FULL) {
        page.lines(&explain::lines(case));
        page.gap();
    }
    let rest = &failed[failed.len().min(MAX_FULL)..];
    for case in rest {
        page.line(Part::Title, &format!("FAIL {}", one_line(&case.id)));
        page.line(
            Part::Actual,
            &format!("  {}", cut(&explain::message(case), WIDTH - 2)),
        );
    }
    if !rest.is_empty() {
        let junit = files.iter().find(|file| file.ends_with("junit.xml"));
        let place = junit.map_or("junit.xml", String::as_str);
        let words = format!("{} more in full: see {}", rest.len(), one_line(place));
        page.line(Part::Label, &words);
        page.gap();
    }
}

/// Departures that somebody answers for, and what is amiss with the waivers.
pub(super) fn waivers(page: &mut Page, report: &RunReport) {
    let waived = || {
        let rows = report.cases.iter();
        rows.filter_map(|case| Some((case, case.waiver.as_ref()?)))
    };
    if waived().next().is_some() {
        page.heading(&format!("{} waived", counted(waived().count(), "row")));
        for (case, waiver) in waived() {
            page.line(Part::Title, &format!("WAIVED {}", one_line(&case.id)));
            let mut lines = Vec::new();
            hang(&mut lines, Part::Actual, "  ", &explain::message(case));
            hang(&mut lines, Part::Label, "  ", &one_line(&waiver.sentence()));
            page.lines(&lines);
        }
        page.gap();
    }
    if !report.waivers.is_empty() {
        let count = counted(report.waivers.len(), "waiver");
        page.heading(&format!("{count} to look at"));
        let mut lines = Vec::new();
        for note in &report.waivers {
            hang(&mut lines, Part::Actual, "  ", &one_line(note));
        }
        page.lines(&lines);
        page.gap();
    }
}

/// One entry a cause: what stopped a control is told once, with all the rows it blocks.
pub(super) fn errors(page: &mut Page, report: &RunReport) {
    let causes = root_causes(report);
    let rows = |cause: &Cause<'_>| cause.struck.len() + cause.blocked.len();
    let total: usize = causes.iter().map(rows).sum();
    if total == 0 {
        return;
    }
    page.heading(&format!(
        "{} could not be judged, {}",
        counted(total, "row"),
        counted(causes.len(), "cause")
    ));
    for cause in &causes {
        let all = || cause.struck.iter().chain(&cause.blocked);
        let Some(first) = all().next() else { continue };
        let word = one_line(first.verdict.reason());
        let struck = Some(cause.struck.len()).filter(|count| *count > 0);
        let blocked = Some(cause.blocked.len()).filter(|count| *count > 0);
        let parts = [
            struck.map(|count| counted(count, "row")),
            blocked.map(|count| format!("blocks {}", counted(count, "row"))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        page.line(Part::Title, &format!("ERROR {word}, {}", parts.join(", ")));
        let mut lines = Vec::new();
        hang(&mut lines, Part::Actual, "  ", &explain::detail(first));
        if struck.is_some() {
            explain::causes(&mut lines, first);
            explain::sent(&mut lines, first);
        } else if !std::ptr::eq(cause.root, *first) {
            // The control itself is told in full where the failed rows are.
            let mut broken = cause.root.broken();
            let why = broken.next().map_or_else(
                || explain::detail(cause.root),
                |(_, _, first)| explain::mismatch(first),
            );
            hang(&mut lines, Part::Detail, "  because ", &why);
        }
        for row in all().take(MAX_IDS) {
            lines.push((Part::Label, format!("  row {}", one_line(&row.id))));
        }
        if rows(cause) > MAX_IDS {
            lines.push((Part::Label, format!("  and {} more", rows(cause) - MAX_IDS)));
        }
        page.lines(&lines);
        page.gap();
    }
}

pub(super) fn skips(page: &mut Page, report: &RunReport) {
    let skipped = |case: &&CaseResult| {
        let shape = matches!(case.verdict, Verdict::Skip(_));
        shape && case.verdict != Verdict::OBSERVED
    };
    let groups = grouped(report.cases.iter().filter(skipped));
    let observed = report.counts().observed;
    let total: usize = groups.iter().map(|group| group.rows.len()).sum();
    if total + observed == 0 {
        return;
    }
    page.heading(&format!("{} skipped", counted(total + observed, "row")));
    let entries = groups
        .iter()
        .map(|group| (group.rows.len(), group.key.1.clone()));
    tally(page, &entries.collect::<Vec<_>>());
    if observed > 0 {
        page.line(
            Part::Label,
            &format!("  {observed:>4} x only observed, nothing is promised"),
        );
    }
    page.gap();
}

pub(super) fn warnings(page: &mut Page, report: &RunReport) {
    let mut entries: Vec<(usize, String)> = Vec::new();
    let mut places = BTreeMap::new();
    let mut total = 0;
    let cases = report
        .cases
        .iter()
        .filter(|case| !matches!(case.verdict, Verdict::Skip(_)));
    for (_, _, mismatch) in cases.flat_map(CaseResult::warnings) {
        let words = explain::mismatch(mismatch);
        let place = *places.entry(words.clone()).or_insert_with(|| {
            entries.push((0, words));
            entries.len() - 1
        });
        entries[place].0 += 1;
        total += 1;
    }
    if total > 0 {
        page.heading(&counted(total, "warning"));
        tally(page, &entries);
        page.gap();
    }
}

/// Rows that passed only because a request was sent again: nobody should learn that from a graph of
/// the network later.
pub(super) fn repeated(page: &mut Page, report: &RunReport) {
    let again = |case: &&CaseResult| case.verdict.is_pass() && case.repeated().total() > 0;
    let rows: Vec<&CaseResult> = report.cases.iter().filter(again).collect();
    if rows.is_empty() {
        return;
    }
    let count = counted(rows.len(), "row");
    page.heading(&format!(
        "{count} passed only after a request was sent again"
    ));
    let mut lines = Vec::new();
    for row in rows.iter().take(MAX_GROUPS) {
        let sentence = row.repeated().sentence().unwrap_or_default();
        lines.push((Part::Label, format!("  {}", one_line(&row.id))));
        hang(&mut lines, Part::Detail, "    ", &sentence);
    }
    page.lines(&lines);
    more(page, rows.len());
    page.gap();
}

/// What a run leaves open of what the documents fix. Requirements of which a filter left rows out
/// are only counted: the filter was asked for.
pub(super) fn unproven(page: &mut Page, report: &RunReport) {
    let gaps: Vec<_> = report.unproven().filter(|one| !one.left_out).collect();
    if gaps.is_empty() {
        return;
    }
    page.heading(&format!("{} unproven", counted(gaps.len(), "requirement")));
    let mut lines = Vec::new();
    for gap in gaps.iter().take(MAX_GROUPS) {
        let why = gap.why.as_deref().unwrap_or_default();
        let lead = format!("  {} ", one_line(&gap.id));
        hang(&mut lines, Part::Label, &lead, &one_line(why));
    }
    page.lines(&lines);
    more(page, gaps.len());
    page.gap();
}

/// One line an operation: how many of its requirements are in which state.
pub(super) fn requirements(page: &mut Page, report: &RunReport, files: &[String]) {
    for (edition, operation, tally) in tallies(report) {
        let mut line = format!(
            "{} {}: {} of {} satisfied",
            one_line(edition),
            one_line(operation),
            tally.count(State::Satisfied),
            counted(tally.total(), "requirement")
        );
        let own = report.requirements.iter();
        let own = own.filter(|one| one.edition == edition && one.operation == operation);
        let left_out = own.filter(|one| one.is_unproven() && one.left_out).count();
        let unproven = tally.count(State::Unproven) - left_out;
        let violated = tally.count(State::Violated);
        let _ = write!(line, ", {violated} violated, {unproven} unproven");
        if left_out > 0 {
            let _ = write!(line, ", {left_out} with rows left out");
        }
        for (state, word) in [
            (State::Observed, "only observed"),
            (State::NotTestable, "not testable"),
            (State::Empty, "never observed"),
        ] {
            if tally.count(state) > 0 {
                let _ = write!(line, ", {} {word}", tally.count(state));
            }
        }
        page.line(Part::Label, &line);
    }
    let record = files.iter().find(|file| file.ends_with("run.jsonl"));
    if let (Some(record), false) = (record, report.requirements.is_empty()) {
        let words = format!(
            "Reasons and matrices: probity coverage --record {}",
            one_line(record)
        );
        page.line(Part::Label, &words);
        page.gap();
    }
}

/// The requirements of a run by operation, in order of first appearance.
fn tallies(report: &RunReport) -> Vec<(&str, &str, Tally)> {
    let mut order: Vec<(&str, &str)> = Vec::new();
    for one in &report.requirements {
        let key = (one.edition.as_str(), one.operation.as_str());
        if !order.contains(&key) {
            order.push(key);
        }
    }
    let tally = |(edition, operation)| {
        let own = report.requirements.iter();
        let own = own.filter(|one| one.edition == edition && one.operation == operation);
        (edition, operation, Tally::of(own.map(|one| one.state)))
    };
    order.into_iter().map(tally).collect()
}

pub(super) fn counts(page: &mut Page, report: &RunReport) {
    let counts = report.counts();
    let mut line = counted(counts.total, "row");
    let notes = [
        (counts.passed, "passed", counts.warned, "with warnings"),
        (counts.failed, "failed", 0, ""),
        (counts.waived, "waived", 0, ""),
        (counts.errors, "not judged", 0, ""),
        (counts.skipped, "skipped", counts.observed, "only observed"),
    ];
    let notes = notes.into_iter();
    let notes = notes.filter(|(count, word, ..)| *count > 0 || *word != "waived");
    for (index, (count, word, part, note)) in notes.enumerate() {
        let lead = if index == 0 { ": " } else { ", " };
        let _ = write!(line, "{lead}{count} {word}");
        if part > 0 {
            let _ = write!(line, " ({part} {note})");
        }
    }
    let _ = write!(line, " in {:.1} s", report.elapsed.as_secs_f64());
    page.line(Part::Place, &line);
    let all: Repeated = report.cases.iter().map(CaseResult::repeated).sum();
    if let Some(sentence) = all.sentence() {
        page.line(Part::Label, &sentence);
    }
    if !report.spent.is_empty() {
        page.line(Part::Label, &format!("Used up: {}", spent(&report.spent)));
    }
    if report.planned < report.suite_size {
        let words = format!(
            "{} of {} of the suite were selected",
            report.planned,
            counted(report.suite_size, "row")
        );
        page.line(Part::Label, &words);
    }
}

/// `accounts 12, sms 3 of 20`.
fn spent(spent: &[Spent]) -> String {
    let each = spent.iter().map(|one| {
        let bound = one.budget.map(|budget| format!(" of {budget}"));
        let bound = bound.unwrap_or_default();
        format!("{} {}{bound}", one_line(&one.what), one.spent)
    });
    each.collect::<Vec<_>>().join(", ")
}

pub(super) fn conclusion(page: &mut Page, report: &RunReport) {
    let conclusion = report.conclusion();
    let part = match conclusion {
        Conclusion::Conformant | Conclusion::WithWaivers => Part::Expected,
        Conclusion::Inconclusive | Conclusion::WaiversNeedAttention | Conclusion::LeftBehind => {
            Part::Place
        }
        Conclusion::NotConformant
        | Conclusion::NotStarted
        | Conclusion::Invalid
        | Conclusion::Unfinished => Part::Title,
    };
    let (words, code) = (conclusion.label(), conclusion.exit_code());
    let strict = if report.strict { ", strict" } else { "" };
    let target = one_line(&report.target);
    // What failed is told above; why a run proves nothing is told nowhere else.
    let told_above = matches!(
        conclusion,
        Conclusion::NotConformant | Conclusion::WithWaivers | Conclusion::WaiversNeedAttention
    );
    if let (false, Some(why)) = (told_above, report.because()) {
        page.line(Part::Actual, &one_line(&why));
    }
    // A part that holds says nothing about the rest.
    let partial = if report.is_whole() {
        String::new()
    } else {
        let rows = counted(report.planned, "selected row");
        format!(" in {rows} of {}, partial", report.suite_size)
    };
    page.line(
        part,
        &format!("{target}: {words}{partial} (exit code {code}{strict})"),
    );
}

/// Rows by reason and detail, in order of first appearance.
fn grouped<'a>(rows: impl Iterator<Item = &'a CaseResult>) -> Vec<Group<'a>> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for case in rows {
        let detail = explain::detail(case);
        let reason = case.verdict.reason();
        let place = *places.entry((reason, detail.clone())).or_insert_with(|| {
            groups.push(Group {
                key: (reason, detail),
                rows: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].rows.push(case);
    }
    groups
}

pub(super) fn tally(page: &mut Page, entries: &[(usize, String)]) {
    let mut lines = Vec::new();
    for (count, words) in entries.iter().take(MAX_GROUPS) {
        hang(&mut lines, Part::Label, &format!("  {count:>4} x "), words);
    }
    page.lines(&lines);
    more(page, entries.len());
}

pub(super) fn more(page: &mut Page, total: usize) {
    if total > MAX_GROUPS {
        page.line(Part::Label, &format!("  and {} more", total - MAX_GROUPS));
    }
}
