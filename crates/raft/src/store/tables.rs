//! The state machine's tables on disk: sled, written behind the applied state and never waited for.
//!
//! One tree, one batch at a time: the newest value of every changed row together with the applied
//! position and the membership, so that what is read back is one state, if an older one. sled is never
//! the only copy; whenever it is in doubt it is set aside and filled again.

mod codec;
#[cfg(test)]
mod fuzz;
mod open;
mod pack;
mod read;
mod writer;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use state::{RowKey, State};

pub(crate) use self::open::{Loaded, open};
use crate::lock::lock;
use crate::type_config::{LogId, StoredMembership};

/// Beyond this age of the oldest unwritten row, sled is filled anew instead of followed.
const MAX_LAG: Duration = Duration::from_secs(5);
/// Beyond this much waiting, too. Rows are counted at a usual size.
const MAX_WAITING_BYTES: usize = 64 << 20;
const ROW_ESTIMATE: usize = 512;

/// What the tables are of.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Applied {
    pub(crate) log_id: Option<LogId>,
    pub(crate) membership: StoredMembership,
    /// The clients' index; must equal the counter in the rows.
    pub(crate) index: u64,
}

/// A state and what it is of.
#[derive(Debug, Clone)]
struct Target {
    state: Arc<State>,
    applied: Applied,
}

#[derive(Debug, Default)]
struct Waiting {
    dirty: HashSet<RowKey>,
    newest: Option<Target>,
    oldest: Option<Instant>,
    /// Everything on disk is worthless; write the newest state as a whole.
    stale: bool,
    rebuilding: bool,
    closing: bool,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

/// The tables' writer.
pub(crate) struct Tables {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    dir: PathBuf,
}

impl Tables {
    /// Starts writing behind what the tables hold. If that is not the state, call [`Tables::replace`].
    pub(crate) fn start(database: Loaded, dir: PathBuf) -> std::io::Result<Tables> {
        let waiting = Waiting { stale: database.stale, ..Waiting::default() };
        let shared = Arc::new(Shared { waiting: Mutex::new(waiting), wake: Condvar::new() });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("tables-writer".into())
            .spawn(move || writer::run(&database.database, database.pieces, &theirs))?;
        Ok(Tables { shared, thread: Mutex::new(Some(thread)), dir })
    }

    /// No tables at all: every start builds the state of snapshot and log.
    #[cfg(feature = "simulation")]
    pub(crate) fn absent() -> Tables {
        Tables { shared: Arc::default(), thread: Mutex::new(None), dir: PathBuf::new() }
    }

    /// Where they lie.
    pub(crate) fn dir(&self) -> &PathBuf {
        &self.dir
    }

    /// Only a simulation has none; what would be written behind is not even kept.
    fn is_absent(&self) -> bool {
        cfg!(feature = "simulation") && lock(&self.thread).is_none()
    }

    /// Notes that `dirty` rows changed on the way to `state`.
    pub(crate) fn follow(&self, state: &Arc<State>, applied: Applied, dirty: impl Iterator<Item = RowKey>) {
        if self.is_absent() {
            return;
        }
        let mut waiting = lock(&self.shared.waiting);
        waiting.dirty.extend(dirty);
        waiting.newest = Some(Target { state: Arc::clone(state), applied });
        // A writer that has something to write already waits for its time, not for more.
        let first = waiting.oldest.is_none();
        let oldest = *waiting.oldest.get_or_insert_with(Instant::now);
        let late = oldest.elapsed() > MAX_LAG || waiting.dirty.len() * ROW_ESTIMATE > MAX_WAITING_BYTES;
        if late && !waiting.stale && !waiting.rebuilding {
            tracing::warn!(rows = waiting.dirty.len(), "the tables on disk lag behind and are written anew");
            waiting.stale = true;
            waiting.dirty.clear();
        }
        drop(waiting);
        if first {
            self.shared.wake.notify_one();
        }
    }

    /// The state was replaced as a whole.
    pub(crate) fn replace(&self, state: &Arc<State>, applied: Applied) {
        if self.is_absent() {
            return;
        }
        let mut waiting = lock(&self.shared.waiting);
        waiting.dirty.clear();
        waiting.oldest = Some(Instant::now());
        waiting.newest = Some(Target { state: Arc::clone(state), applied });
        waiting.stale = true;
        drop(waiting);
        self.shared.wake.notify_one();
    }

    /// Writes what waits and ends the thread. Blocks; at most a batch and a flush.
    pub(crate) fn close(&self) {
        lock(&self.shared.waiting).closing = true;
        self.shared.wake.notify_one();
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!(dir = %self.dir.display(), "the writer of the tables panicked");
        }
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        self.close();
    }
}
