//! The raft log on disk: an own append-only segment log with one writer.
//!
//! Entries, votes, truncations, purges and commit positions go through one queue to one thread, so
//! that they reach the disk in the order raft decided them. A caller hears back only after
//! fdatasync. It knows nothing of openraft; `store::log` translates.

#[cfg(test)]
mod fuzz;
mod index;
mod record;
mod recovery;
mod scan;
mod segment;
mod spare;
mod stats;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;

use self::index::{Index, Known};
pub(crate) use self::record::Position;
use self::recovery::Segment;
pub use self::recovery::WalError;
pub(crate) use self::recovery::{TornTail, VoteRecord};
pub(crate) use self::stats::WalStats;
use self::writer::{Operation, Writer};
use crate::disk::{Disk, File};
use crate::lock::lock;
use crate::options::{FatalHook, SyncHook};

/// Operations that may wait for the writer; raft has few in flight, so this is never reached.
const QUEUE: usize = 1024;
/// The first segment is small, so that a small cluster's disk stays small.
const FIRST_SEGMENT_BYTES: u64 = 1 << 20;

/// Called once the operation is on disk, or could not be put there.
pub(crate) type Done = Box<dyn FnOnce(io::Result<()>) + Send>;

/// How the log is kept.
#[derive(Clone)]
pub(crate) struct WalOptions {
    pub(crate) disk: Disk,
    pub(crate) dir: PathBuf,
    pub(crate) segment_bytes: u64,
    /// Bytes of payloads kept in memory.
    pub(crate) cache_bytes: usize,
    /// Without it nothing is synced: for `-dev` only.
    pub(crate) durable: bool,
    /// While this file exists, syncs wait.
    pub(crate) sync_gate: Option<PathBuf>,
    /// Called before each sync; tests make it hang.
    pub(crate) sync_hook: Option<SyncHook>,
    pub(crate) fatal: FatalHook,
}

/// What the log held when it was opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opened {
    pub(crate) vote: Option<VoteRecord>,
    pub(crate) torn: Option<TornTail>,
}

pub(crate) struct Shared {
    disk: Disk,
    dir: PathBuf,
    segment_bytes: u64,
    durable: bool,
    sync_gate: Option<PathBuf>,
    sync_hook: Option<SyncHook>,
    fatal: FatalHook,
    index: Mutex<Index>,
    segments: Mutex<BTreeMap<u64, Segment>>,
    committed: Mutex<Option<Position>>,
    failed: AtomicBool,
    closing: Arc<AtomicBool>,
    space_low: Arc<AtomicBool>,
    stats: WalStats,
    /// Wakes the writer where it is no thread.
    #[cfg(feature = "simulation")]
    queued: tokio::sync::Notify,
}

/// A handle to the log; clones share it.
#[derive(Clone)]
pub(crate) struct Wal {
    shared: Arc<Shared>,
    queue: SyncSender<Operation>,
}

