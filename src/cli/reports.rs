//! The folder that a run writes its reports into.
//!
//! From the first moment to the last, what lies there is about this run or says that it is not
//! finished: the reports of an earlier run are set aside before anything else is done, every ending
//! replaces the unfinished ones, and all files are replaced or none.

use std::{
    fs::{self, File, TryLockError},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{
    ci::Ci,
    output::{note, out},
    refusal::UNWRITTEN,
    searched::Searched,
};
use crate::{
    clock::unix_millis,
    report::{FORMATS, Format, Options, formats, record},
    result::{Ending, RunReport},
    secret::{Leak, SecretIndex},
};

/// Where the reports of the run before are put.
const PREVIOUS: &str = ".previous";

/// How the names of files begin that are not yet reports. What a killed run left of them is removed
/// by the next one, which alone holds the lock.
const STAGED: &str = ".probity-run-";

/// Why a run cannot have its report folder.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    #[error("another run is writing into `{}`; wait for its end, or give another --output-dir", .0.display())]
    Busy(PathBuf),
    #[error("cannot write to `{}`: {source}", .folder.display())]
    Io { folder: PathBuf, source: io::Error },
    #[error("cannot write to `{}`: `{file}` is a folder", .folder.display())]
    FolderInTheWay { folder: PathBuf, file: &'static str },
}

/// What is asked of the reports of a run.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Formats beside those of every run.
    pub further: Vec<&'static Format>,
    /// What was chosen about their content.
    pub options: Options,
    /// What the record is signed with.
    pub key: Option<Vec<u8>>,
    /// Whom to tell beside.
    pub ci: Ci,
    /// Standard output is for something else.
    pub output_is_taken: bool,
}

/// The report folder of one run, which no other run may write into meanwhile.
#[derive(Debug)]
pub(super) struct Reports {
    folder: PathBuf,
    /// Milliseconds since 1970, UTC.
    started: i64,
    /// What is written: what every run writes, and what was asked for beside.
    formats: Vec<&'static Format>,
    options: Options,
    /// What the record is signed with.
    key: Option<Vec<u8>>,
    ci: Ci,
    output_is_taken: bool,
    /// The open folder, locked; `None` on a file system that has no locks.
    _lock: Option<File>,
}

