//! Every row of the suite as a trial, under the ids that `probity list` prints.
//!
//! `PROBITY_TARGET=file` points it at another target. Nothing is started for `--list`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    slice,
    sync::{Arc, OnceLock},
};

use libtest_mimic::{Arguments, Failed, Trial};
use probity::{
    clock::today,
    diag::Diagnostic,
    embedded,
    engine::{Engine, StopSignal, Undone},
    judge::waive,
    mock::MockServer,
    plan::TestCase,
    report::explain,
    result::{SkipReason, Verdict, Waiver},
    suite::{self, Suite},
};
use tokio::runtime::Runtime;

/// The run that all trials of this process share; made by the first trial, never for `--list`.
struct Shared {
    runtime: Runtime,
    engine: Engine,
    waivers: Vec<Waiver>,
    /// Stops when dropped.
    _mocks: Vec<MockServer>,
}

static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();

fn shared() -> Result<Shared, String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let mut suite = load();
    let mut target = suite
        .target
        .take()
        .ok_or("the target file cannot be read")?;
    let waivers = target.waivers.clone();
    let mocks = runtime.block_on(embedded::start_all(&mut target, 0));
    let mocks = mocks.map_err(|error| error.to_string())?;
    let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false)
        .map_err(|error| error.to_string())?;
    Ok(Shared {
        runtime,
        engine,
        waivers,
        _mocks: mocks,
    })
}

fn load() -> Suite {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("PROBITY_TARGET")
        .map_or_else(|| root.join("tenants/mock.yaml"), PathBuf::from);
    suite::load(root, Some(&target))
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let suite = load();
    if suite.is_broken() {
        let broken = suite.diagnostics.iter().filter(|mistake| !mistake.warning);
        let told: Vec<String> = broken
            .map(|mistake: &Diagnostic| mistake.render(false))
            .collect();
        #[expect(clippy::print_stderr, reason = "a test binary has no other voice")]
        {
            eprintln!("{}", told.join("\n\n"));
        }
        return ExitCode::from(101);
    }
    let trials = suite
        .plan
        .cases
        .iter()
        .map(|case| trial(&suite, case))
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !finish() {
        return ExitCode::from(101);
    }
    conclusion.exit_code()
}

/// Removes what this process made on the target; false when something is still there.
fn finish() -> bool {
    let Some(Ok(shared)) = SHARED.get() else {
        return true;
    };
    let swept = shared
        .runtime
        .block_on(shared.engine.finish(StopSignal::never()));
    let still: Vec<_> = swept
        .iter()
        .filter(|one| matches!(one.undone, Undone::Left(_)))
        .collect();
    if !still.is_empty() {
        #[expect(clippy::print_stderr, reason = "a test binary has no other voice")]
        {
            eprintln!("made and not removed; `probity cleanup` tries again: {still:#?}");
        }
    }
    still.is_empty()
}

/// A row that is only observed, or that needs what the target lacks, is ignored in the list itself:
/// a test runner that starts a process for each trial would take a later skip for a pass.
fn trial(suite: &Suite, case: &TestCase) -> Trial {
    let provided = suite
        .target
        .as_ref()
        .and_then(|target| target.editions.get(&case.edition))
        .is_some_and(|edition| {
            // Nobody is at a terminal here.
            case.needs
                .iter()
                .all(|need| edition.unattended(&need.provider))
        })
        && suite.target.as_ref().is_some_and(|target| {
            let mut words = case.requires.iter();
            words.all(|word| target.capabilities.contains(word)) && target.withholds(case).is_none()
        });
    let ignored = case.observe.is_some() || !provided;
    let case = Arc::new(case.clone());
    Trial::test(case.id.to_string(), move || judge(&case)).with_ignored_flag(ignored)
}

fn judge(case: &TestCase) -> Result<(), Failed> {
    let shared = SHARED
        .get_or_init(shared)
        .as_ref()
        .map_err(|why| Failed::from(why.as_str()))?;
    let mut result = shared.runtime.block_on(shared.engine.run_case(case));
    waive(
        slice::from_mut(&mut result),
        &shared.waivers,
        today(),
        false,
        |_| true,
    );
    match &result.verdict {
        // It was asked for by --ignored, and to have observed is all that such a row can do.
        Verdict::Pass(_) | Verdict::Skip(SkipReason::OnlyObserved) => Ok(()),
        // A row that turns out to lack something has proven nothing, and no runner has a word for
        // it after the start.
        Verdict::Skip(_) => Err(Failed::from(format!(
            "not judged: {}",
            result.detail.unwrap_or_default()
        ))),
        Verdict::Fail(_) if result.waiver.is_some() => Ok(()),
        Verdict::Fail(_) | Verdict::Error(_) => Err(Failed::from(explain::failure(&result))),
    }
}
