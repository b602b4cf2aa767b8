//! Elements with attributes and texts, escaped, for XML 1.0.

use std::{
    borrow::Cow,
    io::{self, Write},
    time::Duration,
};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use crate::report::text::{one_line, visible};

/// Names and values.
pub(super) type Properties<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Makes any text fit for XML 1.0 without dropping anything: what the format forbids is spelled
/// out as `\u{…}`, and a tab, which would be lost on the way, becomes four blanks.
#[must_use]
pub fn xml_text(text: &str) -> String {
    visible(text)
}

/// So many bytes a text has at most as it is written: readers cut or refuse what is longer.
const MAX_TEXT: usize = 64 * 1024 - 1;

/// Room for the words on what is missing.
const MAX_MARK: usize = 100;

/// A text that is not too long; where it was cut, its last line says so.
fn bounded(text: &str) -> Cow<'_, str> {
    let written: usize = text.chars().map(written).sum();
    if written <= MAX_TEXT {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let end = text.char_indices().find(|(_, char)| {
        used += self::written(*char);
        used > MAX_TEXT - MAX_MARK
    });
    let (kept, missing) = text.split_at(end.map_or(text.len(), |(at, _)| at));
    let missing = missing.len();
    Cow::Owned(format!(
        "{kept}\n… cut here: {missing} more bytes are missing\n"
    ))
}

/// Bytes that a character takes, escaped.
const fn written(char: char) -> usize {
    match char {
        '<' | '>' => 4,
        '&' => 5,
        '"' | '\'' => 6,
        _ => char.len_utf8(),
    }
}

/// Seconds with three decimals, which every reader takes.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

/// What is written into.
pub(super) struct Xml<'w>(Writer<&'w mut dyn Write>);

/// A start tag.
pub(super) struct Tag {
    name: &'static str,
    start: BytesStart<'static>,
}

impl Tag {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            start: BytesStart::new(name),
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.start.push_attribute((name, xml_text(value).as_str()));
        self
    }
}

impl<'w> Xml<'w> {
    /// Begins a file.
    pub(super) fn begin(out: &'w mut dyn Write) -> io::Result<Self> {
        let mut xml = Self(Writer::new_with_indent(out, b' ', 4));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(xml)
    }

    /// Ends the file.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.0.write_indent()
    }

    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        self.0.write_event(event)
    }

    pub(super) fn open(&mut self, tag: Tag) -> io::Result<()> {
        self.event(Event::Start(tag.start))
    }

    fn empty(&mut self, tag: Tag) -> io::Result<()> {
        self.event(Event::Empty(tag.start))
    }

    pub(super) fn close(&mut self, name: &'static str) -> io::Result<()> {
        self.event(Event::End(BytesEnd::new(name)))
    }

    pub(super) fn text(&mut self, tag: Tag, text: &str) -> io::Result<()> {
        let name = tag.name;
        self.open(tag)?;
        self.event(Event::Text(BytesText::new(&bounded(&xml_text(text)))))?;
        self.close(name)
    }

    /// Names and values, where there are any.
    pub(super) fn properties(&mut self, all: &Properties<'_>) -> io::Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        self.open(Tag::new("properties"))?;
        for (name, value) in all {
            let tag = Tag::new("property").with("name", name);
            self.empty(tag.with("value", &one_line(value)))?;
        }
        self.close("properties")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_between_characters_and_says_how_much_is_missing() {
        #[track_caller]
        fn check(text: &str) {
            let cut = bounded(text);
            let escaped = quick_xml::escape::escape(&*cut);
            assert!(escaped.len() < 64 * 1024, "{}", escaped.len());
            let (kept, mark) = cut.trim_end().rsplit_once('\n').expect("a last line");
            assert!(text.starts_with(kept));
            let missing = text.len() - kept.len();
            assert_eq!(
                mark,
                format!("… cut here: {missing} more bytes are missing")
            );
        }
        check(&"x".repeat(64 * 1024));
        check(&"密".repeat(64 * 1024));
        check(&"a密\n".repeat(64 * 1024));
        check(&"<&>\"'".repeat(64 * 1024));
    }

    #[test]
    fn a_text_that_just_fits_is_whole() {
        let text = "x".repeat(MAX_TEXT);
        assert_eq!(bounded(&text), text);
    }
}
