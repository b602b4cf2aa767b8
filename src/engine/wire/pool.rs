//! Which connection an exchange gets: one that rests, or a new one.
//!
//! Connections are opened one by one, and a few at a time once some are there; there are never more
//! than the limit, resting ones included. One that rests is looked at before it is used: where the
//! target closed it there is nothing to be sent again, and where it spoke unasked, all that it had
//! answered is in doubt.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use futures_util::future::join_all;
use tokio::sync::Notify;
use url::Url;

use super::{
    connection::{Connection, Look},
    head::authority,
};

/// One more connection may be on its way for so many that are open.
const OPEN_FOR_ONE_MORE: usize = 4;

/// So many file descriptors are left to the rest of the process once the system refused one.
const SPARE: usize = 8;

/// Where a connection leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin(String);

impl Origin {
    pub(super) fn of(url: &Url) -> Self {
        Self(format!("{}://{}", url.scheme(), authority(url)))
    }
}

/// The connections of a run.
#[derive(Debug)]
pub(super) struct Pool {
    state: Mutex<State>,
    changed: Notify,
    next: AtomicU64,
}

#[derive(Debug)]
struct State {
    /// Those that rest, the longest first.
    idle: Vec<(Origin, Connection)>,
    /// Open ones and those on their way.
    taken: usize,
    opening: usize,
    limit: usize,
    lowered: Option<usize>,
}

/// What an exchange gets.
pub(super) enum Found {
    Idle(Connection),
    Seat(Seat),
}

/// Leave to open one more connection.
#[derive(Debug)]
pub(super) struct Seat {
    place: Place,
}

/// The place of a connection among the others, free again when dropped.
#[derive(Debug)]
pub(super) struct Place {
    pool: Arc<Pool>,
    number: u64,
    opening: bool,
}

impl Seat {
    /// The connection is there.
    pub(super) fn taken(mut self) -> Place {
        self.place.arrived();
        self.place
    }
}

impl Place {
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    fn arrived(&mut self) {
        self.opening = false;
        self.pool.state().opening -= 1;
        self.pool.changed.notify_waiters();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        {
            let mut state = self.pool.state();
            state.taken -= 1;
            state.opening -= usize::from(self.opening);
        }
        self.pool.changed.notify_waiters();
    }
}

impl Pool {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            state: Mutex::new(State {
                idle: Vec::new(),
                taken: 0,
                opening: 0,
                limit,
                lowered: None,
            }),
            changed: Notify::const_new(),
            next: AtomicU64::new(1),
        }
    }

    /// The place of a connection that belongs to no pool.
    pub(super) fn alone() -> Place {
        let pool = Arc::new(Self::new(1));
        pool.state().taken = 1;
        pool.place(false)
    }

    pub(super) fn limit(&self, limit: usize) {
        let mut state = self.state();
        state.limit = state
            .lowered
            .map_or(limit, |lowered| lowered.min(limit))
            .max(1);
    }

    pub(super) fn lowered(&self) -> Option<usize> {
        self.state().lowered
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(self: &Arc<Self>, opening: bool) -> Place {
        Place {
            pool: Arc::clone(self),
            number: self.next.fetch_add(1, Ordering::Relaxed),
            opening,
        }
    }

    /// A connection that is quiet, or leave to open one, as soon as there is either. A fresh one is
    /// always a new one.
    pub(super) async fn find(self: &Arc<Self>, origin: &Origin, fresh: bool) -> Found {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on nothing that changes is missed.
            changed.as_mut().enable();
            if !fresh && let Some(mut connection) = self.resting(origin) {
                if !connection.is_stale() && looked_at(&mut connection).await {
                    return Found::Idle(connection);
                }
                continue;
            }
            if self.may_open() {
                return Found::Seat(Seat {
                    place: self.place(true),
                });
            }
            if let Some(mut connection) = self.in_the_way() {
                looked_at(&mut connection).await;
                continue;
            }
            changed.await;
        }
    }

    /// The connection to there that has rested least.
    fn resting(&self, origin: &Origin) -> Option<Connection> {
        let mut state = self.state();
        let at = state.idle.iter().rposition(|(to, _)| to == origin)?;
        Some(state.idle.remove(at).1)
    }

    fn may_open(&self) -> bool {
        let mut state = self.state();
        let open = state.taken - state.opening;
        let may = state.taken < state.limit && state.opening <= open / OPEN_FOR_ONE_MORE;
        if may {
            state.taken += 1;
            state.opening += 1;
        }
        may
    }

    /// The connection that has rested longest, where only that keeps another from being opened.
    fn in_the_way(&self) -> Option<Connection> {
        let mut state = self.state();
        let full = state.taken >= state.limit && !state.idle.is_empty();
        full.then(|| state.idle.remove(0).1)
    }

    pub(super) fn give_back(&self, origin: &Origin, connection: Connection) {
        {
            let mut state = self.state();
            if state.taken <= state.limit && !connection.is_stale() {
                state.idle.push((origin.clone(), connection));
            }
        }
        self.changed.notify_waiters();
    }

    /// Makes do with fewer connections than there were when the system refused one more; false when
    /// there is none that could be given up.
    pub(super) fn lower(&self) -> bool {
        let mut given_up = Vec::new();
        {
            let mut state = self.state();
            // The one that was refused holds no place any more.
            if state.taken == 0 {
                return false;
            }
            let limit = state.taken.saturating_sub(SPARE).max(1);
            state.limit = state.limit.min(limit);
            state.lowered = Some(state.limit);
            let over = state
                .taken
                .saturating_sub(state.limit)
                .min(state.idle.len());
            given_up.extend(state.idle.drain(..over));
        }
        // Each gives its place back, for which the pool must not be held.
        drop(given_up);
        true
    }

    /// Looks at every connection that rests for as long as an answer too many could be on its way.
    pub(super) async fn settle(&self) {
        let idle = std::mem::take(&mut self.state().idle);
        let looks = idle.into_iter().map(|(origin, mut connection)| async move {
            match connection.settled().await {
                Look::Quiet => self.give_back(&origin, connection),
                Look::Speaks => {
                    connection.doubted();
                }
                Look::Closed(_) => {}
            }
        });
        join_all(looks).await;
    }
}

/// Whether a connection that rested can be used again; all that it answered is in doubt where it
/// speaks.
async fn looked_at(connection: &mut Connection) -> bool {
    let look = connection.look().await;
    if look == Look::Speaks {
        connection.doubted();
    }
    look == Look::Quiet
}
