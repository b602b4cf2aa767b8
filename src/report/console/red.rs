//! What failed and what could not be judged: one block a cause.

use std::collections::BTreeSet;

use super::{
    super::{
        causes::{self, Block, Cause, FindingGroup, Promise, again, is_instead, sentence},
        explain::{self, NO_REQUIREMENT, Part},
        text::{NO_BREAK, counted, cut, one_line, unbroken, visible},
    },
    answer::compact,
    page::Page,
};
use crate::{
    ids::CaseId,
    result::{CaseResult, RecordedExchange, RunReport, Source},
};

/// Causes that are told in full; of the others only the first line, and how to see more.
const MAX_FULL: usize = 8;
/// Requirements of one block that are named.
const MAX_REQUIREMENTS: usize = 5;
/// Values beside the first that are shown.
const MAX_VALUES: usize = 3;

pub(super) fn blocks(page: &mut Page, report: &RunReport, blocks: &[Block<'_>], files: &[String]) {
    let full = if page.long { blocks.len() } else { MAX_FULL };
    for (index, block) in blocks.iter().enumerate() {
        match block {
            Block::Fail(group) if index < full => fail(page, report, group),
            Block::Error(cause) if index < full => error(page, cause),
            Block::Fail(group) => {
                let found = group.first();
                in_short(page, "FAIL", &sentence(&found), found.case);
            }
            Block::Error(cause) => {
                let first = cause.first();
                in_short(page, "ERROR", &explain::detail(first), first);
            }
        }
        if index < full {
            page.gap();
        }
    }
    if blocks.len() > full {
        let junit = files.iter().find(|file| file.ends_with("junit.xml"));
        let place = junit.map_or("junit.xml", String::as_str);
        let rest = counted(blocks.len() - full, "cause");
        let words = format!(
            "{rest} in short: --long tells all, and so does {}",
            one_line(place)
        );
        page.line(Part::Label, &words);
        page.gap();
    }
}

/// A cause of which there are too many: what it is, and the call that tells the rest.
fn in_short(page: &mut Page, word: &str, sentence: &str, case: &CaseResult) {
    let sentence = cut(
        &sentence.replace(NO_BREAK, " "),
        page.width.saturating_sub(6),
    );
    page.title(word, &unbroken(&sentence));
    page.field_whole(Part::Label, "again", &again(case));
}

fn fail(page: &mut Page, report: &RunReport, group: &FindingGroup<'_>) {
    let found = group.first();
    page.title("FAIL", &sentence(&found));
    let others = group.other_values();
    let shown = if page.long { others.len() } else { MAX_VALUES };
    let mut values: Vec<String> = others
        .iter()
        .take(shown)
        .map(|one| explain::short(one))
        .collect();
    if others.len() > shown {
        values.push("…".to_owned());
    }
    if !values.is_empty() {
        page.field_cut(Part::Actual, "elsewhere", &values.join(", "));
    }
    let also = group.consequences();
    let shown = if page.long { also.len() } else { MAX_VALUES };
    for mismatch in also.iter().take(shown) {
        page.field_cut(Part::Actual, "also", &is_instead(mismatch));
    }
    violates(page, report, group);
    let cases = group.cases();
    names(page, "seen in", &count(group.found.len(), &cases), &cases);
    if let Some((step, _, _)) = found.finding
        && step.part != crate::result::Part::Request
    {
        page.field(Part::Label, "sent by", &explain::owner(step));
    }
    for source in group.written() {
        written(page, source);
    }
    let broken = found.finding.map(|(step, _, _)| step);
    if let Some(exchange) = broken.and_then(|step| step.exchange.as_ref()) {
        answered(page, exchange);
    }
    blocked(page, &group.blocked);
    page.field_whole(Part::Label, "again", &again(found.case));
}

/// The sentence of one requirement with its place; of several, a line each.
fn violates(page: &mut Page, report: &RunReport, group: &FindingGroup<'_>) {
    let promises = group.promises(report);
    let sentence = |one: &Promise<'_>| {
        let text = format!("{}  {}", one_line(one.id), one.sentence);
        text.trim_end().to_owned()
    };
    if let [one] = promises.as_slice() {
        // Two blanks between id and sentence, as in the list below.
        let text = sentence(one).replacen("  ", &format!("{NO_BREAK} "), 1);
        page.field(Part::Label, "violates", &text);
        if !one.place.is_empty() {
            page.field_cut(Part::Detail, "", &one.place);
        }
        return;
    }
    if promises.is_empty() {
        page.field(Part::Label, "violates", NO_REQUIREMENT);
    }
    let shown = if page.long {
        promises.len()
    } else {
        promises.len().min(MAX_REQUIREMENTS)
    };
    for (index, one) in promises[..shown].iter().enumerate() {
        let label = if index == 0 { "violates" } else { "" };
        page.field_cut(Part::Label, label, &sentence(one));
    }
    if promises.len() > shown {
        let more = format!("and {} more (--long)", promises.len() - shown);
        page.field(Part::Label, "", &more);
    }
}

