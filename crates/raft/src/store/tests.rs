//! openraft's own storage suite over the real log, tables and snapshot files.

use std::sync::Arc;
use std::time::Duration;

use openraft::storage::{RaftLogStorage, RaftStateMachine};
use openraft::testing::{StoreBuilder, Suite};
use openraft::{EntryPayload, RaftSnapshotBuilder};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::load;
use super::log::LogStore;
use super::machine::StateMachine;
use crate::disk::Disk;
use crate::type_config::{Entry, StorageError, TypeConfig, log_id};
use crate::wal::{Position, Wal, WalOptions};

struct Builder;

impl StoreBuilder<TypeConfig, LogStore, StateMachine, TempDir> for Builder {
    async fn build(&self) -> Result<(TempDir, LogStore, StateMachine), StorageError> {
        let dir = tempfile::tempdir().unwrap();
        let options = WalOptions {
            disk: Disk::Real,
            dir: dir.path().join("wal"),
            segment_bytes: 64 << 10,
            cache_bytes: 1 << 20,
            durable: false,
            sync_gate: None,
            sync_hook: None,
            fatal: Arc::new(|reason| panic!("fatal: {reason}")),
        };
        let (wal, opened) = Wal::open(options).unwrap();
        let start = load::load((&Disk::Real, dir.path()), &wal, false, Duration::from_secs(20)).unwrap();
        let machine = StateMachine { machine: Arc::new(start.machine) };
        Ok((dir, LogStore::new(wal, opened.vote, None), machine))
    }
}

#[test]
fn the_storage_suite_of_openraft_passes() {
    Suite::test_all(Builder).unwrap();
}

/// A server that was killed between the two could not start: it would have neither the log nor the state.
#[tokio::test]
async fn the_log_stays_until_the_snapshot_that_replaces_it_is_installed() {
    let upto = log_id(Position { term: 1, index: 5, ..Position::default() });
    let (_one_dir, _, mut one) = Builder.build().await.unwrap();
    let entries = (1..=5).map(|index| Entry {
        log_id: log_id(Position { term: 1, index, ..Position::default() }),
        payload: EntryPayload::Blank,
    });
    one.apply(entries).await.unwrap();
    let mut built = one.build_snapshot().await.unwrap();
    let mut bytes = Vec::new();
    built.snapshot.read_to_end(&mut bytes).await.unwrap();

    let (dir, log, mut other) = Builder.build().await.unwrap();
    let mut log = log.of(Arc::clone(&other.machine));
    let purged = tokio::spawn(async move { log.purge(upto).await });
    let mut purged = std::pin::pin!(purged);
    assert!(timeout(Duration::from_millis(100), &mut purged).await.is_err());
    let mut file = other.begin_receiving_snapshot().await.unwrap();
    file.write_all(&bytes).await.unwrap();
    other.install_snapshot(&built.meta, file).await.unwrap();
    timeout(Duration::from_secs(10), purged).await.unwrap().unwrap().unwrap();

    // What breaks off leaves nothing behind.
    drop(other.begin_receiving_snapshot().await.unwrap());
    let left = std::fs::read_dir(dir.path().join("snapshots")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.len() == 1 && left[0].to_string_lossy().ends_with(".snap"), "{left:?}");
}
