//! A fourth and a fifth server join while others write, first as learners.

use super::{load, load::Load, servers, voters};

const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fourth_and_a_fifth_server_join_and_carry_the_cluster() {
    let mut cluster = servers(3).await;
    let load = Load::start(&cluster, WRITERS);
    load.progress(100).await;
    assert_eq!(cluster.add_server().unwrap(), 3);
    voters(&cluster, &[0, 1, 2, 3]).await;
    assert_eq!(cluster.add_server().unwrap(), 4);
    voters(&cluster, &[0, 1, 2, 3, 4]).await;
    let said: String = (0..5).map(|server| cluster.log(server)).collect();
    for new in ["server3", "server4"] {
        let lines =
            |what: &str| said.lines().filter(|line| line.contains(what) && line.contains(new)).count();
        assert!(lines("adding a server as learner") > 0, "{new} was no learner first");
        assert!(lines("a server becomes a voter") > 0, "{new} became a voter of itself");
    }
    load.progress(20).await;
    // Two of the first three, the leader among them: without the new ones nothing would go on.
    let leader = cluster.leader().await.unwrap();
    let others = (0..5).filter(|server| *server != leader);
    let second = others.min().unwrap();
    for server in [leader, second] {
        cluster.kill(server).unwrap();
    }
    load.progress(20).await;
    load::nothing_lost(&cluster, &load.end().await).await;
}
