//! `probity check`: whether the target can be reached, trusted and prepared, before a run is tried.

use std::path::Path;

use clap::Args;

use super::{Filter, USAGE, aim::Aim, cleanup, complain, note, out, refuse, run, unknown_edition};
use crate::{
    engine::{Depth, Engine, Preflight},
    plan::with_anchors,
};

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
    let mut suite = options.aim.load(root);
    if suite.is_broken() {
        return refuse(&suite);
    }
    if unknown_edition(&options.filter.edition, &suite) {
        return USAGE;
    }
    let Some(mut target) = suite.target.take() else {
        return refuse(&suite);
    };
    let selection = options.filter.selection();
    let cases = with_anchors(&suite.plan.cases, |case| selection.wants(case));
    if cases.is_empty() {
        note("no row matches; `probity list` prints them all");
        return USAGE;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            note(&format!("cannot start: {error}"));
            return 4;
        }
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
