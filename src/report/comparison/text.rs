//! A comparison on the console.

use super::{
    broken::{Broken, Causes, of_kind},
    page::Page,
};
use crate::{
    ids::{CaseId, RequirementId},
    report::text::{counted, cut, one_line, visible},
    result::{
        AnswerChange, ChangeClass, ChangeKind, Compared, Comparison, RequirementChange, RunReport,
        Slower, State,
    },
};

/// How a comparison is printed.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Columns.
    pub width: usize,
    /// Nothing is folded.
    pub long: bool,
}

/// Names and entries of a list that are told where there are more.
const NAMES: usize = 3;
const ENTRIES: usize = 10;

/// Columns of a value.
const VALUE: usize = 160;

/// The page for the console; `after` is the run after with its exchanges.
#[must_use]
pub fn text(comparison: &Comparison, after: &RunReport, options: Options) -> String {
    let mut page = Page::new(options.width);
    side(&mut page, "before", &comparison.before);
    side(&mut page, "after ", &comparison.after);
    page.line(&format!("suite   {}", suite(comparison)));
    if comparison.before.counts.failed > 0 {
        page.line("note    the run before failed as well: what it broke already is known");
    }
    page.gap();
    suite_change(&mut page, comparison, options);
    let causes = Causes::of(comparison, after);
    broken(&mut page, comparison, &causes, options);
    lists(&mut page, comparison, options);
    known(&mut page, comparison, &causes, options);
    requirements(&mut page, comparison, options);
    slower(&mut page, comparison);
    undetermined(&mut page, comparison);
    page.gap();
    page.hang("", &conclusion(comparison));
    page.text()
}

fn side(page: &mut Page, name: &str, side: &Compared) {
    let counts = side.counts;
    let mut rows = vec![format!("{} passed", counts.passed)];
    for (count, word) in [
        (counts.failed, "failed"),
        (counts.errors, "not judged"),
        (counts.waived, "waived"),
        (counts.skipped - counts.observed, "skipped"),
        (counts.observed, "only observed"),
    ] {
        if count > 0 {
            rows.push(format!("{count} {word}"));
        }
    }
    let version = side.version.as_ref();
    let version = version.map_or_else(String::new, |one| format!(" {}", one_line(one)));
    let mut addresses: Vec<&str> = side.addresses.values().map(String::as_str).collect();
    addresses.dedup();
    let part = if side.whole {
        ""
    } else {
        ", a part of the suite"
    };
    page.hang(
        &format!("{name}  "),
        &one_line(&format!(
            "{}{version}  {}  {}{part}  exit {}",
            side.target,
            cut(&addresses.join(", "), VALUE),
            rows.join(", "),
            side.exit_code
        )),
    );
}

/// Whether the same was asked.
pub(super) fn suite(comparison: &Comparison) -> String {
    let (after, new, lost) = (
        comparison.cases.len() - comparison.count(ChangeKind::Lost),
        comparison.count(ChangeKind::New),
        comparison.count(ChangeKind::Lost),
    );
    let rows = counted(after, "row");
    let known = !comparison.before.suite.contract.is_empty();
    match (comparison.same_contract, comparison.same_cases) {
        _ if !known => {
            format!("not known, the record before is an older one: {rows}, {new} new, {lost} lost")
        }
        (true, true) => format!("the same: {rows}"),
        (contract, cases) => {
            let what = match (contract, cases) {
                (false, false) => "specs and cases",
                (false, true) => "specs",
                _ => "cases",
            };
            format!("another: {what} changed; {rows}, {new} new, {lost} lost")
        }
    }
}

