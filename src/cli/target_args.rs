//! Which target, and what is said of it beside its file: shared by the subcommands that have one.

use std::path::{Path, PathBuf};

use clap::Args;

use super::reading::Reading;
use crate::{suite::Suite, target::Settings};

/// The options that name a target.
#[derive(Debug, Clone, Args)]
pub(super) struct TargetArgs {
    /// The target file
    #[arg(long, value_name = "FILE", default_value = "tenants/mock.yaml")]
    target: PathBuf,
    /// Read the environment's missing variables from here; else from `.env` beside the target file
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Set a variable of the target file, `edition.name=value` for one edition; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// Where the target is, in place of what its file says; `edition=URL` where it has several
    #[arg(long, value_name = "URL")]
    base_url: Vec<String>,
    #[command(flatten)]
    reading: Reading,
}

impl TargetArgs {
    /// Reads everything, and starts the commands that give secrets.
    pub(super) fn load(&self, root: &Path, verbose: bool) -> Suite {
        self.read(root, false, verbose)
    }

    /// As [`Self::load`], and starts nothing.
    pub(super) fn look(&self, root: &Path, verbose: bool) -> Suite {
        self.read(root, true, verbose)
    }

    /// Reads case files that stand alone. They have no target file, so that one would not be read.
    pub(super) fn load_alone(&self, files: &[PathBuf]) -> Suite {
        self.reading.alone(files, self.settings(false))
    }

    /// Goes to these addresses, where none was given.
    pub(super) fn at(&mut self, urls: Vec<String>) {
        if self.base_url.is_empty() {
            self.base_url = urls;
        }
    }

    fn settings(&self, offline: bool) -> Settings {
        Settings {
            env_file: self.env_file.clone(),
            variables: self.var.clone(),
            base_urls: self.base_url.clone(),
            offline,
        }
    }

    fn read(&self, root: &Path, offline: bool, verbose: bool) -> Suite {
        let target = root.join(&self.target);
        self.reading
            .suite(root, Some(&target), self.settings(offline), verbose)
    }
}
