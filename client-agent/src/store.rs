//! What the agent has to know after it was killed: sled, one tree, one prefix byte per kind of row.
//!
//! Nothing is reported to a server before [`Store::flush`] has returned. A store that cannot be read is set aside,
//! never repaired: what runs is found again by the supervisors' locks beneath the allocations' directories.

mod flusher;
#[cfg(test)]
mod fuzz;
pub(crate) mod rows;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::codec::{CodecError, decode, encode};
use model::{AllocId, AllocUpdate, Job};

use crate::node::DynamicMeta;
use crate::task::lifecycle::TaskRow;
use flusher::Flusher;
use rows::{AllocRow, JobId, Kind, Restored, RestoredAlloc};

/// Memory that sled may use, bytes.
const CACHE_BYTES: u64 = 16 << 20;
/// How long the system may be in the way of opening.
const OPEN_PATIENCE: Duration = Duration::from_secs(5);

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("client state: {0}")]
    Sled(#[from] sled::Error),
    #[error("client state: {0}")]
    Codec(#[from] CodecError),
    #[error("client state: a row has a key that makes no sense")]
    Key,
    #[error("client state: reading it panicked")]
    Panicked,
    #[error("client state: {0}")]
    Io(#[from] std::io::Error),
    #[error("client state: its writer is gone")]
    Gone,
}

impl StoreError {
    /// True when the store itself is damaged, false when the system is in the way.
    fn damage(&self) -> bool {
        use std::io::ErrorKind;
        match self {
            StoreError::Sled(sled::Error::Io(error)) => {
                matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData)
            }
            StoreError::Sled(_) | StoreError::Codec(_) | StoreError::Key | StoreError::Panicked => true,
            StoreError::Io(_) | StoreError::Gone => false,
        }
    }
}

/// The open store. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    db: sled::Db,
    flusher: Arc<Flusher>,
}

impl Store {
    /// Opens the store and reads all of it. One that is damaged is set aside and an empty one takes its place; the
    /// caller has to hold the state directory's lock.
    pub(crate) fn open(state_dir: &Path) -> Result<(Self, Restored), StoreError> {
        let path = state_dir.join("state");
        let deadline = Instant::now() + OPEN_PATIENCE;
        loop {
            match open_and_read(&path) {
                // A predecessor that is still letting go, a full disk, missing rights: nothing is damaged.
                Err(error) if !error.damage() && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) if error.damage() => {
                    let aside = set_aside(&path)?;
                    tracing::error!(
                        %error, path = %path.display(), aside = %aside.display(),
                        "client state cannot be read and is set aside; running tasks are found again by their locks",
                    );
                    return open_and_read(&path);
                }
                settled => return settled,
            }
        }
    }

    /// Waits until everything written so far is on disk. Callers that wait together share one flush.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        self.flusher.flush().await
    }

    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> Result<(), StoreError> {
        self.db.insert(key, value)?;
        Ok(())
    }

    /// Keeps the id of the cluster that this node belongs to.
    pub(crate) fn put_cluster_id(&self, id: &str) -> Result<(), StoreError> {
        self.put(Kind::Meta.key(b"cluster_id"), id.as_bytes().to_vec())
    }

    /// Keeps the index of the last desired set that was acted on.
    pub(crate) fn put_last_index(&self, index: u64) -> Result<(), StoreError> {
        self.put(Kind::Meta.key(b"last_index"), index.to_be_bytes().to_vec())
    }

    /// Keeps the metadata of the node that was set at run time.
    pub(crate) fn put_dynamic_meta(&self, meta: &DynamicMeta) -> Result<(), StoreError> {
        self.put(Kind::Meta.key(b"dynamic_meta"), encode(meta))
    }

    /// Keeps a job's version.
    pub(crate) fn put_job(&self, id: &JobId, job: &Job) -> Result<(), StoreError> {
        self.put(Kind::Job.key(&encode(id)), encode(job))
    }

    /// Forgets a job's version.
    pub(crate) fn remove_job(&self, id: &JobId) -> Result<(), StoreError> {
        self.db.remove(Kind::Job.key(&encode(id)))?;
        Ok(())
    }

    /// Keeps an allocation.
    pub(crate) fn put_alloc(&self, row: &AllocRow) -> Result<(), StoreError> {
        self.put(Kind::Alloc.key(row.alloc.id.0.as_bytes()), encode(row))
    }

    /// Keeps a task of an allocation.
    pub(crate) fn put_task(&self, alloc: AllocId, task: &str, row: &TaskRow) -> Result<(), StoreError> {
        self.put(task_key(alloc, task), encode(row))
    }

    /// Keeps what the servers have acknowledged of an allocation.
    pub(crate) fn put_acknowledged(&self, update: &AllocUpdate) -> Result<(), StoreError> {
        self.put(Kind::Acknowledged.key(update.id.0.as_bytes()), encode(update))
    }

    /// Forgets an allocation, its tasks and what was acknowledged of it.
    pub(crate) fn remove_alloc(&self, alloc: AllocId) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        batch.remove(Kind::Alloc.key(alloc.0.as_bytes()));
        batch.remove(Kind::Acknowledged.key(alloc.0.as_bytes()));
        for key in self.db.scan_prefix(Kind::Task.key(alloc.0.as_bytes())).keys() {
            batch.remove(key?);
        }
        self.db.apply_batch(batch)?;
        Ok(())
    }
}

