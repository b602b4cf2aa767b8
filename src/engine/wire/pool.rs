//! Which connection an exchange gets: one that rests, or a new one.
//!
//! Connections are opened one by one, and a few at a time once some are there; to one host there are
//! never more than the limit, resting ones included. One that rests is looked at before it is used:
//! where the target closed it there is nothing to be sent again, and where it spoke unasked, all that
//! it had answered is in doubt.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::future::join_all;
use tokio::sync::Notify;
use url::Url;

use super::{
    connection::{Connection, Look, Stream},
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
    idle: Vec<(Origin, Seated)>,
    hosts: Vec<(Origin, Counts)>,
    /// For each host.
    limit: usize,
    /// For all hosts together, once the system refused a connection.
    lowered: Option<usize>,
}

/// The connections to one host.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// Open ones and those on their way.
    taken: usize,
    opening: usize,
}

impl State {
    fn of(&mut self, origin: &Origin) -> &mut Counts {
        let at = self.hosts.iter().position(|(known, _)| known == origin);
        let at = at.unwrap_or_else(|| {
            self.hosts.push((origin.clone(), Counts::default()));
            self.hosts.len() - 1
        });
        &mut self.hosts[at].1
    }

    fn total(&self) -> usize {
        self.hosts.iter().map(|(_, counts)| counts.taken).sum()
    }

    /// Whether all hosts together have as many as the system bears.
    fn is_full(&self) -> bool {
        self.lowered.is_some_and(|most| self.total() >= most)
    }
}

/// What an exchange gets.
pub(super) enum Found {
    Idle(Seated),
    Seat(Seat),
}

/// A connection and its place, which becomes free when both are dropped. It is used as the connection
/// that it is, so that no block can capture that alone and free the place too early.
#[derive(Debug)]
pub(super) struct Seated {
    connection: Connection,
    /// Only held.
    _place: Place,
}

impl Deref for Seated {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Seated {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

/// Leave to open one more connection.
#[derive(Debug)]
pub(super) struct Seat {
    place: Place,
}

/// The place of a connection among the others, free again when dropped.
#[derive(Debug)]
struct Place {
    pool: Arc<Pool>,
    origin: Origin,
    number: u64,
    opening: bool,
}

impl Seat {
    /// The connection is there.
    pub(super) fn taken(mut self, stream: Stream) -> Seated {
        self.place.arrived();
        Seated {
            connection: Connection::new(stream, self.place.number),
            _place: self.place,
        }
    }
}

impl Place {
    fn arrived(&mut self) {
        self.opening = false;
        self.pool.state().of(&self.origin).opening -= 1;
        self.pool.changed.notify_waiters();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        {
            let mut state = self.pool.state();
            let counts = state.of(&self.origin);
            counts.taken -= 1;
            counts.opening -= usize::from(self.opening);
        }
        self.pool.changed.notify_waiters();
    }
}

impl Pool {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            state: Mutex::new(State {
                idle: Vec::new(),
                hosts: Vec::new(),
                limit,
                lowered: None,
            }),
            changed: Notify::const_new(),
            next: AtomicU64::new(1),
        }
    }

    /// There are never more connections to one host than this from now on.
    pub(super) fn limit(&self, limit: usize) {
        self.state().limit = limit.max(1);
    }

    pub(super) fn lowered(&self) -> Option<usize> {
        self.state().lowered
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(self: &Arc<Self>, origin: Origin, opening: bool) -> Place {
        Place {
            pool: Arc::clone(self),
            origin,
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
            if !fresh && let Some(mut seated) = self.resting(origin) {
                if !seated.is_stale() && looked_at(&mut seated).await {
                    return Found::Idle(seated);
                }
                continue;
            }
            if self.may_open(origin) {
                return Found::Seat(Seat {
                    place: self.place(origin.clone(), true),
                });
            }
            self.make_way(origin);
            changed.await;
        }
    }

    /// The connection to there that has rested least.
    fn resting(&self, origin: &Origin) -> Option<Seated> {
        let mut state = self.state();
        let at = state.idle.iter().rposition(|(to, _)| to == origin)?;
        Some(state.idle.remove(at).1)
    }

    fn may_open(&self, origin: &Origin) -> bool {
        let mut state = self.state();
        let (limit, full) = (state.limit, state.is_full());
        let counts = state.of(origin);
        let open = counts.taken - counts.opening;
        let may = !full && counts.taken < limit && counts.opening <= open / OPEN_FOR_ONE_MORE;
        if may {
            counts.taken += 1;
            counts.opening += 1;
        }
        may
    }

    /// Lets go of the connection that has rested longest, where only that keeps another from being
    /// opened. Its place is free when it is sure that no answer too many was on its way.
    fn make_way(&self, origin: &Origin) {
        let mut state = self.state();
        let (full, limit) = (state.is_full(), state.limit);
        let in_the_way = state.of(origin).taken >= limit;
        let at = state
            .idle
            .iter()
            .position(|(to, _)| full || (in_the_way && to == origin));
        if let Some(at) = at {
            let (_, mut seated) = state.idle.remove(at);
            tokio::spawn(async move {
                if seated.settled().await == Look::Speaks {
                    seated.doubted();
                }
            });
        }
    }

    pub(super) fn give_back(&self, origin: &Origin, seated: Seated) {
        {
            let mut state = self.state();
            let limit = state.limit;
            let over = state.of(origin).taken > limit
                || state.lowered.is_some_and(|most| state.total() > most);
            if !over && !seated.is_stale() {
                state.idle.push((origin.clone(), seated));
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
            let total = state.total();
            if total == 0 {
                return false;
            }
            let most = total.saturating_sub(SPARE).max(1);
            let most = state.lowered.map_or(most, |lowered| lowered.min(most));
            state.lowered = Some(most);
            let over = total.saturating_sub(most).min(state.idle.len());
            given_up.extend(state.idle.drain(..over));
        }
        // Each gives its place back, for which the pool must not be held.
        drop(given_up);
        true
    }

    /// Looks at every connection that rests for as long as an answer too many could be on its way.
    pub(super) async fn drain(&self) {
        let idle = std::mem::take(&mut self.state().idle);
        let looks = idle.into_iter().map(|(origin, mut seated)| async move {
            match seated.settled().await {
                Look::Quiet => self.give_back(&origin, seated),
                Look::Speaks => {
                    seated.doubted();
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
