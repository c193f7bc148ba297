//! `operator debug`: what is needed to find a fault, gathered into one archive or folder.
//!
//! Everything comes over the API, again and again for a while. What an agent refuses is written down with its error in
//! place of the answer, so that a cluster in trouble still gives what it can.

use super::now_ns;
use crate::args::OperatorDebug;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, HttpError};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

const DURATION: &str = "2m";
const INTERVAL: &str = "30s";
/// Nodes that are asked unless flags say otherwise.
const NODES: usize = 10;
/// Bytes of one log; what comes behind is left out.
const LOG_LIMIT: usize = 16 * 1024 * 1024;

/// Asked once.
const CLUSTER: &[(&str, &str)] = &[
    ("agent-self", "/v1/agent/self"),
    ("members", "/v1/agent/members"),
    ("regions", "/v1/regions"),
    ("namespaces", "/v1/namespaces"),
    ("leader", "/v1/status/leader"),
    ("peers", "/v1/status/peers"),
    ("raft-configuration", "/v1/operator/raft/configuration"),
    ("scheduler-configuration", "/v1/operator/scheduler/configuration"),
    ("autopilot-configuration", "/v1/operator/autopilot/configuration"),
];
/// Asked at every interval.
const STATE: &[(&str, &str)] = &[
    ("allocations", "/v1/allocations?namespace=*"),
    ("autopilot-health", "/v1/operator/autopilot/health"),
    ("deployments", "/v1/deployments?namespace=*"),
    ("evaluations", "/v1/evaluations?namespace=*"),
    ("jobs", "/v1/jobs?namespace=*"),
    ("metrics", "/v1/metrics"),
    ("node-pools", "/v1/node/pools"),
    ("nodes", "/v1/nodes?resources=true"),
    ("scaling-policies", "/v1/scaling/policies?namespace=*"),
    ("services", "/v1/services?namespace=*"),
];

/// What was gathered: the bytes of every file, by path.
type Files = BTreeMap<String, Vec<u8>>;

pub(super) async fn run(args: &OperatorDebug, console: Console) -> Result<u8, Failure> {
    let duration = duration(&args.duration, DURATION, "duration")?;
    let interval = self::duration(&args.interval, INTERVAL, "interval")?.max(Duration::from_millis(100));
    let client = client(&args.general)?;
    let name = format!("nomad-debug-{}", stamp(now_ns()));
    let folder = args.output.as_ref().map(|output| Path::new(output).join(&name));
    if let Some(folder) = folder.as_ref().filter(|folder| folder.exists()) {
        return Err(Failure::new(format!("Output directory already exists: {}", folder.display())));
    }
    let (agent, _) = client
        .get::<Value>("/v1/agent/self", &[])
        .await
        .map_err(|e| Failure::because("Error querying agent info", &e))?;
    let servers = servers(args, &client).await?;
    let nodes = nodes(args, &client).await?;
    console.line("Starting debugger...\n");
    console.line(format!(
        "Nomad CLI Version: {}\n           Region: {}\n        Namespace: {}\n          Servers: ({}) {:?}\n          Clients: \
         ({}) {:?}\n         Interval: {interval:?}\n         Duration: {duration:?}\n",
        runtime::COMPAT_VERSION,
        agent["config"]["Region"].as_str().unwrap_or_default(),
        client.connection().namespace,
        servers.len(),
        servers,
        nodes.len(),
        nodes
    ));
    let mut files = Files::new();
    for (name, path) in CLUSTER {
        files.insert(format!("cluster/{name}.json"), asked(&client, path, args.stale).await);
    }
    let level = args.log_level.as_deref().filter(|level| !level.is_empty()).unwrap_or("TRACE");
    let logs = servers.iter().map(|server| log(&client, server, level, duration));
    let (states, logs) = tokio::join!(
        states(&client, args, &nodes, duration, interval, console),
        futures::future::join_all(logs)
    );
    files.extend(states);
    files.extend(servers.iter().zip(logs).map(|(server, log)| (format!("server/{server}/monitor.log"), log)));
    files.insert("index.json".to_owned(), index(&files, args, &servers, &nodes));
    let written = match folder {
        Some(folder) => write_folder(&folder, &files),
        None => write_archive(&name, &files),
    };
    let path = written.map_err(|error| Failure::new(format!("Error creating the debug bundle: {error}")))?;
    console.line(format!(
        "Created debug {}: {}",
        if args.output.is_some() { "directory" } else { "archive" },
        path.display()
    ));
    Ok(0)
}

fn duration(flag: &Option<String>, default: &str, name: &str) -> Result<Duration, Failure> {
    let text = flag.as_deref().filter(|text| !text.is_empty()).unwrap_or(default);
    let ns = model::go_duration::parse(text)
        .map_err(|error| Failure::new(format!("Error parsing {name}: {text}: {error}")))?;
    u64::try_from(ns)
        .map(Duration::from_nanos)
        .map_err(|_| Failure::new(format!("Error parsing {name}: {text}: negative")))
}

/// `2026-11-21-012051Z`, for names of files.
fn stamp(now_ns: i64) -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(now_ns)).unwrap_or_default();
    time.strftime("%Y-%m-%d-%H%M%SZ").to_string()
}

fn listed(flag: &Option<String>) -> Vec<String> {
    let names = flag.iter().flat_map(|list| list.split(',')).map(str::trim);
    names.filter(|name| !name.is_empty() && *name != "all").map(str::to_owned).collect()
}