fn task_key(alloc: AllocId, task: &str) -> Vec<u8> {
    let mut key = Kind::Task.key(alloc.0.as_bytes());
    key.extend_from_slice(task.as_bytes());
    key
}

fn open_and_read(path: &Path) -> Result<(Store, Restored), StoreError> {
    // sled answers some damage with a panic; it is damage all the same.
    remove_half_snapshots(path)?;
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let db = sled::Config::new().path(path).cache_capacity(CACHE_BYTES).flush_every_ms(None).open()?;
        let restored = read(&db)?;
        Ok((db, restored))
    }));
    let (db, restored) = opened.unwrap_or(Err(StoreError::Panicked))?;
    let flusher = Arc::new(Flusher::begin(db.clone())?);
    Ok((Store { db, flusher }, restored))
}

/// sled takes a snapshot that it was killed in the middle of writing for the newest one, and gives up on it. The one
/// before is still there until the new one has its name.
fn remove_half_snapshots(path: &Path) -> Result<(), StoreError> {
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn read(db: &sled::Db) -> Result<Restored, StoreError> {
    let mut restored = Restored::default();
    for row in db.iter() {
        let (key, value) = row?;
        let (&kind, rest) = key.split_first().ok_or(StoreError::Key)?;
        let alloc_id = || {
            rest.get(..16).and_then(|id| uuid::Uuid::from_slice(id).ok()).map(AllocId).ok_or(StoreError::Key)
        };
        match Kind::of_byte(kind).ok_or(StoreError::Key)? {
            Kind::Meta if rest == b"cluster_id" => {
                restored.cluster_id = std::str::from_utf8(&value).map_err(|_| StoreError::Key)?.to_owned();
            }
            Kind::Meta if rest == b"last_index" => {
                restored.last_index = u64::from_be_bytes((*value).try_into().map_err(|_| StoreError::Key)?);
            }
            Kind::Meta if rest == b"dynamic_meta" => restored.dynamic_meta = decode(&value)?,
            Kind::Meta => return Err(StoreError::Key),
            Kind::Job => drop(restored.jobs.insert(decode(rest)?, Arc::new(decode(&value)?))),
            Kind::Alloc => {
                let entry = restored.allocs.entry(alloc_id()?).or_insert_with(RestoredAlloc::default);
                entry.row = Some(decode(&value)?);
            }
            Kind::Task => {
                let name = std::str::from_utf8(&rest[16.min(rest.len())..]).map_err(|_| StoreError::Key)?;
                let entry = restored.allocs.entry(alloc_id()?).or_insert_with(RestoredAlloc::default);
                entry.tasks.insert(name.to_owned(), decode(&value)?);
            }
            Kind::Acknowledged => {
                let entry = restored.allocs.entry(alloc_id()?).or_insert_with(RestoredAlloc::default);
                entry.acknowledged = Some(decode(&value)?);
            }
        }
    }
    Ok(restored)
}

fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    for number in 0..1000 {
        let aside = path.with_extension(format!("damaged.{number}"));
        if !aside.exists() {
            std::fs::rename(path, &aside)?;
            return Ok(aside);
        }
    }
    Err(StoreError::Io(std::io::Error::other("a thousand damaged states lie here already")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Allocation;

    fn filled(dir: &Path) -> AllocId {
        let id = AllocId(uuid::Uuid::from_u128(7));
        let (store, _) = Store::open(dir).unwrap();
        let alloc = Allocation { id, name: "a".into(), ..Allocation::default() };
        store.put_alloc(&AllocRow { alloc, ..AllocRow::default() }).unwrap();
        store.put_task(id, "t", &TaskRow { generation: 3, ..TaskRow::default() }).unwrap();
        store.put_last_index(9).unwrap();
        store.put_cluster_id("c").unwrap();
        store.put_job(&JobId::default(), &Job { id: "j".into(), ..Job::default() }).unwrap();
        futures::executor::block_on(store.flush()).unwrap();
        id
    }

    #[test]
    fn rows_come_back_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let id = filled(dir.path());
        {
            let (store, restored) = Store::open(dir.path()).unwrap();
            assert_eq!((restored.last_index, restored.cluster_id.as_str()), (9, "c"));
            assert_eq!(restored.allocs[&id].tasks["t"].generation, 3);
            assert_eq!(restored.jobs[&JobId::default()].id, "j");
            store.remove_alloc(id).unwrap();
            futures::executor::block_on(store.flush()).unwrap();
        }
        let (_, restored) = Store::open(dir.path()).unwrap();
        assert!(restored.allocs.is_empty());
    }

    #[test]
    fn a_snapshot_that_was_being_written_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let id = filled(dir.path());
        std::fs::write(dir.path().join("state/snap.FFFFFFFFFFFFFFFF.generating"), "").unwrap();
        let (_, restored) = Store::open(dir.path()).unwrap();
        assert!(restored.allocs.contains_key(&id));
        assert!(!dir.path().join("state.damaged.0").exists());
    }

    #[test]
    fn a_damaged_store_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        {
            // A row of another kind of program: as unreadable as a torn page, and always the same way.
            let db = sled::Config::new().path(dir.path().join("state")).open().unwrap();
            db.insert(b"\xffnonsense", b"x").unwrap();
            db.flush().unwrap();
        }
        let (_, restored) = Store::open(dir.path()).unwrap();
        assert!(restored.allocs.is_empty());
        assert!(dir.path().join("state.damaged.0").exists());
    }
}
