//! The parts of the summary, each under its heading.

use std::collections::BTreeMap;

use super::{
    super::{
        causes::Block,
        explain::{self, Part},
        slowest, tallies,
        text::{counted, one_line, unbroken},
    },
    page::Page,
};
use crate::result::{CaseResult, Conclusion, Repeated, RunReport, State, Verdict};

/// Entries of a section that are shown.
const MAX_ENTRIES: usize = 5;

/// Rows that passed and failed in one run.
pub(super) fn flaky(page: &mut Page, report: &RunReport) {
    let flaky = || {
        let rows = report.cases.iter();
        rows.filter_map(|case| Some((case, case.flaky()?)))
    };
    if flaky().next().is_none() {
        return;
    }
    page.heading(&format!("{} flaky", counted(flaky().count(), "row")));
    for (case, tries) in flaky() {
        let text = format!("failed {} of {} times", tries.failed, tries.total());
        page.hang(
            Part::Title,
            "FLAKY ",
            &format!("{}: {text}", one_line(&case.id)),
        );
    }
    page.gap();
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
            page.hang(Part::Actual, "  ", &explain::message(case));
            page.hang(Part::Label, "  ", &one_line(&waiver.sentence()));
        }
        page.gap();
    }
    if !report.waivers.is_empty() {
        let count = counted(report.waivers.len(), "waiver");
        page.heading(&format!("{count} to look at"));
        for note in &report.waivers {
            page.hang(Part::Actual, "  ", &one_line(note));
        }
        page.gap();
    }
}

pub(super) fn skips(page: &mut Page, report: &RunReport) {
    let skipped = |case: &&CaseResult| {
        let shape = matches!(case.verdict, Verdict::Skip(_));
        shape && case.verdict != Verdict::OBSERVED
    };
    let rows = report.cases.iter().filter(skipped);
    let groups = grouped(rows.map(|case| (explain::detail(case), case)));
    let total: usize = groups.iter().map(|group| group.rows.len()).sum();
    if total == 0 {
        return;
    }
    page.heading(&format!("{} skipped", counted(total, "row")));
    entries(page, &groups);
    page.gap();
}

