//! What records are rendered as: shared by the subcommands that render a run again.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;

use super::{
    output::{colour_of_summary, note, out, printed},
    refusal::{UNWRITTEN, USAGE},
    report_args::ReportArgs,
    reports::write_one,
    terminal,
};
use crate::{
    report::{self, Format, console},
    result::RunReport,
};

/// The options of what is rendered.
#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// What to render, several separated by commas: text (the summary of the console), junit, html,
    /// record, markdown, ctrf, github, gitlab, sarif, tap, har
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "text"
    )]
    format: Vec<Rendering>,
    /// Where the files are written; without it, one format of one record goes to standard output
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Print every id and every value in the text, nothing folded
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    reports: ReportArgs,
}

/// What a record becomes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rendering {
    /// The summary of the console.
    Text,
    File(&'static Format),
}

/// A word that names no format.
#[derive(Debug, thiserror::Error)]
#[error("there is no format `{name}`; there are {}", self.all().join(", "))]
pub(super) struct UnknownFormat {
    name: String,
    /// The summary of the console is one.
    with_text: bool,
}

const TEXT: &str = "text";

impl FromStr for Rendering {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        if name == TEXT {
            return Ok(Self::Text);
        }
        let found = report::formats().find(|format| format.name == name);
        found.map(Self::File).ok_or_else(|| UnknownFormat {
            with_text: true,
            ..UnknownFormat::of(name)
        })
    }
}

/// A format by its name.
///
/// # Errors
/// When there is none.
pub(super) fn further(name: &str) -> Result<&'static Format, UnknownFormat> {
    let found = report::formats().find(|format| format.name == name);
    found.ok_or_else(|| UnknownFormat::of(name))
}

impl UnknownFormat {
    /// Where only files are asked for.
    fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            with_text: false,
        }
    }

    fn all(&self) -> Vec<&'static str> {
        let text = self.with_text.then_some(TEXT).into_iter();
        text.chain(report::formats().map(|format| format.name))
            .collect()
    }
}

impl Rendering {
    /// The name of its file.
    const fn file(self) -> &'static str {
        match self {
            Self::Text => "run.txt",
            Self::File(format) => format.file,
        }
    }

    fn write(
        self,
        report: &RunReport,
        options: &RenderArgs,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        match self {
            Self::File(format) => (format.write)(report, &options.reports.options(), out),
            Self::Text => out.write_all(summary(report, options, false).as_bytes()),
        }
    }
}

/// The summary of the console.
fn summary(report: &RunReport, options: &RenderArgs, colour: bool) -> String {
    let options = console::Options {
        files: &[],
        colour,
        width: terminal::width(),
        long: options.long,
        slowest: 0,
    };
    console::summary(report, &options)
}

impl RenderArgs {
    /// Renders runs: to files, or one format of one run to standard output. Gives the exit code.
    pub(super) fn render(&self, runs: &[&RunReport]) -> u8 {
        let rendered = match (&self.output_dir, runs, self.format.as_slice()) {
            (Some(folder), runs, _) => runs
                .iter()
                .try_for_each(|run| into(folder, runs.len() > 1, run, self)),
            (None, [run], [one]) => {
                to_standard_output(*one, run, self);
                Ok(())
            }
            _ => {
                note("several formats or records need a folder: --output-dir DIR");
                return USAGE;
            }
        };
        match rendered {
            Ok(()) => 0,
            Err(error) => {
                note(&format!("the reports cannot be written: {error}"));
                UNWRITTEN
            }
        }
    }
}

fn to_standard_output(one: Rendering, report: &RunReport, options: &RenderArgs) {
    if let Rendering::Text = one {
        out(summary(report, options, colour_of_summary()).trim_end());
        return;
    }
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let written = one
        .write(report, options, &mut stdout)
        .and_then(|()| stdout.flush());
    printed(&written);
}

/// Writes the files of one record; where there are several records, each into a folder of its run.
fn into(folder: &Path, apart: bool, report: &RunReport, options: &RenderArgs) -> io::Result<()> {
    let folder = if apart {
        folder.join(safe(&report.run_id))
    } else {
        folder.to_owned()
    };
    std::fs::create_dir_all(&folder).map_err(|error| {
        io::Error::new(error.kind(), format!("`{}`: {error}", folder.display()))
    })?;
    for one in &options.format {
        let path = folder.join(one.file());
        let written = write_one(&path, |file| one.write(report, options, file));
        written.map_err(|error| {
            io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
        })?;
        out(&format!("Written: {}", path.display()));
    }
    Ok(())
}

/// The id of a run as the name of a folder: a record is a file from elsewhere.
fn safe(id: &str) -> String {
    let plain = |char: char| {
        if char.is_ascii_alphanumeric() {
            char
        } else {
            '-'
        }
    };
    let name: String = id.chars().take(64).map(plain).collect();
    if name.is_empty() {
        "run".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_known_by_its_name_and_no_other_word_is_one() {
        for format in report::formats() {
            let parsed = format.name.parse::<Rendering>().expect("a format");
            assert_eq!(parsed.file(), format.file);
        }
        let error = "junti".parse::<Rendering>().expect_err("no format");
        assert!(error.to_string().contains("junit"), "{error}");
    }

    #[test]
    fn the_id_of_a_run_leads_to_no_other_folder() {
        assert_eq!(safe("../../etc/x"), "------etc-x");
        assert_eq!(safe(""), "run");
    }
}
