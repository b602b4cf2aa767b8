//! `probity rerun`: one test case with everything that is exchanged for it, or all that did not pass.
//!
//! The report folder belongs to runs: it is read here and never written.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    leftovers,
    loading::runtime,
    output::{leaks, note, out, shown},
    recorded,
    refusal::{Refusal, UNWRITTEN, USAGE},
    session_args::{SessionArgs, preflight},
    signals::Signals,
    terminal,
};
use crate::{
    diag::nearest,
    ids::CaseId,
    plan::Selection,
    report::{
        again::{self, Rerun},
        exchanges,
    },
    result::{Again, CaseResult, RunReport, Verdict},
    session::{self, Session},
    suite::{self, Suite},
    target::Target,
};

/// Some of it could not be judged.
const INCONCLUSIVE: u8 = 2;

/// Where a run writes its record when nothing else is said.
const LAST: &str = "reports/run.jsonl";

/// Options of `probity rerun`.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// The row's id, as `probity list` prints it
    #[arg(required_unless_present = "failed", conflicts_with = "failed")]
    id: Option<String>,
    /// Every row of the last record that failed or could not be judged; those with a waiver are left
    /// out
    #[arg(long)]
    failed: bool,
    /// The record to go by
    #[arg(
        long,
        value_name = "FILE",
        default_value = LAST,
        requires = "failed"
    )]
    record: PathBuf,
    /// Print every exchange, which is always done for one row; and what changes nothing, such as a cache
    /// that cannot be used
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let last = if options.failed {
        match recorded::read(&options.record) {
            Ok(record) => Some(record.report().clone()),
            Err(why) => {
                note(&why.to_string());
                return USAGE;
            }
        }
    } else {
        None
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(refusal) => return refusal.code,
    };
    let signals = {
        let _within = runtime.enter();
        Signals::listen()
    };
    let code = runtime.block_on(conduct(root, options, last.as_ref(), &signals));
    // A command that gives a secret may still be waited for, and nobody needs it any more.
    runtime.shutdown_background();
    code
}

/// What the last run was of, where that was case files that stand alone: the files, and where their target is.
fn alone(root: &Path) -> Option<(Vec<PathBuf>, Vec<String>)> {
    if root.join("cases").is_dir() {
        return None;
    }
    let record = recorded::read(Path::new(LAST)).ok()?;
    let words = &record.report().provenance.command;
    let files = words.iter().map(PathBuf::from);
    let files: Vec<PathBuf> = files.filter(|file| suite::stands_alone(file)).collect();
    let urls = words.iter().enumerate().filter_map(|(at, word)| {
        if word == "--base-url" {
            return words.get(at + 1).cloned();
        }
        word.strip_prefix("--base-url=").map(str::to_owned)
    });
    (!files.is_empty()).then(|| (files, urls.collect()))
}

async fn conduct(
    root: &Path,
    options: &Options,
    last: Option<&RunReport>,
    signals: &Signals,
) -> u8 {
    let loading = {
        let (root, session, verbose) = (root.to_owned(), options.session.clone(), options.verbose);
        tokio::task::spawn_blocking(move || match alone(&root) {
            Some((files, urls)) => {
                let mut session = session;
                session.target.at(urls);
                session.load_alone(&files, &[])
            }
            None => session.load(&root, &[], false, verbose),
        })
    };
    let loaded = tokio::select! {
        biased;
        () = signals.first() => return INCONCLUSIVE,
        loaded = loading => loaded,
    };
    let (suite, target) = match loaded {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(refusal)) => return refusal.code,
        // Where a fault of ours happened was told.
        Err(_) => return UNWRITTEN,
    };
    let wanted = match last {
        Some(last) => Wanted::failed(last, &suite, &target),
        None => Wanted::one(options.id.as_deref().unwrap_or_default(), &suite),
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal.code,
    };
    if wanted.ids.is_empty() {
        return wanted.without_run();
    }
    leftovers::remind(&target);
    let file = target.file.clone();
    let bar = terminal::progress(0, "rows");
    let asker = terminal::person(&bar);
    let session = match Session::open(suite, target, &wanted.session(options), asker).await {
        Ok(session) => session,
        Err(error) => {
            note(&error.to_string());
            return USAGE;
        }
    };
    match run(&session, &file, signals).await {
        Ok(report) => wanted.finish(&session, &report, options.verbose),
        Err(code) => code,
    }
}

/// Runs what the session selected, and removes what that made.
///
/// # Errors
/// With the exit code, when the target cannot be reached, trusted or prepared.
async fn run(session: &Session, file: &Path, signals: &Signals) -> Result<RunReport, u8> {
    if let Some(refusal) = preflight(session, signals).await {
        signals.may_end(refusal.code);
        leftovers::warn(&session.clean_up(signals.level()).await, file);
        return Err(refusal.code);
    }
    let mut report = session.run(signals.level(), &mut |_: &CaseResult| {}).await;
    if session.pending() > 0 {
        signals.may_end(INCONCLUSIVE);
        let swept = session.clean_up(signals.level()).await;
        report.left = leftovers::warn(&swept, file);
    }
    Ok(report)
}

/// What is to run once more.
struct Wanted {
    ids: BTreeSet<CaseId>,
    /// The results of those that did not pass, in the record's order; none where one row was named.
    before: Vec<CaseResult>,
    /// For those that the suite does not have any more, an id that is near.
    gone: Vec<(CaseId, Option<CaseId>)>,
    strict: bool,
}

