//! `probity check`: whether the target can be reached, trusted and prepared, before a run is tried.

use std::{error::Error, path::Path};

use clap::Args;

use super::{
    leftovers,
    loading::{Filter, chosen, runtime, suite_and_target},
    output::out,
    reading::Verbose,
    refusal::Refusal,
    signals::Signals,
    target_args::TargetArgs,
};
use crate::{
    embedded,
    engine::{Depth, Engine},
};

/// The target did not answer a provider as it must, or the look was stopped.
const INCONCLUSIVE: u8 = 2;

/// Options of `probity check`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    verbose: Verbose,
    /// Call no provider: no account is made, no code asked for
    #[arg(long)]
    no_accounts: bool,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    look(root, options).unwrap_or_else(|refusal| refusal.code)
}

fn look(root: &Path, options: &Options) -> Result<u8, Refusal> {
    let verbose = options.verbose.is_on();
    let (suite, mut target) = suite_and_target(
        root,
        &options.target,
        &options.filter.kind.edition,
        false,
        verbose,
    )?;
    let cases = chosen(&suite, &options.filter)?;
    if let Some(shard) = options.filter.shard {
        target.share(shard);
    }
    let runtime = runtime()?;
    let secrets: usize = target.editions.values().map(|one| one.secrets.len()).sum();
    out(&row(
        "ok",
        &target.name,
        "file",
        &format!(
            "{} editions, {secrets} secrets at hand",
            target.editions.len()
        ),
    ));
    let depth = if options.no_accounts {
        Depth::Addresses
    } else {
        Depth::Providers
    };
    let found = runtime.block_on(async {
        let signals = Signals::listen();
        signals.may_end(INCONCLUSIVE);
        let file = target.file.clone();
        let _mocks = embedded::start_all(&mut target, 0).await?;
        let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false)?;
        let found = tokio::select! {
            biased;
            () = signals.first() => None,
            found = engine.preflight(&cases, depth) => Some(found),
        };
        leftovers::warn(&engine.finish(signals.level()).await, &file);
        Ok::<_, Box<dyn Error>>(found)
    });
    let Some(found) = found.map_err(|error| Refusal::usage(error.to_string()))? else {
        return Ok(INCONCLUSIVE);
    };
    for line in &found.lines {
        out(&row(
            line.state.label(),
            &line.subject,
            line.what,
            &line.text,
        ));
    }
    let refused = found.faults.iter().any(|fault| fault.warning);
    Ok(match Refusal::of_preflight(&found) {
        Some(refusal) => refusal.code,
        None if refused => INCONCLUSIVE,
        None => 0,
    })
}

fn row(state: &str, subject: &str, what: &str, text: &str) -> String {
    format!("{state:<6} {subject:<12} {what:<10} {text}")
}
