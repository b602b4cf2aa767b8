//! What a build service shows of a run by itself: annotations and a job summary.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::output::{note, out, raw, shown};
use crate::{
    report::{Base, github, markdown},
    result::RunReport,
    secret::SecretIndex,
};

/// A longer summary of a step is dropped by GitHub, with all that stood in it before.
const MOST: u64 = 1024 * 1024;

/// Which build service is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Ci {
    /// The one that the environment names.
    #[default]
    Auto,
    /// GitHub Actions.
    Github,
    /// None.
    None,
}

impl Ci {
    fn is_github(self) -> bool {
        match self {
            Self::Github => true,
            Self::None => false,
            Self::Auto => std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true"),
        }
    }

    /// Prints the causes of red as annotations and adds the run to the summary of the job. Where standard
    /// output is for something else, they go to standard error, which GitHub reads as well.
    pub(super) fn tell(
        self,
        report: &RunReport,
        base: &Base,
        known: Option<&SecretIndex>,
        output_is_taken: bool,
    ) {
        if !self.is_github() {
            return;
        }
        let masked = |text: String| match known {
            Some(known) => shown(known, &text),
            None => text,
        };
        match text(|out| github::write(report, base.prefix(), out)) {
            Ok(text) if text.is_empty() => {}
            Ok(text) if output_is_taken => raw(masked(text).trim_end()),
            Ok(text) => out(masked(text).trim_end()),
            Err(error) => note(&format!("the annotations cannot be written: {error}")),
        }
        let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") else {
            return;
        };
        let path = PathBuf::from(path);
        let summary = text(|out| markdown::write(report, out)).map(masked);
        let added = summary.and_then(|summary| add(&path, &summary));
        if let Err(error) = added {
            let name = path.display();
            note(&format!(
                "the summary of the job cannot be written to `{name}`: {error}"
            ));
        }
    }
}

fn text(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<String> {
    let mut out = Vec::new();
    write(&mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

/// Adds to the summary of the job, if what is there already leaves room for it.
fn add(path: &Path, summary: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let there = file.metadata()?.len();
    let length = u64::try_from(summary.len()).map_err(io::Error::other)?;
    if there + length > MOST {
        return Err(io::Error::other("it would be longer than GitHub takes"));
    }
    file.write_all(summary.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_added_to_what_is_there_unless_that_leaves_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        add(&path, "one\n").unwrap();
        add(&path, "two\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        let long = "x".repeat(1024 * 1024);
        assert!(add(&path, &long).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }
}
