//! openraft's state machine over [`State`]: committed ranges in; outcomes, events and changed rows out.
//!
//! A panicking command changes nothing and is answered `Outcome::Internal`, on every server alike. An
//! entry that this server cannot read stops it: going on would make it differ from the others.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openraft::storage::{RaftStateMachine, Snapshot};
use openraft::{AnyError, EntryPayload, OptionalSend, RaftSnapshotBuilder, StorageIOError};
use state::State;
use tokio::sync::watch;

use super::apply::{Ranges, apply_commands};
use super::archive::{self, SavedSnapshot};
use super::publish::Publisher;
use super::snapshot_file::SnapshotFile;
use super::snapshot_format::Header;
use super::snapshots::Snapshots;
use super::tables::{Applied, Tables};
use crate::lock::lock;
use crate::type_config::{Entry, LogId, Reply, SnapshotMeta, StorageError, StoredMembership, TypeConfig};
use crate::world;

/// What was applied last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Current {
    pub(crate) state: Arc<State>,
    pub(crate) applied: Option<LogId>,
    pub(crate) membership: StoredMembership,
}

impl Current {
    fn mark(&self) -> Applied {
        Applied { log_id: self.applied, membership: self.membership.clone(), index: self.state.index() }
    }

    /// The header of a snapshot of this.
    fn header(&self) -> Header {
        let (term, index) = self.applied.map_or((0, 0), |applied| (applied.leader_id.term, applied.index));
        Header {
            last_log_id: self.applied,
            membership: self.membership.clone(),
            snapshot_id: format!("{term}-{index}-{}", world::mint().simple()),
            index: self.state.index(),
        }
    }
}

/// The state machine's parts; shared by openraft's worker, snapshot builders and the handle.
pub(crate) struct Machine {
    current: Mutex<Current>,
    pub(crate) publisher: Publisher,
    pub(crate) tables: Tables,
    pub(crate) snapshots: Snapshots,
    pub(crate) applied_entries: AtomicU64,
    pub(crate) poisoned: AtomicU64,
    /// Told of every installed snapshot; true when one could not be installed.
    install_failed: watch::Sender<bool>,
}

impl Machine {
    /// `fresh` says that the tables hold exactly `current`.
    pub(crate) fn new(current: Current, tables: Tables, snapshots: Snapshots, fresh: bool) -> Machine {
        if !fresh && current.applied.is_some() {
            tables.replace(&current.state, current.mark());
        }
        let applied = current.applied.map(|applied| applied.index);
        Machine {
            publisher: Publisher::new(Arc::clone(&current.state), applied),
            current: Mutex::new(current),
            tables,
            snapshots,
            applied_entries: AtomicU64::new(0),
            poisoned: AtomicU64::new(0),
            install_failed: watch::Sender::new(false),
        }
    }

    pub(crate) fn current(&self) -> Current {
        lock(&self.current).clone()
    }

    fn apply(&self, entries: Vec<Entry>) -> Result<Vec<Reply>, StorageError> {
        let mut current = self.current();
        let mut ranges = Ranges::default();
        for entry in &entries {
            let commands = match &entry.payload {
                EntryPayload::Normal(batch) => ranges.decode(batch).map_err(|error| {
                    tracing::error!(%error, log_id = %entry.log_id, "a committed entry cannot be read");
                    StorageIOError::apply(entry.log_id, AnyError::error(error))
                })?,
                EntryPayload::Membership(membership) => {
                    current.membership = StoredMembership::new(Some(entry.log_id), membership.clone());
                    0
                }
                EntryPayload::Blank => 0,
            };
            ranges.end_entry(commands);
            current.applied = Some(entry.log_id);
        }
        let has_commands = !ranges.is_empty();
        let done = apply_commands(&current.state, ranges).map_err(|error| {
            StorageIOError::apply(current.applied.unwrap_or_default(), AnyError::error(error))
        })?;
        if done.poisoned > 0 {
            self.poisoned.fetch_add(done.poisoned, Ordering::Relaxed);
        }
        let events = has_commands.then_some(done.events);
        if let Some(state) = done.state {
            current.state = Arc::new(state);
        }
        self.applied_entries.fetch_add(entries.len() as u64, Ordering::Relaxed);
        *lock(&self.current) = current.clone();
        let applied = current.applied.map(|applied| applied.index);
        if done.replaced {
            tracing::warn!(
                index = current.state.index(),
                "a saved snapshot has taken the place of the state"
            );
            self.tables.replace(&current.state, current.mark());
            self.publisher.replace(&current.state, applied);
        } else {
            self.tables.follow(&current.state, current.mark(), done.dirty.into_iter());
            self.publisher.publish(&current.state, applied, events);
        }
        Ok(done.replies)
    }

    /// Writes what was applied last to a file without a name. Blocks.
    pub(crate) fn save(&self) -> io::Result<SavedSnapshot> {
        let current = self.current();
        archive::save(self.snapshots.dir(), &current.header(), &current.state)
    }

