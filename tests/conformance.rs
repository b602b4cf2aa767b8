//! Every row of the suite as a trial, under the ids that `probity list` prints.
//!
//! `PROBITY_TARGET=file` points it at another target. Nothing is started for `--list`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let suite = probity::conformance(env!("CARGO_MANIFEST_DIR"));
    match std::env::var_os("PROBITY_TARGET") {
        Some(file) => suite.target(file).run(),
        None => suite.run(),
    }
}