/// Names of the servers that are asked: those that are named, or all.
async fn servers(args: &OperatorDebug, client: &ApiClient) -> Result<Vec<String>, Failure> {
    let named = listed(&args.server_id);
    if !named.is_empty() {
        return Ok(named);
    }
    let (members, _) = client
        .shape::<api::agent::Members>("/v1/agent/members", &[])
        .await
        .map_err(|e| Failure::because("Failed to retrieve server list", &e))?;
    Ok(members.members.into_iter().map(|member| member.name).collect())
}

/// Ids of the nodes that are asked: those that are named, or as many as allowed.
async fn nodes(args: &OperatorDebug, client: &ApiClient) -> Result<Vec<String>, Failure> {
    let named = listed(&args.node_id);
    let mut ids = Vec::with_capacity(named.len());
    for prefix in &named {
        ids.push(find::node(client, prefix).await?.id);
    }
    if named.is_empty() {
        let (all, _) = client
            .shape::<Vec<api::nodes::NodeStub>>("/v1/nodes", &[])
            .await
            .map_err(|e| Failure::because("Error querying node info", &e))?;
        ids = all.into_iter().map(|node| node.id).collect();
    }
    match args.max_nodes.unwrap_or(NODES) {
        0 => {}
        most => ids.truncate(most),
    }
    Ok(ids)
}

/// An answer, or the error as JSON.
async fn asked(client: &ApiClient, path: &str, stale: bool) -> Vec<u8> {
    let (path, own) = path.split_once('?').unwrap_or((path, ""));
    let mut query: Vec<(&str, &str)> = own.split_once('=').into_iter().collect();
    if stale {
        query.push(("stale", "true"));
    }
    client.bytes(path, &query).await.unwrap_or_else(|error| fault(&error))
}

fn fault(error: &HttpError) -> Vec<u8> {
    json!({ "error": error.to_string() }).to_string().into_bytes()
}

/// Looks at the cluster and its nodes again and again.
async fn states(
    client: &ApiClient,
    args: &OperatorDebug,
    nodes: &[String],
    duration: Duration,
    interval: Duration,
    console: Console,
) -> Files {
    let (mut files, end) = (Files::new(), Instant::now() + duration);
    for round in 0.. {
        console.line(format!("    Capture interval {round:04}"));
        for (name, path) in STATE {
            let answer = asked(client, path, args.stale).await;
            files.insert(format!("nomad/{round:04}/{name}.json"), answer);
        }
        for node in nodes {
            let answer = asked(client, &format!("/v1/client/stats?node_id={node}"), false).await;
            files.insert(format!("client/{node}/{round:04}-stats.json"), answer);
        }
        let next = Instant::now() + interval;
        if next > end {
            break;
        }
        tokio::time::sleep_until(next).await;
    }
    files
}

/// The log of a server for a while.
async fn log(client: &ApiClient, server: &str, level: &str, duration: Duration) -> Vec<u8> {
    let mut log = Vec::new();
    let query = [("log_level", level), ("plain", "true"), ("server_id", server)];
    let following = async {
        let mut stream = match client.stream("/v1/agent/monitor", &query).await {
            Ok(stream) => std::pin::pin!(stream),
            Err(error) => return log.extend(fault(&error)),
        };
        while let Some(Ok(piece)) = stream.next().await {
            if log.len() + piece.len() > LOG_LIMIT {
                return;
            }
            log.extend(piece);
        }
    };
    // The log has no end of its own.
    let _cut = tokio::time::timeout(duration, following).await;
    log
}

fn index(files: &Files, args: &OperatorDebug, servers: &[String], nodes: &[String]) -> Vec<u8> {
    let sizes: BTreeMap<&String, usize> = files.iter().map(|(name, bytes)| (name, bytes.len())).collect();
    let index = json!({
        "CLIVersion": runtime::COMPAT_VERSION, "DroverVersion": runtime::DROVER_VERSION, "Servers": servers,
        "Nodes": nodes, "Stale": args.stale, "Files": sizes,
    });
    index.to_string().into_bytes()
}

fn write_folder(folder: &Path, files: &Files) -> std::io::Result<PathBuf> {
    for (name, bytes) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    Ok(folder.to_owned())
}

fn write_archive(name: &str, files: &Files) -> std::io::Result<PathBuf> {
    let path = PathBuf::from(format!("{name}.tar.gz"));
    let packed = GzEncoder::new(std::fs::File::create_new(&path)?, Compression::default());
    let mut archive = tar::Builder::new(packed);
    for (file, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, format!("{name}/{file}"), bytes.as_slice())?;
    }
    archive.into_inner()?.finish()?.flush()?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_names() {
        assert_eq!(listed(&Some("a, b,,all".to_owned())), ["a", "b"]);
        assert!(listed(&None).is_empty());
        assert_eq!(stamp(1_795_224_071_043_053_736), "2026-11-21-012111Z");
        let refused = duration(&Some("x".to_owned()), DURATION, "interval").unwrap_err().message;
        assert_eq!(refused, "Error parsing interval: x: time: invalid duration \"x\"");
    }

    #[test]
    fn a_folder_holds_what_was_gathered() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::from([("nomad/0000/jobs.json".to_owned(), b"[]".to_vec())]);
        let folder = write_folder(&dir.path().join("bundle"), &files).unwrap();
        assert_eq!(std::fs::read(folder.join("nomad/0000/jobs.json")).unwrap(), b"[]");
    }
}
