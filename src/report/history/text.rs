//! The runs of a target on the console.

use super::{changes, millis, operations, when};
use crate::{
    report::{
        console::defused,
        text::{columns, counted, cut, one_line, wrap},
    },
    result::{History, Latency, PastRun},
};

/// Columns of a version and of a conclusion; what is longer is cut.
const VERSION: usize = 10;
const CONCLUSION: usize = 22;

/// So many answers of the last runs are told of an operation.
const ANSWERS: usize = 12;

/// The page for the console, in so many columns.
#[must_use]
pub fn text(history: &History, width: usize) -> String {
    let mut page = Page {
        text: String::new(),
        width,
    };
    let target = one_line(&history.target);
    page.line(&format!("{target}: {}", counted(history.runs.len(), "run")));
    runs(&mut page, &history.runs);
    answers(&mut page, &history.runs);
    if !history.left_out.is_empty() {
        page.line("");
        page.line("Left out");
        for one in &history.left_out {
            let text = format!("{}: {}", one_line(&one.file), one_line(&one.why));
            page.hang("  ", &text);
        }
    }
    page.text
}

struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(defused(line).trim_end());
        self.text.push('\n');
    }

    /// A text behind a label; further lines stand under its first.
    fn hang(&mut self, lead: &str, text: &str) {
        let used = columns(lead);
        let lines = wrap(text, self.width.saturating_sub(used).max(20));
        for (number, line) in lines.iter().enumerate() {
            let lead = if number == 0 { lead } else { "" };
            self.line(&format!("{}{line}", padded(lead, used)));
        }
    }
}

/// A text in so many columns.
fn padded(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let blanks = width.saturating_sub(columns(&text));
    format!("{text}{}", " ".repeat(blanks))
}

/// The cells of a run, in the order of [`TITLES`].
fn cells(run: &PastRun) -> [String; 6] {
    let (counts, promises) = (run.counts, run.requirements);
    let star = if run.whole { "" } else { "*" };
    [
        when(run),
        cut(&one_line(run.version.as_deref().unwrap_or("-")), VERSION),
        run.exit_code.to_string(),
        cut(&run.conclusion, CONCLUSION),
        format!(
            "{}/{}/{}{star}",
            counts.passed, counts.failed, counts.errors
        ),
        format!(
            "{}/{}/{}/{}",
            promises.satisfied, promises.violated, promises.waived, promises.unproven
        ),
    ]
}

const TITLES: [&str; 6] = [
    "began (UTC)",
    "version",
    "exit",
    "conclusion",
    "rows",
    "requirements",
];

fn runs(page: &mut Page, runs: &[PastRun]) {
    let all: Vec<[String; 6]> = runs.iter().map(cells).collect();
    let width = |at: usize| {
        let cells = all.iter().map(|cells| columns(&cells[at]));
        cells.chain([columns(TITLES[at])]).max().unwrap_or_default()
    };
    let line = |cells: &[String]| {
        let each = cells.iter().enumerate();
        let each = each.map(|(at, cell)| padded(cell, width(at)));
        each.collect::<Vec<_>>().join("  ")
    };
    page.line("");
    page.line(&line(&TITLES.map(str::to_owned)));
    for (run, cells) in runs.iter().zip(&all) {
        page.line(&line(cells));
        if let Some(shard) = run.shard {
            page.line(&format!("    shard: {shard}"));
        }
        for (label, text) in changes(run) {
            page.hang(&format!("    {label}: "), &one_line(&text));
        }
    }
    page.line("");
    page.hang(
        "",
        "rows: passed/failed/not judged; requirements: satisfied/violated/waived/unproven",
    );
    if runs.iter().any(|run| !run.whole) {
        page.line("* in a part of the suite");
    }
}

fn answers(page: &mut Page, runs: &[PastRun]) {
    let operations = operations(runs);
    if operations.is_empty() {
        return;
    }
    let shown = runs.len().min(ANSWERS);
    page.line("");
    let last = if shown < runs.len() {
        format!(" of the last {shown} runs")
    } else {
        String::new()
    };
    page.hang(
        "",
        &format!("How long answers took{last}, in ms: median/p95 of a run"),
    );
    for (name, latencies) in operations {
        let pairs = latencies[latencies.len() - shown..]
            .iter()
            .map(|one| pair(*one));
        page.line(&format!("  {}", one_line(&name)));
        page.hang("    ", &pairs.collect::<Vec<_>>().join("  "));
    }
}

/// Both figures of a run as one word; `-` where it has none.
fn pair(latency: Option<&Latency>) -> String {
    match latency {
        Some(one) => format!("{}/{}", millis(one.median_us), millis(one.p95_us)),
        None => "-".to_owned(),
    }
}
