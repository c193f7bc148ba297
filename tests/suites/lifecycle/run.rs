//! Services and batch jobs that run, are changed and stopped.

use tests::eventually::eventually;
use tests::job::raw_exec;

use super::{allocs, cluster};

#[tokio::test]
async fn a_service_runs_its_deployment_succeeds_and_it_is_stopped() {
    let cluster = cluster(3, 2).await;
    let leader = cluster.leader().await.unwrap();
    let follower = (0..3).find(|server| *server != leader).unwrap();
    let answer = cluster
        .put(follower, "/v1/jobs", &raw_exec("web", "service", 2, "/bin/sleep", &["600"]))
        .await
        .unwrap();
    assert!(answer["JobModifyIndex"].as_u64() > Some(0));
    allocs(&cluster, "web", "running", 2).await;
    eventually("a successful deployment", || async {
        let deployment = cluster.get(follower, "/v1/job/web/deployment").await.unwrap();
        if deployment["Status"] == "successful" { Ok(()) } else { Err(deployment.to_string()) }
    })
    .await;
    let job = cluster.get(leader, "/v1/job/web").await.unwrap();
    assert_eq!((&job["Status"], &job["Stable"]), (&"running".into(), &true.into()));
    let summary = cluster.get(follower, "/v1/job/web/summary").await.unwrap();
    assert_eq!(summary["Summary"]["g"]["Running"], 2);

    // A changed job is replaced as a whole, under the same names.
    cluster.put(follower, "/v1/jobs", &raw_exec("web", "service", 2, "/bin/sleep", &["601"])).await.unwrap();
    allocs(&cluster, "web", "complete", 2).await;
    let running = allocs(&cluster, "web", "running", 2).await;
    assert!(running.iter().all(|alloc| alloc["JobVersion"] == 1));

    cluster.delete(follower, "/v1/job/web").await.unwrap();
    allocs(&cluster, "web", "complete", 4).await;
    assert_eq!(cluster.get(leader, "/v1/job/web").await.unwrap()["Status"], "dead");
    let unknown = cluster.delete(leader, "/v1/job/none").await.unwrap();
    assert_eq!(unknown["EvalID"], "", "stopping what nobody knows is no error");
}

#[tokio::test]
async fn a_batch_job_completes_and_tells_how() {
    let cluster = cluster(1, 1).await;
    cluster.put(0, "/v1/jobs", &raw_exec("bat", "batch", 3, "/bin/true", &[])).await.unwrap();
    let done = allocs(&cluster, "bat", "complete", 3).await;
    let events = done[0]["TaskStates"]["main"]["Events"].as_array().unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event["Type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Received", "Task Setup", "Started", "Terminated"]);
    assert_eq!(events[3]["Details"]["exit_code"], "0");
    eventually("a dead job", || async {
        let job = cluster.get(0, "/v1/job/bat").await.unwrap();
        if job["Status"] == "dead" { Ok(()) } else { Err(job["Status"].to_string()) }
    })
    .await;
}
