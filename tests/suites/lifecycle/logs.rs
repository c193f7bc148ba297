//! Logs, through a server that does not hold the session of the allocation's node.

use tests::eventually::eventually;
use tests::job::raw_exec;

use super::{allocs, cluster};

#[tokio::test]
async fn logs_come_through_every_server() {
    let cluster = cluster(3, 1).await;
    let body = raw_exec("talk", "batch", 1, "/bin/sh", &["-c", "echo to out; echo to err >&2"]);
    cluster.put(1, "/v1/jobs", &body).await.unwrap();
    let done = allocs(&cluster, "talk", "complete", 1).await;
    let id = done[0]["ID"].as_str().unwrap();
    for server in 0..3 {
        for (stream, text) in [("stdout", "to out\n"), ("stderr", "to err\n")] {
            let url = format!(
                "{}/v1/client/fs/logs/{id}?task=main&type={stream}&origin=start&plain=true",
                cluster.address(server)
            );
            eventually(&format!("{stream} through server {server}"), || async {
                let answer = reqwest::get(&url).await.map_err(|error| error.to_string())?;
                let found = answer.text().await.map_err(|error| error.to_string())?;
                if found == text { Ok(()) } else { Err(found) }
            })
            .await;
        }
    }
    let logs = |id: &str| format!("{}/v1/client/fs/logs/{id}?task=main&type=stdout", cluster.address(0));
    let nobody = "00000000-0000-0000-0000-000000000000";
    assert_eq!(reqwest::get(logs(nobody)).await.unwrap().status(), 404);
    assert_eq!(reqwest::get(logs("no-id")).await.unwrap().status(), 500);
}