pub(super) fn warnings(page: &mut Page, report: &RunReport) {
    let judged = |case: &&CaseResult| !matches!(case.verdict, Verdict::Skip(_));
    let each = report.cases.iter().filter(judged).flat_map(|case| {
        let warnings = case.warnings();
        warnings.map(move |(_, _, mismatch)| (explain::mismatch(mismatch), case))
    });
    let groups = grouped(each);
    let total: usize = groups.iter().map(|group| group.rows.len()).sum();
    if total > 0 {
        page.heading(&counted(total, "warning"));
        entries(page, &groups);
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
    for row in &rows[..shown(page, rows.len())] {
        let sentence = row.repeated().sentence().unwrap_or_default();
        page.line(Part::Label, &format!("  {}", one_line(&row.id)));
        page.hang(Part::Detail, "    ", &sentence);
    }
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
    for gap in &gaps[..shown(page, gaps.len())] {
        let why = gap.why.as_deref().unwrap_or_default();
        let lead = format!("  {} ", one_line(&gap.id));
        page.hang(Part::Label, &lead, &one_line(why));
    }
    more(page, gaps.len());
    page.gap();
}

/// The rows that took longest, from when a row began until it ended.
pub(super) fn slowest(page: &mut Page, report: &RunReport, count: usize) {
    let rows: Vec<&CaseResult> = slowest::of(report, count).collect();
    if rows.is_empty() {
        return;
    }
    page.heading(&format!("{} that took longest", counted(rows.len(), "row")));
    for row in rows {
        let seconds = row.elapsed.as_secs_f64();
        page.line(
            Part::Label,
            &format!("  {seconds:>8.3} s  {}", one_line(&row.id)),
        );
    }
    page.gap();
}

/// One line an operation: how many of its requirements are in which state.
pub(super) fn requirements(page: &mut Page, report: &RunReport, files: &[String]) {
    for (edition, operation, tally) in tallies::by_operation(report) {
        let own = report.requirements.iter();
        let own = own.filter(|one| one.edition == edition && one.operation == operation);
        let left_out = own.filter(|one| one.is_unproven() && one.left_out).count();
        let satisfied = tally.count(State::Satisfied);
        let total = counted(tally.total(), "requirement");
        let name = unbroken(&one_line(&format!("{edition} {operation}")));
        let mut parts = vec![
            format!(
                "{name}: {}",
                unbroken(&format!("{satisfied} of {total} satisfied"))
            ),
            unbroken(&format!("{} violated", tally.count(State::Violated))),
            unbroken(&format!(
                "{} unproven",
                tally.count(State::Unproven) - left_out
            )),
        ];
        for (count, word) in [
            (tally.count(State::Waived), "waived"),
            (left_out, "with rows left out"),
            (tally.count(State::Observed), "only observed"),
            (tally.count(State::NotTestable), "not testable"),
            (tally.count(State::Empty), "never observed"),
        ] {
            if count > 0 {
                parts.push(unbroken(&format!("{count} {word}")));
            }
        }
        let line = parts.join(", ");
        page.sentence(Part::Label, &line);
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

pub(super) fn counts(page: &mut Page, report: &RunReport, blocks: &[Block<'_>]) {
    let counts = report.counts();
    let fails = blocks.iter().filter(|one| matches!(one, Block::Fail(_)));
    let fails = fails.count();
    let errors = blocks.len() - fails;
    let causes = |count: usize| match count {
        0 => String::new(),
        count => format!(" for {}", counted(count, "cause")),
    };
    let skipped = counts.skipped - counts.observed;
    let warned = match counts.warned {
        0 => String::new(),
        count => format!(" ({count} with warnings)"),
    };
    let always = |count: usize, what: String| Some(format!("{count} {what}"));
    let any = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        always(counts.passed, format!("passed{warned}")),
        always(counts.failed, format!("failed{}", causes(fails))),
        any(counts.waived, "waived"),
        always(counts.errors, format!("not judged{}", causes(errors))),
        any(skipped, "skipped"),
        any(counts.observed, "only observed"),
    ];
    let parts: Vec<String> = parts.iter().flatten().map(|part| unbroken(part)).collect();
    let elapsed = unbroken(&format!("in {:.1} s", report.elapsed.as_secs_f64()));
    let total = unbroken(&counted(counts.total, "row"));
    let line = format!("{total}: {} {elapsed}", parts.join(", "));
    page.sentence(Part::Place, &line);
    let all: Repeated = report.cases.iter().map(CaseResult::repeated).sum();
    if let Some(sentence) = all.sentence() {
        page.line(Part::Label, &sentence);
    }
    if !report.spent.is_empty() {
        page.line(
            Part::Label,
            &format!("Used up: {}", explain::spent(&report.spent)),
        );
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
        let part = match &report.provenance.shard {
            Some(of) => format!("shard {}", of.shard),
            None => "partial".to_owned(),
        };
        format!(" in {rows} of {}, {part}", report.suite_size)
    };
    page.line(
        part,
        &format!("{target}: {words}{partial} (exit code {code}{strict})"),
    );
}

/// What is said of test cases, with those of which it is said.
struct Group<'a> {
    text: String,
    rows: Vec<&'a CaseResult>,
}

/// In order of first appearance.
fn grouped<'a>(each: impl Iterator<Item = (String, &'a CaseResult)>) -> Vec<Group<'a>> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (text, case) in each {
        let place = *places.entry(text.clone()).or_insert_with(|| {
            let rows = Vec::new();
            groups.push(Group { text, rows });
            groups.len() - 1
        });
        groups[place].rows.push(case);
    }
    groups
}

/// What is said, and of which test cases: the first of them, or all.
fn entries(page: &mut Page, groups: &[Group<'_>]) {
    for group in &groups[..shown(page, groups.len())] {
        let lead = format!("  {:>4} x ", group.rows.len());
        page.hang(Part::Label, &lead, &group.text);
        let rows = if page.long { group.rows.len() } else { 1 };
        for row in group.rows.iter().take(rows) {
            let more = match group.rows.len() - rows {
                0 => String::new(),
                more => format!(" and {more} more (--long)"),
            };
            page.line(
                Part::Detail,
                &format!("         {}{more}", one_line(&row.id)),
            );
        }
    }
    more(page, groups.len());
}

/// How many entries of a section are shown.
fn shown(page: &Page, total: usize) -> usize {
    if page.long {
        total
    } else {
        total.min(MAX_ENTRIES)
    }
}

fn more(page: &mut Page, total: usize) {
    let rest = total - shown(page, total);
    if rest > 0 {
        page.line(Part::Label, &format!("  and {rest} more (--long)"));
    }
}
