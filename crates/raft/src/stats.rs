//! Numbers about a server's consensus core, for metrics, `agent-info` and tests.

use std::sync::atomic::Ordering;

use crate::handle::Inner;
use crate::store::load::StateSource;

/// A reading of the core. Raft indexes are log positions, not the clients' index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Current term.
    pub term: u64,
    /// Last log entry here.
    pub last_log_index: Option<u64>,
    /// Last entry known to be committed.
    pub commit_index: Option<u64>,
    /// Last entry applied.
    pub applied_log_index: Option<u64>,
    /// The clients' index: commands applied.
    pub index: u64,
    /// Last entry in the newest snapshot.
    pub snapshot_log_index: Option<u64>,
    /// Last entry purged from the log.
    pub purged_log_index: Option<u64>,
    /// Entries in the log.
    pub log_entries: u64,
    /// Entries written to the log since start.
    pub entries_written: u64,
    /// Syncs of the log since start.
    pub syncs: u64,
    /// Median of the newest syncs, in microseconds.
    pub sync_p50_us: u64,
    /// Commands waiting to be proposed.
    pub queue_commands: u64,
    /// Commands that panicked in apply since start.
    pub poisoned_commands: u64,
    /// Milliseconds since a quorum last answered this leader; `None` when it does not lead.
    pub quorum_ack_ms: Option<u64>,
    /// Too little disk for another log segment; proposals are refused.
    pub disk_full: bool,
    /// Where the state came from at start.
    pub state_source: StateSource,
    /// Log position of that state.
    pub state_at_start: Option<u64>,
    /// Log entries that were applied again at start.
    pub replayed_on_start: u64,
    /// How long the start took, in milliseconds.
    pub start_ms: u64,
    /// Bytes of a torn log tail dropped at start, if there was one.
    pub torn_tail_bytes: Option<u64>,
}

/// What is known once the core has started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Started {
    pub(crate) source: StateSource,
    pub(crate) at: Option<u64>,
    pub(crate) replayed: u64,
    pub(crate) took_ms: u64,
    pub(crate) torn_bytes: Option<u64>,
}

impl Inner {
    pub(crate) fn stats(&self) -> Stats {
        let metrics = self.core.metrics();
        let metrics = metrics.borrow();
        let wal = self.wal.stats();
        Stats {
            // Also before the core has said anything.
            term: self.vote.get().map_or(0, |vote| vote.leader_id.term),
            last_log_index: metrics.last_log_index,
            commit_index: self.wal.committed().map(|committed| committed.index),
            applied_log_index: self.machine.publisher.progress().borrow().applied,
            index: self.machine.publisher.state().index(),
            snapshot_log_index: metrics.snapshot.map(|snapshot| snapshot.index),
            purged_log_index: metrics.purged.map(|purged| purged.index),
            log_entries: self.wal.len() as u64,
            entries_written: wal.entries(),
            syncs: wal.syncs(),
            sync_p50_us: wal.sync_p50_us(),
            queue_commands: self.proposer.waiting() as u64,
            poisoned_commands: self.machine.poisoned.load(Ordering::Relaxed),
            quorum_ack_ms: metrics.millis_since_quorum_ack,
            disk_full: self.wal.is_space_low(),
            state_source: self.started.source,
            state_at_start: self.started.at,
            replayed_on_start: self.started.replayed,
            start_ms: self.started.took_ms,
            torn_tail_bytes: self.started.torn_bytes,
        }
    }
}
