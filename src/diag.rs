//! Mistakes in files we were given: where they are, what is wrong, and what would help.

use std::{
    fmt,
    hash::{Hash, Hasher},
    ops::Range,
    sync::Arc,
};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A file's path and text, kept so that a diagnostic can show the line.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
    /// Where each line begins, in bytes; every result names places, so they are counted once.
    lines: Vec<usize>,
}

impl SourceFile {
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            path: path.into(),
            lines: std::iter::once(0).chain(breaks).collect(),
            text,
        }
    }

    /// Index of the line that a byte stands in.
    fn line_of(&self, at: usize) -> usize {
        self.lines
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    }

    /// The whole lines that a range stands in, and the number of the first. Behind the last line break
    /// there is no line to show, so that the end is shown behind the line before.
    fn lines_of(&self, range: &Range<usize>) -> (Range<usize>, usize) {
        let mut first = self.line_of(range.start);
        if self.lines[first] == self.text.len() {
            first = first.saturating_sub(1);
        }
        let behind = self.line_of(range.end.max(range.start)) + 1;
        let end = self.lines.get(behind).copied();
        (self.lines[first]..end.unwrap_or(self.text.len()), first + 1)
    }
}

/// A byte range of a source file. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub file: Arc<SourceFile>,
    pub range: Range<usize>,
}

impl Span {
    /// For what was made by hand and stands in no file.
    #[must_use]
    pub fn nowhere() -> Self {
        Self {
            file: Arc::new(SourceFile::new("", "")),
            range: 0..0,
        }
    }

    /// The line and column of the start, both from 1; columns count characters.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        let line = self.file.line_of(self.range.start);
        let before = self.file.text.get(self.file.lines[line]..self.range.start);
        (line + 1, before.unwrap_or_default().chars().count() + 1)
    }

    /// The whole source line of the start, without its line end.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        let start = self.file.lines[self.file.line_of(self.range.start)];
        let rest = self.file.text.get(start..).unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }
}

/// By path and place: equal spans have the same, and to read a whole file for it would cost too much.
impl Hash for Span {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.file.path.hash(state);
        self.range.hash(state);
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.position();
        write!(f, "{}:{line}:{column}", self.file.path)
    }
}

/// One mistake. The code is a stable word, such as `unknown-key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: &'static str,
    pub message: String,
    /// `None` when there is no text to point at, such as a file that is not there.
    pub span: Option<Span>,
    pub help: Option<String>,
    /// A warning is shown and blocks nothing.
    pub warning: bool,
}

/// On one line, for who cannot be shown the source: `cases/a.yaml:3:5: error[unknown-key]: …`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = &self.span {
            write!(f, "{span}: ")?;
        }
        let kind = if self.warning { "warning" } else { "error" };
        write!(f, "{kind}[{}]: {}", self.code, self.message)
    }
}

impl Diagnostic {
    #[must_use]
    pub fn new(code: &'static str, span: &Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span: Some(span.clone()),
            help: None,
            warning: false,
        }
    }

    /// A mistake without a place in a text: a file that is missing or not readable.
    #[must_use]
    pub fn without_span(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span: None,
            help: None,
            warning: false,
        }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean" when one of the known names is near.
    #[must_use]
    pub fn suggest<'k>(self, wrong: &str, known: impl IntoIterator<Item = &'k str>) -> Self {
        match nearest(wrong, known) {
            Some(name) => {
                let help = format!("did you mean `{name}`?");
                self.help(help)
            }
            None => self,
        }
    }

    #[must_use]
    pub fn warning(mut self) -> Self {
        self.warning = true;
        self
    }

    /// The diagnostic as people read it: message, place, source line with a caret, help.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let level = if self.warning {
            Level::WARNING
        } else {
            Level::ERROR
        };
        let mut group = level.primary_title(&self.message).id(self.code);
        let mut groups = Vec::new();
        if let Some(span) = &self.span {
            let text = &span.file.text;
            let start = span.range.start.min(text.len());
            let end = span.range.end.clamp(start, text.len());
            // Of a long file with many mistakes the lines would be counted again for each.
            let (lines, first) = span.file.lines_of(&(start..end));
            let place = start - lines.start..end - lines.start;
            groups.push(
                std::mem::replace(&mut group, Level::ERROR.primary_title("")).element(
                    Snippet::source(&text[lines])
                        .line_start(first)
                        .path(&span.file.path)
                        .annotation(AnnotationKind::Primary.span(place)),
                ),
            );
        } else {
            groups.push(annotate_snippets::Group::with_title(group));
        }
        if let Some(help) = &self.help {
            groups.push(annotate_snippets::Group::with_title(
                Level::HELP.secondary_title(help),
            ));
        }
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&groups)
    }
}

/// Adds a mistake that is not among those found: variants of a case make the same one again.
pub fn push_once(found: &mut Vec<Diagnostic>, mistake: Diagnostic) {
    if !found.contains(&mistake) {
        found.push(mistake);
    }
}

/// The known name most like a wrong one, if any is like it at all.
#[must_use]
pub fn nearest<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|name| {
            let likeness = strsim::jaro_winkler(&wrong.to_lowercase(), &name.to_lowercase());
            (name, likeness)
        })
        .filter(|(_, likeness)| *likeness >= 0.85)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(name, _)| name)
}

/// The known name that a wrong one is with one slip of the hand or two: near enough to be sure that
/// it was meant.
#[must_use]
pub fn misspelt<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|name| (name, strsim::osa_distance(wrong, name)))
        .filter(|(name, slips)| *slips <= 2 && slips * 2 < name.len())
        .min_by_key(|(_, slips)| *slips)
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, range: Range<usize>) -> Span {
        Span {
            file: Arc::new(SourceFile::new("a.yaml", text)),
            range,
        }
    }

    #[test]
    fn columns_count_characters_and_not_bytes() {
        assert_eq!(span("a: 1\n中文: x", 13..14).position(), (2, 5));
    }

    #[test]
    fn a_diagnostic_shows_the_source_line_and_the_nearest_name() {
        let shown = Diagnostic::new("unknown-key", &span("hedaers: {}\n", 0..7), "unknown key")
            .suggest("hedaers", ["headers", "body"])
            .render(false);
        assert!(shown.contains("a.yaml:1:1"), "{shown}");
        assert!(shown.contains("hedaers: {}"), "{shown}");
        assert!(shown.contains("did you mean `headers`?"), "{shown}");
    }

    #[test]
    fn nothing_is_suggested_for_a_name_like_no_other() {
        assert_eq!(nearest("zzz", ["headers", "body"]), None);
    }

    #[test]
    fn a_slip_of_the_hand_is_told_from_another_name_that_begins_alike() {
        let known = ["mobile", "account-warn", "id"];
        assert_eq!(misspelt("mobil", known), Some("mobile"));
        assert_eq!(misspelt("acuont-warn", known), Some("account-warn"));
        for other in ["mobile_digits", "account-warn-mfa", "it", "email"] {
            assert_eq!(misspelt(other, known), None, "{other}");
        }
    }
}
