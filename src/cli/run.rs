//! `probity run`: the main job.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

use super::{
    Filter, USAGE, aim::Aim, aimed, ask, check, chosen, cleanup, colour, note, out, runtime,
};
use crate::{
    clock::{Stopwatch, today, unix_millis},
    embedded,
    engine::{Depth, Engine, Event},
    judge,
    mock::MockServer,
    plan::TestCase,
    report::{self, FORMATS},
    result::{RunReport, Verdict},
    secret::{Known, Leak},
    target::{Profile, Target},
};

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
    /// Where the reports are written
    #[arg(long, value_name = "DIR", default_value = "reports")]
    output_dir: PathBuf,
    /// Findings that the documents only leave open count as fails
    #[arg(long)]
    strict: bool,
    /// Start rows in an order drawn from this seed; reports keep the order of the files
    #[arg(long, value_name = "SEED")]
    shuffle: Option<u64>,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let (suite, mut target) = match aimed(root, &options.aim, &options.filter) {
        Ok(both) => both,
        Err(code) => return code,
    };
    if let Some(profile) = options.profile
        && let Err(why) = target.permit(profile)
    {
        note(&format!("{why}; nothing was sent"));
        return USAGE;
    }
    let selected = match chosen(&suite, &options.filter) {
        Ok(rows) => rows,
        Err(code) => return code,
    };
    // A folder that cannot be written is found before anything is sent.
    let files: Vec<&str> = FORMATS.iter().map(|format| format.file).collect();
    if let Err(error) = writable(&options.output_dir, &files) {
        note(&format!(
            "cannot write to `{}`: {error}",
            options.output_dir.display()
        ));
        return USAGE;
    }
    let Some(runtime) = runtime() else {
        return 4;
    };
    cleanup::remind(&target);
    if let Some(seed) = options.shuffle {
        note(&format!("rows start in the order of --shuffle {seed}"));
    }
    let outcome = runtime.block_on(async {
        let mut target = target;
        // Nothing lies between us and a mock in this process.
        let far = |case: &&TestCase| !options.no_preflight && !target.embedded(case.edition);
        let away: Vec<TestCase> = selected.iter().filter(far).cloned().collect();
        let _mocks = start_embedded(&mut target).await?;
        let jobs = options.jobs.map_or(target.jobs, usize::from);
        let waivers = target.waivers.clone();
        let (name, file) = (target.name.clone(), target.file.clone());
        let bar = progress(selected.len(), "rows");
        let engine = Engine::new(suite.contracts, &suite.plan.cases, target, options.strict)
            .map_err(|error| error.to_string())?
            .with_asker(ask::person(&bar));
        let (strict, shuffle) = (options.strict, options.shuffle);
        let engine = Arc::new(engine);
        let found = engine.preflight(&away, Depth::Providers).await;
        if !found.faults.is_empty() {
            cleanup::warn(&engine.finish().await, &file);
            return Ok(Err(check::report(&found)));
        }
        let mut run = execute(
            Arc::clone(&engine),
            selected,
            jobs,
            name,
            strict,
            shuffle,
            bar,
        )
        .await;
        cleanup::warn(&engine.finish().await, &file);
        if let Some(most) = engine.lowered_connections() {
            note(&format!(
                "too many open files: the system let the run have {most} connections at once and not {jobs}"
            ));
        }
        run.spent = engine.spent();
        run.suite_size = suite.plan.cases.len();
        run.waivers = judge::waive(
            &mut run.cases,
            &waivers,
            today(),
            run.planned >= run.suite_size,
        );
        run.requirements = judge::requirements(engine.contracts(), &suite.plan.cases, &run.cases);
        Ok::<_, String>(Ok((run, Arc::clone(engine.known()))))
    });
    let (run, known) = match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(code)) => return code,
        Err(why) => {
            note(&why);
            return 4;
        }
    };
    finish(run, &known, &options.output_dir)
}

/// Starts a plain mock for each edition that the target file wants embedded.
///
/// # Errors
/// A sentence when a mock cannot be started.
pub async fn start_embedded(target: &mut Target) -> Result<Vec<MockServer>, String> {
    embedded::start_all(target, 0).await
}

