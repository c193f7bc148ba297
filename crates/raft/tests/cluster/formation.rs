//! How clusters begin, grow and heal.

use std::time::{Duration, Instant};

use raft::StartError;

use crate::server::{Server, eventually, leader, noop, settle, stop_all, three, write};

#[tokio::test(flavor = "multi_thread")]
async fn three_servers_form_one_cluster_in_any_order() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut servers = three(order, |_| {}).await;
        leader(&servers).await;
        write(&servers, noop()).await;
        eventually("three voters everywhere", || {
            servers
                .iter()
                .all(|server| server.raft().members().iter().filter(|member| member.voter).count() == 3)
        })
        .await;
        let clusters: Vec<_> = servers.iter().map(|server| server.raft().cluster_id()).collect();
        assert!(clusters[0].is_some() && clusters.iter().all(|cluster| *cluster == clusters[0]));
        assert_eq!(servers.iter().filter(|server| server.is_leader()).count(), 1);
        settle(&servers).await;
        stop_all(&mut servers).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_server_begins_at_once_and_goes_on_after_a_restart() {
    let mut servers = vec![Server::new("alone", 1).await];
    servers[0].start().await;
    for number in 1..=100 {
        assert_eq!(write(&servers, noop()).await.index, number);
    }
    let id = servers[0].raft().server_id();
    servers[0].stop().await;
    servers[0].start().await;
    assert_eq!(servers[0].index(), 100, "applied again before start answers");
    assert_eq!(servers[0].raft().server_id(), id);
    assert_eq!(write(&servers, noop()).await.index, 101);
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_server_comes_back_under_its_name() {
    let mut servers = three([0, 1, 2], |_| {}).await;
    let at = (leader(&servers).await + 1) % 3;
    write(&servers, noop()).await;
    let old = servers[at].raft().server_id();
    servers[at].stop().await;
    std::fs::remove_dir_all(servers[at].dir.path().join("data")).unwrap();
    let seeds: Vec<String> = servers.iter().map(|server| server.addr.clone()).collect();
    let name = servers[at].name.clone();
    servers[at] = Server::new(&name, 3).await.seeds(&seeds);
    servers[at].start().await;
    let new = servers[at].raft().server_id();
    assert_ne!(old, new);
    eventually("the new id votes and the old one is gone", || {
        servers.iter().all(|server| {
            let members = server.raft().members();
            members.len() == 3 && members.iter().all(|member| member.voter && member.id != old)
        })
    })
    .await;
    write(&servers, noop()).await;
    settle(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fourth_server_joins_and_is_removed_again() {
    let mut servers = three([0, 1, 2], |_| {}).await;
    leader(&servers).await;
    let seed = servers[1].addr.clone();
    servers.push(Server::new("four", 0).await.seeds(&[seed]));
    servers[3].start().await;
    eventually("four voters", || {
        servers[3].raft().members().iter().filter(|member| member.voter).count() == 4
    })
    .await;
    write(&servers, noop()).await;
    settle(&servers).await;
    let gone = servers[3].raft().server_id();
    let at = leader(&servers).await;
    let at = if at == 3 {
        servers[3].stop().await;
        leader(&servers).await
    } else {
        at
    };
    servers[at].raft().remove_member(gone).await.unwrap();
    assert_eq!(servers[at].raft().members().len(), 3);
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_moved_tells_the_others() {
    let mut servers = three([0, 1, 2], |_| {}).await;
    let at = (leader(&servers).await + 1) % 3;
    servers[at].stop().await;
    servers[at].addr = Server::new("", 0).await.addr;
    let seeds: Vec<String> = servers.iter().map(|server| server.addr.clone()).collect();
    let moved = servers[at].addr.clone();
    for server in &mut servers {
        if server.raft.is_none() {
            server.reseed(&seeds);
            server.start().await;
        }
    }
    eventually("the new address is known everywhere", || {
        servers.iter().all(|server| server.raft().members().iter().any(|member| member.rpc_addr == moved))
    })
    .await;
    write(&servers, noop()).await;
    settle(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unequal_expectations_form_nothing_until_corrected() {
    let mut servers = vec![Server::new("one", 2).await, Server::new("two", 3).await];
    let seed = vec![servers[0].addr.clone()];
    servers[1].reseed(&seed);
    for server in &mut servers {
        server.start().await;
    }
    // Several rounds of greetings: none of them may bring the two together.
    let until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until {
        assert!(servers.iter().all(|server| server.raft().cluster_id().is_none()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    servers[1].stop().await;
    servers[1].expect(2);
    servers[1].start().await;
    leader(&servers).await;
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_of_another_cluster_is_refused_by_name() {
    let mut servers = vec![Server::new("one", 1).await, Server::new("two", 1).await];
    for server in &mut servers {
        server.start().await;
        eventually("its own cluster", || server.is_leader()).await;
    }
    servers[1].stop().await;
    let seed = vec![servers[0].addr.clone()];
    servers[1].reseed(&seed);
    let dir = servers[1].dir.path().join("data");
    match servers[1].try_start().await {
        Err(StartError::OtherCluster { dir: named, .. }) => assert_eq!(named, dir),
        other => panic!("{other:?}"),
    }
    stop_all(&mut servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lost_its_log_does_not_begin_again_as_itself() {
    let mut servers = vec![Server::new("alone", 1).await];
    servers[0].start().await;
    write(&servers, noop()).await;
    servers[0].stop().await;
    std::fs::remove_dir_all(servers[0].dir.path().join("data/raft/wal")).unwrap();
    match servers[0].try_start().await {
        Err(StartError::Identity(error)) => assert!(error.to_string().contains("log"), "{error}"),
        other => panic!("{other:?}"),
    }
}
