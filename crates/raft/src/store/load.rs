//! Start: the newer of snapshot file and tables becomes the state; the log brings it up to date.
//!
//! Refuses to go on when neither reaches the log, or when the tables know more than the log does: then
//! entries that were acknowledged are missing here.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use state::State;

use super::machine::{Current, Machine};
use super::snapshots::Snapshots;
use super::tables::{self, Tables};
use crate::disk::Disk;
use crate::type_config::{LogId, log_id};
use crate::wal::Wal;

/// Where the state came from at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StateSource {
    /// Nothing was there.
    #[default]
    Empty,
    /// A snapshot file.
    Snapshot,
    /// The tables (sled).
    Tables,
}

/// Why the state cannot be built from what is on disk.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file could not be read or written.
    #[error("{what} in {dir}: {source}")]
    Io {
        /// Which part.
        what: &'static str,
        /// Its directory.
        dir: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The tables hold entries that the log does not have.
    #[error(
        "tables in {dir} are ahead of the log: applied {applied}, log ends at {last}; remove the data directory to join again"
    )]
    AheadOfLog {
        /// Directory of the tables.
        dir: PathBuf,
        /// Raft index of the tables.
        applied: u64,
        /// Raft index of the log's last entry.
        last: u64,
    },
    /// Entries between the newest state and the log's first entry are gone.
    #[error(
        "{dir}: log entries up to {purged} are purged but the newest usable state is at {have:?}; remove the data directory to join again"
    )]
    Gap {
        /// Raft's directory.
        dir: PathBuf,
        /// Raft index up to which the log is purged.
        purged: u64,
        /// Raft index of the newest state; `None` when there is none.
        have: Option<u64>,
    },
}

/// The machine as it was on disk, before the log is applied again.
pub(crate) struct Start {
    pub(crate) machine: Machine,
    pub(crate) source: StateSource,
    /// Raft index it was at.
    pub(crate) at: Option<u64>,
}

/// Loads the state below `dir`. Blocks.
pub(crate) fn load(
    (disk, dir): (&Disk, &Path),
    wal: &Wal,
    durable: bool,
    deadline: Duration,
) -> Result<Start, LoadError> {
    let fail = |what| {
        let dir = dir.to_path_buf();
        move |source| LoadError::Io { what, dir, source }
    };
    let snapshots =
        Snapshots::open(disk.clone(), dir.join("snapshots"), durable).map_err(fail("snapshots"))?;
    let newest = snapshots.find_newest().map_err(fail("snapshots"))?.and_then(|header| header.last_log_id);
    let (tables, found) = open_tables(disk, dir, deadline).map_err(fail("tables"))?;
    // Almost always the tables are the newer ones, and making a state of the snapshot as well would be for nothing.
    let overtaken =
        |(applied, _): &(tables::Applied, State)| applied.log_id.is_some() && applied.log_id >= newest;
    let (snapshot, of_snapshot) = if found.as_ref().is_some_and(overtaken) {
        (None, newest)
    } else {
        let snapshot = snapshots.load_newest().map_err(fail("snapshots"))?;
        let of_snapshot = snapshot.as_ref().and_then(|(header, _)| header.last_log_id);
        (snapshot, of_snapshot)
    };
    let (purged, last) = wal.bounds();
    let last = last.map(log_id);
    if let Some((applied, _)) = &found
        && applied.log_id > last.max(of_snapshot)
    {
        let index = |id: Option<LogId>| id.map_or(0, |id| id.index);
        return Err(LoadError::AheadOfLog {
            dir: tables.dir().clone(),
            applied: index(applied.log_id),
            last: index(last),
        });
    }
    let (current, source) = match (snapshot, found) {
        (snapshot, Some((applied, state))) if applied.log_id.is_some() && applied.log_id >= of_snapshot => {
            drop(snapshot);
            let state = Arc::new(state);
            (Current { state, applied: applied.log_id, membership: applied.membership }, StateSource::Tables)
        }
        (Some((header, state)), _) => {
            let state = Arc::new(state);
            let current = Current { state, applied: header.last_log_id, membership: header.membership };
            (current, StateSource::Snapshot)
        }
        _ => (Current::default(), StateSource::Empty),
    };
    let at = current.applied.map(|applied| applied.index);
    if let Some(purged) = purged
        && at.is_none_or(|at| at < purged.index)
    {
        return Err(LoadError::Gap { dir: dir.to_path_buf(), purged: purged.index, have: at });
    }
    let machine = Machine::new(current, tables, snapshots, source == StateSource::Tables);
    Ok(Start { machine, source, at })
}

/// The tables, and what they hold.
fn open_tables(
    disk: &Disk,
    dir: &Path,
    deadline: Duration,
) -> std::io::Result<(Tables, Option<(tables::Applied, State)>)> {
    #[cfg(feature = "simulation")]
    if disk.is_simulated() {
        return Ok((Tables::absent(), None));
    }
    debug_assert!(!disk.is_simulated(), "only a simulation has another disk");
    let (mut loaded, tables_dir) = tables::open(&dir.join("tables"), deadline)?;
    let found = loaded.found.take();
    Ok((Tables::start(loaded, tables_dir)?, found))
}
