//! The command line: one file a subcommand, and the only code that prints or chooses an exit code.

mod aim;
mod ask;
mod check;
mod cleanup;
mod coverage;
mod lint;
mod list;
mod mock;
mod prove;
mod run;
mod show;

pub use run::start_embedded;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use self::aim::Aim;
use crate::{
    diag::Diagnostic,
    ids::Edition,
    plan::{Selection, TestCase, with_anchors},
    suite::Suite,
    target::Target,
};

/// Usage, file or configuration error; nothing was sent.
pub(crate) const USAGE: u8 = 3;

/// Does this tenant keep the contract its vendor documented?
///
/// Sends every documented request, header omission and documented mistake to a target, judges each
/// answer, and writes reports/. Without a subcommand it runs all shipped cases on the embedded mock.
#[derive(Debug, Parser)]
#[command(name = "probity", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Options,
    /// The project: the folder that holds specs/, cases/ and tenants/
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  conformant
  1  not conformant
  2  inconclusive or partial
  3  usage, file or configuration error; nothing was sent
  4  invalid run: nothing was judged, the harness failed, or a secret would have been shown
  5  what departs is waived, but waivers need attention";

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
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let help = !error.use_stderr();
            // A closed pipe while printing help is nobody's fault.
            let _ = error.print();
            return ExitCode::from(if help { 0 } else { USAGE });
        }
    };
    let root = arguments.root;
    let code = match arguments.command {
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
    };
    ExitCode::from(code)
}

/// Prints a line to standard output; a closed pipe ends the process quietly later, not with a panic.
fn out(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// Prints a line to standard error.
fn note(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// True when people read standard error on a terminal that may show colour.
fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

/// Prints every mistake, and warnings when asked; gives the number of mistakes that block.
fn complain(diagnostics: &[Diagnostic], warnings: bool) -> usize {
    let colour = colour();
    for mistake in diagnostics.iter().filter(|d| warnings || !d.warning) {
        note(&format!("{}\n", mistake.render(colour)));
    }
    diagnostics.iter().filter(|d| !d.warning).count()
}

/// Says which of the editions asked for the project does not have; true when there is one.
fn unknown_edition(wanted: &[Edition], suite: &Suite) -> bool {
    let known = || suite.contracts.iter().map(|contract| contract.edition);
    let Some(stranger) = wanted
        .iter()
        .find(|name| known().all(|edition| edition != **name))
    else {
        return false;
    };
    let names: Vec<&str> = known().map(Edition::as_str).collect();
    note(&format!(
        "there is no edition `{stranger}`: one of {}",
        names.join(", ")
    ));
    true
}

/// Where asynchronous work is done; when there can be none, that is told.
fn runtime() -> Option<tokio::runtime::Runtime> {
    let made = tokio::runtime::Runtime::new();
    made.map_err(|error| note(&format!("cannot start: {error}")))
        .ok()
}

/// The suite and its target, and the rows to send are of editions that it has.
///
/// # Errors
/// The exit code; what is wrong was told.
fn aimed(root: &Path, aim: &Aim, filter: &Filter) -> Result<(Suite, Target), u8> {
    let mut suite = aim.load(root);
    if suite.is_broken() {
        return Err(refuse(&suite));
    }
    if unknown_edition(&filter.edition, &suite) {
        return Err(USAGE);
    }
    match suite.target.take() {
        Some(target) => Ok((suite, target)),
        None => Err(refuse(&suite)),
    }
}

/// The rows that are wanted, with those that they stand behind.
///
/// # Errors
/// The exit code where there is none; that was told.
fn chosen(suite: &Suite, filter: &Filter) -> Result<Vec<TestCase>, u8> {
    let selection = filter.selection();
    let cases = with_anchors(&suite.plan.cases, |case| selection.wants(case));
    if cases.is_empty() {
        note("no row matches; `probity list` prints them all");
        return Err(USAGE);
    }
    Ok(cases)
}

/// Prints the mistakes of a suite that cannot run and gives the exit code.
fn refuse(suite: &Suite) -> u8 {
    let count = complain(&suite.diagnostics, false);
    note(&format!(
        "{count} {}; nothing was sent",
        if count == 1 { "mistake" } else { "mistakes" }
    ));
    USAGE
}
