//! What a run makes on a target, on disk before the request that makes it, so that whatever ends the
//! run, a sweep can find it.
//!
//! Takes: names that the run chose. Gives: one file a run, and the entries that are still open.
//! Never: holds a secret, or lets a request leave whose entry is not on the disk.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::private;

/// The form of the file; a reader refuses any other.
const VERSION: u32 = 1;

/// Something that a provider makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub number: u64,
    pub edition: String,
    pub provider: String,
    /// The names by which it can be found.
    pub names: Map<String, Value>,
    /// What was learned of it when it was made.
    #[serde(default)]
    pub known: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
enum Line {
    Run {
        version: u32,
        run: String,
    },
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
    run: String,
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    /// Locked for as long as the run lives.
    file: Option<File>,
    last: u64,
    open: BTreeMap<u64, Entry>,
}

impl Journal {
    /// A journal for a run that begins; nothing is written yet.
    pub(crate) fn new(folder: &Path, run: &str) -> Self {
        Self {
            path: folder.join(format!("{run}.jsonl")),
            run: run.to_owned(),
            written: Mutex::default(),
        }
    }

    /// Writes down what is about to be made and waits until the disk has it.
    ///
    /// # Errors
    /// When the file cannot be written: then nothing may be made.
    pub(crate) fn make(
        &self,
        edition: &str,
        provider: &str,
        names: Map<String, Value>,
    ) -> io::Result<u64> {
        let mut written = self.written();
        if written.file.is_none() {
            written.file = Some(self.begin()?);
        }
        let entry = Entry {
            number: written.last + 1,
            edition: edition.to_owned(),
            provider: provider.to_owned(),
            names,
            known: Map::new(),
        };
        written.append(&Line::Made(entry.clone()))?;
        written.last = entry.number;
        let number = entry.number;
        written.open.insert(number, entry);
        Ok(number)
    }

    /// Adds what the answer said of it. A line that is lost costs a sweep one more question, so
    /// trouble here stops nobody.
    pub(crate) fn learn(&self, number: u64, known: Map<String, Value>) {
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
    pub(crate) fn undone(&self, number: u64) {
        let mut written = self.written();
        // A line that is lost means that a sweep asks for a thing that is gone, and finds it gone.
        let _ = written.append(&Line::Undone { number });
        written.open.remove(&number);
    }

    pub(crate) fn entry(&self, number: u64) -> Option<Entry> {
        self.written().open.get(&number).cloned()
    }

    /// What still has to be undone, the last made first.
    pub(crate) fn open(&self) -> Vec<Entry> {
        self.written().open.values().rev().cloned().collect()
    }

    /// Removes the file if nothing is left to undo.
    pub(crate) fn end(&self) {
        let mut written = self.written();
        if written.open.is_empty() && written.file.take().is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// The run that made these things.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    fn begin(&self) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            private::folder(folder)?;
        }
        let mut options = OpenOptions::new();
        options.create_new(true).append(true);
        let file = private::open(&self.path, &mut options)?;
        file.try_lock().map_err(io::Error::from)?;
        let mut line = text(&Line::Run {
            version: VERSION,
            run: self.run.clone(),
        })?;
        line.push('\n');
        (&file).write_all(line.as_bytes())?;
        file.sync_data()?;
        Ok(file)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    fn append(&mut self, line: &Line) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut line = text(line)?;
        line.push('\n');
        file.write_all(line.as_bytes())?;
        file.sync_data()
    }
}

fn text(line: &Line) -> io::Result<String> {
    serde_json::to_string(line).map_err(io::Error::other)
}

/// The journal of a run that is over. Nobody else sweeps it while this lives.
#[derive(Debug)]
pub struct Left(pub(super) Journal);

/// The journals in a folder.
#[derive(Debug, Default)]
pub struct Journals {
    /// Of runs that are over, ready to be swept.
    pub left: Vec<Left>,
    /// Runs that are still going.
    pub alive: Vec<String>,
    /// Files that cannot be read, each with the reason.
    pub unreadable: Vec<String>,
}

/// Opens every journal of a folder; one whose run is alive is left alone.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn left(folder: &Path) -> io::Result<Journals> {
    let mut found = Journals::default();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            paths.push(path);
        }
    }
    paths.sort();
    for path in paths {
        let run = path.file_stem().unwrap_or_default().to_string_lossy();
        match reopen(&path, &run) {
            Ok(Some(journal)) => found.left.push(Left(journal)),
            Ok(None) => found.alive.push(run.into_owned()),
            Err(error) => found
                .unreadable
                .push(format!("{}: {error}", path.display())),
        }
    }
    Ok(found)
}

