//! Where things stand on a line: the column of labels, and breaks where the terminal ends.

use super::{
    super::{
        explain::{Line, Part, hang},
        text::{NO_BREAK, columns, cut, one_line, wrap},
    },
    page::Page,
};

/// Where a block's text begins after its word: `FAIL  …`.
const TITLE: usize = 6;
/// Where values begin after their labels: `      violates  …`.
const COLUMN: usize = 16;

impl Page {
    /// The first line of a block: its word, and what is wrong.
    pub(super) fn title(&mut self, word: &str, text: &str) {
        let lead = format!("{word:<TITLE$}");
        self.hang(Part::Title, &lead, text);
    }

    /// A label and what belongs to it, broken at blanks.
    pub(super) fn field(&mut self, part: Part, label: &str, text: &str) {
        self.hang(part, &lead(label), text);
    }

    /// A label and one line, cut where the terminal ends.
    pub(super) fn field_cut(&mut self, part: Part, label: &str, text: &str) {
        let text = cut(&text.replace(NO_BREAK, " "), self.room());
        self.line(part, &format!("{}{text}", lead(label)));
    }

    /// A label and a text whose lines are never broken: what is to be copied.
    pub(super) fn field_whole(&mut self, part: Part, label: &str, text: &str) {
        for (index, line) in text.trim_end().lines().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.line(part, &format!("{}{line}", lead(label)));
        }
    }

    /// A line of its own; what does not fit stands under it, set in.
    pub(super) fn sentence(&mut self, part: Part, text: &str) {
        const INSET: &str = "  ";
        let lines = wrap(text, self.width.saturating_sub(INSET.len()));
        for (index, line) in lines.iter().enumerate() {
            let lead = if index == 0 { "" } else { INSET };
            self.line(part, &format!("{lead}{line}"));
        }
    }

    /// `text` after `lead`, broken where the terminal ends, further lines under the first.
    pub(super) fn hang(&mut self, part: Part, lead: &str, text: &str) {
        let mut lines: Vec<Line> = Vec::new();
        hang(&mut lines, self.width, part, lead, text);
        self.lines(&lines);
    }

    /// How many columns a value has.
    pub(super) fn room(&self) -> usize {
        self.width.saturating_sub(COLUMN)
    }

    /// Names beside a label: all of them on lines of their own where everything is wanted, else as
    /// many of the first as fit on one line.
    pub(super) fn names(&mut self, label: &str, count: &str, full: &[&str], short: &[String]) {
        if let ([only], "") = (full, count) {
            self.field_whole(Part::Label, label, &one_line(only));
        } else if self.long {
            self.field(Part::Label, label, count);
            for name in full {
                self.field_whole(Part::Label, "", &one_line(name));
            }
        } else {
            let room = self.room();
            self.field(Part::Label, label, &folded(count, short, room));
        }
    }
}

fn lead(label: &str) -> String {
    let width = COLUMN - TITLE;
    format!("{:TITLE$}{label:<width$}", "")
}

/// What follows names that are not all.
const END: &str = " … (--long)";

/// `21 answers of 5 files: a, b, c … (--long)`, with as many names as there is room for, and with
/// one however long it is.
fn folded(count: &str, names: &[String], room: usize) -> String {
    let all = format!("{count}: {}", names.join(", "));
    if columns(&all) <= room {
        return all;
    }
    let mut out = format!("{count}:");
    for (index, name) in names.iter().enumerate() {
        let glue = if index == 0 { " " } else { ", " };
        let used = columns(&out) + glue.len() + columns(name) + columns(END);
        if index > 0 && used > room {
            break;
        }
        out.push_str(glue);
        out.push_str(name);
    }
    if names.len() > 1 { out + END } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_where_the_line_ends_and_the_first_is_always_there() {
        #[track_caller]
        fn check(room: usize, folded: &str) {
            let names = ["a/one", "a/two", "a/three"].map(str::to_owned);
            assert_eq!(super::folded("3 rows", &names, room), folded);
        }
        check(80, "3 rows: a/one, a/two, a/three");
        check(27, "3 rows: a/one … (--long)");
        check(4, "3 rows: a/one … (--long)");
    }

    #[test]
    fn what_is_to_be_copied_is_never_broken() {
        let mut page = Page::new(20, false, false);
        page.field_whole(Part::Label, "again", "probity rerun a/very/long/name");
        page.field(Part::Label, "answered", "one two three");
        let expected = "      again     probity rerun a/very/long/name\n      \
                        answered  one\n                two\n                three\n";
        assert_eq!(page.text(), expected);
    }
}
