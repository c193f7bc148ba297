//! N servers form exactly one cluster: in any order of starts, with restarts between, and with one that was wiped.

use std::collections::BTreeSet;

use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::unplaceable;

use super::{bin, servers};

async fn names(cluster: &Cluster, server: usize) -> Result<BTreeSet<String>, String> {
    let path = "/v1/operator/raft/configuration";
    let configuration = cluster.get(server, path).await.map_err(|error| error.to_string())?;
    let servers = configuration["Servers"].as_array().unwrap();
    Ok(servers.iter().map(|server| format!("{}={}", server["Node"], server["ID"])).collect())
}

async fn agree(cluster: &Cluster) {
    eventually("three servers that list the same three", || async {
        let lists = [names(cluster, 0).await?, names(cluster, 1).await?, names(cluster, 2).await?];
        if lists[0].len() == 3 && lists.iter().all(|list| *list == lists[0]) {
            Ok(())
        } else {
            Err(format!("{lists:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn servers_that_start_one_after_the_other_with_a_restart_between_form_one_cluster() {
    let mut cluster = Cluster::prepare(bin(), &std::env::temp_dir(), 3).unwrap();
    cluster.spawn(2).unwrap();
    eventually("a server that listens", || async {
        cluster.get(2, "/v1/agent/members").await.map_err(|error| error.to_string())
    })
    .await;
    cluster.kill(2).unwrap();
    cluster.spawn(0).unwrap();
    cluster.spawn(2).unwrap();
    cluster.spawn(1).unwrap();
    agree(&cluster).await;
    let leader = cluster.leader().await.unwrap();
    cluster.put(leader, "/v1/jobs", &unplaceable("formed")).await.unwrap();
}

#[tokio::test]
async fn a_wiped_server_rejoins_under_its_name() {
    let mut cluster = servers(3).await;
    agree(&cluster).await;
    let leader = cluster.leader().await.unwrap();
    cluster.put(leader, "/v1/jobs", &unplaceable("kept")).await.unwrap();
    let wiped = (leader + 1) % 3;
    let before = names(&cluster, leader).await.unwrap();
    cluster.kill(wiped).unwrap();
    cluster.wipe(wiped).unwrap();
    cluster.spawn(wiped).unwrap();
    eventually("a new id under the old name", || async {
        let now = names(&cluster, leader).await?;
        if now.len() == 3 && now != before { Ok(()) } else { Err(format!("{now:?}")) }
    })
    .await;
    eventually("the job on the wiped server", || async {
        cluster.get(wiped, "/v1/job/kept?stale").await.map_err(|error| error.to_string())
    })
    .await;
}
