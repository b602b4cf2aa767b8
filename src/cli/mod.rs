//! The command line: one file a subcommand, and the only code that prints or chooses an exit code.

mod check;
mod cleanup;
mod coverage;
mod lint;
mod list;
mod mock;
mod output;
mod prove;
mod reports;
mod run;
mod show;
mod signals;
mod target_args;
mod terminal;

pub use run::start_embedded;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use self::{
    output::{colour, note, out},
    target_args::TargetArgs,
};
use crate::{
    diag::Diagnostic,
    ids::Edition,
    plan::{Selection, TestCase, with_prerequisites},
    result::EXIT_CODES,
    suite::Suite,
    target::Target,
};

/// Usage, file or configuration error.
pub(crate) const USAGE: u8 = 3;

/// Outputs that could not be written.
const UNWRITTEN: u8 = 4;

/// Why a subcommand ends before its work. It was printed already; the sentence is for reports.
#[derive(Debug)]
struct Refusal {
    code: u8,
    why: String,
}

impl Refusal {
    /// Prints why a usage, file or configuration error ends the call.
    fn usage(why: impl Into<String>) -> Self {
        let why = why.into();
        note(&why);
        Self { code: USAGE, why }
    }
}

/// Does this tenant keep the contract its vendor documented?
///
/// Sends every documented request, header omission and documented mistake to a target, judges each
/// answer, and writes reports/. Without a subcommand it runs all shipped cases on the embedded mock.
#[derive(Debug, Parser)]
#[command(name = "probity", version, after_help = exit_codes())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Options,
    /// The project: the folder that holds specs/, cases/ and tenants/
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run cases against a target and write the reports
    Run(run::Options),
    /// Print the ids of the rows that would run
    List(list::Options),
    /// Find out whether the target can be reached, trusted and prepared
    Check(check::Options),
    /// Check specs, cases and a target file without sending anything
    Lint(lint::Options),
    /// What the cases reach of the documents, or what a run proved of them
    Coverage(coverage::Options),
    /// Print one row and its request as a curl line, secrets masked
    Show(show::Options),
    /// Remove what killed runs left on a target
    Cleanup(cleanup::Options),
    /// Serve the mock on its own
    Mock(mock::Options),
    /// Show that the suite would notice a server that breaks any one promise
    Prove(prove::Options),
}

/// Which rows; shared by the subcommands that select some.
#[derive(Debug, Clone, Default, Args)]
struct Filter {
    /// Parts of row ids, or requirement ids; a row is taken when any matches
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Only this edition, a folder under specs/; may be repeated
    #[arg(long, value_name = "NAME")]
    edition: Vec<Edition>,
    /// Only rows with this tag; may be repeated
    #[arg(long, value_name = "WORD")]
    tag: Vec<String>,
}

impl Filter {
    fn selection(&self) -> Selection {
        Selection {
            filters: self.filters.clone(),
            editions: self.edition.clone(),
            tags: self.tag.clone(),
        }
    }
}

/// Reads the arguments, does the work, and says how it went.
#[must_use]
pub fn main() -> ExitCode {
    // What a panic says may hold what a row held; where it happened does not.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        note(&format!("a fault of ours at {}", place.unwrap_or_default()));
    }));
    let code = match Arguments::try_parse() {
        Ok(arguments) => carry_out(arguments),
        Err(error) => refused(&error),
    };
    ExitCode::from(if output::lost() { UNWRITTEN } else { code })
}

fn carry_out(arguments: Arguments) -> u8 {
    let root = arguments.root;
    match arguments.command {
        None => run::main(&root, &arguments.run),
        Some(Command::Run(options)) => run::main(&root, &options),
        Some(Command::List(options)) => list::main(&root, &options),
        Some(Command::Check(options)) => check::main(&root, &options),
        Some(Command::Lint(options)) => lint::main(&root, &options),
        Some(Command::Coverage(options)) => coverage::main(&root, &options),
        Some(Command::Show(options)) => show::main(&root, &options),
        Some(Command::Cleanup(options)) => cleanup::main(&root, &options),
        Some(Command::Mock(options)) => mock::main(&root, &options),
        Some(Command::Prove(options)) => prove::main(&root, &options),
    }
}

/// Prints help where it was asked for, else what is wrong with the arguments.
fn refused(error: &clap::Error) -> u8 {
    let printed = error.print();
    if !error.use_stderr() {
        output::printed(&printed);
        return 0;
    }
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(folder) = meant_for_a_run(&words) {
        run::refuse(&folder, &error.to_string());
    }
    USAGE
}

