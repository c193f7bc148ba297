//! openraft's log storage over the segment log.
//!
//! The flush callback is handed to the log's writer as it is, so it can only ever be called after the
//! sync: calling it earlier is how acknowledged writes get lost when a leader restarts.

use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex};

use bytes::{BufMut, Bytes, BytesMut};
use model::planted::{self, Bug};
use openraft::storage::{LogFlushed, LogState, RaftLogStorage};
use openraft::{AnyError, EntryPayload, OptionalSend, RaftLogReader, StorageIOError};
use tokio::sync::oneshot;

use super::machine::Machine;
use crate::lock::lock;
use crate::type_config::{Batch, Entry, LogId, StorageError, TypeConfig, log_id, position};
use crate::wal::{Done, Position, VoteRecord, Wal};

/// A read for replication stops at this size; the rest goes with the next message.
const REPLICATION_BYTES: usize = 2 << 20;

const BLANK: u8 = 0;
const NORMAL: u8 = 1;
const MEMBERSHIP: u8 = 2;

pub(crate) type Vote = openraft::Vote<u64>;

/// The log as openraft sees it; also its own reader.
#[derive(Clone)]
pub(crate) struct LogStore {
    wal: Wal,
    vote: SavedVote,
    /// Whose state lets the log go; openraft's own suite looks at the log alone.
    machine: Option<Arc<Machine>>,
}

/// The vote that is in the log, or on its way into it: never an older one than any answer of this server was given
/// under.
#[derive(Clone, Default)]
pub(crate) struct SavedVote(Arc<Mutex<Option<Vote>>>);

impl SavedVote {
    pub(crate) fn get(&self) -> Option<Vote> {
        *lock(&self.0)
    }

    fn set(&self, vote: Vote) {
        *lock(&self.0) = Some(vote);
    }

    /// Whether this server, at this moment, has voted for nobody after `vote`.
    pub(crate) fn confirms(&self, vote: &Vote) -> bool {
        self.get().is_some_and(|saved| saved.leader_id == vote.leader_id)
    }
}

impl LogStore {
    pub(crate) fn new(wal: Wal, vote: Option<VoteRecord>, machine: Option<Arc<Machine>>) -> LogStore {
        let saved = SavedVote::default();
        if let Some(vote) = vote {
            let leader_id = openraft::LeaderId::new(vote.term, vote.node);
            saved.set(openraft::Vote { leader_id, committed: vote.committed });
        }
        LogStore { wal, vote: saved, machine }
    }

    /// The vote, for whoever has to say what it is.
    pub(crate) fn saved_vote(&self) -> SavedVote {
        self.vote.clone()
    }

    #[cfg(test)]
    pub(super) fn of(self, machine: Arc<Machine>) -> LogStore {
        LogStore { machine: Some(machine), ..self }
    }
}

impl RaftLogReader<TypeConfig> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + std::fmt::Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, StorageError> {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(end) => end.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        self.read(start, end, usize::MAX)
    }

    async fn limited_get_log_entries(&mut self, start: u64, end: u64) -> Result<Vec<Entry>, StorageError> {
        self.read(start, end, REPLICATION_BYTES)
    }
}

impl LogStore {
    fn read(&self, start: u64, end: u64, limit_bytes: usize) -> Result<Vec<Entry>, StorageError> {
        let found =
            self.wal.read(start, end, limit_bytes).map_err(|error| StorageIOError::read_logs(&error))?;
        found
            .into_iter()
            .map(|(at, payload)| {
                decode(at, &payload)
                    .map_err(|error| StorageIOError::read_log_at_index(at.index, &error).into())
            })
            .collect()
    }
}

impl RaftLogStorage<TypeConfig> for LogStore {
    type LogReader = LogStore;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, StorageError> {
        let (purged, last) = self.wal.bounds();
        Ok(LogState { last_purged_log_id: purged.map(log_id), last_log_id: last.map(log_id) })
    }

    async fn get_log_reader(&mut self) -> LogStore {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        let record =
            VoteRecord { term: vote.leader_id.term, node: vote.leader_id.node_id, committed: vote.committed };
        // Before it is saved: a leader before that one is not confirmed any more.
        self.vote.set(*vote);
        if !planted::is(Bug::VoteBeforeSync) {
            wait(|done| self.wal.save_vote(record, done))
                .await
                .map_err(|e| StorageIOError::write_vote(&e))?;
        }
        Ok(())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        Ok(self.vote.get())
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), StorageError> {
        if let Some(committed) = committed {
            self.wal.set_committed(position(&committed));
        }
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, StorageError> {
        // What was committed was synced before, so it lies within the log. If it does not, the log's
        // word on it is worth nothing, and the leader will say what is committed.
        let (_, last) = self.wal.bounds();
        Ok(self.wal.committed().filter(|committed| Some(*committed) <= last).map(log_id))
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<TypeConfig>) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut records = Vec::new();
        for entry in entries {
            let payload =
                encode(&entry).map_err(|error| StorageIOError::write_log_entry(entry.log_id, &error))?;
            records.push((position(&entry.log_id), payload));
            if let EntryPayload::Normal(batch) = &entry.payload {
                batch.mark_appended();
            }
        }
        let done: Done = Box::new(move |result| callback.log_io_completed(result));
        self.wal.append(records, done).map_err(|error| StorageIOError::write_logs(&error).into())
    }

    async fn truncate(&mut self, since: LogId) -> Result<(), StorageError> {
        wait(|done| self.wal.truncate(since.index, done))
            .await
            .map_err(|error| StorageIOError::write_logs(&error).into())
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), StorageError> {
        if let Some(machine) = &self.machine {
            machine.covers(upto).await.map_err(|error| StorageIOError::write_logs(&error))?;
        }
        wait(|done| self.wal.purge(position(&upto), done))
            .await
            .map_err(|error| StorageIOError::write_logs(&error).into())
    }
}

/// Waits for an operation of the log to be on disk.
pub(crate) async fn wait(start: impl FnOnce(Done) -> io::Result<()>) -> io::Result<()> {
    let (sender, receiver) = oneshot::channel();
    start(Box::new(move |result| {
        // The asker may have given up; the log does not care.
        let _ = sender.send(result);
    }))?;
    receiver.await.unwrap_or_else(|_closed| Err(io::Error::other("the log writer ended")))
}

fn encode(entry: &Entry) -> io::Result<Bytes> {
    let mut payload = BytesMut::new();
    match &entry.payload {
        EntryPayload::Blank => payload.put_u8(BLANK),
        EntryPayload::Normal(batch) => {
            payload.reserve(1 + batch.bytes.len());
            payload.put_u8(NORMAL);
            payload.put_slice(&batch.bytes);
        }
        EntryPayload::Membership(membership) => {
            payload.put_u8(MEMBERSHIP);
            payload.put_slice(&rmp_serde::to_vec_named(membership).map_err(io::Error::other)?);
        }
    }
    Ok(payload.freeze())
}

fn decode(at: Position, payload: &Bytes) -> Result<Entry, AnyError> {
    let payload = match payload.first() {
        Some(&BLANK) => EntryPayload::Blank,
        Some(&NORMAL) => EntryPayload::Normal(Batch { bytes: payload.slice(1..), appended: None }),
        Some(&MEMBERSHIP) => EntryPayload::Membership(
            rmp_serde::from_slice(&payload[1..]).map_err(|error| AnyError::new(&error))?,
        ),
        _ => return Err(AnyError::error("unknown kind of entry")),
    };
    Ok(Entry { log_id: log_id(at), payload })
}