    async fn build_snapshot(self: Arc<Machine>) -> io::Result<(Header, PathBuf)> {
        let current = self.current();
        let header = current.header();
        loop {
            let machine = Arc::clone(&self);
            let state = Arc::clone(&current.state);
            let mine = header.clone();
            let written = world::blocking(move || machine.snapshots.write(&mine, &state)).await;
            match written.map_err(io::Error::other)? {
                Ok(path) => return Ok((header, path)),
                // A full disk is no reason to end the server: the log goes on without a snapshot until then.
                Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                    tracing::error!(%error, "no space for a snapshot, trying again");
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until the state has come as far as `upto`, so that nothing before it is needed of the log. openraft has the
    /// log purged as soon as a snapshot is received; a server that ended before it is installed could not start again.
    pub(crate) async fn covers(&self, upto: LogId) -> io::Result<()> {
        let mut installs = self.install_failed.subscribe();
        loop {
            let failed = *installs.borrow_and_update();
            if self.current().applied.is_some_and(|applied| applied.index >= upto.index) {
                return Ok(());
            }
            if failed || installs.changed().await.is_err() {
                return Err(io::Error::other("the snapshot that was to replace the log is not installed"));
            }
        }
    }

    async fn install(
        self: Arc<Machine>,
        meta: &SnapshotMeta,
        mut file: SnapshotFile,
    ) -> Result<(), AnyError> {
        file.sync().await.map_err(|error| AnyError::new(&error))?;
        let path = file.path().to_path_buf();
        let machine = Arc::clone(&self);
        let wanted = meta.clone();
        let (header, state) = world::blocking(move || {
            let (mut header, state) =
                machine.snapshots.check(&path).map_err(|error| AnyError::new(&error))?;
            if header.last_log_id != wanted.last_log_id {
                return Err(AnyError::error("the received file is of another position"));
            }
            header.snapshot_id = wanted.snapshot_id;
            machine.snapshots.keep(header.clone(), &path).map_err(|error| AnyError::new(&error))?;
            Ok((header, state))
        })
        .await
        .map_err(|error| AnyError::new(&error))??;
        let current = Current {
            state: Arc::new(state),
            applied: header.last_log_id,
            membership: meta.last_membership.clone(),
        };
        tracing::info!(index = header.index, last = ?header.last_log_id, "installed a snapshot");
        *lock(&self.current) = current.clone();
        self.tables.replace(&current.state, current.mark());
        self.publisher.replace(&current.state, current.applied.map(|applied| applied.index));
        Ok(())
    }

    async fn current_snapshot(&self) -> io::Result<Option<Snapshot<TypeConfig>>> {
        let Some((header, path)) = self.snapshots.current() else {
            return Ok(None);
        };
        let file = SnapshotFile::open(self.snapshots.disk(), &path).await?;
        Ok(Some(Snapshot { meta: header.meta(), snapshot: Box::new(file) }))
    }
}

/// openraft's view of the machine.
#[derive(Clone)]
pub(crate) struct StateMachine {
    pub(crate) machine: Arc<Machine>,
}

impl RaftSnapshotBuilder<TypeConfig> for StateMachine {
    async fn build_snapshot(&mut self) -> Result<Snapshot<TypeConfig>, StorageError> {
        let fail = |error: io::Error| StorageIOError::write_snapshot(None, &error);
        let (header, path) = Arc::clone(&self.machine).build_snapshot().await.map_err(fail)?;
        let file = SnapshotFile::open(self.machine.snapshots.disk(), &path).await.map_err(fail)?;
        Ok(Snapshot { meta: header.meta(), snapshot: Box::new(file) })
    }
}

impl RaftStateMachine<TypeConfig> for StateMachine {
    type SnapshotBuilder = StateMachine;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), StorageError> {
        let current = self.machine.current();
        Ok((current.applied, current.membership))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Reply>, StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<Entry> = entries.into_iter().collect();
        #[cfg(feature = "simulation")]
        if self.machine.snapshots.disk().is_simulated() {
            crate::simulation::dawdle().await;
            // A simulation looks at the state after every entry.
            let each = entries.into_iter().map(|entry| self.machine.apply(vec![entry]));
            return Ok(each.collect::<Result<Vec<_>, _>>()?.concat());
        }
        self.machine.apply(entries)
    }

    async fn get_snapshot_builder(&mut self) -> StateMachine {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<SnapshotFile>, StorageError> {
        let path = self.machine.snapshots.temporary("receive");
        let file = SnapshotFile::create(self.machine.snapshots.disk(), &path)
            .await
            .map_err(|e| StorageIOError::write_snapshot(None, &e))?;
        Ok(Box::new(file))
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        snapshot: Box<SnapshotFile>,
    ) -> Result<(), StorageError> {
        let installed = Arc::clone(&self.machine).install(meta, *snapshot).await;
        self.machine.install_failed.send_replace(installed.is_err());
        installed.map_err(|error| StorageIOError::write_snapshot(Some(meta.signature()), error).into())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<TypeConfig>>, StorageError> {
        self.machine.current_snapshot().await.map_err(|e| StorageIOError::read_snapshot(None, &e).into())
    }
}
