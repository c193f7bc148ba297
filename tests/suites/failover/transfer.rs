//! An operator hands the leadership to a server of choice.

use serde_json::json;
use tests::eventually::eventually;
use tests::job::unplaceable;

use super::servers;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_leadership_goes_where_an_operator_wants_it() {
    let cluster = servers(3).await;
    cluster.put(0, "/v1/jobs", &unplaceable("before")).await.unwrap();
    for _ in 0..2 {
        let leader = cluster.leader().await.unwrap();
        let configuration = cluster.get(leader, "/v1/operator/raft/configuration").await.unwrap();
        let servers = configuration["Servers"].as_array().unwrap();
        let other = servers.iter().find(|server| server["Leader"] == false).unwrap();
        let path = format!("/v1/operator/raft/transfer-leadership?id={}", other["ID"].as_str().unwrap());
        // Asked of any server: the leader is who answers.
        let asked = cluster.addresses()[(leader + 1) % 3].clone();
        let answer = reqwest::Client::new().put(format!("{asked}{path}")).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        eventually("the chosen server to lead", || async {
            let address =
                cluster.get(leader, "/v1/status/leader").await.map_err(|error| error.to_string())?;
            if address == other["Address"] { Ok(()) } else { Err(address.to_string()) }
        })
        .await;
        cluster.put(leader, "/v1/jobs", &unplaceable("after")).await.unwrap();
    }
    let jobs = cluster.get(0, "/v1/jobs").await.unwrap();
    let ids: Vec<_> = jobs.as_array().unwrap().iter().map(|job| job["ID"].clone()).collect();
    assert_eq!(json!(ids), json!(["after", "before"]));
}
