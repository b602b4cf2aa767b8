//! `probity run`: the main job.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use super::{
    beside,
    ci::Ci,
    compare::{RunBefore, RunError, judged_by, with},
    leftovers,
    loading::{Filter, one_thread},
    output::{note, out, sentences, shown},
    progress::{self, Progress},
    recorded::key,
    refusal::{UNWRITTEN, USAGE},
    rendering::further,
    report_args::ReportArgs,
    reports::{Reports, Wanted},
    session_args::{SessionArgs, preflight},
    signals::Signals,
    summary::SummaryArgs,
    terminal,
};
use crate::{
    clock::unix_millis,
    compare::Before,
    report::{FURTHER, Format, exchanges},
    result::{CaseResult, Ending, RunReport},
    session::{self, Repetition, Session},
    visible::visible,
};

/// Where reports go when nothing else is said.
pub(super) const OUTPUT_DIR: &str = "reports";

/// Options of `probity run`, and of `probity` alone.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    session: SessionArgs,
    /// Where the reports are written; those of the run before are kept in its folder `.previous`
    #[arg(long, value_name = "DIR", default_value = OUTPUT_DIR)]
    output_dir: PathBuf,
    /// Further reports to write, separated by commas: markdown, ctrf, github, gitlab, sarif, tap, har
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = further)]
    report: Vec<&'static Format>,
    /// Which build service to tell by annotations and a job summary: with auto, GitHub Actions where the
    /// run is in one of its jobs
    #[arg(long, value_enum, default_value = "auto", value_name = "SERVICE")]
    ci: Ci,
    /// Sign the record with the key in this file, so that `probity verify --key` can tell whether
    /// anybody changed it
    #[arg(long, value_name = "FILE")]
    record_key: Option<PathBuf>,
    /// Compare with this record or baseline when the rows have run, and print what changed; several of the
    /// same target show which values change by themselves. A run that would end with 0 or 5 then ends as
    /// `probity compare` does, unless nothing changed
    #[arg(long, value_name = "RECORD")]
    baseline: Vec<PathBuf>,
    #[command(flatten)]
    summary: SummaryArgs,
    /// Start rows in an order drawn from this seed; reports keep the order of the files
    #[arg(long, value_name = "SEED")]
    shuffle: Option<u64>,
    /// Run each row N times, to find those that pass and fail by turns: they are flaky, and fail. Rows that
    /// may lock an account, are destructive or cost something run once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..))]
    repeat: Option<u16>,
    /// Run each row that fails N times more, to tell which are flaky; none is green for it. Rows that
    /// may lock an account, are destructive or cost something run once
    #[arg(long, value_name = "N", conflicts_with = "repeat", value_parser = clap::value_parser!(u16).range(1..))]
    retry_failed: Option<u16>,
    #[command(flatten)]
    reports: ReportArgs,
}

impl Options {
    /// The formats beside those of every run, each once.
    fn further(&self) -> Vec<&'static Format> {
        let asked = |format: &&Format| self.report.iter().any(|one| one.name == format.name);
        FURTHER.iter().filter(asked).collect()
    }

    fn session(&self) -> session::Options {
        session::Options {
            shuffle: self.shuffle,
            again: self.again(),
            spool: true,
            command: command_line(),
            ..self.session.session(self.filter.selection())
        }
    }

    fn again(&self) -> Repetition {
        match (self.repeat, self.retry_failed) {
            (Some(times), _) => Repetition::All(times.into()),
            (None, Some(times)) => Repetition::Failed(times.into()),
            (None, None) => Repetition::Never,
        }
    }

    /// Leaves reports that say why there is no result, says so in JSON where that was asked for, and
    /// gives the exit code.
    fn end(&self, reports: &Reports, ending: Ending) -> u8 {
        let run = reports.without_cases(ending);
        let code = reports.end(&run);
        let written = match code {
            UNWRITTEN => Vec::new(),
            _ => reports.names(),
        };
        self.summary.ended_early(&run, &written, code);
        code
    }
}

/// What a run goes by beside its suite and target, from files that the command line names.
#[derive(Default)]
struct Given {
    /// What the record is signed with.
    key: Option<Vec<u8>>,
    /// The runs to compare with.
    before: Vec<RunBefore>,
}

impl Given {
    /// # Errors
    /// With the sentence why a file cannot be used.
    fn read(options: &Options) -> Result<Self, String> {
        let key = options.record_key.as_deref().map(key).transpose();
        let each = options.baseline.iter();
        let before: Result<_, RunError> = each.map(|path| RunBefore::read(path)).collect();
        Ok(Self {
            key: key.map_err(|error| error.to_string())?,
            before: before.map_err(|error| visible(&error.to_string()))?,
        })
    }
}

