//! A conformance suite as a test of any repository, run by `cargo test` and `cargo nextest`.
//!
//! Takes: a project's folder, a target, and what else a run is told. Gives: a trial for each row, under the
//! ids that `probity list` prints, and the exit code of a test harness. Never: judges otherwise than
//! `probity run`, which it is.
//!
//! With `harness = false` for the test, `tests/conformance.rs` is:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     probity::conformance(env!("CARGO_MANIFEST_DIR")).target("tenants/local.yaml").run()
//! }
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    future::Future,
    io::{self, Write as _},
    path::{Path, PathBuf},
    pin::Pin,
    process::ExitCode,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use crate::{
    diag::Diagnostic,
    engine::StopSignal,
    ids::CaseId,
    plan::{Selection, TestCase},
    report::{FORMATS, explain},
    result::{CaseResult, RunReport, SkipReason, Verdict},
    session::{self, Session},
    suite::{self, Suite},
    target::{Profile, Settings},
};

/// The exit code of libtest where tests failed.
const FAILED: u8 = 101;

/// Starts the server under test, and gives its base URL.
type Serve = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = String> + Send>> + Send>;

/// A conformance suite, to be run as a test; see [`conformance`].
#[must_use = "`run` runs it"]
pub struct Conformance {
    root: PathBuf,
    target: PathBuf,
    settings: Settings,
    options: session::Options,
    reports: Option<PathBuf>,
    serve: Option<Serve>,
}

/// The suite of the project in this folder, on its target `tenants/mock.yaml`.
pub fn conformance(root: impl AsRef<Path>) -> Conformance {
    let root = root.as_ref().to_owned();
    Conformance {
        target: root.join("tenants/mock.yaml"),
        root,
        settings: Settings::default(),
        options: session::Options::default(),
        reports: None,
        serve: None,
    }
}

impl Conformance {
    /// The target file, from the project's folder.
    pub fn target(mut self, file: impl AsRef<Path>) -> Self {
        self.target = self.root.join(file);
        self
    }

