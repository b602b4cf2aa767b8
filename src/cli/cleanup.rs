//! `probity cleanup`: removes what killed runs left on a target.

use std::path::Path;

use clap::Args;

use super::{
    USAGE,
    output::{note, out},
    refuse, runtime,
    signals::Signals,
    target_args::TargetArgs,
};
use crate::{
    engine::{Engine, Left, Swept, Undone, left},
    target::Target,
};

/// Something may still be there.
const LEFT: u8 = 2;

/// Options of `probity cleanup`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    target: TargetArgs,
    /// Only print what would be removed
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let mut suite = options.target.load(root);
    if suite.is_broken() {
        return refuse(&suite).code;
    }
    let Some(target) = suite.target.take() else {
        return refuse(&suite).code;
    };
    let journals = match left(&target) {
        Ok(journals) => journals,
        Err(error) => {
            note(&format!("cannot read the journals: {error}"));
            return USAGE;
        }
    };
    for refused in &journals.refused {
        note(&format!("nothing is removed by it: {refused}"));
    }
    let mut trouble = !journals.refused.is_empty();
    for run in &journals.alive {
        out(&format!("run {run} is still going; left alone"));
    }
    if options.dry_run {
        for one in journals.left.iter().flat_map(Left::things) {
            out(&format!("would remove {}", thing(&one)));
        }
        return if trouble { LEFT } else { 0 };
    }
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(refusal) => return refusal.code,
    };
    let _guard = runtime.enter();
    let signals = Signals::listen();
    signals.may_end(LEFT);
    let contracts: std::sync::Arc<[_]> = suite.contracts.into();
    let mut swept = Vec::new();
    for journal in journals.left {
        match Engine::new(
            std::sync::Arc::clone(&contracts),
            &[],
            target.clone(),
            false,
        ) {
            Ok(engine) => {
                swept.extend(runtime.block_on(engine.resuming(journal).finish(signals.level())));
            }
            Err(error) => {
                note(&error.to_string());
                return USAGE;
            }
        }
    }
    trouble |= tell(&swept);
    if swept.is_empty() && !trouble {
        out("nothing was left behind");
    }
    if trouble { LEFT } else { 0 }
}

/// Prints what became of each thing; true when something may still be there.
fn tell(swept: &[Swept]) -> bool {
    let mut trouble = false;
    for one in swept {
        match &one.undone {
            Undone::Removed => out(&format!("removed {}", thing(one))),
            Undone::Absent => out(&format!("was not there: {}", thing(one))),
            Undone::Left(why) => {
                note(&format!("not removed: {}: {why}", thing(one)));
                trouble = true;
            }
        }
    }
    trouble
}

/// Tells what a run could not remove of its own, and how to go on; and what it did not find again,
/// which only the target says is gone. Gives what may be left, a sentence each.
pub(super) fn warn(swept: &[Swept], target: &Path) -> Vec<String> {
    let (mut left, mut absent) = (Vec::new(), Vec::new());
    for one in swept {
        match one.undone {
            Undone::Left(_) => left.push(one.clone()),
            Undone::Absent => absent.push(one),
            Undone::Removed => {}
        }
    }
    if let Some(first) = absent.first() {
        let more = match absent.len() {
            1 => String::new(),
            count => format!(", and {} more like it", count - 1),
        };
        note(&format!(
            "not there when it was looked for: {}{more}",
            thing(first)
        ));
    }
    let still: Vec<String> = left
        .iter()
        .filter_map(|one| match &one.undone {
            Undone::Left(why) => Some(format!("{} may still be there: {why}", thing(one))),
            Undone::Removed | Undone::Absent => None,
        })
        .collect();
    if still.is_empty() {
        return still;
    }
    tell(&left);
    note(&format!(
        "{} made by this run could not be removed; `probity cleanup --target {}` tries again",
        match left.len() {
            1 => "one thing".to_owned(),
            count => format!("{count} things"),
        },
        target.display()
    ));
    still
}

/// Says that earlier runs left something on the target, if they did.
pub(super) fn remind(target: &Target) {
    let things: usize = left(target)
        .map(|journals| journals.left.iter().map(|left| left.things().len()).sum())
        .unwrap_or_default();
    if things > 0 {
        note(&format!(
            "runs that ended early left {things} on the target; `probity cleanup --target {}` removes them",
            target.file.display()
        ));
    }
}

fn thing(one: &Swept) -> String {
    format!(
        "{} {} ({}) of run {}",
        one.edition, one.provider, one.names, one.run
    )
}