/// Where the reports would have gone if arguments that cannot be understood were meant for a run.
fn meant_for_a_run(words: &[OsString]) -> Option<PathBuf> {
    let command = Arguments::command();
    let named = |word: &&OsString| command.find_subcommand(word).is_some();
    let run = words.iter().find(named).is_none_or(|name| name == "run");
    let given = words.iter().enumerate().find_map(|(index, word)| {
        if word == "--output-dir" {
            return words.get(index + 1).map(PathBuf::from);
        }
        let word = word.to_str()?.strip_prefix("--output-dir=")?;
        Some(PathBuf::from(word))
    });
    run.then(|| given.unwrap_or_else(|| run::OUTPUT_DIR.into()))
}

/// The table of exit codes, for the end of the help.
fn exit_codes() -> String {
    let rows = EXIT_CODES.map(|(code, meaning)| format!("\n  {code}  {meaning}"));
    format!("Exit codes:{}", rows.concat())
}

/// Prints every mistake, and warnings when asked; gives the number of mistakes that block.
fn complain(diagnostics: &[Diagnostic], warnings: bool) -> usize {
    let colour = colour();
    for mistake in diagnostics.iter().filter(|d| warnings || !d.warning) {
        note(&format!("{}\n", mistake.render(colour)));
    }
    diagnostics.iter().filter(|d| !d.warning).count()
}

/// Finds an edition that was asked for and that the project does not have.
///
/// # Errors
/// The first such edition; it was told.
fn unknown_edition(wanted: &[Edition], suite: &Suite) -> Result<(), Refusal> {
    let known = || suite.contracts.iter().map(|contract| contract.edition);
    let Some(stranger) = wanted
        .iter()
        .find(|name| known().all(|edition| edition != **name))
    else {
        return Ok(());
    };
    let names: Vec<&str> = known().map(Edition::as_str).collect();
    Err(Refusal::usage(format!(
        "there is no edition `{stranger}`: one of {}",
        names.join(", ")
    )))
}

/// Where asynchronous work is done.
///
/// # Errors
/// When the system has no threads for it; that was told.
fn runtime() -> Result<tokio::runtime::Runtime, Refusal> {
    tokio::runtime::Runtime::new().map_err(|error| Refusal::usage(format!("cannot start: {error}")))
}

/// The suite and its target, and the rows to send are of editions that it has.
///
/// # Errors
/// What is wrong; it was told.
fn suite_and_target(
    root: &Path,
    target: &TargetArgs,
    filter: &Filter,
    strict: bool,
) -> Result<(Suite, Target), Refusal> {
    let mut suite = target.load(root);
    if strict {
        suite.be_strict();
    }
    if suite.is_broken() {
        return Err(refuse(&suite));
    }
    unknown_edition(&filter.edition, &suite)?;
    match suite.target.take() {
        Some(target) => Ok((suite, target)),
        None => Err(refuse(&suite)),
    }
}

/// The rows that are wanted, with their prerequisites.
///
/// # Errors
/// Where there is none; that was told.
fn chosen(suite: &Suite, filter: &Filter) -> Result<Vec<TestCase>, Refusal> {
    let selection = filter.selection();
    let cases = with_prerequisites(&suite.plan.cases, |case| selection.wants(case));
    if cases.is_empty() {
        return Err(Refusal::usage(
            "no row matches; `probity list` prints them all",
        ));
    }
    Ok(cases)
}

/// Prints the mistakes of a suite that cannot run.
fn refuse(suite: &Suite) -> Refusal {
    let count = complain(&suite.diagnostics, false);
    note(&format!("{}; nothing was sent", mistakes(count)));
    Refusal {
        code: USAGE,
        why: listed(&suite.diagnostics),
    }
}

fn mistakes(count: usize) -> String {
    format!(
        "{count} {}",
        if count == 1 { "mistake" } else { "mistakes" }
    )
}

/// The mistakes that block, a line each, as many as a report can bear.
fn listed(diagnostics: &[Diagnostic]) -> String {
    const MOST: usize = 20;
    let blocking: Vec<String> = diagnostics
        .iter()
        .filter(|one| !one.warning)
        .map(ToString::to_string)
        .collect();
    let mut lines: Vec<String> = blocking.iter().take(MOST).cloned().collect();
    if blocking.len() > MOST {
        lines.push(format!("and {} more", blocking.len() - MOST));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_cannot_be_understood_are_a_run_unless_they_name_another_subcommand() {
        #[track_caller]
        fn check(words: &str, folder: Option<&str>) {
            let words: Vec<OsString> = words.split_whitespace().map(OsString::from).collect();
            assert_eq!(
                meant_for_a_run(&words),
                folder.map(PathBuf::from),
                "{words:?}"
            );
        }
        check("--bogus", Some("reports"));
        check("run --bogus --output-dir out", Some("out"));
        check("--bogus run --output-dir=out x", Some("out"));
        check("run --output-dir", Some("reports"));
        check("run lint --bogus", Some("reports"));
        check("lint --bogus", None);
        check("--root . prove --bogus --output-dir out", None);
    }
}
