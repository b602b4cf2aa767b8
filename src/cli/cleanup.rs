//! `probity cleanup`: removes what killed runs left on a target.

use std::path::Path;

use clap::Args;

use super::{
    leftovers::{report, thing},
    loading::runtime,
    output::{note, out},
    reading::Verbose,
    refusal::{Refusal, USAGE},
    signals::Signals,
    target_args::TargetArgs,
};
use crate::engine::{Engine, Left, left};

/// Something may still be there.
const LEFT: u8 = 2;

/// Options of `probity cleanup`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    verbose: Verbose,
    /// Only print what would be removed
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let mut suite = options.target.load(root, options.verbose.is_on());
    if suite.is_broken() {
        return Refusal::of_suite(&suite).code;
    }
    let Some(target) = suite.target.take() else {
        return Refusal::of_suite(&suite).code;
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
    trouble |= report(&swept);
    if swept.is_empty() && !trouble {
        out("nothing was left behind");
    }
    if trouble { LEFT } else { 0 }
}
