//! Why a job is where it is, and what would be if: asked of the real thing.

use serde_json::json;
use tests::job::raw_exec;

use super::{allocs, cluster};

#[tokio::test]
async fn a_placement_and_what_is_missing_are_explained() {
    let cluster = cluster(1, 1).await;
    let mut body = raw_exec("web", "service", 2, "/bin/sleep", &["600"]);
    cluster.put(0, "/v1/jobs", &body).await.unwrap();
    let running = allocs(&cluster, "web", "running", 2).await;
    let told = cluster.get(0, "/v1/job/web/explain").await.unwrap();
    let group = &told["Groups"][0];
    assert_eq!(group["Summary"], "2 of 2 are placed", "{told}");
    let why = group["Placements"][0]["Why"].as_str().unwrap();
    assert!(why.starts_with("the only node that was looked at, with a score of "), "{told}");
    let eval = running[0]["EvalID"].as_str().unwrap();
    let evaluated = cluster.get(0, &format!("/v1/evaluation/{eval}/explain")).await.unwrap();
    assert_eq!(evaluated["Groups"]["g"]["Placements"].as_array().unwrap().len(), 2, "{evaluated}");

    // More than any node has.
    body["Job"]["ID"] = json!("large");
    body["Job"]["Name"] = json!("large");
    body["Job"]["TaskGroups"][0]["Tasks"][0]["Resources"] = json!({ "CPU": 20, "MemoryMB": 900_000_000 });
    cluster.put(0, "/v1/jobs", &body).await.unwrap();
    let told = cluster.get(0, "/v1/job/large/explain").await.unwrap();
    let summary = told["Groups"][0]["Summary"].as_str().unwrap();
    assert!(
        summary.starts_with("0 of 2 are placed; no node has room, and the nearest, client1, lacks "),
        "{told}"
    );
    assert!(summary.ends_with(" MiB of memory"), "{told}");
}

#[tokio::test]
async fn a_lost_node_is_only_imagined() {
    let cluster = cluster(1, 1).await;
    let body = raw_exec("web", "service", 1, "/bin/sleep", &["600"]);
    cluster.put(0, "/v1/jobs", &body).await.unwrap();
    let running = allocs(&cluster, "web", "running", 1).await;
    let node = running[0]["NodeID"].as_str().unwrap();
    let lost = json!({ "LostNode": &node[..8] });
    let told = cluster.put(0, "/v1/operator/whatif", &lost).await.unwrap();
    assert_eq!(
        (&told["Moves"][0]["AllocID"], &told["Moves"][0]["To"]),
        (&running[0]["ID"], &json!("")),
        "{told}"
    );
    assert_eq!(
        (&told["Unplaced"][0]["JobID"], &told["Unplaced"][0]["Count"]),
        (&json!("web"), &json!(1)),
        "{told}"
    );
    let both = json!({ "LostNode": node, "NewNode": { "Like": node, "Count": 1 } });
    let told = cluster.put(0, "/v1/operator/whatif", &both).await.unwrap();
    assert!(told["Unplaced"].as_array().unwrap().is_empty(), "{told}");
    assert_ne!(told["Moves"][0]["To"], "", "{told}");
    // Nothing has happened.
    let after = allocs(&cluster, "web", "running", 1).await;
    assert_eq!(after[0]["ID"], running[0]["ID"]);
}
