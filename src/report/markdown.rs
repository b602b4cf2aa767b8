//! The run as Markdown: for the job summary of a build service, a ticket or a merge request.
//!
//! What the target sent stands in code and never as markup. The text stays under the limit of the strictest
//! reader, GitHub's job summary, which takes one mebibyte and drops all of a longer one.

use std::io::{self, Write};

use jiff::Timestamp;

use super::{
    causes::{self, Brief},
    explain, tallies,
    text::{bounded, counted, digest, one_line, visible},
};
use crate::result::{CaseResult, Conclusion, RecordedExchange, RunReport, State, Tally};

/// Bytes after which no further cause is told with its evidence.
const MOST: usize = 700 * 1024;

/// Causes and entries of a list that are told.
const MOST_CAUSES: usize = 50;
const MOST_ENTRIES: usize = 100;
const MOST_ROWS: usize = 5;

/// Letters of a body that are shown.
const MOST_OF_A_BODY: usize = 4_000;

/// Writes the whole text.
///
/// # Errors
/// When the text cannot be written.
pub fn write(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    head(&mut text, report);
    causes_of_red(&mut text, report);
    unproven(&mut text, report);
    waivers(&mut text, report);
    left(&mut text, report);
    operations(&mut text, report);
    out.write_all(text.as_bytes())
}

/// Adds a line.
fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn head(out: &mut String, report: &RunReport) {
    let conclusion = report.conclusion();
    let word = conclusion.label();
    let mark = match conclusion {
        Conclusion::Conformant | Conclusion::WithWaivers => "✅",
        Conclusion::NotConformant => "❌",
        _ => "⚠️",
    };
    let partial = if report.is_whole() {
        ""
    } else {
        ", in a part of the suite"
    };
    let target = code(&report.target);
    line(out, &format!("## {mark} {target}: {word}{partial}\n"));
    if let Some(why) = report.because() {
        line(out, &format!("{}\n", words(&why)));
    }
    line(out, "| | |\n|---|---|");
    for (name, value) in facts(report) {
        line(out, &format!("| {name} | {} |", value.replace('|', "\\|")));
    }
    line(out, "");
}

fn facts(report: &RunReport) -> Vec<(&'static str, String)> {
    let counts = report.counts();
    let mut rows = vec![format!("{} passed", counts.passed)];
    for (count, words) in [
        (counts.failed, "failed"),
        (counts.errors, "not judged"),
        (counts.waived, "waived"),
        (counts.skipped - counts.observed, "skipped"),
        (counts.observed, "only observed"),
        (report.not_run(), "not run"),
    ] {
        if count > 0 {
            rows.push(format!("{count} {words}"));
        }
    }
    let of = &report.provenance;
    let started = Timestamp::from_millisecond(report.started).unwrap_or(Timestamp::UNIX_EPOCH);
    let addresses = of.editions.iter();
    let addresses: Vec<String> = addresses
        .map(|(edition, one)| format!("{edition} {}", code(&one.address)))
        .collect();
    let mut out = vec![
        (
            "Rows",
            format!(
                "{} of {}: {}",
                counts.total,
                report.suite_size,
                rows.join(", ")
            ),
        ),
        (
            "Requirements",
            states(Tally::of(report.requirements.iter().map(|one| one.state))),
        ),
        (
            "Version",
            of.version().as_deref().map(code).unwrap_or_default(),
        ),
        ("Address", addresses.join(", ")),
        ("Contract", code(&digest(&of.suite.contract))),
        ("Cases", code(&digest(&of.suite.cases))),
        (
            "Started",
            started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        ),
        ("Took", format!("{:.1} s", report.elapsed.as_secs_f64())),
        (
            "Shard",
            of.shard
                .as_ref()
                .map(|of| of.shard.to_string())
                .unwrap_or_default(),
        ),
        ("Used up", words(&explain::spent(&report.spent))),
        ("Exit code", report.conclusion().exit_code().to_string()),
        ("Run", code(&report.run_id)),
    ];
    out.retain(|(_, value)| !value.is_empty());
    out
}

