//! Data directories that tagged versions wrote open in this build: `tests/fixtures/data-v*`, of a server with log,
//! snapshot, tables and keys, and of a client agent. Each holds `data.tar.gz` and what has to be found in it.
//!
//! `DROVER_FIXTURE=write` writes the directory of this version anew, and none of another: do it once before a version
//! is tagged.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::{raw_exec, unplaceable};

use super::{bin, succeeds};

const ARCHIVE: &str = "data.tar.gz";
const EXPECTED: &str = "expected.json";
/// What agents keep, by name. The cluster of this suite names them so.
const SERVER: &str = "server0";
const CLIENT: &str = "client1";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// What a server has, as far as time does not change it.
async fn contents(cluster: &Cluster) -> Value {
    let list = async |path: &str, keys: &[&str]| {
        let all = cluster.get(0, path).await.unwrap();
        let pick = |one: &Value| -> Value { keys.iter().map(|key| (*key, one[*key].clone())).collect() };
        all.as_array().unwrap().iter().map(pick).collect::<Value>()
    };
    let mut all = json!({
        "Jobs": list("/v1/jobs?namespace=*", &["ID", "Namespace", "Type", "Priority", "JobModifyIndex"]).await,
        "Allocations": list("/v1/allocations?namespace=*", &["ID", "Name", "NodeID", "JobVersion"]).await,
        "Nodes": list("/v1/nodes", &["ID", "Name", "Datacenter"]).await,
        "Namespaces": list("/v1/namespaces", &["Name", "Description"]).await,
        "Pools": list("/v1/node/pools", &["Name", "Description"]).await,
        "Variables": list("/v1/vars?namespace=*", &["Namespace", "Path", "ModifyIndex"]).await,
        "Versions": cluster.get(0, "/v1/job/waits/versions").await.unwrap()["Versions"].as_array().unwrap().len(),
    });
    for variable in all["Variables"].as_array().unwrap().clone() {
        let path = format!("/v1/var/{}", variable["Path"].as_str().unwrap());
        all[&path] = cluster.get(0, &path).await.unwrap()["Items"].clone();
    }
    all
}

async fn fill(cluster: &mut Cluster) {
    let client = cluster.add_client("").unwrap();
    cluster.await_ready_nodes(1).await.unwrap();
    for (path, body) in [
        ("/v1/namespace/apps", json!({ "Name": "apps", "Description": "of applications" })),
        ("/v1/node/pool/fast", json!({ "Name": "fast", "Description": "of fast ones" })),
    ] {
        let answer = reqwest::Client::new().put(format!("{}{path}", cluster.address(0))).json(&body).send();
        assert_eq!(answer.await.unwrap().status(), 200, "{path}");
    }
    let mut elsewhere = unplaceable("elsewhere");
    elsewhere["Job"]["Namespace"] = json!("apps");
    let keeps = raw_exec("keeps", "service", 1, "/bin/sleep", &["600"]);
    for body in [keeps, raw_exec("ends", "batch", 2, "/bin/true", &[]), unplaceable("waits"), elsewhere] {
        cluster.put(0, "/v1/jobs", &body).await.unwrap();
    }
    cluster.put(0, "/v1/var/app/db", &json!({ "Items": { "password": "x" } })).await.unwrap();
    eventually("one that runs and two that have ended", || async {
        let allocs = cluster.get(0, "/v1/allocations").await.map_err(|error| error.to_string())?;
        let count = |status: &str| {
            allocs.as_array().unwrap().iter().filter(|alloc| alloc["ClientStatus"] == status).count()
        };
        if (count("running"), count("complete")) == (1, 2) { Ok(()) } else { Err(allocs.to_string()) }
    })
    .await;
    // A restore ends with a snapshot of the consensus; what follows is in the log alone.
    let file = cluster.dir().join("whole.snap").display().to_string();
    succeeds(cluster, 0, &["operator", "snapshot", "save", &file]);
    succeeds(cluster, 0, &["operator", "snapshot", "restore", &file]);
    let mut again = unplaceable("waits");
    again["Job"]["Priority"] = json!(70);
    cluster.put(0, "/v1/jobs", &again).await.unwrap();
    cluster.put(0, "/v1/var/app/queue", &json!({ "Items": { "name": "y" } })).await.unwrap();
    eventually("nothing that is left to be decided", || async {
        let path = "/v1/evaluations?namespace=*&status=pending";
        let evals = cluster.get(0, path).await.map_err(|error| error.to_string())?;
        if evals == json!([]) { Ok(()) } else { Err(evals.to_string()) }
    })
    .await;
    assert_eq!(client, 1);
}

