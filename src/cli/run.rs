//! `probity run`: the main job.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use indicatif::ProgressBar;

use super::{
    Filter, Refusal, UNWRITTEN, USAGE,
    aim::Aim,
    aimed, check, chosen, cleanup,
    output::{colour, leaks, note, out, shown},
    reports::Reports,
    runtime,
    signals::Signals,
    terminal,
};
use crate::{
    clock::{Stopwatch, today, unix_millis},
    embedded,
    engine::{Depth, Engine, Event},
    judge,
    mock::MockServer,
    plan::TestCase,
    report::{self, FORMATS},
    result::{Ending, RunReport, Verdict, Waiver},
    suite::Suite,
    target::{Profile, Target},
};

/// Where reports go when nothing else is said.
pub(super) const OUTPUT_DIR: &str = "reports";

/// Options of `probity run`, and of `probity` alone.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    aim: Aim,
    /// Rows in flight at once; the target file's limit when absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Start at once, without finding out first whether the target can be reached
    #[arg(long)]
    no_preflight: bool,
    /// How much the run may do: read-only, non-destructive or destructive; the target file's own
    /// when absent, and everything on embedded mocks
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Profile>,
    /// Where the reports are written; those of the run before are kept in its folder `.previous`
    #[arg(long, value_name = "DIR", default_value = OUTPUT_DIR)]
    output_dir: PathBuf,
    /// Findings that the documents only leave open count as fails
    #[arg(long)]
    strict: bool,
    /// Start rows in an order drawn from this seed; reports keep the order of the files
    #[arg(long, value_name = "SEED")]
    shuffle: Option<u64>,
}

/// Leaves reports that say why there was no run.
pub(super) fn refuse(folder: &Path, why: &str) {
    match Reports::begin(folder) {
        Ok(reports) => {
            reports.end(Ending::NotStarted(why.trim().to_owned()));
        }
        Err(error) => note(&error.to_string()),
    }
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let runtime = match runtime() {
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
    let code = match Reports::begin(&options.output_dir) {
        Ok(reports) => runtime.block_on(conduct(root, options, &reports, &signals)),
        Err(error) => {
            note(&format!("{error}; nothing was sent"));
            USAGE
        }
    };
    // A command that gives a secret may still be waited for, and nobody needs it any more.
    runtime.shutdown_background();
    code
}

/// Everything that is known before the first request.
struct Loaded {
    suite: Suite,
    target: Target,
    selected: Vec<TestCase>,
}

fn load(root: &Path, options: &Options) -> Result<Loaded, Refusal> {
    let (suite, mut target) = aimed(root, &options.aim, &options.filter)?;
    if let Some(profile) = options.profile {
        let permitted = target.permit(profile);
        permitted.map_err(|why| Refusal::usage(format!("{why}; nothing was sent")))?;
    }
    let selected = chosen(&suite, &options.filter)?;
    Ok(Loaded {
        suite,
        target,
        selected,
    })
}

async fn conduct(root: &Path, options: &Options, reports: &Reports, signals: &Signals) -> u8 {
    let loading = {
        let (root, options) = (root.to_owned(), options.clone());
        tokio::task::spawn_blocking(move || load(&root, &options))
    };
    let loaded = tokio::select! {
        biased;
        () = signals.first() => {
            let why = "the run was stopped by a signal before its rows were known";
            return reports.end(Ending::Stopped(why.to_owned()));
        }
        loaded = loading => loaded,
    };
    let loaded = match loaded {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(refusal)) => {
            reports.end(Ending::NotStarted(refusal.why));
            return refusal.code;
        }
        // What a panic of ours leaves is an unfinished run; where it happened was told.
        Err(_) => return UNWRITTEN,
    };
    if let Some(seed) = options.shuffle {
        note(&format!("rows start in the order of --shuffle {seed}"));
    }
    cleanup::remind(&loaded.target);
    match Run::prepare(loaded, options).await {
        Ok(mut run) => run.conduct(options, reports, signals).await,
        Err(why) => {
            note(&why);
            reports.end(Ending::NotStarted(why))
        }
    }
}

/// Starts a plain mock for each edition that the target file wants embedded.
///
/// # Errors
/// A sentence when a mock cannot be started.
pub async fn start_embedded(target: &mut Target) -> Result<Vec<MockServer>, String> {
    embedded::start_all(target, 0).await
}

/// A run that may send.
struct Run {
    engine: Arc<Engine>,
    /// The whole suite.
    cases: Vec<TestCase>,
    selected: Vec<TestCase>,
    /// The selected rows of targets that are not in this process.
    away: Vec<TestCase>,
    jobs: usize,
    waivers: Vec<Waiver>,
    target: String,
    file: PathBuf,
    bar: ProgressBar,
    started: i64,
    watch: Stopwatch,
    _mocks: Vec<MockServer>,
}

impl Run {
    async fn prepare(loaded: Loaded, options: &Options) -> Result<Self, String> {
        let Loaded {
            suite,
            mut target,
            selected,
        } = loaded;
        // Nothing lies between us and a mock in this process.
        let far = |case: &&TestCase| !options.no_preflight && !target.embedded(case.edition);
        let away = selected.iter().filter(far).cloned().collect();
        let mocks = start_embedded(&mut target).await?;
        let bar = terminal::progress(selected.len(), "rows");
        let jobs = options.jobs.map_or(target.jobs, usize::from);
        let waivers = target.waivers.clone();
        let (name, file) = (target.name.clone(), target.file.clone());
        let engine = Engine::new(suite.contracts, &suite.plan.cases, target, options.strict)
            .map_err(|error| error.to_string())?
            .with_asker(terminal::person(&bar));
        Ok(Self {
            engine: Arc::new(engine),
            cases: suite.plan.cases,
            selected,
            away,
            jobs,
            waivers,
            target: name,
            file,
            bar,
            started: unix_millis(),
            watch: Stopwatch::start(),
            _mocks: mocks,
        })
    }

