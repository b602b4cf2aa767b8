//! `probity lint`: every mistake in specs, cases and a target file; sends nothing.

use std::{
    io::{self, Write as _},
    path::Path,
};

use clap::{Args, ValueEnum};

use super::{
    output::{out, printed},
    reading::Verbose,
    refusal::{USAGE, complain},
    target_args::TargetArgs,
};
use crate::{
    diag::{Diagnostic, Span},
    mutant,
    report::problems::{self, Problem},
};

/// Options of `probity lint`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    verbose: Verbose,
    /// Expectations that prove little count as mistakes, as in a strict run
    #[arg(long)]
    strict: bool,
    /// The form of the output; all but text go to standard output alone
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
    Sarif,
    Github,
    Gitlab,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let mut suite = options.target.look(root, options.verbose.is_on());
    // A run does without these; who writes them wants to know.
    mutant::load_rulings(root, &suite.contracts, &mut suite.diagnostics);
    if options.strict {
        suite.be_strict();
    }
    let code = if suite.is_broken() { USAGE } else { 0 };
    if options.format != Form::Text {
        let all: Vec<Problem> = suite.diagnostics.iter().map(problem).collect();
        printed(&written(options.format, &all));
        return code;
    }
    let mistakes = complain(&suite.diagnostics, true);
    let warnings = suite.diagnostics.len() - mistakes;
    let requirements: usize = suite.contracts.iter().map(|c| c.requirements.len()).sum();
    let drafts = suite.plan.cases.iter().filter(|case| case.todo.is_some());
    let drafts = match drafts.count() {
        0 => String::new(),
        count => format!(" ({count} to be filled in)"),
    };
    out(&format!(
        "{} files, {} rows{drafts}, {requirements} requirements: {mistakes} {}, {warnings} {}",
        suite.files.len(),
        suite.plan.cases.len(),
        if mistakes == 1 { "mistake" } else { "mistakes" },
        if warnings == 1 { "warning" } else { "warnings" },
    ));
    // The process ends, and to free every value of the suite before would take a tenth of its time.
    std::mem::forget(suite);
    code
}

fn written(form: Form, all: &[Problem]) -> io::Result<()> {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    match form {
        Form::Text => {}
        Form::Json => problems::json(all, &mut stdout)?,
        Form::Sarif => problems::sarif(all, "", &mut stdout)?,
        Form::Github => problems::github(all, "", &mut stdout)?,
        Form::Gitlab => problems::gitlab(all, "", &mut stdout)?,
    }
    stdout.flush()
}

fn problem(diagnostic: &Diagnostic) -> Problem {
    let place = diagnostic.span.as_ref();
    let (line, column) = place.map_or((0, 0), Span::position);
    Problem {
        code: diagnostic.code,
        severity: if diagnostic.warning {
            "warning"
        } else {
            "error"
        },
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
        file: place.map(|span| span.file.path.clone()),
        line,
        column,
    }
}
