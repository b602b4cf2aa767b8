//! The summary of who wants to know no more than whether to look: a line for each cause of red, and the
//! conclusion.

use super::{
    super::{
        causes::{self, Brief},
        explain::Part,
        text::counted,
    },
    Options,
    page::Page,
    sections,
};
use crate::result::RunReport;

/// Causes that have a line.
const MOST: usize = 20;

/// The conclusion, and before it what makes it red.
#[must_use]
pub fn quiet(report: &RunReport, options: &Options<'_>) -> String {
    let mut page = Page::new(options.width, options.colour, options.long);
    let causes = causes::briefs(report);
    let most = if options.long { causes.len() } else { MOST };
    for one in causes.iter().take(most) {
        let kind = if one.is_fail { "FAIL " } else { "ERROR" };
        let line = format!("{kind} {}{}: {}", one.sentence, rows(one), one.again);
        page.line(Part::Title, &line);
    }
    if let Some(rest) = causes.len().checked_sub(most + 1) {
        let words = format!("and {} (--long)", counted(rest + 1, "more cause"));
        page.line(Part::Label, &words);
    }
    sections::conclusion(&mut page, report);
    page.text()
}

/// How many rows show the cause, and how many it keeps from being judged.
fn rows(cause: &Brief<'_>) -> String {
    let blocked = match cause.blocked.len() {
        0 => String::new(),
        count => format!(", blocks {count}"),
    };
    format!(" ({}{blocked})", counted(cause.seen.len(), "row"))
}