    async fn conduct(&mut self, options: &Options, reports: &Reports, signals: &Signals) -> u8 {
        reports.plan(&self.unfinished(options.strict));
        let found = tokio::select! {
            biased;
            // Whatever a provider was making is in the journal and is removed below.
            () = signals.first() => None,
            found = self.engine.preflight(&self.away, Depth::Providers) => Some(found),
        };
        if let Some(found) = &found
            && let Some(refusal) = check::faults(found)
        {
            let code = reports.end(Ending::NotStarted(refusal.why));
            signals.may_end(code);
            cleanup::warn(&self.engine.finish(signals.level()).await, &self.file);
            return code;
        }
        let mut run = self.execute(options, signals).await;
        if let Some(most) = self.engine.lowered_connections() {
            note(&format!(
                "too many open files: the system let the run have {most} connections at once and \
                 not {}",
                self.jobs
            ));
        }
        self.sum_up(&mut run);
        if self.engine.pending() > 0 {
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
            let swept = self.engine.finish(signals.level()).await;
            run.left = cleanup::warn(&swept, &self.file);
            run.elapsed = self.watch.elapsed();
        }
        self.finish(run, reports)
    }

    /// What is known of the run before its first row.
    fn unfinished(&self, strict: bool) -> RunReport {
        RunReport {
            run_id: self.engine.run_id().to_owned(),
            target: self.target.clone(),
            suite_size: self.cases.len(),
            planned: self.selected.len(),
            strict,
            ..RunReport::without_rows(self.started, Ending::Unfinished)
        }
    }

    async fn execute(&mut self, options: &Options, signals: &Signals) -> RunReport {
        let mut failed = 0usize;
        let mut order = self.selected.clone();
        if let Some(seed) = options.shuffle {
            fastrand::Rng::with_seed(seed).shuffle(&mut order);
        }
        let bar = self.bar.clone();
        let stop = signals.level();
        let mut results = self
            .engine
            .run(&order, self.jobs, stop, |Event::CaseFinished(case)| {
                failed += usize::from(matches!(case.verdict, Verdict::Fail(_) | Verdict::Error(_)));
                if failed > 0 {
                    bar.set_message(format!("{failed} not passed"));
                }
                bar.inc(1);
            })
            .await;
        self.bar.finish_and_clear();
        let places: std::collections::HashMap<&str, usize> = self
            .selected
            .iter()
            .enumerate()
            .map(|(place, case)| (case.id.as_str(), place))
            .collect();
        results.sort_by_key(|result| places.get(result.id.as_str()).copied());
        RunReport {
            elapsed: self.watch.elapsed(),
            cases: results,
            ending: Ending::Complete,
            ..self.unfinished(options.strict)
        }
    }

    /// Adds what needs all rows: waivers and requirements.
    fn sum_up(&self, run: &mut RunReport) {
        run.spent = self.engine.spent();
        let whole = run.is_whole();
        run.waivers = judge::waive(&mut run.cases, &self.waivers, today(), whole);
        run.requirements = judge::requirements(self.engine.contracts(), &self.cases, &run.cases);
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
        out(&summary);
        if code == UNWRITTEN && run.conclusion().exit_code() != UNWRITTEN {
            note("exit code 4: the reports could not be written, whatever the rows say");
        }
        code
    }

    /// Writes all reports and gives the summary to print. A secret that they would show is masked,
    /// and makes the run invalid.
    fn write(&self, run: &mut RunReport, reports: &Reports) -> Result<String, Box<Unwritten>> {
        let known = self.engine.known();
        let written: Vec<String> = reports
            .paths()
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        run.leaks = leaks(known, &rendered(run, &written));
        let mut texts = rendered(run, &written);
        if !run.leaks.is_empty() {
            // What is written says itself that it is worth nothing.
            for (_, text) in &mut texts {
                *text = shown(known, text);
            }
        }
        let mut texts: Vec<String> = texts.into_iter().map(|(_, text)| text).collect();
        let summary = texts.pop().unwrap_or_default();
        match reports.write(&texts) {
            Ok(()) => Ok(summary),
            Err(error) => {
                let summary = rendered(run, &[]).pop().map(|(_, text)| text);
                let summary = shown(known, &summary.unwrap_or_default());
                Err(Box::new(Unwritten { summary, error }))
            }
        }
    }
}

/// Reports that could not be written, and the summary that then claims none.
struct Unwritten {
    summary: String,
    error: std::io::Error,
}

/// The reports in the order of [`FORMATS`], and the summary for standard output, each with its name.
fn rendered(run: &RunReport, written: &[String]) -> Vec<(&'static str, String)> {
    let colour = colour()
        && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    let mut texts: Vec<(&'static str, String)> = FORMATS
        .iter()
        .map(|format| (format.file, (format.render)(run)))
        .collect();
    let summary = report::console::summary(run, written, colour);
    texts.push(("the summary", summary));
    texts
}