impl Wal {
    /// Opens or creates the log. Drops a torn tail, refuses any other damage.
    pub(crate) fn open(options: WalOptions) -> Result<(Wal, Opened), WalError> {
        let dir = options.dir.clone();
        let mut recovered = recovery::recover(&options.disk, &dir, options.cache_bytes)?;
        if options.durable {
            recovered.make_durable(&options.disk, &dir)?;
        }
        let fail = |source| WalError::Io { path: dir.clone(), source };
        if recovered.tail.is_none() {
            let size = FIRST_SEGMENT_BYTES.min(options.segment_bytes);
            recovered.segments.insert(1, writer::create_first(&options.disk, &dir, size).map_err(fail)?);
            recovered.tail = Some((1, segment::SEGMENT_HEAD as u64, size));
        }
        let (sequence, offset, size) = recovered.tail.expect("an empty log was just given its first segment");
        let file = Arc::clone(&recovered.segments[&sequence].file);
        let mut opened = Opened { vote: recovered.vote, torn: recovered.torn };
        let purged = recovered.index.purged();
        let shared = Arc::new(Shared {
            disk: options.disk,
            dir: options.dir,
            segment_bytes: options.segment_bytes,
            durable: options.durable,
            sync_gate: options.sync_gate,
            sync_hook: options.sync_hook,
            fatal: options.fatal,
            index: Mutex::new(recovered.index),
            segments: Mutex::new(recovered.segments),
            committed: Mutex::new(recovered.committed),
            failed: AtomicBool::new(false),
            closing: Arc::default(),
            space_low: Arc::default(),
            stats: WalStats::default(),
            #[cfg(feature = "simulation")]
            queued: tokio::sync::Notify::new(),
        });
        let mut writer = Writer {
            shared: Arc::clone(&shared),
            spares: None,
            #[cfg(feature = "simulation")]
            spare_at_hand: None,
            file,
            segment: sequence,
            offset,
            size,
            vote: recovered.vote,
            committed: recovered.committed,
            purged,
        };
        disown_torn_leadership(&mut writer, &mut opened).map_err(fail)?;
        let (queue, operations) = sync_channel(QUEUE);
        #[cfg(feature = "simulation")]
        if shared.disk.is_simulated() {
            crate::world::spawn(writer::simulated::run(writer, operations));
            return Ok((Wal { shared, queue }, opened));
        }
        thread::Builder::new()
            .name("wal-writer".into())
            .spawn(move || writer.run(&operations))
            .map_err(fail)?;
        Ok((Wal { shared, queue }, opened))
    }

    /// Adds entries. They are readable at once; `done` is called when they are on disk.
    pub(crate) fn append(&self, entries: Vec<(Position, Bytes)>, done: Done) -> io::Result<()> {
        let mut index = lock(&self.shared.index);
        for (at, payload) in &entries {
            if payload.len() > record::MAX_PAYLOAD {
                return Err(io::Error::other(format!("entry {} is too large", at.index)));
            }
            index.append(*at, payload.clone()).map_err(|last| {
                io::Error::other(format!("entry {} does not follow {}", at.index, last.index))
            })?;
        }
        drop(index);
        self.send(Operation::Append { entries, done })
    }

    /// Saves a vote.
    pub(crate) fn save_vote(&self, vote: VoteRecord, done: Done) -> io::Result<()> {
        self.send(Operation::Vote { vote, done })
    }

    /// Removes entries from `since` on. They are unreadable at once.
    pub(crate) fn truncate(&self, since: u64, done: Done) -> io::Result<()> {
        lock(&self.shared.index).truncate(since);
        self.send(Operation::Truncate { since, done })
    }

    /// Removes entries up to and including `upto`. Segments go only after that is durable.
    pub(crate) fn purge(&self, upto: Position, done: Done) -> io::Result<()> {
        lock(&self.shared.index).purge(upto);
        self.send(Operation::Purge { upto, done })
    }

    /// Remembers what is committed; written with the next group, or within a second or so.
    pub(crate) fn set_committed(&self, committed: Position) {
        let mut slot = lock(&self.shared.committed);
        *slot = (*slot).max(Some(committed));
    }

    /// What is committed as far as the log was told.
    pub(crate) fn committed(&self) -> Option<Position> {
        *lock(&self.shared.committed)
    }

    /// What was purged, and the last entry (or what was purged when there is none).
    pub(crate) fn bounds(&self) -> (Option<Position>, Option<Position>) {
        let index = lock(&self.shared.index);
        (index.purged(), index.last())
    }

    /// How many entries it holds.
    pub(crate) fn len(&self) -> usize {
        lock(&self.shared.index).len()
    }

