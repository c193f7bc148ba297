//! What the servers hold is saved while they work, and comes back whole: on other servers and on the same.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::{raw_exec, unplaceable};

use super::{bin, servers};

/// Everything that can be listed.
const LISTS: [&str; 10] = [
    "/v1/jobs?namespace=*",
    "/v1/allocations?namespace=*",
    "/v1/evaluations?namespace=*",
    "/v1/deployments?namespace=*",
    "/v1/services?namespace=*",
    "/v1/vars?namespace=*",
    "/v1/nodes",
    "/v1/namespaces",
    "/v1/node/pools",
    "/v1/operator/scheduler/configuration",
];

fn drover(args: &[&str]) -> Output {
    Command::new(bin()).args(args).output().unwrap()
}

fn snapshot(cluster: &Cluster, server: usize, verb: &str, file: &Path) -> Output {
    let address = format!("-address={}", cluster.address(server));
    drover(&["operator", "snapshot", verb, &address, &file.display().to_string()])
}

fn succeeds(output: &Output) {
    let told = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
}

/// All that one server shows.
async fn everything(cluster: &Cluster, server: usize) -> Value {
    let mut all = json!({});
    for list in LISTS {
        all[list] = cluster.get(server, list).await.unwrap();
    }
    for (list, one) in [("/v1/nodes", "node"), ("/v1/allocations?namespace=*", "allocation")] {
        for id in all[list].as_array().unwrap().clone() {
            let path = format!("/v1/{one}/{}", id["ID"].as_str().unwrap());
            all[&path] = cluster.get(server, &path).await.unwrap();
            // The key that is active now: each cluster has its own. The job is compared by itself; within an
            // allocation its status is that of the moment in which it was placed or read from disk.
            for other in ["SigningKeyID", "Job"] {
                all[&path].as_object_mut().unwrap().remove(other);
            }
        }
    }
    for job in all[LISTS[0]].as_array().unwrap().clone() {
        for what in ["", "/versions", "/submission", "/scale", "/summary"] {
            let (id, namespace) = (job["ID"].as_str().unwrap(), job["Namespace"].as_str().unwrap());
            let path = format!("/v1/job/{id}{what}?namespace={namespace}");
            all[&path] = cluster.get(server, &path).await.unwrap_or_else(|error| error.to_string().into());
        }
    }
    all
}

/// The same on every server, and what it is.
async fn agreed(cluster: &Cluster) -> Value {
    let first = everything(cluster, 0).await;
    for server in 1..3 {
        same(&everything(cluster, server).await, &first);
    }
    first
}

fn same(one: &Value, other: &Value) {
    for (path, value) in one.as_object().unwrap() {
        assert_eq!(value, &other[path], "{path}");
    }
    assert_eq!(one.as_object().unwrap().len(), other.as_object().unwrap().len());
}

async fn fill(cluster: &mut Cluster) {
    let client = cluster.add_client("").unwrap();
    cluster.await_ready_nodes(1).await.unwrap();
    for (path, body) in [
        ("/v1/namespace/apps", json!({ "Name": "apps", "Description": "of applications" })),
        ("/v1/node/pool/fast", json!({ "Name": "fast" })),
        ("/v1/var/app/db", json!({ "Items": { "password": "x" } })),
    ] {
        let answer = reqwest::Client::new().put(format!("{}{path}", cluster.address(1))).json(&body).send();
        assert_eq!(answer.await.unwrap().status(), 200, "{path}");
    }
    let mut other = unplaceable("elsewhere");
    other["Job"]["Namespace"] = json!("apps");
    for body in [raw_exec("runs", "service", 2, "/bin/sleep", &["600"]), unplaceable("waits"), other] {
        cluster.put(2, "/v1/jobs", &body).await.unwrap();
    }
    eventually("running allocations", || async {
        let allocs = cluster.get(0, "/v1/job/runs/allocations").await.map_err(|error| error.to_string())?;
        let running = |alloc: &&Value| alloc["ClientStatus"] == "running";
        if allocs.as_array().unwrap().iter().filter(running).count() == 2 {
            Ok(())
        } else {
            Err(allocs.to_string())
        }
    })
    .await;
    let mut twice = unplaceable("waits");
    twice["Job"]["Priority"] = json!(70);
    cluster.put(1, "/v1/jobs", &twice).await.unwrap();
    cluster.kill(client).unwrap();
    settled(cluster, "down").await;
}

