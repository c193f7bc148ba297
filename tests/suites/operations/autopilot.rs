//! A server that is gone leaves the membership by itself, and comes back when it is not.

use serde_json::json;
use tests::cluster::Cluster;
use tests::job::unplaceable;

use super::{id_of, servers, succeeds, voters};

/// Gives servers up that have been silent for two seconds.
fn impatient(cluster: &Cluster) {
    let flags = ["-cleanup-dead-servers=true", "-server-stabilization-time=2s"];
    succeeds(cluster, 0, &[&["operator", "autopilot", "set-config"], &flags[..]].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_leaves_the_membership_and_may_come_back() {
    let mut cluster = servers(3).await;
    cluster.add_server().unwrap();
    let before = voters(&cluster, &[0, 1, 2, 3]).await;
    impatient(&cluster);
    let leader = cluster.leader().await.unwrap();
    let gone = (leader + 1) % 4;
    let left: Vec<usize> = (0..4).filter(|server| *server != gone).collect();
    cluster.kill(gone).unwrap();
    voters(&cluster, &left).await;
    cluster.put(leader, "/v1/jobs", &unplaceable("without")).await.unwrap();
    // With what it has on disk, which says that it is a member.
    cluster.spawn(gone).unwrap();
    let after = voters(&cluster, &[0, 1, 2, 3]).await;
    assert_eq!(id_of(&after, gone), id_of(&before, gone));
    tests::eventually::eventually("what was written without it", || async {
        cluster.get(gone, "/v1/job/without?stale").await.map_err(|error| error.to_string())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_the_dead_one_stays_until_there_is_one_in_its_place() {
    let mut cluster = servers(3).await;
    impatient(&cluster);
    let leader = cluster.leader().await.unwrap();
    let dead = (leader + 1) % 3;
    cluster.kill(dead).unwrap();
    let new = cluster.add_server().unwrap();
    let left: Vec<usize> = (0..=new).filter(|server| *server != dead).collect();
    voters(&cluster, &left).await;
    let said: String = left.iter().map(|server| cluster.log(*server)).collect();
    let position = |what: &str| said.find(what).unwrap_or_else(|| panic!("nobody said: {what}"));
    position("a server is gone and leaves the membership");
    let health = cluster.get(left[0], "/v1/operator/autopilot/health").await.unwrap();
    assert_eq!((&health["Healthy"], &health["FailureTolerance"]), (&json!(true), &json!(1)), "{health}");
}
