//! The command line: one file a subcommand, and the only code that prints or chooses an exit code.

mod beside;
mod check;
mod ci;
mod cleanup;
mod compare;
mod coverage;
mod explain;
mod history;
mod judge;
mod leftovers;
mod lint;
mod list;
mod loading;
mod merge;
mod mock;
mod new;
mod output;
mod page;
mod progress;
mod prove;
mod reading;
mod recorded;
mod refusal;
mod rendering;
mod report;
mod report_args;
mod reports;
mod rerun;
mod run;
mod searched;
mod session_args;
mod show;
mod signals;
mod summary;
mod target_args;
mod terminal;
mod verify;
mod waive;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand};

use self::{
    output::note,
    refusal::{UNWRITTEN, USAGE},
};
use crate::result::EXIT_CODES;

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
    /// Draft a project from an OpenAPI document: specs, a target, and cases for every operation
    New(new::Options),
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
    /// Run one row and print all that is exchanged, or run again what did not pass
    Rerun(rerun::Options),
    /// Remove what killed runs left on a target
    Cleanup(cleanup::Options),
    /// Tell what a word means that a run, a report or a mistake shows; without one, list all words
    Explain(explain::Options),
    /// Serve the mock on its own
    Mock(mock::Options),
    /// Render the record of a run again, in any format
    Report(report::Options),
    /// Make one run of the records of all its shards, and write its reports
    Merge(merge::Options),
    /// Judge the answers of a record again, by the suite as it is now; sends nothing
    Judge(judge::Options),
    /// Show what changed between two runs, for an upgrade gate
    Compare(compare::Options),
    /// Write a run as a small file to commit, which later runs are compared with
    Baseline(compare::BaselineOptions),
    /// Show the runs of a target over time, from their records
    History(history::Options),
    /// Print entries for a waivers file, for what failed in a run and nobody accepted yet
    Waive(waive::Options),
    /// Find out whether a record is whole, adds up, and is what its run wrote
    Verify(verify::Options),
    /// Show that the suite would notice a server that breaks any one promise
    Prove(prove::Options),
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
        Some(Command::New(options)) => new::main(&options),
        Some(Command::List(options)) => list::main(&root, &options),
        Some(Command::Check(options)) => check::main(&root, &options),
        Some(Command::Lint(options)) => lint::main(&root, &options),
        Some(Command::Coverage(options)) => coverage::main(&root, &options),
        Some(Command::Show(options)) => show::main(&root, &options),
        Some(Command::Rerun(options)) => rerun::main(&root, &options),
        Some(Command::Cleanup(options)) => cleanup::main(&root, &options),
        Some(Command::Explain(options)) => explain::main(&options),
        Some(Command::Mock(options)) => mock::main(&root, &options),
        Some(Command::Report(options)) => report::main(&options),
        Some(Command::Merge(options)) => merge::main(&root, &options),
        Some(Command::Judge(options)) => judge::main(&root, &options),
        Some(Command::Compare(options)) => compare::main(&root, &options),
        Some(Command::Baseline(options)) => compare::baseline(&options),
        Some(Command::History(options)) => history::main(&options),
        Some(Command::Waive(options)) => waive::main(&options),
        Some(Command::Verify(options)) => verify::main(&options),
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