/// `None` while the run that writes it lives.
fn reopen(path: &Path, run: &str) -> io::Result<Option<Journal>> {
    let file = private::open(path, OpenOptions::new().read(true).append(true))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let text = fs::read_to_string(path)?;
    let mut written = Written {
        file: Some(file),
        ..Written::default()
    };
    for (index, line) in text.split_inclusive('\n').enumerate() {
        // A line without an end was being written when the run died; its request never left.
        let Some(line) = line.strip_suffix('\n') else {
            // So that what is appended begins a line of its own.
            if let Some(file) = &mut written.file {
                file.write_all(b"\n")?;
            }
            break;
        };
        if line.is_empty() {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(Line::Run { version, .. }) if version == VERSION => {}
            Ok(Line::Run { version, .. }) => {
                return Err(io::Error::other(format!("it has the form {version}")));
            }
            Ok(Line::Made(entry)) => {
                written.last = written.last.max(entry.number);
                written.open.insert(entry.number, entry);
            }
            Ok(Line::Learned { number, known }) => {
                if let Some(entry) = written.open.get_mut(&number) {
                    entry.known.extend(known);
                }
            }
            Ok(Line::Undone { number }) => {
                written.open.remove(&number);
            }
            // The rest of a line that was cut, ended by an earlier sweep.
            Err(error) if error.is_eof() => {}
            Err(error) => return Err(io::Error::other(format!("line {}: {error}", index + 1))),
        }
    }
    Ok(Some(Journal {
        path: path.to_owned(),
        run: run.to_owned(),
        written: Mutex::new(written),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(name: &str) -> Map<String, Value> {
        [("user_name".to_owned(), json!(name))]
            .into_iter()
            .collect()
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn an_entry_is_on_the_disk_before_it_is_acted_on_and_gone_when_undone() {
        let place = folder();
        let journal = Journal::new(place.path(), "r1");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        let one = journal.make("ciam", "user", names("a")).unwrap();
        let two = journal.make("ciam", "user", names("b")).unwrap();
        let text = fs::read_to_string(place.path().join("r1.jsonl")).unwrap();
        assert!(text.contains("\"user_name\":\"a\"") && text.contains("\"user_name\":\"b\""));
        let open: Vec<u64> = journal.open().iter().map(|entry| entry.number).collect();
        assert_eq!(open, [two, one]);
        journal.undone(one);
        journal.end();
        assert!(place.path().join("r1.jsonl").exists());
        journal.undone(two);
        journal.end();
        assert!(!place.path().join("r1.jsonl").exists());
    }

    #[test]
    fn a_journal_of_a_run_that_is_alive_is_left_alone() {
        let place = folder();
        let journal = Journal::new(place.path(), "r1");
        journal.make("ciam", "user", names("a")).unwrap();
        let found = left(place.path()).unwrap();
        assert_eq!((found.left.len(), found.alive), (0, vec!["r1".to_owned()]));
        drop(journal);
        let found = left(place.path()).unwrap();
        assert_eq!((found.left.len(), found.alive.len()), (1, 0));
    }

    #[test]
    fn a_sweep_knows_what_the_dead_run_knew() {
        let place = folder();
        let journal = Journal::new(place.path(), "r1");
        let one = journal.make("ciam", "user", names("a")).unwrap();
        let two = journal.make("eiam", "user", names("b")).unwrap();
        journal.learn(
            two,
            [("user_id".to_owned(), json!("7"))].into_iter().collect(),
        );
        journal.undone(one);
        drop(journal);
        let Left(dead) = left(place.path()).unwrap().left.remove(0);
        let open = dead.open();
        assert_eq!(open.len(), 1);
        assert_eq!(
            (open[0].edition.as_str(), &open[0].known["user_id"]),
            ("eiam", &json!("7"))
        );
        dead.undone(two);
        dead.end();
        assert!(left(place.path()).unwrap().left.is_empty());
    }

    #[test]
    fn a_line_that_was_cut_off_is_passed_over_now_and_later() {
        let place = folder();
        let journal = Journal::new(place.path(), "r1");
        journal.make("ciam", "user", names("a")).unwrap();
        drop(journal);
        let path = place.path().join("r1.jsonl");
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("{\"line\":\"made\",\"numb");
        fs::write(&path, text).unwrap();
        for _ in 0..2 {
            let found = left(place.path()).unwrap();
            assert_eq!(found.left[0].0.open().len(), 1, "{:?}", found.unreadable);
        }
        left(place.path()).unwrap().left[0].0.undone(1);
        assert!(left(place.path()).unwrap().left[0].0.open().is_empty());
    }

    #[test]
    fn what_is_no_journal_is_told_and_not_removed() {
        let place = folder();
        for (name, text) in [
            ("a", "{}\n"),
            ("b", "{\"line\":\"run\",\"version\":9,\"run\":\"b\"}\n"),
        ] {
            fs::write(place.path().join(format!("{name}.jsonl")), text).unwrap();
        }
        let found = left(place.path()).unwrap();
        assert_eq!((found.left.len(), found.unreadable.len()), (0, 2));
        assert!(left(&place.path().join("nowhere")).unwrap().left.is_empty());
    }
}
