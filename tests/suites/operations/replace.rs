//! A dead server is replaced: by a new one with a name of its own, and by a wiped one under the old name.

use super::{id_of, load, load::Load, servers, succeeds, voters};

const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_server_takes_the_place_of_a_dead_one() {
    let mut cluster = servers(3).await;
    let before = voters(&cluster, &[0, 1, 2]).await;
    let load = Load::start(&cluster, WRITERS);
    load.progress(50).await;
    let dead = cluster.leader().await.unwrap();
    cluster.kill(dead).unwrap();
    let new = cluster.add_server().unwrap();
    voters(&cluster, &[0, 1, 2, new]).await;
    let living = cluster.running_servers()[0];
    let id = id_of(&before, dead);
    let told = succeeds(&cluster, living, &["operator", "raft", "remove-peer", "-peer-id", &id]);
    assert_eq!(told, format!("Removed peer with id \"{id}\"\n"));
    let left: Vec<usize> = (0..=new).filter(|server| *server != dead).collect();
    voters(&cluster, &left).await;
    // The three that are left do without one of them again.
    let next = cluster.leader().await.unwrap();
    cluster.kill(next).unwrap();
    load.progress(20).await;
    cluster.spawn(next).unwrap();
    load::nothing_lost(&cluster, &load.end().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wiped_server_takes_its_old_place() {
    let mut cluster = servers(3).await;
    let before = voters(&cluster, &[0, 1, 2]).await;
    let load = Load::start(&cluster, WRITERS);
    load.progress(50).await;
    let wiped = cluster.leader().await.unwrap();
    cluster.kill(wiped).unwrap();
    cluster.wipe(wiped).unwrap();
    cluster.spawn(wiped).unwrap();
    tests::eventually::eventually("another id under the old name", || async {
        let now = super::peers(&cluster).await?;
        let ours = now.iter().filter(|peer| peer.name == format!("server{wiped}") && peer.voter);
        let ids: Vec<String> = ours.map(|peer| peer.id.clone()).collect();
        let new = ids.len() == 1 && ids[0] != id_of(&before, wiped) && now.len() == 3;
        if new { Ok(()) } else { Err(format!("{now:?}")) }
    })
    .await;
    // It counts: with it, one of the others may go.
    let other = (wiped + 1) % 3;
    cluster.kill(other).unwrap();
    load.progress(20).await;
    cluster.spawn(other).unwrap();
    load::nothing_lost(&cluster, &load.end().await).await;
}