/// The command line as it was given.
pub(super) fn command_line() -> Vec<String> {
    let words = std::env::args_os();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// Leaves reports that say why there was no run.
pub(super) fn refuse(folder: &Path, why: &str) {
    match Reports::begin(folder, Wanted::default()) {
        Ok(reports) => {
            reports.end(&reports.without_cases(Ending::NotStarted(why.trim().to_owned())));
        }
        Err(error) => note(&error.to_string()),
    }
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let mut options = options.clone();
    let alone = options.filter.take_files(root);
    let options = &options;
    let runtime = match one_thread() {
        Ok(runtime) => runtime,
        Err(refusal) => {
            refuse(&options.output_dir, &refusal.why);
            return USAGE;
        }
    };
    // First of all, so that no signal finds the reports begun and nobody to end them.
    let signals = {
        let _within = runtime.enter();
        Signals::listen()
    };
    let (given, refused) = match Given::read(options) {
        Ok(given) => (given, None),
        Err(why) => (Given::default(), Some(why)),
    };
    let wanted = Wanted {
        further: options.further(),
        options: options.reports.options(),
        key: given.key,
        ci: options.ci,
        output_is_taken: options.summary.is_json(),
    };
    let code = match Reports::begin(&options.output_dir, wanted) {
        Ok(reports) => {
            if let Some(why) = refused {
                note(&why);
                options.end(&reports, Ending::NotStarted(why))
            } else {
                let place = Place { root, alone };
                runtime.block_on(conduct(place, options, given.before, &reports, &signals))
            }
        }
        Err(error) => {
            let why = format!("{error}; nothing was sent");
            note(&why);
            let run = RunReport::without_cases(unix_millis(), Ending::NotStarted(why));
            options.summary.ended_early(&run, &[], USAGE);
            USAGE
        }
    };
    // A command that gives a secret may still be waited for, and nobody needs it any more.
    runtime.shutdown_background();
    code
}

/// Where the rows are.
struct Place<'p> {
    root: &'p Path,
    /// Case files that stand alone, which are all then.
    alone: Vec<PathBuf>,
}

async fn conduct(
    place: Place<'_>,
    options: &Options,
    before: Vec<RunBefore>,
    reports: &Reports,
    signals: &Signals,
) -> u8 {
    let loading = {
        let (root, alone, options) = (place.root.to_owned(), place.alone, options.clone());
        tokio::task::spawn_blocking(move || {
            let Options {
                session,
                filter,
                summary,
                ..
            } = &options;
            let editions = &filter.kind.edition;
            if !alone.is_empty() {
                return session.load_alone(&alone, editions);
            }
            session.load(&root, editions, session.strict, summary.verbose)
        })
    };
    let loaded = tokio::select! {
        biased;
        () = signals.first() => {
            let why = "the run was stopped by a signal before its rows were known";
            return options.end(reports, Ending::Stopped(why.to_owned()));
        }
        loaded = loading => loaded,
    };
    let (suite, target) = match loaded {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(refusal)) => {
            options.end(reports, Ending::NotStarted(refusal.why));
            return refusal.code;
        }
        // What a panic of ours leaves is an unfinished run; where it happened was told.
        Err(_) => return UNWRITTEN,
    };
    if !options.summary.quiet {
        if let Some(seed) = options.shuffle {
            note(&format!("rows start in the order of --shuffle {seed}"));
        }
        leftovers::remind(&target);
    }
    let before = judged_by(&before, &suite);
    let bar = progress::bar();
    let file = target.file.clone();
    let asker = terminal::person(&bar);
    match Session::open(suite, target, &options.session(), asker).await {
        Ok(session) => {
            let run = Run {
                session,
                file,
                bar,
                options,
                before,
            };
            run.conduct(reports, signals).await
        }
        Err(error) => {
            note(&error.to_string());
            options.end(reports, Ending::NotStarted(error.to_string()))
        }
    }
}

/// A session, and what shows it to people.
struct Run<'o> {
    session: Session,
    /// The target file.
    file: PathBuf,
    bar: ProgressBar,
    options: &'o Options,
    /// The runs to compare with; none where nothing is compared.
    before: Vec<Before>,
}

