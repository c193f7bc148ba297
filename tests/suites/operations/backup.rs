//! Backups that are taken while others write: each one holds everything that was acknowledged before it began.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::{load, load::Load, servers, succeeds_at_last};

const BACKUPS: usize = 6;
const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_backup_taken_while_writing_restores() {
    let cluster = servers(3).await;
    let dir = tempfile::tempdir().unwrap();
    let load = Load::start(&cluster, WRITERS);
    load.progress(50).await;
    let mut backups: Vec<(PathBuf, BTreeSet<String>)> = Vec::new();
    let mut clock = tokio::time::interval(Duration::from_secs(1));
    for number in 0..BACKUPS {
        clock.tick().await;
        let before = load.acknowledged();
        let file = dir.path().join(format!("{number}.snap"));
        let save = ["operator", "snapshot", "save", &file.display().to_string()];
        let told = succeeds_at_last(&cluster, number % 3, &save).await;
        assert!(told.contains("State file written to"), "{told}");
        load.progress(5).await;
        backups.push((file, before));
    }
    let all = load.end().await;
    assert!(backups.windows(2).all(|two| two[0].1.len() < two[1].1.len()), "nothing was written meanwhile");
    drop(cluster);
    for (number, (file, before)) in backups.iter().enumerate() {
        // The last one comes back to three servers, which costs more than it shows for the others.
        let fresh = servers(if number + 1 == BACKUPS { 3 } else { 1 }).await;
        let restore = ["operator", "snapshot", "restore", &file.display().to_string()];
        succeeds_at_last(&fresh, 0, &restore).await;
        load::nothing_lost(&fresh, before).await;
        let stored = load::stored(&fresh).await;
        let unknown: Vec<_> = stored.difference(&all).collect();
        // Each writer may have had one write under way when it was told to stop.
        assert!(unknown.len() <= WRITERS, "nobody wrote {unknown:?}");
    }
}
