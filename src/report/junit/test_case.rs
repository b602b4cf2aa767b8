//! One test case of the file as it is written, whatever it is about, and what several add up to.

use std::{io, time::Duration};

use super::{
    names::shortened,
    options::Shape,
    xml::{Properties, Tag, Xml, seconds},
};
use crate::{
    report::{Options, text::one_line},
    result::CaseResult,
};

/// Longest message; what is longer stands in the text as a whole.
const MAX_MESSAGE: usize = 1_000;

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

    /// The word of a verdict for what is no row and has none.
    pub(super) const fn verdict(self) -> &'static str {
        match self {
            Self::Failure => "fail",
            Self::Error => "error",
            Self::Skipped => "skip",
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
    file: String,
    line: usize,
}

impl Place {
    /// Where a row is written.
    pub(super) fn of(case: &CaseResult) -> Self {
        Self {
            file: one_line(&case.source.file),
            line: case.source.line,
        }
    }
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
    pub(super) fn write(&self, xml: &mut Xml<'_>, options: &Options) -> io::Result<()> {
        let place = self.place.as_ref().filter(|place| !place.file.is_empty());
        let place = place.map(|place| {
            (
                format!("{}{}", options.base.prefix(), place.file),
                place.line,
            )
        });
        let mut tag = Tag::new("testcase")
            .with("name", &self.name)
            .with("classname", &self.class)
            .with("time", &seconds(self.time));
        let is_rich = options.junit.shape == Shape::Rich;
        if let Some((file, line)) = place.as_ref().filter(|_| is_rich) {
            tag = tag.with("file", file).with("line", &line.to_string());
        }
        xml.open(tag)?;
        if is_rich {
            xml.properties(&self.properties)?;
        }
        if let Some(outcome) = &self.outcome {
            let tag = Tag::new(outcome.element.name())
                .with("message", &shortened(&outcome.message, MAX_MESSAGE));
            let at = place.map(|(file, line)| positions(&file, line));
            xml.text(
                tag.with("type", outcome.kind),
                &outcome.text(&at.unwrap_or_default()),
            )?;
        }
        if !self.output.is_empty() {
            xml.text(Tag::new("system-out"), &self.output)?;
        }
        xml.close("testcase")
    }
}

impl Outcome {
    /// The message, the place, and the rest. Readers that show no attributes have the message here, and
    /// those that know no attributes for a place find it in a line of its own.
    fn text(&self, at: &str) -> String {
        let (message, body) = (&self.message, &self.body);
        if message.chars().nth(MAX_MESSAGE).is_none() {
            return format!("{message}\n{at}{body}");
        }
        let short = shortened(message, MAX_MESSAGE);
        format!("{short}\n{at}  {message}\n{body}")
    }
}

/// A place in the two spellings that readers look for in a text: that of most compilers, and that of a frame
/// of a Java stack trace, which names the folders like packages: `at cases.ciam.Row(names.yaml:7)`.
fn positions(file: &str, line: usize) -> String {
    let (folders, name) = file.rsplit_once('/').unwrap_or(("", file));
    let mut package = folders.replace('/', ".");
    if !package.is_empty() {
        package.push('.');
    }
    format!("  at {file}:{line}\nat {package}Row({name}:{line})\n")
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
