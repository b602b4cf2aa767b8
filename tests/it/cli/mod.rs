//! The command line as a caller meets it: exit codes, what is printed where, what is written.
//!
//! A call that is refused must send nothing. Where that is claimed, the target is a listener of the
//! test that counts connections.

mod beside;
mod junit;
mod new;
mod one_file;
mod printed;
mod refused;
mod report;
mod rerun;
mod runs;
mod shown;
pub(crate) mod target;
mod verify;

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::support::root;

/// What a call left behind.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.out, self.err
        );
        self
    }
}

/// The program in the project's folder, with nothing of the caller's taste in its environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probity"));
    command.current_dir(root());
    // Nothing is left in the folders of who runs the tests, and nothing of another run is found there.
    command.env("PROBITY_CACHE_DIR", "");
    for name in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "FORCE_COLOR",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
    ] {
        command.env_remove(name);
    }
    command
}

/// A call by way of a shell that does this first.
#[cfg(unix)]
pub(crate) fn in_shell(first: &str, call: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("{first}; exec \"$@\""), "sh"])
        .arg(call.get_program())
        .args(call.get_args());
    if let Some(folder) = call.get_current_dir() {
        shell.current_dir(folder);
    }
    for (name, value) in call.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

pub(crate) fn finish(mut command: Command) -> Outcome {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .unwrap_or_else(|error| panic!("the program does not start: {error}"));
    Outcome {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

pub(crate) fn probity(arguments: &[&str]) -> Outcome {
    let mut command = program();
    command.args(arguments);
    finish(command)
}

/// `probity run` with reports in `output`.
pub(crate) fn run_into(output: &Path, arguments: &[&str]) -> Outcome {
    let mut command = program();
    command
        .arg("run")
        .args(arguments)
        .arg("--output-dir")
        .arg(output);
    finish(command)
}

pub(crate) fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"))
}