async fn write() {
    let mut cluster = Cluster::start(bin(), &std::env::temp_dir(), 1, 0).await.unwrap();
    fill(&mut cluster).await;
    let expected = contents(&cluster).await;
    for agent in [1, 0] {
        cluster.stop(agent).await.unwrap();
    }
    let dir = fixtures().join(format!("data-v{}", env!("CARGO_PKG_VERSION")));
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(EXPECTED), format!("{expected:#}\n")).unwrap();
    let packed = GzEncoder::new(File::create(dir.join(ARCHIVE)).unwrap(), Compression::best());
    let mut archive = tar::Builder::new(packed);
    for agent in [SERVER, CLIENT] {
        pack(&mut archive, cluster.dir(), Path::new(agent));
    }
    archive.into_inner().unwrap().finish().unwrap();
}

/// Files and directories only: sockets and pipes belong to processes that are gone.
fn pack(archive: &mut tar::Builder<GzEncoder<File>>, root: &Path, path: &Path) {
    let mut entries: Vec<_> = fs::read_dir(root.join(path)).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    archive.append_dir(path, root.join(path)).unwrap();
    for entry in entries {
        let (kind, path) = (entry.file_type().unwrap(), path.join(entry.file_name()));
        if kind.is_dir() {
            pack(archive, root, &path);
        } else if kind.is_file() {
            archive.append_path_with_name(root.join(&path), &path).unwrap();
        }
    }
}

async fn open(fixture: &Path) {
    let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
    let expected: Value = serde_json::from_slice(&fs::read(fixture.join(EXPECTED)).unwrap()).unwrap();
    let mut cluster = Cluster::prepare(bin(), &std::env::temp_dir(), 1).unwrap();
    let archive = File::open(fixture.join(ARCHIVE)).unwrap();
    tar::Archive::new(GzDecoder::new(archive)).unpack(cluster.dir()).unwrap();
    cluster.spawn(0).unwrap();
    cluster.leader().await.unwrap();
    let found = contents(&cluster).await;
    for (what, wanted) in expected.as_object().unwrap() {
        assert_eq!(&found[what], wanted, "{name}: {what}");
    }
    // The client agent knows who it is and what it has done; what ran when it was packed is gone, and is begun again.
    let client = cluster.add_client("").unwrap();
    cluster.await_ready_nodes(1).await.unwrap();
    eventually(&format!("{name}: the service runs again"), || async {
        let path = "/v1/job/keeps/allocations";
        let allocs = cluster.get(0, path).await.map_err(|error| error.to_string())?;
        let running = |alloc: &Value| {
            let events = alloc["TaskStates"]["main"]["Events"].as_array();
            let restarted = events.is_some_and(|events| events.len() > 3);
            alloc["ClientStatus"] == "running" && restarted
        };
        if allocs.as_array().unwrap().iter().any(running) { Ok(()) } else { Err(allocs.to_string()) }
    })
    .await;
    let nodes = cluster.get(0, "/v1/nodes").await.unwrap();
    let ids: Vec<&Value> = nodes.as_array().unwrap().iter().map(|node| &node["ID"]).collect();
    assert_eq!(ids, [&expected["Nodes"][0]["ID"]], "{name}: the node is the one that it was");
    let ended = cluster.get(0, "/v1/job/ends/allocations").await.unwrap();
    let complete = |alloc: &Value| alloc["ClientStatus"] == "complete";
    assert!(ended.as_array().unwrap().iter().all(complete), "{name}: what has ended is not begun again");
    assert_eq!(ended.as_array().unwrap().len(), 2, "{name}");
    // And it goes on.
    cluster.put(0, "/v1/jobs", &raw_exec("newer", "batch", 1, "/bin/true", &[])).await.unwrap();
    eventually(&format!("{name}: new work is done"), || async {
        let job = cluster.get(0, "/v1/job/newer").await.map_err(|error| error.to_string())?;
        if job["Status"] == "dead" { Ok(()) } else { Err(cluster.log(client)) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_of_every_tagged_version_opens() {
    if std::env::var("DROVER_FIXTURE").is_ok_and(|what| what == "write") {
        write().await;
    }
    let mut count = 0;
    for fixture in fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()) {
        open(&fixture).await;
        count += 1;
    }
    assert!(count > 0, "there is no fixture");
}