async fn execute(
    engine: Arc<Engine>,
    cases: Vec<TestCase>,
    jobs: usize,
    target: String,
    strict: bool,
    shuffle: Option<u64>,
    bar: ProgressBar,
) -> RunReport {
    let (started, watch) = (unix_millis(), Stopwatch::start());
    let (stop, stopped) = watch::channel(false);
    let listener = tokio::spawn(async move {
        if told_to_stop().await {
            note("stopping: rows in flight are finished, the reports are written");
            let _ = stop.send(true);
            // A second Ctrl-C does not wait.
            if told_to_stop().await {
                std::process::exit(2);
            }
        }
    });
    let mut failed = 0usize;
    let mut started_in = cases.clone();
    if let Some(seed) = shuffle {
        fastrand::Rng::with_seed(seed).shuffle(&mut started_in);
    }
    let mut results = engine
        .run(&started_in, jobs, stopped, |Event::CaseFinished(case)| {
            failed += usize::from(matches!(case.verdict, Verdict::Fail(_) | Verdict::Error(_)));
            bar.set_message(if failed == 0 {
                String::new()
            } else {
                format!("{failed} not passed")
            });
            bar.inc(1);
        })
        .await;
    listener.abort();
    bar.finish_and_clear();
    let places: BTreeMap<&str, usize> = cases
        .iter()
        .enumerate()
        .map(|(place, case)| (case.id.as_str(), place))
        .collect();
    results.sort_by_key(|result| places.get(result.id.as_str()).copied());
    RunReport {
        run_id: engine.run_id().to_owned(),
        target,
        started,
        elapsed: watch.elapsed(),
        suite_size: cases.len(),
        planned: cases.len(),
        waivers: Vec::new(),
        requirements: Vec::new(),
        spent: Vec::new(),
        leaks: Vec::new(),
        cases: results,
        strict,
    }
}

/// Waits for Ctrl-C or, where there is one, for the signal to terminate. False when neither can be
/// listened to.
async fn told_to_stop() -> bool {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return tokio::signal::ctrl_c().await.is_ok();
        };
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
            told = terminate.recv() => told.is_some(),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.is_ok()
}

/// A bar on a terminal, nothing elsewhere.
pub(super) fn progress(count: usize, noun: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(u64::try_from(count).ok(), bar_target());
    if let Ok(style) =
        ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {noun}  {{msg}}"))
    {
        bar.set_style(style);
    }
    bar
}

/// Where bars are drawn.
pub(super) fn bar_target() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr_with_hz(10)
}

/// Writes the reports, prints the summary, and gives the exit code.
fn finish(mut run: RunReport, known: &Known, folder: &Path) -> u8 {
    let colour = colour()
        && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    let paths: Vec<PathBuf> = FORMATS.iter().map(|one| folder.join(one.file)).collect();
    let written: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let render = |run: &RunReport| {
        let mut outputs: Vec<(&str, String)> = FORMATS
            .iter()
            .map(|format| (format.file, (format.render)(run)))
            .collect();
        outputs.push((
            "the summary",
            report::console::summary(run, &written, colour),
        ));
        outputs
    };
    let mut outputs = render(&run);
    run.leaks = leaks(known, &outputs);
    if !run.leaks.is_empty() {
        // What is written says itself that it is worth nothing.
        outputs = render(&run);
        for (_, text) in &mut outputs {
            *text = shown(known, text);
        }
        for leak in &run.leaks {
            note(leak);
        }
    }
    for (path, (_, text)) in paths.iter().zip(&outputs) {
        if let Err(error) = write(path, text) {
            note(&format!("cannot write `{}`: {error}", path.display()));
            return 4;
        }
    }
    if let Some((_, summary)) = outputs.last() {
        out(summary);
    }
    run.conclusion().exit_code()
}

/// The secrets that outputs would show, a sentence each, and none of their values.
pub(super) fn leaks(known: &Known, outputs: &[(&str, String)]) -> Vec<String> {
    if known.overflowed() {
        note("there were too many secrets to look for all of them once more in what is written");
    }
    outputs
        .iter()
        .flat_map(|(name, text)| known.leaks(text).into_iter().map(move |leak| (*name, leak)))
        .map(|(name, Leak { mask, line })| {
            format!("{name} held the secret {mask} on line {line}; it was masked and is no proof")
        })
        .collect()
}

/// The text, whatever it holds, with every known secret masked.
pub(super) fn shown(known: &Known, text: &str) -> String {
    known.redact(text).unwrap_or_else(|| text.to_owned())
}

/// Makes the folder and tries every place a report will have, leaving what is there untouched.
pub(super) fn writable(folder: &Path, files: &[&str]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for file in files {
        let path = folder.join(file);
        if path.is_dir() {
            return Err(std::io::Error::other(format!("`{file}` is a folder")));
        }
        let beside = path.with_extension("tmp");
        std::fs::write(&beside, "")?;
        std::fs::remove_file(&beside)?;
    }
    Ok(())
}

/// Writes beside and renames, so that no reader ever sees half a report.
pub(super) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}
