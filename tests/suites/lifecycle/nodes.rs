//! Nodes that fall silent and come back.

use tests::eventually::eventually;
use tests::job::raw_exec;

use super::{allocs, cluster};

#[tokio::test]
async fn allocations_of_a_lost_node_are_replaced() {
    let mut cluster = cluster(1, 2).await;
    cluster.put(0, "/v1/jobs", &raw_exec("web", "service", 4, "/bin/sleep", &["600"])).await.unwrap();
    let running = allocs(&cluster, "web", "running", 4).await;
    let doomed = running.iter().filter(|alloc| alloc["NodeName"] == "client1").count();
    cluster.kill(1).unwrap();
    let survivors = allocs(&cluster, "web", "running", 4).await;
    eventually("four running on the other node", || async {
        let all = cluster.get(0, "/v1/job/web/allocations").await.unwrap();
        let here = all
            .as_array()
            .unwrap()
            .iter()
            .filter(|alloc| alloc["ClientStatus"] == "running" && alloc["NodeName"] == "client2");
        if here.count() == 4 { Ok(()) } else { Err(all.to_string()) }
    })
    .await;
    assert_eq!(survivors.len(), 4);
    allocs(&cluster, "web", "lost", doomed).await;
    cluster.spawn(1).unwrap();
    cluster.await_ready_nodes(2).await.unwrap();
}