fn count(answers: usize, cases: &[&CaseResult]) -> String {
    let files: BTreeSet<&str> = cases.iter().map(|case| case.id.file()).collect();
    match cases.len() {
        1 => String::new(),
        _ => format!(
            "{} of {}",
            counted(answers, "answer"),
            counted(files.len(), "file")
        ),
    }
}

/// The ids of test cases beside a label.
fn names(page: &mut Page, label: &str, count: &str, cases: &[&CaseResult]) {
    let full: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    page.names(label, count, &full, &without_what_they_share(cases));
}

/// Ids without the folders that all of them are in: `documented/control`.
fn without_what_they_share(cases: &[&CaseResult]) -> Vec<String> {
    let folders = |id: &CaseId| {
        let file = id.file().rsplit_once('/');
        file.map_or_else(Vec::new, |(folder, _)| {
            folder.split('/').map(str::to_owned).collect::<Vec<_>>()
        })
    };
    let mut shared = cases
        .first()
        .map_or_else(Vec::new, |case| folders(&case.id));
    for case in cases {
        let own = folders(&case.id);
        let alike = shared
            .iter()
            .zip(&own)
            .take_while(|(one, other)| one == other);
        let alike = alike.count();
        shared.truncate(alike);
    }
    let skipped: usize = shared.iter().map(|folder| folder.len() + 1).sum();
    let short = |case: &&CaseResult| one_line(case.id.as_str().get(skipped..).unwrap_or(&case.id));
    cases.iter().map(short).collect()
}

fn written(page: &mut Page, source: &Source) {
    page.field_cut(Part::Label, "written", &causes::written(source));
}

/// What came back: on one line, or as it is where all is wanted, with the call to send it again.
fn answered(page: &mut Page, exchange: &RecordedExchange) {
    match (exchange.status, &exchange.response_body) {
        (None, _) => {
            let why = exchange.trouble.as_deref().unwrap_or("no reason is known");
            page.field(Part::Actual, "no answer", &one_line(why));
        }
        (Some(_), Some(body)) if !body.trim().is_empty() => {
            let room = if page.long { usize::MAX } else { page.room() };
            page.field_whole(Part::Detail, "answered", &compact(body, room));
        }
        (Some(_), _) => page.field(Part::Detail, "answered", "no body"),
    }
    if page.long {
        page.field_whole(Part::Detail, "curl", &visible(&exchange.curl));
    }
}

fn blocked(page: &mut Page, blocked: &[&CaseResult]) {
    if !blocked.is_empty() {
        let count = counted(blocked.len(), "row");
        names(page, "blocks", &count, blocked);
    }
}

/// What kept test cases from being judged: the step at which it stopped, and what it blocks.
fn error(page: &mut Page, cause: &Cause<'_>) {
    page.title("ERROR", &cause.sentence());
    for one in cause.because() {
        page.field(Part::Detail, "because", &one);
    }
    let shown = cause.shown();
    for (step, exchange) in explain::exchanges(shown) {
        page.field(Part::Label, "sent by", &causes::sent_by(step));
        answered(page, exchange);
    }
    if !cause.struck.is_empty() {
        let count = match cause.struck.len() {
            1 => String::new(),
            count => counted(count, "row"),
        };
        names(page, "seen in", &count, &cause.struck);
    }
    if let Some((_, check, _)) = cause.stopping() {
        written(page, &check.source);
    }
    blocked(page, &cause.blocked);
    page.field_whole(Part::Label, "again", &again(shown));
}
