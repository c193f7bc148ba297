//! Snapshots, purged logs, tables on disk, and what happens when they are damaged.

use std::fs;
use std::path::PathBuf;

use raft::{Options, StateSource};

use crate::server::{Server, eventually, leader, noop, put_key, settle, stop_all, three, write};

fn often(options: &mut Options) {
    options.snapshot_after_entries = 100;
    options.keep_entries = 20;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lagging_follower_gets_a_snapshot() {
    let mut servers = three([0, 1, 2], often).await;
    let at = leader(&servers).await;
    let behind = (at + 1) % 3;
    write(&servers, noop()).await;
    servers[behind].stop().await;
    for number in 0..700 {
        write(&servers, put_key(&format!("key-{}", number % 40), 2_000)).await;
    }
    write(&servers, put_key("large", 6 << 20)).await;
    for _ in 0..300 {
        write(&servers, noop()).await;
    }
    eventually("the leader's log is purged", || {
        servers
            .iter()
            .filter(|server| server.is_leader())
            .all(|server| server.raft().stats().purged_log_index.is_some_and(|purged| purged > 500))
    })
    .await;
    servers[behind].start().await;
    eventually("the follower has a snapshot", || {
        servers[behind].raft().stats().snapshot_log_index.is_some_and(|snapshot| snapshot > 500)
    })
    .await;
    settle(&servers).await;
    // What was installed is also what it starts from.
    servers[behind].stop().await;
    servers[behind].start().await;
    assert_ne!(servers[behind].raft().stats().state_source, StateSource::Empty);
    write(&servers, noop()).await;
    settle(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_reads_the_tables_and_replays_only_what_is_newer() {
    let mut servers = vec![Server::new("alone", 1).await];
    servers[0].start().await;
    for number in 0..300 {
        write(&servers, put_key(&format!("key-{}", number % 50), 20_000)).await;
    }
    let rows: Vec<_> = servers[0].raft().state().rows().collect();
    servers[0].stop().await;
    servers[0].start().await;
    let stats = servers[0].raft().stats();
    assert_eq!(stats.state_source, StateSource::Tables, "{stats:?}");
    assert!(stats.replayed_on_start < 100, "{stats:?}");
    assert!(servers[0].raft().state().rows().eq(rows.iter().cloned()));

    // Damaged tables are set aside; nothing is lost.
    servers[0].stop().await;
    let tables = servers[0].dir.path().join("data/raft/tables/0/db");
    let mut bytes = fs::read(&tables).unwrap();
    for offset in (0..bytes.len()).step_by(1_000) {
        bytes[offset] ^= 0xFF;
    }
    fs::write(&tables, bytes).unwrap();
    servers[0].start().await;
    let stats = servers[0].raft().stats();
    assert_eq!(stats.state_source, StateSource::Empty, "{stats:?}");
    assert!(servers[0].raft().state().rows().eq(rows.iter().cloned()));
    // They are filled again, without a restart.
    write(&servers, noop()).await;
    servers[0].stop().await;
    servers[0].start().await;
    assert_eq!(servers[0].raft().stats().state_source, StateSource::Tables);
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_snapshot_gives_way_to_the_one_before() {
    let mut servers = vec![Server::new("alone", 1).await.with(|options| {
        options.snapshot_after_entries = 1_000_000;
    })];
    servers[0].start().await;
    for round in 0..2_u64 {
        for number in 0..50 {
            write(&servers, put_key(&format!("key-{number}"), 500)).await;
        }
        let before = servers[0].raft().stats().snapshot_log_index;
        servers[0].raft().take_snapshot().await.unwrap();
        eventually("a snapshot", || servers[0].raft().stats().snapshot_log_index > before).await;
        assert_eq!(snapshots(&servers[0]).len() as u64, round + 1);
    }
    let rows: Vec<_> = servers[0].raft().state().rows().collect();
    servers[0].stop().await;
    let newest = snapshots(&servers[0]).pop().unwrap();
    let mut bytes = fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&newest, bytes).unwrap();
    fs::remove_dir_all(servers[0].dir.path().join("data/raft/tables")).unwrap();
    servers[0].start().await;
    let stats = servers[0].raft().stats();
    assert_eq!(stats.state_source, StateSource::Snapshot, "{stats:?}");
    assert!(stats.replayed_on_start >= 50, "{stats:?}");
    assert!(servers[0].raft().state().rows().eq(rows.iter().cloned()));
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_restarts_with_a_purged_log() {
    let mut servers = vec![Server::new("alone", 1).await.with(often)];
    let mut expected = 0;
    for _ in 0..5 {
        servers[0].start().await;
        assert_eq!(servers[0].index(), expected);
        for number in 0..250 {
            expected = write(&servers, put_key(&format!("key-{}", number % 30), 3_000)).await.index;
        }
        servers[0].stop().await;
    }
    assert!(snapshots(&servers[0]).len() <= 2);
    stop_all(&mut servers).await;
}

fn snapshots(server: &Server) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(server.dir.path().join("data/raft/snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "snap"))
        .collect();
    paths.sort();
    paths
}
