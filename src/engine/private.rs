//! Files and folders for the user alone who runs this: 0600 in 0700, and never behind a
//! symbolic link.
//!
//! What stands in a journal decides what is deleted on a target, so nobody else may write there; what
//! is an account's state says whose accounts these are. Windows gives files the rights of their folder,
//! so that there is nothing to do.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use crate::target::STATE;

/// Makes a folder with those above it, as far down from the state folder as they are ours, and takes
/// from everybody else what rights they have in one that was there.
///
/// # Errors
/// When one cannot be made, is a link or a file, or belongs to somebody else.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    let ours = ours(path);
    if let Some(above) = ours.first().and_then(|first| first.parent()) {
        fs::create_dir_all(above)?;
    }
    ours.iter().try_for_each(|folder| {
        match make(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let about = fs::symlink_metadata(folder)?;
        if !about.is_dir() {
            let what = if about.is_symlink() { "link" } else { "file" };
            return Err(refused(folder, &format!("is a {what} and no folder")));
        }
        shut(folder, &about)
    })
}

/// Opens a file that is there, or is made when the options say so, with rights for its owner alone.
///
/// # Errors
/// When it cannot be opened, is a link or no file, or belongs to somebody else.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // To open a pipe would wait for whoever is at its other end.
    match fs::symlink_metadata(path) {
        Ok(about) if !about.is_file() => {
            return Err(refused(path, "is no file but a link or such"));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let file = private(options).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(refused(path, "is no file"));
    }
    shut_file(path, &file, &about)?;
    Ok(file)
}

/// The folders that the program made: the state folder and what is in it, or the last one alone.
fn ours(path: &Path) -> Vec<PathBuf> {
    let is_state = |folder: &Path| folder.file_name().is_some_and(|name| name == STATE);
    let mut all: Vec<PathBuf> = path.ancestors().map(Path::to_owned).collect();
    let top = all.iter().position(|folder| is_state(folder)).unwrap_or(0);
    all.truncate(top + 1);
    all.reverse();
    all
}

fn refused(path: &Path, why: &str) -> io::Error {
    io::Error::other(format!("`{}` {why}", path.display()))
}

#[cfg(unix)]
mod rights {
    use std::{
        fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions},
        io,
        os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
        path::Path,
    };

    use rustix::fs::OFlags;

    use super::refused;

    /// The rights of anybody but the owner.
    const OTHERS: u32 = 0o077;

    pub(super) fn make(folder: &Path) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(folder)
    }

    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        let no_link = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
        options.mode(0o600).custom_flags(no_link)
    }

    pub(super) fn shut(folder: &Path, about: &Metadata) -> io::Result<()> {
        if about.permissions().mode() & OTHERS == 0 {
            return Ok(());
        }
        fs::set_permissions(folder, Permissions::from_mode(0o700))
            .map_err(|error| open_to_others(folder, &error))
    }

    pub(super) fn shut_file(path: &Path, file: &File, about: &Metadata) -> io::Result<()> {
        if about.permissions().mode() & OTHERS == 0 {
            return Ok(());
        }
        file.set_permissions(Permissions::from_mode(0o600))
            .map_err(|error| open_to_others(path, &error))
    }

    fn open_to_others(path: &Path, error: &io::Error) -> io::Error {
        refused(
            path,
            &format!("is open to others, and that cannot be changed: {error}"),
        )
    }
}

#[cfg(not(unix))]
mod rights {
    use std::{
        fs::{self, File, Metadata, OpenOptions},
        io,
        path::Path,
    };

    pub(super) fn make(folder: &Path) -> io::Result<()> {
        fs::create_dir(folder)
    }

    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    #[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
    pub(super) fn shut(_: &Path, _: &Metadata) -> io::Result<()> {
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
    pub(super) fn shut_file(_: &Path, _: &File, _: &Metadata) -> io::Result<()> {
        Ok(())
    }
}

use rights::{make, private, shut, shut_file};

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn made() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        options
    }

    #[test]
    fn what_is_made_from_the_state_folder_down_is_the_owners_alone() {
        let place = tempfile::tempdir().unwrap();
        let above = place.path().join("tenants");
        let inside = above.join(STATE).join("journals/hotel");
        folder(&inside).unwrap();
        open(&inside.join("a"), &mut made()).unwrap();
        assert_eq!(mode(&inside.join("a")), 0o600);
        for (folder, expected) in [
            (inside.clone(), 0o700),
            (above.join(STATE).join("journals"), 0o700),
            (above.join(STATE), 0o700),
        ] {
            assert_eq!(mode(&folder), expected, "{}", folder.display());
        }
        assert_ne!(mode(&above), 0o700, "the author's own folder is left alone");
    }

    #[test]
    fn what_an_earlier_version_left_open_is_shut() {
        let place = tempfile::tempdir().unwrap();
        let inside = place.path().join(STATE).join("leases/a.yaml");
        fs::create_dir_all(&inside).unwrap();
        let file = inside.join("key");
        fs::write(&file, "used").unwrap();
        for (path, mode) in [(place.path().join(STATE), 0o777), (file.clone(), 0o666)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        folder(&inside).unwrap();
        open(&file, &mut made()).unwrap();
        assert_eq!(mode(&place.path().join(STATE)), 0o700);
        assert_eq!(mode(&file), 0o600);
        assert_eq!(fs::read_to_string(&file).unwrap(), "used");
    }

    #[test]
    fn no_link_is_followed_and_what_it_points_to_stays_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let (elsewhere, theirs) = (place.path().join("elsewhere"), place.path().join("theirs"));
        fs::create_dir(&elsewhere).unwrap();
        fs::write(&theirs, "theirs").unwrap();
        symlink(&elsewhere, place.path().join(STATE)).unwrap();
        let refused = folder(&place.path().join(STATE).join("journals")).unwrap_err();
        assert!(refused.to_string().contains("is a link"), "{refused}");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);

        for (name, target) in [
            ("link", theirs.clone()),
            ("dangling", elsewhere.join("new")),
        ] {
            let link = place.path().join(name);
            symlink(&target, &link).unwrap();
            open(&link, &mut made()).unwrap_err();
        }
        assert!(!elsewhere.join("new").exists());
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
        open(&elsewhere, OpenOptions::new().read(true)).unwrap_err();
    }
}
