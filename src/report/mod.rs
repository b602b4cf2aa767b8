//! What a run says to people and to machines.
//!
//! Takes a finished [`RunReport`], or a coverage. Gives text: the console summary, `JUnit` XML, the page to
//! hand over, the run record, what build services and other tools read, and the coverage as a page or as
//! JSON.
//! Never writes a file, never reads a clock, and cannot name anything that still holds a secret.

pub mod again;
mod base;
mod causes;
pub mod comparison;
pub mod console;
pub mod coverage;
pub mod ctrf;
pub mod exchanges;
pub mod explain;
pub mod github;
pub mod gitlab;
pub mod har;
pub mod history;
pub mod html;
pub mod junit;
pub mod manual;
pub mod markdown;
pub mod problems;
pub mod proof;
pub mod record;
pub mod sarif;
mod slowest;
pub mod summary_json;
mod tallies;
pub mod tap;
mod text;
pub mod waivers;

pub use self::base::{Base, InvalidBase};

use std::io::{self, Write};

use crate::result::RunReport;

/// What a person chose about the reports of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What comes before every file that is named for a machine.
    pub base: Base,
    pub junit: junit::Options,
    pub page: html::Options,
}

/// A report that is written to a file.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word by which a person asks for it.
    pub name: &'static str,
    /// The file's name inside the report folder.
    pub file: &'static str,
    /// Writes it in one pass over the results.
    pub write: fn(&RunReport, &Options, &mut dyn Write) -> io::Result<()>,
}

impl Format {
    /// What it writes when nothing else is chosen, as a text.
    ///
    /// # Panics
    /// When results lie in a spool that cannot be read.
    #[must_use]
    pub fn render(&self, report: &RunReport) -> String {
        text_of(|out| (self.write)(report, &Options::default(), out))
    }
}

/// The formats that every run writes; adding one means adding a leaf and a row here.
pub const FORMATS: &[Format] = &[
    Format {
        name: "junit",
        file: "junit.xml",
        write: junit::write,
    },
    Format {
        name: "html",
        file: html::FILE,
        write: |report, options, out| html::write_with(report, options.page, out),
    },
    Format {
        name: "record",
        file: record::FILE,
        write: |report, _, out| record::write(report, out),
    },
];

/// The formats that a run writes where it is asked for them.
pub const FURTHER: &[Format] = &[
    Format {
        name: "markdown",
        file: "run.md",
        write: |report, _, out| markdown::write(report, out),
    },
    Format {
        name: "ctrf",
        file: "run.ctrf.json",
        write: |report, options, out| ctrf::write(report, options.base.prefix(), out),
    },
    Format {
        name: "github",
        file: "run.annotations.txt",
        write: |report, options, out| github::write(report, options.base.prefix(), out),
    },
    Format {
        name: "gitlab",
        file: "run.code-quality.json",
        write: |report, options, out| gitlab::write(report, options.base.prefix(), out),
    },
    Format {
        name: "sarif",
        file: "run.sarif",
        write: |report, options, out| sarif::write(report, options.base.prefix(), out),
    },
    Format {
        name: "tap",
        file: "run.tap",
        write: |report, _, out| tap::write(report, out),
    },
    Format {
        name: "har",
        file: "run.har",
        write: |report, _, out| har::write(report, out),
    },
];

/// Every format: those of every run first.
pub fn formats() -> impl Iterator<Item = &'static Format> + Clone {
    FORMATS.iter().chain(FURTHER)
}

/// What a report writes, as a text.
fn text_of(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("results can be read, and writing to memory cannot fail");
    String::from_utf8(out).expect("reports are made of texts")
}

#[cfg(test)]
mod tests {
    use super::formats;

    #[test]
    fn no_two_formats_share_a_name_or_a_file() {
        for (index, format) in formats().enumerate() {
            for other in formats().skip(index + 1) {
                assert_ne!(format.name, other.name);
                assert_ne!(format.file, other.file);
            }
        }
    }
}
