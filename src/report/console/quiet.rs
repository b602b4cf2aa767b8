//! The summary of who wants to know no more than whether to look: a line for each cause of red, and the
//! conclusion.

use super::{
    super::{
        causes::{self, Block, FindingGroup, again, sentence},
        explain::Part,
        text::{NO_BREAK, counted},
    },
    Options,
    page::Page,
    sections,
};
use crate::result::{CaseResult, RunReport};

/// Causes that have a line.
const MOST: usize = 20;

/// The conclusion, and before it what makes it red.
#[must_use]
pub fn quiet(report: &RunReport, options: &Options<'_>) -> String {
    let mut page = Page::new(options.width, options.colour, options.long);
    let blocks = causes::of(report);
    let most = if options.long { blocks.len() } else { MOST };
    for block in blocks.iter().take(most) {
        let line = match block {
            Block::Fail(group) => fail(group),
            Block::Error(cause) => {
                let rows = rows(cause.struck.len(), &cause.blocked);
                format!("ERROR {}{rows}: {}", cause.sentence(), again(cause.shown()))
            }
        };
        page.line(Part::Title, &line.replace(NO_BREAK, " "));
    }
    if let Some(rest) = blocks.len().checked_sub(most + 1) {
        let words = format!("and {} (--long)", counted(rest + 1, "more cause"));
        page.line(Part::Label, &words);
    }
    sections::conclusion(&mut page, report);
    page.text()
}

fn fail(group: &FindingGroup<'_>) -> String {
    let found = group.first();
    let rows = rows(group.cases().len(), &group.blocked);
    format!("FAIL  {}{rows}: {}", sentence(&found), again(found.case))
}

/// How many rows show the cause, and how many it keeps from being judged.
fn rows(own: usize, blocked: &[&CaseResult]) -> String {
    let blocked = match blocked.len() {
        0 => String::new(),
        count => format!(", blocks {count}"),
    };
    format!(" ({}{blocked})", counted(own, "row"))
}
