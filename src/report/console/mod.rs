//! The summary a person reads when the run is over: what failed first, what it means last.

mod answer;
mod headline;
mod layout;
mod page;
mod quiet;
mod red;
mod sections;

pub use self::{
    headline::{Headline, headline},
    page::defused,
    quiet::quiet,
};

use self::page::Page;
use super::{
    causes,
    explain::{Part, WIDTH},
    text::one_line,
};
use crate::result::RunReport;

/// How the summary is shown.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// The reports that were written.
    pub files: &'a [String],
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Every name and every value, nothing folded.
    pub long: bool,
    /// How many of the slowest rows are named.
    pub slowest: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            files: &[],
            colour: false,
            width: WIDTH,
            long: false,
            slowest: 0,
        }
    }
}

/// The summary.
#[must_use]
pub fn summary(report: &RunReport, options: &Options<'_>) -> String {
    let mut page = Page::new(options.width, options.colour, options.long);
    let blocks = causes::of(report);
    red::blocks(&mut page, report, &blocks, options.files);
    sections::flaky(&mut page, report);
    sections::waivers(&mut page, report);
    sections::skips(&mut page, report);
    sections::warnings(&mut page, report);
    sections::repeated(&mut page, report);
    sections::unproven(&mut page, report);
    sections::slowest(&mut page, report, options.slowest);
    sections::requirements(&mut page, report, options.files);
    sections::counts(&mut page, report, &blocks);
    sections::conclusion(&mut page, report);
    for file in options.files {
        page.line(Part::Label, &format!("Written: {}", one_line(file)));
    }
    page.text()
}
