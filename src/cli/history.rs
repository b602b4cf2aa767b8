//! `probity history`: the runs of a target over time, from their records.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{
    output::note,
    recorded,
    refusal::{UNWRITTEN, USAGE},
    reports::written,
    terminal,
};
use crate::{
    compare::{self, Summarized},
    report::history,
    result::{History, LeftOut},
    visible::visible,
};

/// Options of `probity history`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Records, and folders whose files `*.jsonl` are records; what lies in folders below is not looked at
    #[arg(required = true, value_name = "DIR|RECORD")]
    paths: Vec<PathBuf>,
    /// Only runs of the target of this name; else of the target whose run began last
    #[arg(long, value_name = "NAME")]
    target_name: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
    /// Where to write it; without it to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
    /// One page with charts, without script
    Html,
}

/// What was found in the files that were given.
#[derive(Default)]
struct Found {
    runs: Vec<Summarized>,
    left_out: Vec<LeftOut>,
}

pub(super) fn main(options: &Options) -> u8 {
    let mut found = Found::default();
    for path in &options.paths {
        let files = match files(path) {
            Ok(files) => files,
            Err(error) => {
                note(&visible(&format!(
                    "cannot read `{}`: {error}",
                    path.display()
                )));
                return USAGE;
            }
        };
        for file in &files {
            found.take(file);
        }
    }
    let history = compare::history(found.runs, options.target_name.as_deref(), found.left_out);
    // The text names them itself.
    let is_text = options.format == Form::Text && options.output.is_none();
    let is_named = is_text && !history.runs.is_empty();
    for one in history.left_out.iter().filter(|_| !is_named) {
        note(&visible(&format!("left out: `{}`: {}", one.file, one.why)));
    }
    if history.runs.is_empty() {
        note(&nothing(&history));
        return USAGE;
    }
    print(&history, options)
}

fn nothing(history: &History) -> String {
    if history.target.is_empty() {
        return "there is no record of a run here".to_owned();
    }
    visible(&format!(
        "there is no record of a run of `{}` here",
        history.target
    ))
}

/// The files of a folder that may be records, in the order of their names; any other path is one itself.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut out = Vec::new();
    for entry in path.read_dir()? {
        let file = entry?.path();
        if file.extension().is_some_and(|end| end == "jsonl") && file.is_file() {
            out.push(file);
        }
    }
    out.sort();
    Ok(out)
}

impl Found {
    /// One record after the other, so that what each exchanged is held no longer than it takes.
    fn take(&mut self, path: &Path) {
        let file = path.display().to_string();
        let record = match recorded::open(path) {
            Ok(record) => record,
            Err(error) => {
                let why = error.why();
                self.left_out.push(LeftOut { file, why });
                return;
            }
        };
        let report = record.report();
        match report.because() {
            // It ended before anybody knew of which target it was to be.
            Some(why) if report.target.is_empty() => self.left_out.push(LeftOut { file, why }),
            _ => self.runs.push(compare::summarized(&file, report)),
        }
    }
}

fn print(history: &History, options: &Options) -> u8 {
    let text = match options.format {
        Form::Text => history::text(history, terminal::width()),
        Form::Json => history::json(history),
        Form::Html => match history::html(history) {
            Ok(page) => page,
            Err(error) => {
                note(&format!("the page cannot be made: {error}"));
                return UNWRITTEN;
            }
        },
    };
    written(options.output.as_deref(), &text)
}
