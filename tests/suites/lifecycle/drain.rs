//! Nodes that operators drain.

use serde_json::{Value, json};
use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::raw_exec;

use super::{allocs, cluster};

const SECOND: i64 = 1_000_000_000;

fn job(id: &str, kind: &str, count: u64, script: &str) -> Value {
    let mut body = raw_exec(id, kind, count, "/bin/sh", &["-c", script]);
    let group = &mut body["Job"]["TaskGroups"][0];
    group["Tasks"][0]["LogConfig"] = json!({ "MaxFiles": 1, "MaxFileSizeMB": 1 });
    group["Tasks"][0]["KillTimeout"] = json!(SECOND);
    if kind == "service" {
        group["Migrate"] =
            json!({ "MaxParallel": 2, "MinHealthyTime": SECOND / 20, "HealthCheck": "task_states" });
    }
    body
}

async fn node_named(cluster: &Cluster, name: &str) -> String {
    let nodes = cluster.get(0, "/v1/nodes").await.unwrap();
    let found = nodes.as_array().unwrap().iter().find(|node| node["Name"] == name);
    found.unwrap()["ID"].as_str().unwrap().to_owned()
}

/// Drains a node and waits until that is done; answers the node.
async fn drained(cluster: &Cluster, node: &str, deadline_ns: i64) -> Value {
    let spec = json!({ "DrainSpec": { "Deadline": deadline_ns } });
    cluster.put(0, &format!("/v1/node/{node}/drain"), &spec).await.unwrap();
    eventually("the end of the drain", || async {
        let now = cluster.get(0, &format!("/v1/node/{node}")).await.unwrap();
        if now["LastDrain"]["Status"] == "complete" { Ok(now) } else { Err(now["LastDrain"].to_string()) }
    })
    .await
}

#[tokio::test]
async fn services_move_to_another_node() {
    let cluster = cluster(1, 2).await;
    cluster.put(0, "/v1/jobs", &job("web", "service", 4, "sleep 600")).await.unwrap();
    let running = allocs(&cluster, "web", "running", 4).await;
    let moved = running.iter().filter(|alloc| alloc["NodeName"] == "client1").count();
    let node = node_named(&cluster, "client1").await;
    let after = drained(&cluster, &node, 3_600 * SECOND).await;
    assert_eq!((&after["Drain"], &after["SchedulingEligibility"]), (&json!(false), &json!("ineligible")));
    assert_eq!(after["Events"].as_array().unwrap().last().unwrap()["Message"], "Node drain complete");
    let left = allocs(&cluster, "web", "complete", moved).await;
    assert!(left.iter().all(|alloc| alloc["DesiredDescription"] == "alloc is being migrated"), "{left:?}");
    let running = allocs(&cluster, "web", "running", 4).await;
    assert!(running.iter().all(|alloc| alloc["NodeName"] == "client2"), "{running:?}");
    if moved > 0 {
        let evals = cluster.get(0, "/v1/job/web/evaluations").await.unwrap();
        assert!(evals.as_array().unwrap().iter().any(|eval| eval["TriggeredBy"] == "node-drain"), "{evals}");
    }
}

#[tokio::test]
async fn the_deadline_stops_what_does_not_end() {
    let cluster = cluster(1, 1).await;
    cluster
        .put(0, "/v1/jobs", &job("work", "batch", 1, "trap '' TERM; sleep 600 & wait; sleep 600"))
        .await
        .unwrap();
    allocs(&cluster, "work", "running", 1).await;
    let node = node_named(&cluster, "client1").await;
    let after = drained(&cluster, &node, SECOND).await;
    let last = after["Events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["Details"]["deadline_reached"], "true", "{last}");
    eventually("the end of the allocation", || async {
        let all = cluster.get(0, "/v1/job/work/allocations").await.unwrap();
        let status = all[0]["ClientStatus"].clone();
        if status == "complete" || status == "failed" { Ok(()) } else { Err(all.to_string()) }
    })
    .await;
    // Nothing takes it until the node may take work again.
    eventually("a blocked evaluation", || async {
        let evals = cluster.get(0, "/v1/job/work/evaluations").await.unwrap();
        let blocked = evals.as_array().unwrap().iter().any(|eval| eval["Status"] == "blocked");
        if blocked { Ok(()) } else { Err(evals.to_string()) }
    })
    .await;
    let eligible = json!({ "Eligibility": "eligible" });
    cluster.put(0, &format!("/v1/node/{node}/eligibility"), &eligible).await.unwrap();
    allocs(&cluster, "work", "running", 1).await;
}
