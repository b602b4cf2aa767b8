//! `probity check`: whether the target can be reached, trusted and prepared, before a run is tried.

use std::path::Path;

use clap::Args;

use super::{Filter, USAGE, aim::Aim, aimed, chosen, cleanup, complain, note, out, run, runtime};
use crate::engine::{Depth, Engine, Preflight};

/// Options of `probity check`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    aim: Aim,
    /// Call no provider: no account is made, no code asked for
    #[arg(long)]
    no_accounts: bool,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let (suite, mut target) = match aimed(root, &options.aim, &options.filter) {
        Ok(both) => both,
        Err(code) => return code,
    };
    let cases = match chosen(&suite, &options.filter) {
        Ok(rows) => rows,
        Err(code) => return code,
    };
    let Some(runtime) = runtime() else {
        return 4;
    };
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
    let outcome = runtime.block_on(async {
        let file = target.file.clone();
        let _mocks = run::start_embedded(&mut target).await?;
        let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false)
            .map_err(|error| error.to_string())?;
        let found = engine.preflight(&cases, depth).await;
        cleanup::warn(&engine.finish().await, &file);
        Ok::<_, String>(found)
    });
    let found = match outcome {
        Ok(found) => found,
        Err(why) => {
            note(&why);
            return USAGE;
        }
    };
    for line in &found.lines {
        out(&row(
            line.state.word(),
            &line.subject,
            line.what,
            &line.told,
        ));
    }
    report(&found)
}

fn row(state: &str, subject: &str, what: &str, told: &str) -> String {
    format!("{state:<6} {subject:<12} {what:<10} {told}")
}

/// Prints the faults, and gives the exit code.
pub(super) fn report(found: &Preflight) -> u8 {
    let count = complain(&found.faults, false);
    if count == 0 {
        return 0;
    }
    note(&format!(
        "{count} {} in how the target is reached; no row was sent",
        if count == 1 { "fault" } else { "faults" }
    ));
    USAGE
}
