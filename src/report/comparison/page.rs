//! Lines of a comparison on the console: a label, and a text that hangs behind it.

use crate::report::{console::defused, text::wrap};

/// What was written so far.
pub(super) struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub(super) const fn new(width: usize) -> Self {
        Self {
            text: String::new(),
            width,
        }
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    /// A line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(&defused(line));
        self.text.push('\n');
    }

    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// `lead` and a text behind it, further lines under its first.
    pub(super) fn hang(&mut self, lead: &str, text: &str) {
        let used = lead.chars().count();
        let lines = wrap(text, self.width.saturating_sub(used).max(20));
        for (number, line) in lines.iter().enumerate() {
            let lead = if number == 0 {
                lead.to_owned()
            } else {
                " ".repeat(used)
            };
            self.line(format!("{lead}{line}").trim_end());
        }
    }

    /// A label of a block and what belongs to it; nothing where that is empty.
    pub(super) fn label(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            self.hang(&format!("   {label:<11} "), text);
        }
    }
}
