//! openraft's own storage suite over the real log, tables and snapshot files.

use std::sync::Arc;
use std::time::Duration;

use openraft::testing::{StoreBuilder, Suite};
use tempfile::TempDir;

use super::load;
use super::log::LogStore;
use super::machine::StateMachine;
use crate::disk::Disk;
use crate::type_config::{StorageError, TypeConfig};
use crate::wal::{Wal, WalOptions};

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
        Ok((dir, LogStore::new(wal, opened.vote), machine))
    }
}

#[test]
fn the_storage_suite_of_openraft_passes() {
    Suite::test_all(Builder).unwrap();
}