/// What the suite says otherwise of the answers that it had before.
fn suite_change(page: &mut Page, comparison: &Comparison, options: Options) {
    let Some(change) = comparison.suite_change.as_ref() else {
        return;
    };
    if change.is_nothing() {
        page.line("THE SUITE CHANGED and judges every answer of the run before as it was judged");
        page.gap();
        return;
    }
    page.line(&format!(
        "THE SUITE CHANGED ITS MIND about the run before: {}",
        counted(change.cases.len(), "row")
    ));
    for (kind, title) in SUITE_CHANGES {
        let all = change.cases.iter().filter(|row| row.kind == kind);
        let names: Vec<&CaseId> = all.map(|row| &row.id).collect();
        page.label(title, &rows(&names, options));
    }
    let [violated, unproven, fixed] = otherwise_kept(&change.requirements);
    page.label("violated", &ids(&violated, options));
    page.label("satisfied", &ids(&fixed, options));
    page.label("not proven", &ids(&unproven, options));
    let unknown: Vec<&CaseId> = change.unknown.iter().collect();
    page.label("not known", &rows(&unknown, options));
    if !unknown.is_empty() {
        page.label(
            "because",
            "the record does not hold what judging these rows again takes; what is told of them below may \
             be the suite's doing",
        );
    }
    page.gap();
    page.line("WHAT THE TARGET CHANGED, by the suite as it is now");
    page.gap();
}

/// What a suite may say otherwise of the same answers, with the word on the page.
pub(super) const SUITE_CHANGES: [(ChangeKind, &str); 6] = [
    (ChangeKind::Broken, "fail now"),
    (ChangeKind::Fixed, "pass now"),
    (ChangeKind::Behind, "not judged"),
    (ChangeKind::BehindAsBefore, "not judged"),
    (ChangeKind::JudgedNow, "judged now"),
    (ChangeKind::Lost, "taken out"),
];

fn broken(page: &mut Page, comparison: &Comparison, causes: &Causes<'_>, options: Options) {
    if causes.new.is_empty() {
        return;
    }
    let rows = comparison.count(ChangeKind::Broken)
        + comparison.count(ChangeKind::NewFailing)
        + comparison.count(ChangeKind::Behind)
        + comparison.count(ChangeKind::BehindAsBefore);
    page.line(&format!(
        "BROKEN: {}, {}",
        counted(causes.new.len(), "cause"),
        counted(rows, "row"),
    ));
    for (number, one) in (1..).zip(&causes.new) {
        page.gap();
        cause(page, number, one, options);
    }
    page.gap();
}

fn cause(page: &mut Page, number: usize, one: &Broken<'_>, options: Options) {
    let kind = if one.brief.is_fail { "FAIL" } else { "ERROR" };
    page.hang(&format!("{number}  {kind}  "), &one.brief.sentence);
    for why in &one.brief.because {
        page.label("because", why);
    }
    if let Some(change) = one.change {
        page.label("changed", &difference(change));
    }
    if let Some(sent_by) = one.brief.sent_by() {
        page.label("sent by", &sent_by);
    }
    if let Some((_, exchange)) = one.brief.sent {
        let body = exchange.response_body.as_deref().unwrap_or_default();
        let answer = match exchange.status {
            Some(status) => format!("{status} {}", one_line(&visible(body))),
            None => one_line(exchange.trouble.as_deref().unwrap_or_default()),
        };
        page.label("now", &cut(&answer, VALUE));
    }
    for promise in &one.brief.violates {
        let text = format!("{} {}", promise.id, promise.sentence);
        page.label("violates", &one_line(&text));
    }
    page.label("not proven", &ids(&one.not_proven, options));
    let names = |cases: &[&crate::result::CaseResult]| {
        let names: Vec<&CaseId> = cases.iter().map(|case| &case.id).collect();
        rows(&names, options)
    };
    page.label("seen in", &names(&one.brief.seen));
    page.label("blocks", &names(&one.brief.blocked));
    page.label("again", &one.brief.again);
}

/// `body /expire: 43200 -> "43200"`.
pub(super) fn difference(change: &AnswerChange) -> String {
    let value = |value: &Option<String>| match value {
        Some(value) => cut(&one_line(value), VALUE / 2),
        None => "nothing".to_owned(),
    };
    let (before, after) = (value(&change.before), value(&change.after));
    one_line(&format!("{}: {before} -> {after}", change.place))
}

