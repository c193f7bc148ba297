//! Jobs that a clock launches, every second.

use serde_json::{Value, json};
use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::raw_exec;

use super::cluster;

fn every_second(id: &str, command: &str, args: &[&str], prohibit_overlap: bool) -> Value {
    let mut body = raw_exec(id, "batch", 1, command, args);
    body["Job"]["TaskGroups"][0]["Tasks"][0]["LogConfig"] = json!({ "MaxFiles": 1, "MaxFileSizeMB": 1 });
    body["Job"]["Periodic"] =
        json!({ "Specs": ["* * * * * * *"], "ProhibitOverlap": prohibit_overlap, "TimeZone": "Asia/Tokyo" });
    body
}

/// Children of a job by the second at which they were launched, with their status.
async fn children(cluster: &Cluster, id: &str) -> Vec<(i64, String)> {
    let prefix = format!("{id}/periodic-");
    let jobs = cluster.get(0, &format!("/v1/jobs?prefix={prefix}")).await.unwrap_or_default();
    let child = |job: &Value| {
        assert_eq!((&job["ParentID"], &job["Periodic"]), (&json!(id), &json!(false)));
        let stamp = job["ID"].as_str().unwrap().strip_prefix(&prefix).unwrap().parse().unwrap();
        (stamp, job["Status"].as_str().unwrap().to_owned())
    };
    jobs.as_array().map(|jobs| jobs.iter().map(child).collect()).unwrap_or_default()
}

async fn launched_after(cluster: &Cluster, id: &str, stamp: i64, count: usize) -> Vec<(i64, String)> {
    eventually(&format!("{count} children of {id} that have ended"), || async {
        let all = children(cluster, id).await;
        let ended = all.iter().filter(|(at, status)| *at > stamp && status == "dead").count();
        if ended >= count { Ok(all) } else { Err(format!("{all:?}")) }
    })
    .await
}

#[tokio::test]
async fn a_clock_goes_on_when_the_leader_changes() {
    let mut cluster = cluster(1, 1).await;
    cluster.put(0, "/v1/jobs", &every_second("often", "/bin/true", &[], false)).await.unwrap();
    cluster.put(0, "/v1/jobs", &every_second("long", "/bin/sleep", &["600"], true)).await.unwrap();
    let before = launched_after(&cluster, "often", 0, 3).await;
    let summary = cluster.get(0, "/v1/job/often/summary").await.unwrap();
    assert!(summary["Children"]["Dead"].as_i64().unwrap() >= 3, "{summary}");
    let evals =
        cluster.get(0, &format!("/v1/job/often%2Fperiodic-{}/evaluations", before[0].0)).await.unwrap();
    assert_eq!(evals[0]["TriggeredBy"], "periodic-job");

    cluster.kill(0).unwrap();
    cluster.spawn(0).unwrap();
    cluster.await_ready_nodes(1).await.unwrap();
    let last = before.iter().map(|(at, _)| *at).max().unwrap();
    launched_after(&cluster, "often", last, 3).await;
    // The clock of this one struck as often.
    let long = children(&cluster, "long").await;
    assert_eq!(long.len(), 1, "{long:?}");
    let forced = cluster.put(0, "/v1/job/long/periodic/force", &Value::Null).await.unwrap();
    assert!(!forced["EvalID"].as_str().unwrap().is_empty());
    assert_eq!(children(&cluster, "long").await.len(), 2);
    cluster.delete(0, "/v1/job/often").await.unwrap();
    cluster.delete(0, "/v1/job/long").await.unwrap();
}
