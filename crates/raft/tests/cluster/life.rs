//! Writing and reading while servers come and go.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use raft::{ProposeError, SubscriptionError};
use state::Outcome;

use crate::server::{Server, eventually, leader, noop, put_key, settle, stop_all, three, write};

#[tokio::test(flavor = "multi_thread")]
async fn every_command_has_its_own_index_and_outcome() {
    let mut servers = three([0, 1, 2], |_| {}).await;
    let at = leader(&servers).await;
    let mut proposers = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let raft = servers[at].raft().clone();
        proposers.spawn(async move {
            let mut indexes = Vec::new();
            for _ in 0..40 {
                let committed = raft.propose(noop()).await.unwrap();
                assert_eq!(committed.outcome, Outcome::Done);
                indexes.push(committed.index);
            }
            assert!(indexes.is_sorted());
            indexes
        });
    }
    let indexes: BTreeSet<u64> = proposers.join_all().await.into_iter().flatten().collect();
    assert_eq!(indexes.into_iter().collect::<Vec<_>>(), (1..=2560).collect::<Vec<_>>());
    let stats = servers[at].raft().stats();
    assert!(stats.entries_written < 1500, "{} entries for 2560 commands", stats.entries_written);
    settle(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leader_goes_and_everything_acknowledged_stays() {
    let mut servers = three([0, 1, 2], |_| {}).await;
    let mut acknowledged = 0;
    for round in 0..3 {
        for _ in 0..100 {
            acknowledged = write(&servers, put_key("k", 50)).await.index;
        }
        let at = leader(&servers).await;
        servers[at].stop().await;
        let after = write(&servers, noop()).await.index;
        assert!(after > acknowledged, "round {round}");
        servers[at].start().await;
        settle(&servers).await;
    }
    for server in &mut servers {
        server.stop().await;
    }
    for server in &mut servers {
        server.start().await;
    }
    let after = write(&servers, noop()).await.index;
    assert!(after > acknowledged);
    settle(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_reads_what_was_acknowledged_before() {
    let mut servers = three([0, 1, 2], |_| {}).await;
    let at = leader(&servers).await;
    for _ in 0..50 {
        let written = servers[at].raft().propose(noop()).await.unwrap().index;
        for server in &servers {
            assert!(server.raft().read_barrier().await.unwrap() >= written);
            assert!(server.index() >= written);
        }
    }
    for (number, server) in servers.iter().enumerate() {
        if number != at {
            assert_eq!(server.raft().propose(noop()).await, Err(ProposeError::NotLeader));
        }
    }
    assert!(matches!(
        servers[at].raft().propose(put_key("huge", 9 << 20)).await,
        Err(ProposeError::TooLarge { .. })
    ));
    write(&servers, put_key("large", 5 << 20)).await;
    settle(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_while_two_of_three_cannot_sync() {
    let mut servers = three([0, 1, 2], |options| options.propose_timeout_ms = 1_500).await;
    let at = leader(&servers).await;
    write(&servers, noop()).await;
    settle(&servers).await;
    for number in [(at + 1) % 3, (at + 2) % 3] {
        fs::write(servers[number].gate(), b"").unwrap();
    }
    let held = servers[at].raft().propose(noop()).await;
    assert!(matches!(held, Err(ProposeError::Unknown(_))), "{held:?}");
    for server in &servers {
        if server.gate().exists() {
            fs::remove_file(server.gate()).unwrap();
        }
    }
    write(&servers, noop()).await;
    settle(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_off_leader_neither_writes_nor_reads() {
    let mut servers = three([0, 1, 2], |options| {
        options.propose_timeout_ms = 1_500;
        options.read_timeout_ms = 1_000;
    })
    .await;
    let at = leader(&servers).await;
    for number in [(at + 1) % 3, (at + 2) % 3] {
        servers[number].stop().await;
    }
    assert!(servers[at].raft().propose(noop()).await.is_err());
    assert!(servers[at].raft().read_barrier().await.is_err());
    for server in &mut servers {
        if server.raft.is_none() {
            server.start().await;
        }
    }
    write(&servers, noop()).await;
    settle(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_has_no_gap_or_says_so() {
    let mut servers = vec![Server::new("alone", 1).await];
    servers[0].start().await;
    write(&servers, noop()).await;
    let mut slow = servers[0].raft().subscribe(2);
    let mut subscription = servers[0].raft().subscribe(1_000);
    let mut expected = subscription.start().index();
    for number in 0..20 {
        write(&servers, put_key(&format!("k{number}"), 10)).await;
    }
    while expected < 21 {
        let batch =
            tokio::time::timeout(Duration::from_secs(10), subscription.next()).await.unwrap().unwrap();
        assert!(batch.state.index() > expected);
        for (index, _) in &batch.events {
            assert!(*index > expected && *index <= batch.state.index());
        }
        expected = batch.state.index();
    }
    let mut seen = 0;
    let end = loop {
        match slow.next().await {
            Ok(_) => seen += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((seen, end), (2, SubscriptionError::Lagged));
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_core_is_fatal() {
    let mut servers = vec![Server::new("alone", 1).await];
    servers[0].start().await;
    write(&servers, noop()).await;
    std::fs::remove_dir_all(servers[0].dir.path().join("data/raft/wal")).unwrap();
    for _ in 0..20 {
        if servers[0].raft().propose(put_key("k", 400_000)).await.is_err() {
            break;
        }
    }
    eventually("the fatal hook", || !servers[0].fatal.lock().unwrap().is_empty()).await;
    servers[0].stop().await;
}