/// `360 satisfied, 74 observed`; nothing where there is none.
fn states(tally: Tally) -> String {
    let all = State::ALL
        .into_iter()
        .filter(|state| tally.count(*state) > 0);
    let each = all.map(|state| format!("{} {}", tally.count(state), state.label()));
    each.collect::<Vec<_>>().join(", ")
}

fn causes_of_red(out: &mut String, report: &RunReport) {
    let all = causes::briefs(report);
    if all.is_empty() {
        return;
    }
    line(
        out,
        &format!("### {} of red\n", counted(all.len(), "cause")),
    );
    let mut shown = 0;
    for (number, one) in (1..).zip(&all) {
        if shown == MOST_CAUSES || out.len() > MOST {
            break;
        }
        cause(out, number, one);
        shown += 1;
    }
    if shown < all.len() {
        let more = counted(all.len() - shown, "further cause");
        line(out, &format!("{more}: see `report.html`.\n"));
    }
}

fn cause(out: &mut String, number: usize, one: &Brief<'_>) {
    let kind = if one.is_fail { "FAIL" } else { "ERROR" };
    line(
        out,
        &format!("#### {number}. {kind} {}\n", code(&one.sentence)),
    );
    for why in &one.because {
        line(out, &format!("- because {}", code(why)));
    }
    for promise in one.violates.iter().take(MOST_ROWS) {
        let place = if promise.place.is_empty() {
            String::new()
        } else {
            format!(" ({})", words(&promise.place))
        };
        let sentence = words(&promise.sentence);
        line(
            out,
            &format!("- violates **{}** {sentence}{place}", words(promise.id)),
        );
    }
    if one.is_fail && one.violates.is_empty() {
        line(out, &format!("- violates {}", explain::NO_REQUIREMENT));
    }
    let rows = |cases: &[&CaseResult]| {
        let mut names: Vec<String> = cases
            .iter()
            .take(MOST_ROWS)
            .map(|case| code(&case.id))
            .collect();
        if cases.len() > MOST_ROWS {
            names.push("…".to_owned());
        }
        format!("{}: {}", counted(cases.len(), "row"), names.join(", "))
    };
    if !one.seen.is_empty() {
        line(out, &format!("- seen in {}", rows(&one.seen)));
    }
    if !one.blocked.is_empty() {
        line(out, &format!("- blocks {}", rows(&one.blocked)));
    }
    let written = match one.written.as_slice() {
        [] => std::slice::from_ref(&one.source),
        all => all,
    };
    for source in written {
        let place = causes::written(source);
        line(out, &format!("- written {}", code(&place)));
    }
    line(out, &format!("- again {}\n", code(&one.again)));
    if let Some((_, exchange)) = one.sent {
        evidence(out, exchange);
    }
}

fn evidence(out: &mut String, exchange: &RecordedExchange) {
    let mut text = one_line(&format!("{} {}", exchange.method, exchange.url));
    part(
        &mut text,
        &exchange.request_headers,
        exchange.request_body.as_ref(),
    );
    text.push_str("\n\n");
    text.push_str(&answered(exchange));
    part(
        &mut text,
        &exchange.response_headers,
        exchange.response_body.as_ref(),
    );
    line(out, "<details><summary>Evidence</summary>\n");
    line(out, &fenced(&text));
    line(out, "\n</details>\n");
}

fn answered(exchange: &RecordedExchange) -> String {
    if let Some(status) = exchange.status {
        return format!("{status} in {} ms", exchange.elapsed.as_millis());
    }
    let why = exchange.trouble.as_deref().unwrap_or("no reason is known");
    format!("no answer: {}", one_line(why))
}

