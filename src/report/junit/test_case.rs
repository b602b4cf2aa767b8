//! One test case of the file as it is written, whatever it is about, and what several add up to.

use std::{io, time::Duration};

use super::xml::{Properties, Tag, Xml, seconds};
use crate::report::text::one_line;

/// What a reader shows of a test case that did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Failure,
    Error,
    Skipped,
}

impl Element {
    const fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Skipped => "skipped",
        }
    }
}

/// The result element of a test case that did not pass.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) element: Element,
    /// `fail`, `error` or `skip`.
    pub(super) kind: &'static str,
    /// One line.
    pub(super) message: String,
    /// What stands under the message in the text.
    pub(super) body: String,
}

/// A place in a file of the project.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

#[derive(Debug)]
pub(super) struct TestCase<'a> {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) time: Duration,
    pub(super) place: Option<Place>,
    pub(super) properties: Properties<'a>,
    /// `None` where it passed.
    pub(super) outcome: Option<Outcome>,
    pub(super) output: String,
}

impl TestCase<'_> {
    pub(super) fn write(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        let mut tag = Tag::new("testcase")
            .with("name", &self.name)
            .with("classname", &self.class)
            .with("time", &seconds(self.time));
        if let Some(place) = &self.place {
            tag = tag
                .with("file", &one_line(&place.file))
                .with("line", &place.line.to_string());
        }
        xml.open(tag)?;
        xml.properties(&self.properties)?;
        if let Some(outcome) = &self.outcome {
            let Outcome {
                element,
                kind,
                message,
                body,
            } = outcome;
            let tag = Tag::new(element.name()).with("message", message);
            xml.text(tag.with("type", kind), &format!("{message}\n{body}"))?;
        }
        if !self.output.is_empty() {
            xml.text(Tag::new("system-out"), &self.output)?;
        }
        xml.close("testcase")
    }
}

/// What a suite, or all of them, add up to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) tests: usize,
    pub(super) skipped: usize,
    pub(super) failures: usize,
    pub(super) errors: usize,
}

impl Totals {
    pub(super) fn of(elements: impl IntoIterator<Item = Option<Element>>) -> Self {
        let mut out = Self::default();
        for element in elements {
            out.tests += 1;
            match element {
                Some(Element::Failure) => out.failures += 1,
                Some(Element::Error) => out.errors += 1,
                Some(Element::Skipped) => out.skipped += 1,
                None => {}
            }
        }
        out
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.tests += other.tests;
        self.skipped += other.skipped;
        self.failures += other.failures;
        self.errors += other.errors;
    }

    pub(super) const fn is_red(&self) -> bool {
        self.failures + self.errors > 0
    }

    /// The start tag of a suite.
    pub(super) fn suite(&self, name: &str, time: Duration, stamp: &str) -> Tag {
        Tag::new("testsuite")
            .with("name", name)
            .with("tests", &self.tests.to_string())
            .with("skipped", &self.skipped.to_string())
            .with("errors", &self.errors.to_string())
            .with("failures", &self.failures.to_string())
            .with("time", &seconds(time))
            .with("timestamp", stamp)
    }
}