impl Wanted {
    /// # Errors
    /// When there is no such row; that was printed.
    fn one(id: &str, suite: &Suite) -> Result<Self, Refusal> {
        let Some(case) = suite.plan.get(id) else {
            let near = near(id, suite).map(|near| format!("; did you mean `{near}`?"));
            let near = near.unwrap_or_default();
            return Err(Refusal::usage(format!("there is no row `{id}`{near}")));
        };
        Ok(Self {
            ids: BTreeSet::from([case.id.clone()]),
            before: Vec::new(),
            gone: Vec::new(),
            strict: false,
        })
    }

    /// # Errors
    /// When the record is about another target; that was printed.
    fn failed(last: &RunReport, suite: &Suite, target: &Target) -> Result<Self, Refusal> {
        if last.target != target.name {
            return Err(Refusal::usage(format!(
                "the record is about the target `{}`, and `{}` is `{}`; name its file with --target",
                last.target,
                target.file.display(),
                target.name
            )));
        }
        let is_red = |case: &&CaseResult| {
            matches!(case.verdict, Verdict::Fail(_) | Verdict::Error(_)) && case.waiver.is_none()
        };
        let before: Vec<CaseResult> = last.cases.iter().filter(is_red).cloned().collect();
        let waived = last.counts().waived;
        if waived > 0 {
            note(&format!(
                "left out, because a waiver accepts them: {waived}"
            ));
        }
        let ids = before.iter().map(|case| case.id.clone());
        let (ids, gone): (BTreeSet<_>, BTreeSet<_>) =
            ids.partition(|id| suite.plan.get(id).is_some());
        let gone = gone.into_iter().map(|id| {
            let near = near(&id, suite).map(CaseId::from);
            (id, near)
        });
        Ok(Self {
            gone: gone.collect(),
            ids,
            before,
            strict: last.strict,
        })
    }

    fn session(&self, options: &Options) -> session::Options {
        let asked = options.session.session(Selection {
            ids: self.ids.clone(),
            ..Selection::default()
        });
        session::Options {
            // Steps of one row are told in the order in which they were sent.
            jobs: if self.before.is_empty() {
                Some(1)
            } else {
                asked.jobs
            },
            // As in the record.
            strict: asked.strict || self.strict,
            ..asked
        }
    }

    /// The exit code where nothing is left to run.
    fn without_run(&self) -> u8 {
        if self.before.is_empty() {
            out("no row of the record failed or could not be judged");
            return 0;
        }
        out(&again::text(&self.compared(&[])));
        INCONCLUSIVE
    }

    /// Prints what came of it, and gives the exit code.
    fn finish(&self, session: &Session, report: &RunReport, verbose: bool) -> u8 {
        let mut text = String::new();
        let one = self.before.is_empty();
        if one || verbose {
            for case in self.in_order(&report.cases) {
                text.push_str(&exchanges::text(case));
                text.push('\n');
            }
        }
        let compared = self.compared(&report.cases);
        if !one {
            text.push_str(&again::text(&compared));
        }
        let printed = [("the output", text)];
        let leaks = leaks(session.known(), &printed);
        out(shown(session.known(), &printed[0].1).trim_end());
        if !leaks.is_empty() {
            for leak in &leaks {
                note(leak);
            }
            return UNWRITTEN;
        }
        if one {
            self.code_of_one(report)
        } else {
            code_of_all(&compared, report)
        }
    }

    /// Those that others need first, and then the others.
    fn in_order<'r>(&self, cases: &'r [CaseResult]) -> impl Iterator<Item = &'r CaseResult> {
        let (wanted, needed): (Vec<_>, Vec<_>) =
            cases.iter().partition(|case| self.ids.contains(&case.id));
        needed.into_iter().chain(wanted)
    }

    fn compared<'r>(&'r self, cases: &'r [CaseResult]) -> Vec<Rerun<'r>> {
        let each = self.before.iter().filter_map(|before| {
            let now = cases.iter().find(|case| case.id == before.id);
            now.map(|now| Rerun::Ran { before, now })
        });
        let gone = self.gone.iter().map(|(id, near)| Rerun::Gone {
            id,
            near: near.as_deref(),
        });
        each.chain(gone).collect()
    }

    /// The exit code of a run that had this row alone.
    fn code_of_one(&self, report: &RunReport) -> u8 {
        let cases = report.cases.iter();
        let own: Vec<CaseResult> = cases
            .filter(|case| self.ids.contains(&case.id))
            .cloned()
            .collect();
        if own
            .iter()
            .all(|case| matches!(case.verdict, Verdict::Skip(_)))
        {
            return INCONCLUSIVE;
        }
        let alone = RunReport {
            planned: own.len(),
            cases: own.into(),
            suite_size: usize::MAX,
            ..report.clone()
        };
        alone.conclusion().exit_code()
    }
}

/// 0 where all are fixed; else what a run of them would give.
fn code_of_all(compared: &[Rerun<'_>], report: &RunReport) -> u8 {
    let open = |one: &&Rerun<'_>| again::again(one) != Some(Again::Fixed);
    let verdicts = compared.iter().filter(open).map(|one| match one {
        Rerun::Ran { now, .. } => Some(&now.verdict),
        Rerun::Gone { .. } => None,
    });
    let codes = verdicts.map(|verdict| match verdict {
        Some(verdict) if verdict.is_harness_fault() => UNWRITTEN,
        Some(Verdict::Fail(_)) => 1,
        _ => INCONCLUSIVE,
    });
    let codes: BTreeSet<u8> = codes.collect();
    let worst = [UNWRITTEN, 1, INCONCLUSIVE];
    let worst = worst.into_iter().find(|code| codes.contains(code));
    worst.unwrap_or(if report.left.is_empty() { 0 } else { LEFT })
}

/// Something that was made may still be there.
const LEFT: u8 = 5;

fn near<'s>(id: &str, suite: &'s Suite) -> Option<&'s str> {
    let ids = suite.plan.cases.iter();
    nearest(id, ids.map(|case| case.id.as_str()))
}