fn part(out: &mut String, headers: &[(String, String)], body: Option<&String>) {
    for (name, value) in headers {
        out.push('\n');
        out.push_str(&one_line(&format!("{name}: {value}")));
    }
    if let Some(body) = body.filter(|body| !body.is_empty()) {
        out.push_str("\n\n");
        out.push_str(&bounded(&visible(body), MOST_OF_A_BODY));
    }
}

fn unproven(out: &mut String, report: &RunReport) {
    let gaps: Vec<_> = report.unproven().filter(|one| !one.left_out).collect();
    if gaps.is_empty() {
        return;
    }
    line(
        out,
        &format!("### {} unproven\n", counted(gaps.len(), "requirement")),
    );
    for gap in gaps.iter().take(MOST_ENTRIES) {
        let why = words(gap.why.as_deref().unwrap_or_default());
        let sentence = words(&gap.sentence);
        line(out, &format!("- **{}** {sentence} ({why})", words(&gap.id)));
    }
    more(out, gaps.len());
}

fn waivers(out: &mut String, report: &RunReport) {
    let waived: Vec<_> = report
        .cases
        .iter()
        .filter_map(|case| Some((case, case.waiver.as_ref()?)))
        .collect();
    if waived.is_empty() && report.waivers.is_empty() {
        return;
    }
    line(out, "### Waivers\n");
    for note in report.waivers.iter().take(MOST_ENTRIES) {
        line(out, &format!("- {}", words(note)));
    }
    for (case, waiver) in waived.iter().take(MOST_ENTRIES) {
        let found = code(&explain::message(case));
        let sentence = words(&waiver.sentence());
        line(out, &format!("- {} {found}, {sentence}", code(&case.id)));
    }
    more(out, waived.len());
}

fn left(out: &mut String, report: &RunReport) {
    if report.left.is_empty() {
        return;
    }
    line(out, "### Left behind on the target\n");
    for one in report.left.iter().take(MOST_ENTRIES) {
        line(out, &format!("- {}", code(one)));
    }
    more(out, report.left.len());
}

/// Ends a list of which so many entries there are.
fn more(out: &mut String, count: usize) {
    if count > MOST_ENTRIES {
        line(out, &format!("- and {} more", count - MOST_ENTRIES));
    }
    line(out, "");
}

fn operations(out: &mut String, report: &RunReport) {
    let operations = tallies::by_operation(report);
    if operations.is_empty() {
        return;
    }
    let shown: Vec<State> = State::ALL
        .into_iter()
        .filter(|state| *state != State::Cased)
        .collect();
    line(out, "### Requirements by operation\n");
    let heads: Vec<&str> = shown.iter().map(|state| state.label()).collect();
    line(out, &format!("| operation | {} |", heads.join(" | ")));
    line(out, &format!("|---|{}", "--:|".repeat(shown.len())));
    for (edition, operation, tally) in operations {
        let name = format!("{edition} {operation}");
        let cells: Vec<String> = shown
            .iter()
            .map(|state| tally.count(*state).to_string())
            .collect();
        line(
            out,
            &format!("| {} | {} |", words(&name), cells.join(" | ")),
        );
    }
}

/// A text of ours or of an author on one line, with everything escaped that Markdown would read.
pub(super) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in one_line(text).chars() {
        if "\\`*_{}[]<>#|~&".contains(char) {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

/// A text on one line, whoever wrote it, as code.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines of text as a block of code.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}http\n{text}\n{fence}")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|char| char != '`');
    runs.map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_the_target_leaves_its_code() {
        assert_eq!(code("a `b` ``c"), "```a `b` ``c```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\n# b"), "`a # b`");
        assert_eq!(fenced("x\n```\n<b>"), "````http\nx\n```\n<b>\n````");
    }

    #[test]
    fn what_an_author_wrote_is_no_markup_either() {
        assert_eq!(words("a|b <i> [x](y)"), "a\\|b \\<i\\> \\[x\\](y)");
    }
}
