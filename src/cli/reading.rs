//! How the suite is read: with or without the cache of parsed files, and how large it may be.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::Args;
use etcetera::BaseStrategy as _;

use super::output::note;
use crate::{
    suite::{self, MAX_CASES, Suite},
    target::Settings,
    visible::visible,
};

/// The folder of ours among the user's caches.
const FOLDER: &str = "probity";

/// Options of every subcommand that reads a suite.
#[derive(Debug, Clone, Args)]
pub(super) struct Reading {
    /// Parse every file, and neither use nor write the cache of parsed files
    #[arg(long)]
    no_cache: bool,
    /// Where parsed files are kept between calls; else `probity` in the user's folder for caches.
    /// An empty name is the same as --no-cache
    #[arg(
        long,
        value_name = "DIR",
        env = "PROBITY_CACHE_DIR",
        hide_env_values = true
    )]
    cache_dir: Option<OsString>,
    /// A suite of more rows is refused before any is made
    #[arg(long, value_name = "N", default_value_t = MAX_CASES)]
    max_rows: usize,
}

/// `-v` of the subcommands that exchange nothing.
#[derive(Debug, Clone, Args)]
pub(super) struct Verbose {
    /// Say also what changes nothing, such as a cache that cannot be used
    #[arg(short, long)]
    verbose: bool,
}

impl Reading {
    /// Reads case files that stand alone.
    pub(super) fn alone(&self, files: &[PathBuf], settings: Settings) -> Suite {
        let options = suite::Options {
            settings,
            cache: None,
            max_cases: self.max_rows,
        };
        suite::load_alone(files, &options)
    }

    /// Reads everything; with `verbose` says what kept the cache from being used.
    pub(super) fn suite(
        &self,
        root: &Path,
        target: Option<&Path>,
        settings: Settings,
        verbose: bool,
    ) -> Suite {
        let folder = (!self.no_cache).then(|| self.folder());
        if let (true, Some(None)) = (verbose, &folder) {
            note("no cache is used: nothing says where the user's caches are");
        }
        let options = suite::Options {
            settings,
            cache: folder
                .flatten()
                .filter(|folder| !folder.as_os_str().is_empty()),
            max_cases: self.max_rows,
        };
        let suite = suite::load_as(root, target, &options);
        for error in suite.cache_errors.iter().filter(|_| verbose) {
            note(&visible(&error.to_string()));
        }
        suite
    }

    /// The folder of caches, which is none where its name is empty; `None` where nobody knows it.
    fn folder(&self) -> Option<PathBuf> {
        if let Some(folder) = &self.cache_dir {
            return Some(PathBuf::from(folder));
        }
        let caches = etcetera::base_strategy::choose_native_strategy().ok()?;
        // One inside whatever folder this is would be nobody's.
        Some(caches.cache_dir().join(FOLDER)).filter(|path| path.is_absolute())
    }
}

impl Verbose {
    pub(super) const fn is_on(&self) -> bool {
        self.verbose
    }
}