    /// Where the target is, in place of what its file says; `edition=URL` where it has several.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_urls.push(url.into());
        self
    }

    /// Sets a variable of the target file.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.settings.variables.push(format!("{name}={value}"));
        self
    }

    /// Only rows whose id contains this text, or that cover the requirement of this id; any may match where
    /// it is called several times. What `cargo test` is given selects among those.
    pub fn filter(mut self, text: impl Into<String>) -> Self {
        self.options.selection.filters.push(text.into());
        self
    }

    /// Only rows with this tag, or another that is named.
    pub fn tag(mut self, word: impl Into<String>) -> Self {
        self.options.selection.tags.push(word.into());
        self
    }

    /// Findings that the documents only leave open count as fails.
    pub fn strict(mut self) -> Self {
        self.options.strict = true;
        self
    }

    /// How much may be done to the target; what its file says when this is not called.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.options.profile = Some(profile);
        self
    }

    /// Rows in flight at once; the target file's limit when this is not called.
    pub fn jobs(mut self, count: usize) -> Self {
        self.options.jobs = Some(count.max(1));
        self
    }

    /// Writes `junit.xml`, `report.html` and `run.jsonl` into this folder when the trials have run.
    pub fn reports(mut self, folder: impl Into<PathBuf>) -> Self {
        self.reports = Some(folder.into());
        self
    }

    /// Starts the server under test in this process, right before the first row; its base URL comes back, and
    /// what it spawns lives as long as the run. It is not started where no row runs, such as for `--list`.
    ///
    /// ```no_run
    /// # async fn start() -> std::net::SocketAddr { "127.0.0.1:1".parse().unwrap() }
    /// # fn main() -> std::process::ExitCode {
    /// probity::conformance(env!("CARGO_MANIFEST_DIR"))
    ///     .target("tenants/local.yaml")
    ///     .serve(|| async { format!("http://{}", start().await) })
    ///     .run()
    /// # }
    /// ```
    pub fn serve<F, S>(mut self, start: F) -> Self
    where
        F: FnOnce() -> S + Send + 'static,
        S: Future<Output = String> + Send + 'static,
    {
        self.serve = Some(Box::new(|| Box::pin(start())));
        self
    }

    /// Runs the trials that the command line of the process selects. The exit code is that of libtest.
    #[must_use]
    pub fn run(self) -> ExitCode {
        self.trials(&Arguments::from_args())
    }

    /// As [`Self::run`], with these words in place of the command line; the first is the program's name.
    #[must_use]
    pub fn run_as(self, words: impl IntoIterator<Item = String>) -> ExitCode {
        self.trials(&Arguments::from_iter(words))
    }

    fn trials(self, arguments: &Arguments) -> ExitCode {
        let looking = suite::Options {
            settings: Settings {
                offline: true,
                ..self.settings.clone()
            },
            ..suite::Options::default()
        };
        let suite = suite::load_as(&self.root, Some(&self.target), &looking);
        if suite.is_broken() {
            tell(&rendered(&suite.diagnostics));
            return ExitCode::from(FAILED);
        }
        let cases = self.options.selection.asked(&suite.plan.cases);
        if cases.is_empty() {
            tell("no row matches");
            return ExitCode::from(FAILED);
        }
        let run = Arc::new(Run::default());
        let trial = |case: &Arc<TestCase>| {
            let (run, id) = (Arc::clone(&run), case.id.clone());
            let trial = Trial::test(id.to_string(), move || judged(&run.result(&id)?));
            trial.with_ignored_flag(!is_provided(&suite, case))
        };
        let trials: Vec<Trial> = cases.iter().map(trial).collect();
        let runs =
            |trial: &&Trial| !arguments.is_filtered_out(trial) && !arguments.is_ignored(trial);
        let wanted = trials.iter().filter(runs);
        let wanted: BTreeSet<String> = wanted.map(|trial| trial.name().to_owned()).collect();
        let ids = cases.iter().map(|case| &case.id);
        let ids = ids.filter(|id| wanted.contains(id.as_str())).cloned();
        let ids: BTreeSet<CaseId> = ids.collect();
        let is_run = !arguments.list && !ids.is_empty();
        let reports = self.reports.clone();
        let runner = is_run.then(|| {
            let run = Arc::clone(&run);
            thread::spawn(move || {
                let ended = Ending(&run);
                let messages = self.conduct(ids, &run);
                drop(ended);
                messages
            })
        });
        let conclusion = libtest_mimic::run(arguments, trials);
        let Some(runner) = runner else {
            return conclusion.exit_code();
        };
        let messages = match runner.join() {
            Ok(Ok(ended)) => ended.messages(reports.as_deref()),
            // The trials have said it.
            Ok(Err(())) => Vec::new(),
            Err(_) => vec!["a fault of ours ended the run".to_owned()],
        };
        for line in &messages {
            tell(line);
        }
        if messages.is_empty() {
            conclusion.exit_code()
        } else {
            ExitCode::from(FAILED)
        }
    }

    /// Runs these rows; results go to who waits for them. Each trial says an error.
    fn conduct(self, ids: BTreeSet<CaseId>, run: &Run) -> Result<Ended, ()> {
        let runtime = Runtime::new().map_err(|error| run.end(Err(error.to_string())))?;
        let conducted = runtime.block_on(self.session(ids, run));
        conducted.map_err(|why| run.end(Err(why)))
    }

    async fn session(self, ids: BTreeSet<CaseId>, run: &Run) -> Result<Ended, String> {
        let mut settings = self.settings;
        if let Some(serve) = self.serve {
            settings.base_urls.push(serve().await);
        }
        let options = suite::Options {
            settings,
            ..suite::Options::default()
        };
        let mut suite = suite::load_as(&self.root, Some(&self.target), &options);
        if self.options.strict {
            suite.be_strict();
        }
        let target = suite.target.take().filter(|_| !suite.is_broken());
        let target = target.ok_or_else(|| rendered(&suite.diagnostics))?;
        let options = session::Options {
            selection: Selection {
                ids,
                ..Selection::default()
            },
            command: std::env::args().collect(),
            ..self.options
        };
        let session = Session::open(suite, target, &options, None).await;
        let session = session.map_err(|error| error.to_string())?;
        let looked = session.preflight().await;
        if !looked.faults.is_empty() {
            session.clean_up(StopSignal::never()).await;
            return Err(rendered(&looked.faults));
        }
        let report = session
            .complete_with(&mut |case: &CaseResult| run.add(case))
            .await;
        run.end(Ok(()));
        Ok(Ended { session, report })
    }
}