/// The rows of a kind, each kind under its heading.
fn lists(page: &mut Page, comparison: &Comparison, options: Options) {
    let named = |page: &mut Page, title: &str, kind: ChangeKind| {
        let all = of_kind(comparison, kind);
        if !all.is_empty() {
            let names: Vec<&CaseId> = all.iter().map(|row| &row.id).collect();
            page.hang(&format!("{title}: "), &rows(&names, options));
        }
    };
    named(
        page,
        "BROKEN AND ACCEPTED by a waiver",
        ChangeKind::Accepted,
    );
    named(
        page,
        "NOT JUDGED, answered as before",
        ChangeKind::BehindAsBefore,
    );
    named(page, "NOT JUDGED", ChangeKind::Behind);
    otherwise(page, comparison, options);
    named(page, "FIXED", ChangeKind::Fixed);
    named(page, "JUDGED NOW, and green", ChangeKind::JudgedNow);
    named(page, "NEW ROWS, and they fail", ChangeKind::NewFailing);
    named(page, "NEW ROWS", ChangeKind::New);
    named(page, "LOST ROWS", ChangeKind::Lost);
    named(page, "LEFT OUT by the run after", ChangeKind::LeftOut);
}

/// Answers that differ in rows that are not red.
fn otherwise(page: &mut Page, comparison: &Comparison, options: Options) {
    let green = [
        (ChangeClass::Undocumented, "nothing in the suite judges it"),
        (ChangeClass::Compatible, "the documents allow both"),
        (ChangeClass::NotJudged, "nobody judged it"),
    ];
    for (class, why) in green {
        let all: Vec<&AnswerChange> = comparison
            .answers
            .iter()
            .filter(|change| change.class == class)
            .collect();
        if all.is_empty() {
            continue;
        }
        page.gap();
        let heading = format!(
            "{}: {}, {why}",
            class.label(),
            counted(all.len(), "difference")
        );
        page.hang("ANSWERED OTHERWISE, ", &heading);
        let groups = in_groups(&all, options.long);
        let shown = if options.long { groups.len() } else { ENTRIES };
        for group in groups.iter().take(shown) {
            page.hang("   ", &one_line(&of_group(group, options)));
        }
        if groups.len() > shown {
            page.line(&format!("   and {} more (--long)", groups.len() - shown));
        }
        page.gap();
    }
}

