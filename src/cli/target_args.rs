//! Which target, and what is said of it beside its file: shared by the subcommands that have one.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    suite::{self, Suite},
    target::Settings,
};

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
}

impl TargetArgs {
    /// Reads everything, and starts the commands that give secrets.
    pub(super) fn load(&self, root: &Path) -> Suite {
        self.read(root, false)
    }

    /// As [`Self::load`], and starts nothing.
    pub(super) fn look(&self, root: &Path) -> Suite {
        self.read(root, true)
    }

    fn read(&self, root: &Path, offline: bool) -> Suite {
        let settings = Settings {
            env_file: self.env_file.clone(),
            variables: self.var.clone(),
            offline,
        };
        suite::load_with(root, Some(&root.join(&self.target)), &settings)
    }
}
