//! Journals of runs that are over, read as what anybody may have written.
//!
//! A line that the run cannot have written is reported with its number, and nothing is undone for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{
    Entry, Header, Journal, Line, VERSION, Written,
    error::{HeaderError, LineError},
    printable::printable,
    private, text,
    verify::Verify,
};
use crate::target::Target;

/// So long may a journal be, in bytes: some hundred thousand lines.
const LONGEST: u64 = 64 << 20;

/// The journal of a run that is over. Nobody else sweeps it while this lives.
#[derive(Debug)]
pub struct Left(pub(crate) Journal);

/// The journals in a folder.
#[derive(Debug, Default)]
pub struct Journals {
    /// Of runs that are over, ready to be swept.
    pub left: Vec<Left>,
    /// Runs that are still going.
    pub alive: Vec<String>,
    /// Files and lines that nothing is undone by, each with its place and the reason.
    pub refused: Vec<String>,
}

/// Opens every journal of a target; one whose run is alive is left alone.
///
/// # Errors
/// When the folder is there and cannot be read, or is open to others and cannot be shut.
pub fn left(target: &Target) -> io::Result<Journals> {
    all(&target.journals(), target)
}

/// Opens every journal of a folder, judged by what the target's providers can have made.
pub(super) fn all(folder: &Path, verify: &impl Verify) -> io::Result<Journals> {
    let mut found = Journals::default();
    if let Err(error) = fs::symlink_metadata(folder) {
        return match error.kind() {
            io::ErrorKind::NotFound => Ok(found),
            _ => Err(error),
        };
    }
    private::folder(folder)?;
    for path in paths(folder)? {
        let run = path.file_stem().unwrap_or_default().to_string_lossy();
        match reopen(&path, &run, verify) {
            Ok(Some((journal, doubts))) => {
                found.left.push(Left(journal));
                found.refused.extend(doubts);
            }
            Ok(None) => found.alive.push(run.into_owned()),
            Err(error) => found.refused.push(format!("{}: {error}", path.display())),
        }
    }
    Ok(found)
}

fn paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The journal and what is refused of it; `None` while the run that writes it lives.
fn reopen(
    path: &Path,
    run: &str,
    verify: &impl Verify,
) -> io::Result<Option<(Journal, Vec<String>)>> {
    let file = private::open(path, OpenOptions::new().read(true).append(true))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let bytes = bytes(&file)?;
    let header = header(&bytes, run, verify).map_err(io::Error::other)?;
    let mut lines = Lines {
        header: &header,
        verify,
        open: BTreeMap::new(),
        seen: BTreeSet::new(),
        doubts: Vec::new(),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = whole.map_or(0, |at| at + 1);
    let mut count = 0;
    for line in bytes[..whole].split_inclusive(|byte| *byte == b'\n') {
        count += 1;
        // The first one is the header's.
        if count > 1
            && let Err(why) = lines.take(line)
        {
            lines.doubts.push((count, why));
        }
    }
    let kept = !lines.doubts.is_empty();
    let torn = whole < bytes.len();
    if torn {
        lines.doubts.push((count + 1, LineError::Torn));
    }
    let (place, doubts) = (path.display(), lines.doubts);
    let doubts = doubts
        .into_iter()
        .map(|(number, why)| format!("{place}: line {number} {}", printable(&why.to_string())));
    let doubts = doubts.collect();
    let written = Written {
        file: Some(file),
        whole: u64::try_from(whole).unwrap_or(u64::MAX),
        torn,
        kept,
        last: lines.seen.last().copied().unwrap_or(0),
        open: lines.open,
    };
    let journal = Journal {
        path: path.to_owned(),
        header,
        written: Mutex::new(written),
    };
    Ok(Some((journal, doubts)))
}

fn bytes(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST {
        return Err(io::Error::other("is too long for a journal"));
    }
    Ok(bytes)
}

/// The first line, if it is the one that this run began its journal with.
fn header(bytes: &[u8], run: &str, verify: &impl Verify) -> Result<Header, HeaderError> {
    // A name such as `admin` would be that of no run, and make `${run.id}` somebody's name.
    if uuid::Uuid::try_parse(run).is_ok_and(|id| id.to_string() == run) {
        let own = verify.header(run);
        let begins = text(&Line::Run(own.clone())).is_ok_and(|line| {
            // The run died before it could write down anything.
            !bytes.contains(&b'\n') && line.as_bytes().starts_with(bytes)
        });
        if begins {
            return Ok(own);
        }
    } else {
        return Err(HeaderError::FileName);
    }
    let Some(line) = bytes.split(|byte| *byte == b'\n').next() else {
        return Err(HeaderError::NoJournal);
    };
    let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
    if value["line"] != "run" {
        return Err(HeaderError::NoJournal);
    }
    match value["version"].as_u64() {
        Some(version) if version == u64::from(VERSION) => {}
        _ => {
            let found = printable(&value["version"].to_string());
            return Err(HeaderError::Version { found });
        }
    }
    let header = match serde_json::from_slice(line) {
        Ok(Line::Run(header)) => header,
        Ok(_) => return Err(HeaderError::NoJournal),
        Err(error) => return Err(HeaderError::Unreadable(error)),
    };
    if header.run != run {
        return Err(HeaderError::OtherRun(printable(&header.run)));
    }
    let own = verify.header(run);
    if header.target != own.target {
        return Err(HeaderError::OtherTarget {
            theirs: printable(&header.target),
            own: own.target,
        });
    }
    Ok(header)
}

/// What the lines of a journal come to.
struct Lines<'l, V> {
    header: &'l Header,
    verify: &'l V,
    open: BTreeMap<u64, Entry>,
    /// The numbers of all that was made, in lines that are refused too.
    seen: BTreeSet<u64>,
    doubts: Vec<(usize, LineError)>,
}

impl<V: Verify> Lines<'_, V> {
    /// Goes by a line, or says what is wrong with it, as what comes after "line 3".
    fn take(&mut self, line: &[u8]) -> Result<(), LineError> {
        match serde_json::from_slice(line).map_err(LineError::Unreadable)? {
            Line::Run(_) => Err(LineError::SecondHeader),
            Line::Made(entry) => {
                if !self.seen.insert(entry.number) {
                    return Err(LineError::NumberTaken(entry.number));
                }
                self.verify.entry(self.header, &entry)?;
                self.open.insert(entry.number, entry);
                Ok(())
            }
            Line::Learned { number, known } => {
                self.made(number)?;
                let Some(entry) = self.open.get_mut(&number) else {
                    return Ok(());
                };
                let mut knowing = entry.clone();
                knowing.known.extend(known);
                self.verify.entry(self.header, &knowing)?;
                *entry = knowing;
                Ok(())
            }
            Line::Undone { number } => {
                self.made(number)?;
                self.open.remove(&number);
                Ok(())
            }
        }
    }

    fn made(&self, number: u64) -> Result<(), LineError> {
        if self.seen.contains(&number) {
            return Ok(());
        }
        Err(LineError::NotMade(number))
    }
}