/// Waits until the node is so and nothing is left to be decided.
async fn settled(cluster: &Cluster, node: &str) {
    eventually("a quiet cluster", || async {
        let get = |path| async move { cluster.get(0, path).await.map_err(|error| error.to_string()) };
        let (nodes, evals) =
            (get("/v1/nodes").await?, get("/v1/evaluations?namespace=*&status=pending").await?);
        let down = nodes[0]["Status"] == node;
        if down && evals == json!([]) { Ok(()) } else { Err(format!("{nodes} {evals}")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_brings_everything_to_other_servers() {
    let mut old = servers(3).await;
    fill(&mut old).await;
    let dir = tempfile::tempdir().unwrap();
    let (busy, quiet) = (dir.path().join("busy.snap"), dir.path().join("quiet.snap"));

    // Saved while others write: what was acknowledged before is in it.
    let going_on = AtomicBool::new(true);
    let written = async {
        let mut acknowledged = Vec::new();
        while going_on.load(Ordering::Relaxed) {
            let id = format!("job-{}", acknowledged.len());
            old.put(acknowledged.len() % 3, "/v1/jobs", &unplaceable(&id)).await.unwrap();
            acknowledged.push(id);
        }
        acknowledged.len()
    };
    let saved = async {
        eventually("some writes", || async {
            old.get(0, "/v1/job/job-20").await.map(drop).map_err(|error| error.to_string())
        })
        .await;
        let answer = reqwest::get(format!("{}/v1/operator/snapshot", old.address(1))).await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let (digest, index) = (header("digest"), header("x-nomad-index"));
        let bytes = answer.bytes().await.unwrap();
        going_on.store(false, Ordering::Relaxed);
        std::fs::write(&busy, &bytes).unwrap();
        (digest, index, bytes)
    };
    let (count, (digest, index, bytes)) = tokio::join!(written, saved);
    assert!(count > 20 && digest.starts_with("sha-256="), "{digest}");
    let inspected = drover(&["operator", "snapshot", "inspect", "-json", &busy.display().to_string()]);
    succeeds(&inspected);
    let inspected: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(inspected["Meta"]["Index"].to_string(), index);
    assert_eq!(inspected["Meta"]["Size"], bytes.len());

    settled(&old, "down").await;
    succeeds(&snapshot(&old, 2, "save", &quiet));
    let before = agreed(&old).await;

    let mut fresh = servers(3).await;
    fresh.put(0, "/v1/jobs", &unplaceable("of-the-fresh")).await.unwrap();
    let follower = (fresh.leader().await.unwrap() + 1) % 3;
    succeeds(&snapshot(&fresh, follower, "restore", &busy));
    let jobs = fresh.get(follower, "/v1/jobs").await.unwrap();
    let has = |id: &str| jobs.as_array().unwrap().iter().any(|job| job["ID"] == id);
    assert!((0..=20).all(|number| has(&format!("job-{number}"))) && !has("of-the-fresh"));

    succeeds(&snapshot(&fresh, follower, "restore", &quiet));
    same(&agreed(&fresh).await, &before);
    // The values of variables are not in the file, nor the key that they are encrypted with.
    let unreadable = fresh.get(0, "/v1/var/app/db").await.unwrap_err().to_string();
    assert!(unreadable.contains("root key") && unreadable.contains("is not on this server"), "{unreadable}");
    refuses_damaged(&fresh, &quiet).await;

    for server in 0..3 {
        fresh.kill(server).unwrap();
    }
    for server in 0..3 {
        fresh.spawn(server).unwrap();
    }
    fresh.leader().await.unwrap();
    same(&agreed(&fresh).await, &before);
    // Work goes on, with new keys.
    fresh.put(1, "/v1/jobs", &unplaceable("later")).await.unwrap();
    let fresh_value = json!({ "Items": { "password": "y" } });
    assert_eq!(fresh.put(2, "/v1/var/app/new", &fresh_value).await.unwrap()["Items"]["password"], "y");
}

/// A file that is not as it was written changes nothing.
async fn refuses_damaged(cluster: &Cluster, file: &Path) {
    let whole = std::fs::read(file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let before = agreed(cluster).await;
    for (bytes, why) in [
        (&flipped[..], "checksum mismatch"),
        (&whole[..whole.len() - 9], "cut short"),
        (b"", "not a snapshot"),
    ] {
        let url = format!("{}/v1/operator/snapshot", cluster.address(1));
        let answer = reqwest::Client::new().put(url).body(bytes.to_vec()).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status == 400 && text.contains(why), "{status} {text}");
        let damaged = file.with_extension("damaged");
        std::fs::write(&damaged, bytes).unwrap();
        let damaged = damaged.display().to_string();
        for verb in ["inspect", "state"] {
            let output = drover(&["operator", "snapshot", verb, &damaged]);
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.code() == Some(1) && text.contains(why), "{text}");
            assert!(output.stdout.is_empty());
        }
    }
    same(&agreed(cluster).await, &before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_undoes_and_gives_no_index_twice() {
    let cluster = servers(3).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.snap");
    let secret = json!({ "Items": { "password": "x" } });
    cluster.put(0, "/v1/var/app/db", &secret).await.unwrap();
    let first =
        cluster.put(0, "/v1/jobs", &unplaceable("a")).await.unwrap()["JobModifyIndex"].as_u64().unwrap();
    succeeds(&snapshot(&cluster, 0, "save", &file));
    let mut change = unplaceable("a");
    change["Job"]["Priority"] = json!(70);
    let second = cluster.put(1, "/v1/jobs", &change).await.unwrap()["JobModifyIndex"].as_u64().unwrap();
    cluster.put(1, "/v1/jobs", &unplaceable("b")).await.unwrap();
    let highest = cluster.put(1, "/v1/jobs", &unplaceable("c")).await.unwrap()["Index"].as_u64().unwrap();

    let waiting: Vec<_> = ["/v1/job/a", "/v1/jobs", "/v1/job/b"]
        .into_iter()
        .flat_map(|path| (0..3).map(move |server| (server, path)))
        .map(|(server, path)| {
            let url = format!("{}{path}?index={}&wait=60s", cluster.address(server), highest + 100);
            tokio::spawn(async move { reqwest::get(url).await.unwrap() })
        })
        .collect();
    let stream = reqwest::get(format!("{}/v1/event/stream", cluster.address(2))).await.unwrap();
    let stream = tokio::spawn(stream.bytes());
    succeeds(&snapshot(&cluster, 1, "restore", &file));
    for one in waiting {
        let answer = tokio::time::timeout(Duration::from_secs(20), one).await.unwrap().unwrap();
        let index: u64 = answer.headers()["x-nomad-index"].to_str().unwrap().parse().unwrap();
        assert!(index > highest + 100, "{index}");
    }
    tokio::time::timeout(Duration::from_secs(20), stream)
        .await
        .expect("streams of before end")
        .unwrap()
        .unwrap();

    let job = cluster.get(2, "/v1/job/a").await.unwrap();
    assert_eq!((job["JobModifyIndex"].as_u64(), &job["Priority"]), (Some(first), &json!(50)));
    assert!(cluster.get(0, "/v1/job/b").await.is_err());
    assert_eq!(cluster.get(2, "/v1/var/app/db").await.unwrap()["Items"], secret["Items"]);
    change["EnforceIndex"] = json!(true);
    change["JobModifyIndex"] = json!(second);
    let refused = cluster.put(0, "/v1/jobs", &change).await.unwrap_err().to_string();
    assert!(refused.contains("conflicting job modify index"), "{refused}");
    change["JobModifyIndex"] = json!(first);
    let third = cluster.put(0, "/v1/jobs", &change).await.unwrap()["JobModifyIndex"].as_u64().unwrap();
    assert!(third > highest);
    // The leader works again: evaluations are processed.
    settled_evals(&cluster).await;
}

async fn settled_evals(cluster: &Cluster) {
    eventually("processed evaluations", || async {
        let pending =
            cluster.get(0, "/v1/evaluations?status=pending").await.map_err(|error| error.to_string())?;
        if pending == json!([]) { Ok(()) } else { Err(pending.to_string()) }
    })
    .await;
}
