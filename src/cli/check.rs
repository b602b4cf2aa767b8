//! `probity check`: whether the target can be reached, trusted and prepared, before a run is tried.

use std::path::Path;

use clap::Args;

use super::{
    Filter, Refusal, USAGE, chosen, cleanup, complain, listed,
    output::{note, out},
    run, runtime,
    signals::Signals,
    suite_and_target,
    target_args::TargetArgs,
};
use crate::engine::{Depth, Engine, Preflight};

/// The target did not answer a provider as it must, or the look was stopped.
const INCONCLUSIVE: u8 = 2;

/// Options of `probity check`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    target: TargetArgs,
    /// Call no provider: no account is made, no code asked for
    #[arg(long)]
    no_accounts: bool,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    look(root, options).unwrap_or_else(|refusal| refusal.code)
}

fn look(root: &Path, options: &Options) -> Result<u8, Refusal> {
    let (suite, mut target) = suite_and_target(root, &options.target, &options.filter, false)?;
    let cases = chosen(&suite, &options.filter)?;
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
        let _mocks = run::start_embedded(&mut target).await?;
        let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false)
            .map_err(|error| error.to_string())?;
        let found = tokio::select! {
            biased;
            () = signals.first() => None,
            found = engine.preflight(&cases, depth) => Some(found),
        };
        cleanup::warn(&engine.finish(signals.level()).await, &file);
        Ok::<_, String>(found)
    });
    let Some(found) = found.map_err(Refusal::usage)? else {
        return Ok(INCONCLUSIVE);
    };
    for line in &found.lines {
        out(&row(
            line.state.word(),
            &line.subject,
            line.what,
            &line.told,
        ));
    }
    let refused = found.faults.iter().any(|fault| fault.warning);
    Ok(match faults(&found) {
        Some(refusal) => refusal.code,
        None if refused => INCONCLUSIVE,
        None => 0,
    })
}

fn row(state: &str, subject: &str, what: &str, told: &str) -> String {
    format!("{state:<6} {subject:<12} {what:<10} {told}")
}

/// Prints the faults of the configuration, which keep a run from starting, and what the target
/// answered wrongly, which does not.
pub(super) fn faults(found: &Preflight) -> Option<Refusal> {
    let count = complain(&found.faults, true);
    if count == 0 {
        return None;
    }
    note(&format!(
        "{count} {} in how the target is reached; no row was sent",
        if count == 1 { "fault" } else { "faults" }
    ));
    Some(Refusal {
        code: USAGE,
        why: listed(&found.faults),
    })
}