impl Reports {
    /// Takes the folder, sets older reports aside, and puts unfinished ones in their place.
    ///
    /// # Errors
    /// When another run has the folder or it cannot be written. Older reports are set aside all the
    /// same, as far as that can be done.
    pub(super) fn begin(folder: &Path, wanted: Wanted) -> Result<Self, FolderError> {
        let failed = |source| FolderError::Io {
            folder: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let reports = Self {
            folder: folder.to_owned(),
            started: unix_millis(),
            formats: FORMATS.iter().chain(wanted.further).collect(),
            options: wanted.options,
            key: wanted.key,
            ci: wanted.ci,
            output_is_taken: wanted.output_is_taken,
            _lock: lock(folder)?,
        };
        remove_staged(folder);
        let unfinished = reports.stage(&reports.unfinished(0), None);
        set_aside(folder).map_err(failed)?;
        for format in &reports.formats {
            if is_folder(&folder.join(format.file)) {
                return Err(FolderError::FolderInTheWay {
                    folder: folder.to_owned(),
                    file: format.file,
                });
            }
        }
        unfinished
            .and_then(|staged| reports.replace(staged.files))
            .map_err(failed)?;
        Ok(reports)
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The places of the reports, in the order of the formats.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let files = self
            .formats
            .iter()
            .map(|format| self.folder.join(format.file));
        files.collect()
    }

    /// Says in the unfinished reports how many rows there will be.
    pub(super) fn plan(&self, planned: &RunReport) {
        // The reports that are there already say that the run is unfinished.
        if let Err(error) = self.write(planned) {
            note(&format!(
                "the unfinished reports cannot be written: {error}"
            ));
        }
    }

    /// The same as people name them.
    pub(super) fn names(&self) -> Vec<String> {
        let paths = self.paths().into_iter();
        paths.map(|path| path.display().to_string()).collect()
    }

    /// A run that ended before its rows.
    pub(super) fn without_cases(&self, ending: Ending) -> RunReport {
        RunReport::without_cases(self.started, ending)
    }

    /// Writes that the run ended before its rows, and gives the exit code.
    pub(super) fn end(&self, report: &RunReport) -> u8 {
        self.tell(report, None);
        match self.write(report) {
            Ok(()) => report.conclusion().exit_code(),
            Err(error) => {
                note(&format!("the reports cannot be written: {error}"));
                UNWRITTEN
            }
        }
    }

    /// Tells the build service what the run came to, where it is in one.
    pub(super) fn tell(&self, report: &RunReport, known: Option<&SecretIndex>) {
        let (base, taken) = (&self.options.base, self.output_is_taken);
        self.ci.tell(report, base, known, taken);
    }

    /// Replaces all reports by those of a run that met no secret yet, or none of them.
    fn write(&self, report: &RunReport) -> io::Result<()> {
        self.replace(self.stage(report, None)?.files)
    }

    /// Writes all reports beside their places, in one pass over the results of the run, with every
    /// secret masked that is known.
    ///
    /// # Errors
    /// The first file that cannot be written; nothing of the reports is there then.
    pub(super) fn stage(
        &self,
        report: &RunReport,
        known: Option<&SecretIndex>,
    ) -> io::Result<Staged> {
        self.staged(report, known).or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                return Err(error);
            }
            // Somebody removed the folder during the run.
            fs::create_dir_all(&self.folder)?;
            self.staged(report, known)
        })
    }

    fn staged(&self, report: &RunReport, known: Option<&SecretIndex>) -> io::Result<Staged> {
        let mut out = Staged::default();
        for (format, path) in self.formats.iter().zip(self.paths()) {
            let written = staged(&self.folder, STAGED, |file| {
                let mut file = BufWriter::new(file);
                let mut leaks = Vec::new();
                if let Some(known) = known {
                    let mut searched = Searched::new(file, known);
                    (format.write)(report, &self.options, &mut searched)?;
                    (file, leaks) = searched.finish()?;
                } else {
                    (format.write)(report, &self.options, &mut file)?;
                }
                file.flush()?;
                // The digest was made of what was not masked yet.
                if format.file == record::FILE && (!leaks.is_empty() || self.key.is_some()) {
                    record::seal(*file.get_mut(), self.key.as_deref())?;
                }
                if known.is_some() {
                    // What a run found outlives the machine's next moment; that it began need not.
                    file.get_ref().sync_data()?;
                }
                Ok(leaks)
            });
            let (file, leaks) = written.map_err(|error| about(&path, &error))?;
            out.files.push((path, file));
            out.leaks
                .extend(leaks.into_iter().map(|leak| (format.file, leak)));
        }
        Ok(out)
    }

    fn unfinished(&self, planned: usize) -> RunReport {
        RunReport {
            planned,
            ..RunReport::without_cases(self.started, Ending::Unfinished)
        }
    }

    /// Puts what was staged into its places; when one cannot be, unfinished reports stand in all.
    ///
    /// # Errors
    /// The first file that cannot be put into its place.
    pub(super) fn replace(&self, staged: Vec<(PathBuf, NamedTempFile)>) -> io::Result<()> {
        let spare = self.stage(&self.unfinished(0), None)?;
        let mut spare = spare.files.into_iter();
        let mut undo = Vec::new();
        for (path, file) in staged {
            undo.extend(spare.next());
            if let Err(error) = file.persist(&path) {
                for (path, file) in undo {
                    // What cannot be put back is told by the error of the first.
                    let _ = file.persist(path);
                }
                return Err(about(&path, &error.error));
            }
        }
        Ok(())
    }
}

