//! What finds no room waits, says why, and is placed when room comes.

use serde_json::json;
use tests::eventually::eventually;
use tests::job::raw_exec;

use super::{allocs, cluster};

#[tokio::test]
async fn a_node_that_fits_wakes_what_waits() {
    let mut cluster = cluster(1, 1).await;
    let mut body = raw_exec("picky", "service", 1, "/bin/sleep", &["600"]);
    body["Job"]["Constraints"] = json!([{ "LTarget": "${meta.rack}", "Operand": "=", "RTarget": "r7" }]);
    cluster.put(0, "/v1/jobs", &body).await.unwrap();
    let blocked = eventually("a blocked evaluation", || async {
        let evals = cluster.get(0, "/v1/job/picky/evaluations").await.unwrap();
        let found = evals.as_array().unwrap().iter().find(|eval| eval["Status"] == "blocked").cloned();
        found.ok_or_else(|| evals.to_string())
    })
    .await;
    let failed = &blocked["FailedTGAllocs"]["g"];
    assert_eq!(failed["ConstraintFiltered"]["${meta.rack} = r7"], 1);
    assert_eq!((&failed["NodesEvaluated"], &failed["NodesAvailable"]["dc1"]), (&1.into(), &1.into()));
    cluster.add_client("  meta {\n    rack = \"r7\"\n  }\n").unwrap();
    allocs(&cluster, "picky", "running", 1).await;
}

#[tokio::test]
async fn an_allocation_that_ends_makes_room() {
    let mut cluster = cluster(1, 0).await;
    cluster.add_client("  cpu_total_compute = 1000\n").unwrap();
    cluster.await_ready_nodes(1).await.unwrap();
    let sized = |id: &str| {
        let mut body = raw_exec(id, "service", 1, "/bin/sleep", &["600"]);
        body["Job"]["TaskGroups"][0]["Tasks"][0]["Resources"]["CPU"] = json!(600);
        body
    };
    cluster.put(0, "/v1/jobs", &sized("first")).await.unwrap();
    allocs(&cluster, "first", "running", 1).await;
    cluster.put(0, "/v1/jobs", &sized("second")).await.unwrap();
    eventually("a blocked evaluation", || async {
        let evals = cluster.get(0, "/v1/job/second/evaluations").await.unwrap();
        let blocked = evals.as_array().unwrap().iter().any(|eval| {
            eval["Status"] == "blocked" && eval["FailedTGAllocs"]["g"]["DimensionExhausted"]["cpu"] == 1
        });
        if blocked { Ok(()) } else { Err(evals.to_string()) }
    })
    .await;
    cluster.delete(0, "/v1/job/first").await.unwrap();
    allocs(&cluster, "second", "running", 1).await;
}
