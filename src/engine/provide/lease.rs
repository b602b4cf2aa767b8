//! An account that one test case has to itself, in all processes of this machine.
//!
//! Each account has a file in the pool's folder. To lease is to lock it, and the system unlocks it
//! when the process ends, however it ends; what stands in it says whether the account may be given
//! again. `used` in a file that nobody has locked was left by a process that was killed while the test
//! case's own steps were under way: nobody knows what they changed, so it counts as spent.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value};

use crate::{
    engine::private,
    result::Stop,
    target::{Pool, Reuse},
    transcript::{StepRecord, Transcript},
};

const USED: &str = "used";
const SPENT: &str = "spent";

/// A locked account; unlocked when dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    file: File,
    reuse: Reuse,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The test cases whose own steps are under way with it; more than one where it is shared.
    rows: usize,
    spent: bool,
}

/// What a look at a pool found.
pub(super) enum Attempt {
    Leased(Lease, Map<String, Value>),
    Exhausted { spent: usize, leased: usize },
}

/// Why leases cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep leases in `{}`: {source}", .folder.display())]
pub(super) struct LeaseError {
    folder: PathBuf,
    source: io::Error,
}

impl Lease {
    /// Leases the first account that is free.
    ///
    /// # Errors
    /// When the pool's folder or a file in it cannot be used.
    pub(super) fn attempt(pool: &Pool) -> Result<Attempt, LeaseError> {
        let folder = &pool.folder;
        let trouble = |source: io::Error| LeaseError {
            folder: folder.clone(),
            source,
        };
        private::folder(folder).map_err(trouble)?;
        let (mut spent, mut leased) = (0, 0);
        for account in &*pool.accounts {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let path = folder.join(&account.key);
            let mut file = private::open(&path, &mut options).map_err(trouble)?;
            // What is spent stays so; looked at first, so that it is not locked for nothing.
            if mark(&mut file).map_err(trouble)?.starts_with(SPENT) {
                spent += 1;
                continue;
            }
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    leased += 1;
                    continue;
                }
                Err(TryLockError::Error(error)) => return Err(trouble(error)),
            }
            if !mark(&mut file).map_err(trouble)?.is_empty() {
                spent += 1;
                continue;
            }
            let lease = Self {
                file,
                reuse: pool.reuse,
                state: Mutex::default(),
            };
            return Ok(Attempt::Leased(lease, account.members.clone()));
        }
        Ok(Attempt::Exhausted { spent, leased })
    }

    /// How many accounts nobody has spent, leased ones among them. Changes nothing.
    pub(crate) fn left(pool: &Pool) -> usize {
        let unspent = |key: &str| {
            // A file that is not there, or cannot be read, is found out about when it is leased.
            let path = pool.folder.join(key);
            let file = private::open(&path, OpenOptions::new().read(true));
            file.and_then(|mut file| mark(&mut file))
                .map_or(true, |mark| !mark.starts_with(SPENT))
        };
        let accounts = pool.accounts.iter();
        accounts.filter(|account| unspent(&account.key)).count()
    }

    /// Written before it is cut, so that a process that is killed in between leaves no empty mark.
    fn write(&self, mark: &str) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(mark.as_bytes())?;
        file.set_len(u64::try_from(mark.len()).unwrap_or(u64::MAX))
    }

    /// A test case's own steps begin.
    fn begin(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.rows += 1;
        if state.rows > 1 || state.spent {
            return Ok(());
        }
        match self.reuse {
            Reuse::Always => {}
            Reuse::Unspent => self.write(USED)?,
            Reuse::Never => {
                state.spent = true;
                self.write(SPENT)?;
            }
        }
        Ok(())
    }

    /// A test case's own steps are over.
    fn end(&self, spent: bool) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.rows = state.rows.saturating_sub(1);
        if self.reuse != Reuse::Unspent {
            return Ok(());
        }
        if spent && !state.spent {
            state.spent = true;
            self.write(SPENT)?;
        }
        if state.rows == 0 && !state.spent {
            self.write("")?;
        }
        Ok(())
    }
}

fn mark(file: &mut File) -> io::Result<String> {
    let mut mark = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut mark)?;
    Ok(mark)
}

/// The accounts that a test case has.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(super) leases: Vec<Arc<Lease>>,
    /// How many of them are marked, the first ones.
    begun: usize,
}

impl Held {
    pub(super) fn add(&mut self, lease: Arc<Lease>) {
        if !self.leases.iter().any(|known| Arc::ptr_eq(known, &lease)) {
            self.leases.push(lease);
        }
    }

    /// To be called when providers were called, before anything else is sent.
    pub(crate) fn begin(&mut self) -> Result<(), Stop> {
        while let Some(lease) = self.leases.get(self.begun) {
            self.begun += 1;
            let begun = lease.begin();
            begun.map_err(|error| Stop::Setup(format!("a lease cannot be marked: {error}")))?;
        }
        Ok(())
    }

    /// Gives the accounts back. One whose mark cannot be written keeps `used`, and so is not given
    /// again.
    pub(crate) fn end(&mut self, transcript: &Transcript) {
        let spent = transcript.steps.iter().any(may_have_changed);
        let begun = std::mem::take(&mut self.begun);
        for lease in self.leases.drain(..).take(begun) {
            let _ = lease.end(spent);
        }
    }
}

/// Whether this is a step of the test case itself, which has a number there, and may have changed an
/// account: all but a refusal may have.
fn may_have_changed(step: &StepRecord) -> bool {
    let refused = |outcome: &Result<crate::exchange::Response, _>| {
        outcome
            .as_ref()
            .is_ok_and(|response| (400..500).contains(&response.status))
    };
    step.index.is_some()
        && !step
            .attempts
            .iter()
            .all(|exchange| refused(&exchange.outcome))
}
