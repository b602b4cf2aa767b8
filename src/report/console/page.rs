//! A page of lines: colours, and nothing that a build service would obey.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::report::explain::{Line, Part};

/// The page that is written, line by line.
pub(super) struct Page {
    text: String,
    /// Columns.
    pub(super) width: usize,
    colour: bool,
    /// Nothing is folded.
    pub(super) long: bool,
}

impl Page {
    pub(super) const fn new(width: usize, colour: bool, long: bool) -> Self {
        Self {
            text: String::new(),
            width,
            colour,
            long,
        }
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    pub(super) fn heading(&mut self, words: &str) {
        self.line(Part::Place, words);
    }

    pub(super) fn lines(&mut self, lines: &[Line]) {
        for (part, line) in lines {
            self.line(*part, line);
        }
    }

    pub(super) fn line(&mut self, part: Part, line: &str) {
        let line = defused(line);
        let style = style(part);
        if self.colour && style != Style::new() {
            let _ = writeln!(self.text, "{style}{line}{style:#}");
        } else {
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }
}

fn style(part: Part) -> Style {
    match part {
        Part::Title => AnsiColor::Red.on_default().bold(),
        Part::Place => Style::new().bold(),
        Part::Expected => AnsiColor::Green.on_default(),
        Part::Actual => AnsiColor::Red.on_default(),
        Part::Label => Style::new(),
        Part::Detail => Style::new().dimmed(),
    }
}

/// Takes the power from what a build service would obey: `::order::` at the start of a line,
/// `##[order]` and `##vso[order]` anywhere.
#[must_use]
pub fn defused(line: &str) -> String {
    let line = line.replace("##[", "# #[").replace("##vso[", "# #vso[");
    if line.trim_start().starts_with("::") {
        return format!("|{line}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_service_finds_no_order_in_a_line() {
        #[track_caller]
        fn check(line: &str, expected: &str) {
            assert_eq!(defused(line), expected);
        }
        check("  ::error file=a::b", "|  ::error file=a::b");
        check("x ##[add-path]y", "x # #[add-path]y");
        check("##vso[task.setvariable]", "# #vso[task.setvariable]");
        check("a::b", "a::b");
    }

    #[test]
    fn colour_is_only_where_it_was_asked_for() {
        let mut page = Page::new(80, false, false);
        page.line(Part::Title, "plain");
        assert_eq!(page.text, "plain\n");
        page.colour = true;
        page.line(Part::Title, "red");
        assert!(page.text.contains("\u{1b}["));
    }
}
