//! The folder of all caches of a user, and the files in it: private, whole or not there, and few.
//!
//! What stands in a cache decides what a run sends, so nobody else may have written it. A file is
//! written under a name of its own and then renamed, so that whoever reads at the same time has the old
//! one or the new one, and of two who write, the last one stays.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use super::error::{CacheError, Unfit};

/// The longest cache that is read, in bytes.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// So many files stay in the folder. A suite in a new place has a new one.
const MOST: usize = 64;

/// How the names of the files begin, and end while they are written.
const PREFIX: &str = "suite-";
const SUFFIX: &str = ".trees";
const UNFINISHED: &str = ".new";

/// The file of a suite.
pub(super) fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{PREFIX}{name}{SUFFIX}"))
}

/// Makes the folder, with those above it, or finds whether the one that is there is private.
pub(super) fn prepare(folder: &Path) -> Result<(), CacheError> {
    let failed = |source| CacheError::NoFolder {
        path: folder.to_owned(),
        source,
    };
    rights::make(folder).map_err(failed)?;
    let about = fs::metadata(folder).map_err(failed)?;
    match rights::unfit(&about) {
        None if about.is_dir() => Ok(()),
        why => Err(CacheError::UnfitFolder {
            path: folder.to_owned(),
            why: why.unwrap_or(Unfit::OtherKind),
        }),
    }
}

/// All bytes of a file; none where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, CacheError> {
    let failed = |source| CacheError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let unfit = |why| CacheError::Unfit {
        path: path.to_owned(),
        why,
    };
    let file = match rights::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(unfit(Unfit::OtherKind));
    }
    if let Some(why) = rights::unfit(&about) {
        return Err(unfit(why));
    }
    if about.len() > MAX_BYTES {
        return Err(unfit(Unfit::TooLong));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(Some(bytes))
}

/// Puts a file in place of the one that is there, if any.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), CacheError> {
    let failed = |source| CacheError::Unwritten {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(path);
    // Its rights are those of its owner alone.
    let mut file = tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(UNFINISHED)
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    clear(folder);
    Ok(())
}

/// Removes the oldest files of ours beyond so many: those of suites that are gone, and those that
/// nobody ended writing. What is being written is among the newest.
fn clear(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(PREFIX) && (name.ends_with(SUFFIX) || name.ends_with(UNFINISHED))
    });
    let mut ours: Vec<_> = ours
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    ours.sort();
    let beyond = ours.len().saturating_sub(MOST);
    for (_, path) in ours.into_iter().take(beyond) {
        // Somebody else may have removed it.
        let _ = fs::remove_file(path);
    }
}

#[cfg(unix)]
mod rights {
    use std::{
        fs::{DirBuilder, File, Metadata, OpenOptions},
        io,
        os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
        path::Path,
    };

    use rustix::{fs::OFlags, process::geteuid};

    use super::Unfit;

    /// The right to write, of anybody but the owner.
    const OTHERS_WRITE: u32 = 0o022;

    pub(super) fn make(folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }

    /// Follows no link, and waits for nobody at the other end of a pipe.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        OpenOptions::new()
            .read(true)
            .custom_flags(i32::try_from(flags.bits()).unwrap_or(0))
            .open(path)
    }

    pub(super) fn unfit(about: &Metadata) -> Option<Unfit> {
        if about.uid() != geteuid().as_raw() {
            Some(Unfit::Foreign)
        } else if about.mode() & OTHERS_WRITE != 0 {
            Some(Unfit::Open)
        } else {
            None
        }
    }
}

/// Windows gives files the rights of their folder, and that of a user's caches is the user's.
#[cfg(not(unix))]
mod rights {
    use std::{
        fs::{self, File, Metadata},
        io,
        path::Path,
    };

    use super::Unfit;

    pub(super) fn make(folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    pub(super) fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    pub(super) const fn unfit(_: &Metadata) -> Option<Unfit> {
        None
    }
}
