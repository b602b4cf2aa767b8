//! The summary a person reads when the run is over: what failed first, what it means last.

mod page;
mod sections;

pub(super) use self::page::defused;

use self::page::Page;
use super::{explain::Part, text::one_line};
use crate::result::RunReport;

/// The summary; `files` are the reports that were written.
#[must_use]
pub fn summary(report: &RunReport, files: &[String], colour: bool) -> String {
    let mut page = Page {
        text: String::new(),
        colour,
    };
    sections::failures(&mut page, report, files);
    sections::waivers(&mut page, report);
    sections::errors(&mut page, report);
    sections::skips(&mut page, report);
    sections::warnings(&mut page, report);
    sections::repeated(&mut page, report);
    sections::unproven(&mut page, report);
    sections::requirements(&mut page, report, files);
    sections::counts(&mut page, report);
    sections::conclusion(&mut page, report);
    for file in files {
        page.line(Part::Label, &format!("Written: {}", one_line(file)));
    }
    page.text
}
