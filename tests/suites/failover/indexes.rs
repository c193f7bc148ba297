//! The clients' index: one counter for all servers, kept over restarts, and what blocking queries wait for.

use std::time::Duration;

use serde_json::json;
use tests::job::unplaceable;

use super::servers;

#[tokio::test]
async fn check_and_set_holds_through_every_server_and_a_restart() {
    let mut cluster = servers(3).await;
    let first =
        cluster.put(0, "/v1/jobs", &unplaceable("cas")).await.unwrap()["JobModifyIndex"].as_u64().unwrap();
    let mut change = unplaceable("cas");
    change["Job"]["Priority"] = json!(60);
    change["EnforceIndex"] = json!(true);
    change["JobModifyIndex"] = json!(first + 1000);
    let refused = cluster.put(1, "/v1/jobs", &change).await.unwrap_err().to_string();
    assert!(refused.contains("Enforcing job modify index"), "{refused}");
    for server in 0..3 {
        cluster.kill(server).unwrap();
    }
    for server in 0..3 {
        cluster.spawn(server).unwrap();
    }
    cluster.leader().await.unwrap();
    change["JobModifyIndex"] = json!(first);
    let second = cluster.put(2, "/v1/jobs", &change).await.unwrap()["JobModifyIndex"].as_u64().unwrap();
    assert!(second > first, "an index never comes back");
}

#[tokio::test]
async fn a_blocking_query_wakes_for_its_table_and_not_before() {
    let cluster = servers(3).await;
    let index = cluster.put(0, "/v1/jobs", &unplaceable("a")).await.unwrap()["Index"].as_u64().unwrap();
    let seen = cluster.get(1, "/v1/job/a").await.unwrap()["ModifyIndex"].as_u64().unwrap();
    assert!(seen >= index);
    let url = |wait: &str| format!("{}/v1/job/a?index=100000&wait={wait}", cluster.address(1));
    let timed_out = reqwest::get(url("100ms")).await.unwrap();
    assert_eq!(timed_out.status(), 200, "running out of time is no error");
    let job = cluster.get(1, "/v1/job/a").await.unwrap()["ModifyIndex"].as_u64().unwrap();
    let waiting = tokio::spawn(reqwest::get(format!("{}/v1/job/a?index={job}&wait=30s", cluster.address(1))));
    let mut change = unplaceable("a");
    change["Job"]["Priority"] = json!(70);
    cluster.put(2, "/v1/jobs", &change).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap().unwrap();
    let woken: u64 = answer.headers()["x-nomad-index"].to_str().unwrap().parse().unwrap();
    assert!(woken > job);
}