/// Reports beside their places; what is not put into them goes with the value.
#[derive(Debug, Default)]
pub(super) struct Staged {
    /// In the order of the formats.
    pub files: Vec<(PathBuf, NamedTempFile)>,
    /// The secrets that they would have shown, with the name of the file.
    pub leaks: Vec<(&'static str, Leak)>,
}

/// A file that is not in its place yet, and what writing it gave. It is created anew under a name of its own, so that no link is followed; its permissions are those of
/// the umask.
fn staged<T>(
    folder: &Path,
    prefix: &str,
    write: impl FnOnce(&mut File) -> io::Result<T>,
) -> io::Result<(NamedTempFile, T)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    let given = write(file.as_file_mut())?;
    Ok((file, given))
}

/// Writes one file beside its place and renames it, so that no reader ever sees half of it.
pub(super) fn write_one(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let (file, ()) = staged(folder, ".probity-", |file| {
        let mut buffer = BufWriter::new(file);
        write(&mut buffer)?;
        buffer.flush()?;
        buffer.get_ref().sync_data()
    })?;
    file.persist(path)?;
    Ok(())
}

/// Writes a text to a file, or to standard output where none is named, and gives the exit code.
pub(super) fn written(path: Option<&Path>, text: &str) -> u8 {
    let text = text.trim_end();
    let Some(path) = path else {
        out(text);
        return 0;
    };
    if let Err(error) = write_one(path, |file| writeln!(file, "{text}")) {
        note(&format!("`{}` cannot be written: {error}", path.display()));
        return UNWRITTEN;
    }
    out(&format!("Written: {}", path.display()));
    0
}

/// Makes the folder and finds out whether this file could be written there, which stays as it is.
pub(super) fn writable(folder: &Path, file: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if is_folder(&folder.join(file)) {
        return Err(io::Error::other(format!("`{file}` is a folder")));
    }
    let (file, ()) = staged(folder, ".probity-", |_| Ok(()))?;
    file.close()
}

fn lock(folder: &Path) -> Result<Option<File>, FolderError> {
    // A folder can be locked like a file, so the lock leaves nothing behind.
    let Ok(file) = File::open(folder) else {
        return Ok(None);
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(FolderError::Busy(folder.to_owned())),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Puts the reports of an earlier run aside. Those that hold no run are dropped instead, so that the
/// last run that had rows is never pushed out by a misspelt flag.
fn set_aside(folder: &Path) -> io::Result<()> {
    // Also those that this run does not write: they are about the run before.
    let there: Vec<&str> = formats()
        .map(|format| format.file)
        .filter(|file| fs::symlink_metadata(folder.join(file)).is_ok_and(|meta| !meta.is_dir()))
        .collect();
    if there.is_empty() || holds_no_run(folder) {
        return Ok(());
    }
    let aside = aside(folder)?;
    for format in formats() {
        let older = aside.join(format.file);
        if fs::symlink_metadata(&older).is_ok_and(|meta| !meta.is_dir()) {
            fs::remove_file(older)?;
        }
    }
    for file in there {
        fs::rename(folder.join(file), aside.join(file))?;
    }
    Ok(())
}

/// A folder to put older reports into; another one where something else has its name.
fn aside(folder: &Path) -> io::Result<PathBuf> {
    let aside = folder.join(PREVIOUS);
    match fs::symlink_metadata(&aside) {
        Ok(meta) if meta.is_dir() => Ok(aside),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir(&aside)?;
            Ok(aside)
        }
        _ => {
            let mut builder = tempfile::Builder::new();
            builder.prefix(".previous-");
            Ok(builder.tempdir_in(folder)?.keep())
        }
    }
}

/// Whether the record that is there says itself that it has no rows.
fn holds_no_run(folder: &Path) -> bool {
    let file = File::open(folder.join(record::FILE));
    file.and_then(|mut file| record::holds_no_run(&mut file))
        .unwrap_or(false)
}

fn remove_staged(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(STAGED));
        if ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            // One that stays does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// The error with the file that it is about.
fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
}