    /// The entries of `[start, end)` that exist, stopping at `limit_bytes` but never before the first.
    pub(crate) fn read(
        &self,
        start: u64,
        end: u64,
        limit_bytes: usize,
    ) -> io::Result<Vec<(Position, Bytes)>> {
        let known = self.lookup(start, end, limit_bytes);
        let mut entries = Vec::with_capacity(known.len());
        for (at, known) in known {
            let payload = match known {
                Known::Cached(payload) => payload,
                Known::OnDisk(place) => self.read_back(at, place)?,
            };
            entries.push((at, payload));
        }
        Ok(entries)
    }

    fn lookup(&self, start: u64, end: u64, limit_bytes: usize) -> Vec<(Position, Known)> {
        let index = lock(&self.shared.index);
        let first = start.max(index.first_index().unwrap_or(end));
        let mut total = 0_usize;
        let mut found = Vec::new();
        for number in first..end {
            let Some((at, known)) = index.get(number) else {
                break;
            };
            total += match &known {
                Known::Cached(payload) => payload.len(),
                Known::OnDisk(place) => place.size,
            };
            if total > limit_bytes && !found.is_empty() {
                break;
            }
            found.push((at, known));
        }
        found
    }

    fn read_back(&self, at: Position, place: index::Place) -> io::Result<Bytes> {
        let segment = lock(&self.shared.segments).get(&place.segment).cloned();
        let segment =
            segment.ok_or_else(|| io::Error::other(format!("segment {} is gone", place.segment)))?;
        let mut bytes = vec![0; place.size];
        segment.file.read_exact_at(&mut bytes, place.offset)?;
        record::payload_of(Bytes::from(bytes), at).map_err(|why| {
            io::Error::other(format!("{} at offset {}: {why}", segment.path.display(), place.offset))
        })
    }

    /// Whether there is too little disk for another segment.
    pub(crate) fn is_space_low(&self) -> bool {
        self.shared.space_low.load(Ordering::Acquire)
    }

    pub(crate) fn stats(&self) -> &WalStats {
        &self.shared.stats
    }

    /// Writes what is queued and ends the threads. Later operations fail.
    pub(crate) fn close(&self, done: Done) {
        self.shared.closing.store(true, Ordering::Release);
        // A writer that already ended has nothing left to write.
        if let Err(error) = self.send(Operation::Close { done }) {
            tracing::debug!(%error, "the log was closed before");
        }
    }

    fn send(&self, operation: Operation) -> io::Result<()> {
        if self.shared.failed.load(Ordering::Acquire) {
            return Err(io::Error::other("the log failed before"));
        }
        let sent = self.queue.try_send(operation);
        #[cfg(feature = "simulation")]
        self.shared.queued.notify_one();
        sent.map_err(|error| io::Error::other(format!("log queue: {error}")))
    }
}

impl Shared {
    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Puts `file` on disk, after whatever the tests hang in front of it.
    fn sync(&self, file: &File) -> io::Result<()> {
        if let Some(gate) = &self.sync_gate {
            while gate.exists() && !self.is_closing() {
                thread::sleep(Duration::from_millis(5));
            }
            if gate.exists() {
                return Err(io::Error::other("closed while syncs were held back"));
            }
        }
        if let Some(hook) = &self.sync_hook {
            hook();
        }
        if self.durable { file.sync_data() } else { Ok(()) }
    }
}

/// After a dropped tail this server must not go on as the leader it was: it may have promised
/// the same positions to other entries. Its vote is kept, but no longer as a granted one.
fn disown_torn_leadership(writer: &mut Writer, opened: &mut Opened) -> io::Result<()> {
    let Some(torn) = &opened.torn else { return Ok(()) };
    tracing::warn!(
        file = %torn.file.display(), offset = torn.offset, bytes = torn.bytes,
        "dropped a torn tail of the log; leadership is not resumed"
    );
    let Some(vote) = opened.vote.filter(|vote| vote.committed) else {
        return Ok(());
    };
    let vote = VoteRecord { committed: false, ..vote };
    writer.save_first(vote)?;
    opened.vote = Some(vote);
    Ok(())
}
