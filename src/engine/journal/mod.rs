//! What a run makes on a target, on disk before the request that makes it, so that whatever ends the
//! run, a sweep can find it.
//!
//! Takes: names that the run chose. Gives: one file a run, and the entries that are still open.
//! Never: holds a secret, or lets a request leave whose entry is not on the disk.

mod error;
mod keeps;
mod printable;
mod read;
#[cfg(test)]
mod tests;
mod verify;

pub use read::{Journals, Left, left};

pub(super) use keeps::keeps;
pub(super) use printable::printable;

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::private;
use crate::{ids::ProviderId, target::Target};

/// The form of the file; a reader refuses any other.
const VERSION: u32 = 2;

/// The first line: whose journal it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub version: u32,
    /// Names the file too.
    pub run: String,
    /// The target's name.
    pub target: String,
    /// The base URL of each edition.
    pub served: BTreeMap<String, String>,
}

impl Header {
    pub(super) fn of(target: &Target, run: &str) -> Self {
        let served = target.editions.iter();
        Self {
            version: VERSION,
            run: run.to_owned(),
            target: target.name.clone(),
            served: served
                .map(|(edition, settings)| (edition.to_string(), settings.base_url.clone()))
                .collect(),
        }
    }
}

/// Something that a provider makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub number: u64,
    pub edition: String,
    pub provider: ProviderId,
    /// The names by which it can be found.
    pub names: Map<String, Value>,
    /// What was learned of it when it was made.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub known: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    Run(Header),
    Made(Entry),
    Learned {
        number: u64,
        known: Map<String, Value>,
    },
    Undone {
        number: u64,
    },
}

/// The journal of one run. The file comes with the first entry and goes with the last.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    header: Header,
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    /// Locked for as long as the run lives.
    file: Option<File>,
    /// So many bytes are whole lines; what is behind them was cut off.
    whole: u64,
    /// Something may stand behind the whole lines.
    torn: bool,
    /// The file holds lines that cannot be believed, and stays for a person to look at.
    kept: bool,
    last: u64,
    open: BTreeMap<u64, Entry>,
}

impl Journal {
    /// A journal for a run that begins; nothing is written yet.
    pub(super) fn new(folder: &Path, header: Header) -> Self {
        Self {
            path: folder.join(format!("{}.jsonl", header.run)),
            header,
            written: Mutex::default(),
        }
    }

    /// The number of what is made next, from which its names are computed.
    pub(super) fn reserve(&self) -> u64 {
        let mut written = self.written();
        written.last += 1;
        written.last
    }

    /// Writes down what is about to be made and waits until the disk has it.
    ///
    /// # Errors
    /// When the file cannot be written: then nothing may be made.
    pub(super) fn begin(&self, entry: Entry) -> io::Result<()> {
        let mut written = self.written();
        if written.file.is_none() {
            (written.file, written.whole) = self.create()?;
        }
        written.append(&Line::Made(entry.clone()))?;
        written.open.insert(entry.number, entry);
        Ok(())
    }

    /// Adds what the answer said of it. A line that is lost costs a sweep one more question, so
    /// trouble here stops nobody.
    pub(super) fn update(&self, number: u64, known: Map<String, Value>) {
        if known.is_empty() {
            return;
        }
        let mut written = self.written();
        let line = Line::Learned {
            number,
            known: known.clone(),
        };
        let _ = written.append(&line);
        if let Some(entry) = written.open.get_mut(&number) {
            entry.known.extend(known);
        }
    }

    /// It is gone, or never came to be.
    pub(super) fn undone(&self, number: u64) {
        let mut written = self.written();
        // A line that is lost means that a sweep asks for a thing that is gone, and finds it gone.
        let _ = written.append(&Line::Undone { number });
        written.open.remove(&number);
    }

    pub(super) fn entry(&self, number: u64) -> Option<Entry> {
        self.written().open.get(&number).cloned()
    }

    /// What still has to be undone, the last made first.
    pub(super) fn open(&self) -> Vec<Entry> {
        self.written().open.values().rev().cloned().collect()
    }

    /// Removes the file if nothing is left to undo, and nothing in it that a person has to look at.
    pub(super) fn end(&self) {
        let mut written = self.written();
        if written.open.is_empty() && !written.kept && written.file.take().is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// The run that made these things.
    pub(super) fn run(&self) -> &str {
        &self.header.run
    }

    fn create(&self) -> io::Result<(Option<File>, u64)> {
        if let Some(folder) = self.path.parent() {
            private::folder(folder)?;
        }
        let mut options = OpenOptions::new();
        options.create_new(true).append(true);
        let file = private::open(&self.path, &mut options)?;
        file.try_lock().map_err(io::Error::from)?;
        let mut written = Written {
            file: Some(file),
            ..Written::default()
        };
        if let Err(error) = written.append(&Line::Run(self.header.clone())) {
            // Half a first line would stand in the way of the next try.
            let _ = fs::remove_file(&self.path);
            return Err(error);
        }
        Ok((written.file, written.whole))
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process that is just being started has a copy of every open file until it runs its own program, and
/// a lock goes with the last copy.
impl Drop for Journal {
    fn drop(&mut self) {
        if let Some(file) = &self.written().file {
            let _ = file.unlock();
        }
    }
}

impl Written {
    fn append(&mut self, line: &Line) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        if self.torn {
            file.set_len(self.whole)?;
            self.torn = false;
        }
        let line = text(line)?;
        // Until all of it is on the disk, what is there of it belongs to nothing.
        self.torn = true;
        file.write_all(line.as_bytes())?;
        file.sync_data()?;
        self.torn = false;
        self.whole += u64::try_from(line.len()).unwrap_or(0);
        Ok(())
    }
}

/// A line with its end.
fn text(line: &Line) -> io::Result<String> {
    let mut text = serde_json::to_string(line).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}