impl Run<'_> {
    async fn conduct(&self, reports: &Reports, signals: &Signals) -> u8 {
        let session = &self.session;
        reports.plan(&session.unfinished());
        if let Some(refusal) = preflight(session, signals).await {
            let code = self.options.end(reports, Ending::NotStarted(refusal.why));
            signals.may_end(code);
            leftovers::warn(&session.clean_up(signals.level()).await, &self.file);
            return code;
        }
        let mut run = self.execute(signals).await;
        run.proof = beside::proof(reports.folder(), &run.provenance.suite, session.known());
        if session.pending() > 0 {
            // Whatever may end the clean-up, the results are on the disk before it begins.
            run.left = vec![format!(
                "the clean-up had not ended; `probity cleanup --target {}` ends it",
                self.file.display()
            )];
            let code = match self.write(&mut run, reports) {
                Ok(_) => run.conclusion().exit_code(),
                Err(_) => UNWRITTEN,
            };
            signals.may_end(code);
            let swept = session.clean_up(signals.level()).await;
            run.left = leftovers::warn(&swept, &self.file);
            run.elapsed = session.elapsed();
        }
        self.finish(run, reports)
    }

    async fn execute(&self, signals: &Signals) -> RunReport {
        let (session, quiet) = (&self.session, self.options.summary.quiet);
        if self.options.again() != Repetition::Never && !quiet {
            for (why, count) in session.unrepeatable() {
                let rows = if count == 1 { "row" } else { "rows" };
                note(&format!("{count} {rows} will run once: each {why}"));
            }
        }
        let progress = Progress::begin(&self.bar, session.known(), session.planned(), quiet);
        let mut sink = |case: &CaseResult| progress.ended(case);
        let run = session.run(signals.level(), &mut sink);
        let run = progress.watch(run).await;
        if let Some(most) = self.session.lowered_connections() {
            note(&format!(
                "too many open files: the system let the run have {most} connections at once and \
                 not {}",
                self.session.jobs()
            ));
        }
        if let Some(trouble) = self.session.spool_trouble() {
            note(&format!(
                "results are held in memory, because the folder for temporary files cannot take \
                 them: {trouble}"
            ));
        }
        run
    }

    /// Writes the reports, prints the summary, and gives the exit code.
    fn finish(&self, mut run: RunReport, reports: &Reports) -> u8 {
        let (summary, code) = match self.write(&mut run, reports) {
            Ok(summary) => (summary, run.conclusion().exit_code()),
            Err(unwritten) => {
                note(&format!(
                    "the reports cannot be written: {}",
                    unwritten.error
                ));
                (unwritten.summary, UNWRITTEN)
            }
        };
        for leak in &run.leaks {
            note(leak);
        }
        if self.options.summary.verbose && !self.options.summary.is_json() {
            for at in 0..run.cases.len() {
                match run.cases.whole(at) {
                    Ok(case) => out(&shown(self.session.known(), &exchanges::text(&case))),
                    Err(error) => note(&format!("a result cannot be read back: {error}")),
                }
            }
        }
        out(&summary);
        reports.tell(&run, Some(self.session.known()));
        if code == UNWRITTEN && run.conclusion().exit_code() != UNWRITTEN {
            note("exit code 4: the reports could not be written, whatever the rows say");
        }
        if self.before.is_empty() {
            code
        } else {
            self.compared(&run, code)
        }
    }

    /// Prints what changed, and gives the exit code of both: the run's own unless its rows are green.
    fn compared(&self, run: &RunReport, code: u8) -> u8 {
        let (page, found) = match with(&self.before, run) {
            Ok(page) => page,
            Err(error) => (error, USAGE),
        };
        let page = shown(self.session.known(), page.trim_end());
        if self.options.summary.is_json() || found == USAGE {
            note(&page);
        } else {
            out(&page);
        }
        match (code, found) {
            (0 | 5, 1..) => found,
            _ => code,
        }
    }

    /// Writes all reports and gives the summary to print. A secret that they would show is masked,
    /// and makes the run invalid.
    fn write(&self, run: &mut RunReport, reports: &Reports) -> Result<String, Box<Unwritten>> {
        let known = self.session.known();
        let written = reports.names();
        run.leaks = Vec::new();
        let staged = reports.stage(run, Some(known)).and_then(|staged| {
            let summary = self.summary(run, &written);
            let in_summary = known.leaks(&summary).into_iter();
            let in_summary = in_summary.map(|leak| ("the summary", leak));
            run.leaks = sentences(known, staged.leaks.iter().copied().chain(in_summary));
            if run.leaks.is_empty() {
                return Ok((staged, summary));
            }
            // What is written says itself that it is worth nothing.
            drop(staged);
            let staged = reports.stage(run, Some(known))?;
            Ok((staged, shown(known, &self.summary(run, &written))))
        });
        let replaced = staged.and_then(|(staged, summary)| {
            reports.replace(staged.files)?;
            Ok(summary)
        });
        replaced.map_err(|error| {
            let summary = shown(known, &self.summary(run, &[]));
            Box::new(Unwritten { summary, error })
        })
    }

    /// The summary for standard output, with the files that were written; where there are none, they
    /// could not be.
    fn summary(&self, run: &RunReport, written: &[String]) -> String {
        let code = match written {
            [] => UNWRITTEN,
            _ => run.conclusion().exit_code(),
        };
        self.options.summary.text(run, written, code)
    }
}

/// Reports that could not be written, and the summary that then claims none.
struct Unwritten {
    summary: String,
    error: std::io::Error,
}
