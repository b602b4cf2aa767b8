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
        self.event(Event::Text(BytesText::new(&xml_text(text))))?;
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
