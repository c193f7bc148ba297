//! Bad input gets an error that says what and where, and loses nothing.

use std::process::Command;

use serde_json::json;
use tests::cluster::Cluster;
use tests::job::raw_exec;

use super::{BIN, bin, cluster};

async fn post(cluster: &Cluster, body: impl Into<reqwest::Body>) -> (u16, String) {
    let url = format!("{}/v1/jobs", cluster.address(0));
    let answer = reqwest::Client::new().post(url).body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_refused_with_the_place() {
    let cluster = cluster(1, 0).await;
    assert_eq!(post(&cluster, "").await, (400, "Request body is empty".into()));
    assert_eq!(post(&cluster, "{").await, (400, "unexpected EOF".into()));
    let (status, text) = post(&cluster, r#"{"Job":{"ID":"a","Priority":"high"}}"#).await;
    assert_eq!(status, 400);
    assert!(text.contains("Job.Priority of type int"), "{text}");
    let (status, _) = post(&cluster, vec![b' '; 3 << 20]).await;
    assert_eq!(status, 413);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(post(&cluster, deep).await.0, 400);

    let mut periodic = raw_exec("p", "batch", 1, "/bin/true", &[]);
    periodic["Job"]["Periodic"] = json!({ "Enabled": true, "Spec": "* * * *" });
    let (status, text) = post(&cluster, periodic.to_string()).await;
    assert_eq!(status, 500);
    assert!(text.contains("Invalid cron spec \"* * * *\": missing field(s)"), "{text}");
    let unknown = reqwest::get(format!("{}/v1/volumes/nope", cluster.address(0))).await.unwrap();
    assert_eq!(unknown.status(), 404);
    let not_built =
        reqwest::get(format!("{}/v1/operator/upgrade-check/vault-workload-identity", cluster.address(0)))
            .await
            .unwrap();
    assert_eq!(not_built.status(), 501);
    assert!(cluster.get(0, "/v1/jobs").await.unwrap().as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let mut cluster = Cluster::prepare(bin(), &std::env::temp_dir(), 1).unwrap();
    let port: u16 = cluster.address(0).rsplit(':').next().unwrap().parse().unwrap();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let output =
        Command::new(BIN).args(["agent", "-config"]).arg(cluster.dir().join("server0.hcl")).output().unwrap();
    assert!(!output.status.success());
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(said.contains(&format!("127.0.0.1:{port}")) && said.contains("HTTP"), "{said}");
    cluster.kill(0).unwrap();
}