/// Differences that are the same in several calls, together; each alone where nothing is folded.
fn in_groups<'a>(all: &[&'a AnswerChange], long: bool) -> Vec<Vec<&'a AnswerChange>> {
    let mut groups: Vec<Vec<&AnswerChange>> = Vec::new();
    for change in all {
        let same = |group: &&mut Vec<&AnswerChange>| {
            let first = group[0];
            !long
                && (&first.edition, &first.place, &first.before, &first.after)
                    == (
                        &change.edition,
                        &change.place,
                        &change.before,
                        &change.after,
                    )
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

/// A difference with the call or the calls, and the rows.
fn of_group(group: &[&AnswerChange], options: Options) -> String {
    let first = group[0];
    let mut names: Vec<&CaseId> = Vec::new();
    for id in group.iter().flat_map(|change| &change.cases) {
        if !names.contains(&id) {
            names.push(id);
        }
    }
    let calls = match group.len() {
        1 => first.call.clone(),
        more => format!("{more} calls, {} …", first.call),
    };
    format!(
        "{} {calls}, {}  in {}",
        first.edition,
        difference(first),
        rows(&names, options)
    )
}

fn known(page: &mut Page, comparison: &Comparison, causes: &Causes<'_>, options: Options) {
    let all = of_kind(comparison, ChangeKind::StillFailing);
    if all.is_empty() {
        return;
    }
    let names: Vec<&CaseId> = all.iter().map(|row| &row.id).collect();
    page.hang("KNOWN AND UNCHANGED: ", &rows(&names, options));
    for brief in causes.known.iter().take(ENTRIES) {
        page.hang("   ", &brief.sentence);
    }
    let otherwise = comparison.answers.iter();
    let otherwise = otherwise.filter(|change| change.class == ChangeClass::StillFailing);
    for change in otherwise.take(ENTRIES) {
        let text = format!("{} {}, {}", change.edition, change.call, difference(change));
        page.hang("   answered otherwise  ", &one_line(&text));
    }
}

fn requirements(page: &mut Page, comparison: &Comparison, options: Options) {
    let (before, after) = (
        &comparison.before.requirements,
        &comparison.after.requirements,
    );
    let each = State::ALL.into_iter().filter_map(|state| {
        let of = |all: &std::collections::BTreeMap<String, usize>| {
            all.get(state.label()).copied().unwrap_or_default()
        };
        let (before, after) = (of(before), of(after));
        (before + after > 0 && state != State::Cased).then(|| {
            if before == after {
                format!("{} {before}", state.label())
            } else {
                format!("{} {before} -> {after}", state.label())
            }
        })
    });
    let each: Vec<String> = each.collect();
    if !each.is_empty() {
        page.gap();
        page.hang("requirements  ", &each.join("   "));
    }
    let [violated, unproven, fixed] = otherwise_kept(&comparison.requirements);
    page.label("violated", &ids(&violated, options));
    page.label("not proven", &ids(&unproven, options));
    page.label("fixed", &ids(&fixed, options));
}

/// The requirements among these that are violated anew, not proven any more, and kept again.
pub(super) fn otherwise_kept(all: &[RequirementChange]) -> [Vec<RequirementId>; 3] {
    [
        RequirementChange::is_newly_violated,
        RequirementChange::is_proof_lost,
        RequirementChange::is_fixed,
    ]
    .map(|is_wanted| {
        let wanted = all.iter().filter(|one| is_wanted(one));
        wanted.map(|one| one.id.clone()).collect()
    })
}

fn slower(page: &mut Page, comparison: &Comparison) {
    for one in &comparison.slower {
        page.gap();
        page.hang(
            "slower  ",
            &format!("{}; times decide nothing", longer(one)),
        );
    }
}

/// An operation whose answers take much longer.
pub(super) fn longer(one: &Slower) -> String {
    one_line(&format!(
        "{} {}: half of the answers took {} ms and more, before {} ms",
        one.edition,
        one.operation,
        one.after_us / 1_000,
        one.before_us / 1_000
    ))
}

fn undetermined(page: &mut Page, comparison: &Comparison) {
    if comparison.undetermined > 0 {
        page.gap();
        page.hang(
            "note    ",
            &format!(
                "in {} of answers other values came, which may change by themselves; another run before of \
                 the same target would tell: probity compare BEFORE BEFORE AFTER",
                counted(comparison.undetermined, "place")
            ),
        );
    }
}

/// The last line: what it says to a gate.
pub(super) fn conclusion(comparison: &Comparison) -> String {
    use crate::result::Decision;

    let (decision, why) = comparison.decision();
    let sentence = match decision {
        Decision::Same => "Nothing changed",
        Decision::Changed if comparison.count(ChangeKind::Accepted) > 0 => {
            "What broke is accepted by waivers"
        }
        Decision::Changed if comparison.after.counts.failed > 0 => {
            "Nothing further is broken, and something changed"
        }
        Decision::Changed => "The contract is kept, and something changed",
        Decision::LessProven => "Less is proven than before",
        Decision::Stricter => {
            "The suite fails what it let pass before, and the target did not change it"
        }
        Decision::Broken => "The target breaks what it kept before",
    };
    format!("{sentence}: {why} (exit code {})", decision.exit_code())
}

fn rows(names: &[&CaseId], options: Options) -> String {
    if names.is_empty() {
        return String::new();
    }
    let shown = if options.long { names.len() } else { NAMES };
    let list: Vec<String> = names.iter().take(shown).map(|id| one_line(id)).collect();
    let more = if names.len() > shown {
        " … (--long)"
    } else {
        ""
    };
    format!("{}: {}{more}", counted(names.len(), "row"), list.join(", "))
}

fn ids(all: &[RequirementId], options: Options) -> String {
    let shown = if options.long { all.len() } else { ENTRIES };
    let list: Vec<String> = all.iter().take(shown).map(|id| one_line(id)).collect();
    let more = if all.len() > shown {
        format!(" and {} more (--long)", all.len() - shown)
    } else {
        String::new()
    };
    list.join(", ") + &more
}