/// A run whose trials have ended.
struct Ended {
    session: Session,
    report: RunReport,
}

impl Ended {
    /// Writes the reports, and gives what is wrong beside the trials.
    fn messages(self, reports: Option<&Path>) -> Vec<String> {
        let mut messages = self.report.left.clone();
        if let Some(folder) = reports
            && let Err(error) = self.write(folder)
        {
            messages.push(format!("cannot write to `{}`: {error}", folder.display()));
        }
        messages
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for format in FORMATS {
            let text = format.render(&self.report);
            let text = self.session.known().redact(&text).unwrap_or(text);
            let mut staged = tempfile::NamedTempFile::new_in(folder)?;
            staged.write_all(text.as_bytes())?;
            staged.persist(folder.join(format.file))?;
        }
        Ok(())
    }
}

/// The results of a run as they come, for the trials that wait for them.
#[derive(Default)]
struct Run {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    results: BTreeMap<CaseId, CaseResult>,
    /// Nothing comes any more; an error is why nothing was sent.
    ended: Option<Result<(), String>>,
}

impl Run {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, case: &CaseResult) {
        let mut state = self.state();
        state.results.insert(case.id.clone(), case.clone());
        self.changed.notify_all();
    }

    fn end(&self, how: Result<(), String>) {
        self.state().ended.get_or_insert(how);
        self.changed.notify_all();
    }

    /// The result of a row, waited for.
    fn result(&self, id: &CaseId) -> Result<CaseResult, Failed> {
        let mut state = self.state();
        loop {
            if let Some(result) = state.results.get(id) {
                return Ok(result.clone());
            }
            match &state.ended {
                Some(Err(why)) => return Err(Failed::from(format!("nothing was sent: {why}"))),
                Some(Ok(())) => return Err(Failed::from("the run has no result of this row")),
                None => {}
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Lets nobody wait for ever where the run ends by a panic.
struct Ending<'r>(&'r Run);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.end(Err("a fault of ours ended the run".to_owned()));
    }
}

/// A row that is only observed, that is still to be filled in, or that needs what the target lacks, is
/// ignored in the list itself: a test runner that starts a process for each trial would take a later skip for
/// a pass.
fn is_provided(suite: &Suite, case: &TestCase) -> bool {
    let Some(target) = &suite.target else {
        return false;
    };
    let Some(edition) = target.editions.get(&case.edition) else {
        return false;
    };
    let mut needs = case.needs.iter();
    let mut words = case.requires.iter();
    case.observe.is_none()
        && case.todo.is_none()
        // Nobody is at a terminal here.
        && needs.all(|need| edition.unattended(&need.provider))
        && words.all(|word| target.capabilities.contains(word))
        && target.withholds(case).is_none()
}

/// A result as a trial's.
fn judged(result: &CaseResult) -> Result<(), Failed> {
    match &result.verdict {
        // It was asked for by --ignored, and to have observed is all that such a row can do.
        Verdict::Pass(_) | Verdict::Skip(SkipReason::OnlyObserved) => Ok(()),
        // A row that turns out to lack something has proven nothing, and no runner has a word for
        // it after the start.
        Verdict::Skip(_) => Err(Failed::from(format!(
            "not judged: {}",
            result.detail.clone().unwrap_or_default()
        ))),
        Verdict::Fail(_) if result.waiver.is_some() => Ok(()),
        Verdict::Fail(_) | Verdict::Error(_) => Err(Failed::from(explain::failure(result))),
    }
}

/// The mistakes, without the warnings.
fn rendered(diagnostics: &[Diagnostic]) -> String {
    let broken = diagnostics.iter().filter(|mistake| !mistake.warning);
    let messages: Vec<String> = broken.map(|mistake| mistake.render(false)).collect();
    messages.join("\n\n")
}

/// A test binary has no other voice; where that is closed nobody listens.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
