//! An operator takes a server out that lives, the leader even, and says who leads.

use serde_json::Value;
use tests::eventually::eventually;
use tests::job::unplaceable;

use super::{id_of, load, load::Load, peers, servers, succeeds, voters};

const OUT: &str = "this server was removed from its cluster";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_server_stays_out_until_it_is_wiped() {
    let mut cluster = servers(3).await;
    cluster.add_server().unwrap();
    let before = voters(&cluster, &[0, 1, 2, 3]).await;
    // First one that leads, then one that follows.
    let first = cluster.leader().await.unwrap();
    let rest: Vec<usize> = (0..4).filter(|server| *server != first).collect();
    let remove = |id: &str, asked: usize| {
        succeeds(&cluster, asked, &["operator", "raft", "remove-peer", "-peer-id", id]);
    };
    remove(&id_of(&before, first), rest[0]);
    eventually("the others to lead", || async {
        let leader = cluster.leader().await.map_err(|error| error.to_string())?;
        if rest.contains(&leader) { Ok(()) } else { Err(leader.to_string()) }
    })
    .await;
    eventually("the removed server to know", || async {
        if cluster.log(first).contains(OUT) { Ok(()) } else { Err(first) }
    })
    .await;
    cluster.put(rest[1], "/v1/jobs", &unplaceable("without")).await.unwrap();
    // It remembers.
    cluster.kill(first).unwrap();
    let said = cluster.log(first).matches(OUT).count();
    cluster.spawn(first).unwrap();
    eventually("the removed server to know again", || async {
        if cluster.log(first).matches(OUT).count() > said { Ok(()) } else { Err(first) }
    })
    .await;
    cluster.kill(first).unwrap();
    voters(&cluster, &rest).await;
    cluster.wipe(first).unwrap();
    cluster.spawn(first).unwrap();
    let after = voters(&cluster, &[0, 1, 2, 3]).await;
    assert_ne!(id_of(&after, first), id_of(&before, first));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_leadership_is_handed_over_under_load() {
    let cluster = servers(3).await;
    let load = Load::start(&cluster, 4);
    for _ in 0..3 {
        load.progress(30).await;
        let leader = cluster.leader().await.unwrap();
        let to = (leader + 1) % 3;
        let id = id_of(&peers(&cluster).await.unwrap(), to);
        let told = succeeds(&cluster, leader, &["operator", "raft", "transfer-leadership", "-peer-id", &id]);
        assert_eq!(told, format!("Transferred leadership to peer with id \"{id}\"\n"));
        eventually("the chosen server to lead", || async {
            let own = cluster.get(to, "/v1/agent/self").await.unwrap_or(Value::Null);
            if own["stats"]["nomad"]["leader"] == "true" { Ok(()) } else { Err(own["stats"].to_string()) }
        })
        .await;
    }
    load::nothing_lost(&cluster, &load.end().await).await;
}
