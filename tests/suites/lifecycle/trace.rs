//! One registration is one trace: from a follower, through the leader, to the client agent and its driver.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::raw_exec;

use super::{allocs, bin};

/// Spans that the trace must hold, each with the span that it must descend from.
const WANTED: [(&str, &str); 10] = [
    ("http.forward", "http.request"),
    ("rpc.forward", "http.forward"),
    ("raft.propose", "rpc.forward"),
    ("state.apply", "rpc.forward"),
    ("scheduler.process", "rpc.forward"),
    ("plan.apply", "scheduler.process"),
    ("rpc.push_allocs", "plan.apply"),
    ("client.alloc", "plan.apply"),
    ("client.task.start", "client.alloc"),
    ("driver.start", "client.task.start"),
];

struct Span {
    id: String,
    parent: String,
    name: String,
    pid: u64,
}

fn spans(dir: &Path) -> BTreeMap<String, Vec<Span>> {
    let mut traces: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for file in fs::read_dir(dir).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        // The last line may be half written while its process still runs.
        for span in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let field = |name: &str| span[name].as_str().unwrap_or_default().to_owned();
            traces.entry(field("trace_id")).or_default().push(Span {
                id: field("span_id"),
                parent: field("parent_id"),
                name: field("name"),
                pid: span["pid"].as_u64().unwrap_or_default(),
            });
        }
    }
    traces
}

/// True when a span of that name has an ancestor of the other.
fn descends(trace: &[Span], name: &str, ancestor: &str) -> bool {
    trace.iter().filter(|span| span.name == name).any(|span| {
        let mut parent = &span.parent;
        let mut steps = 0;
        while let Some(up) = trace.iter().find(|other| other.id == *parent).filter(|_| steps < 64) {
            if up.name == ancestor {
                return true;
            }
            parent = &up.parent;
            steps += 1;
        }
        false
    })
}

#[tokio::test]
async fn a_registration_at_a_follower_is_one_trace_across_three_processes() {
    let traces = tempfile::tempdir().unwrap();
    let file = |name: &str| traces.path().join(name).to_string_lossy().into_owned();
    let mut cluster = Cluster::prepare(bin(), &std::env::temp_dir(), 3).unwrap();
    for server in 0..3 {
        cluster.spawn_with(server, &[("DROVER_TRACE_FILE", &file(&format!("server{server}")))]).unwrap();
    }
    let client = cluster.add_client("").unwrap();
    cluster.kill(client).unwrap();
    cluster.spawn_with(client, &[("DROVER_TRACE_FILE", &file("client"))]).unwrap();
    let leader = cluster.leader().await.unwrap();
    cluster.await_ready_nodes(1).await.unwrap();
    let follower = (leader + 1) % 3;
    cluster.put(follower, "/v1/jobs", &raw_exec("traced", "batch", 1, "/bin/true", &[])).await.unwrap();
    allocs(&cluster, "traced", "complete", 1).await;
    eventually("one trace that holds everything", || async {
        let found = spans(traces.path());
        let missing = |trace: &Vec<Span>| -> Vec<String> {
            let absent = WANTED.iter().filter(|(name, ancestor)| !descends(trace, name, ancestor));
            absent.map(|(name, ancestor)| format!("{name} below {ancestor}")).collect()
        };
        let through_follower =
            found.values().filter(|trace| trace.iter().any(|span| span.name == "http.forward"));
        let best = through_follower
            .min_by_key(|trace| missing(trace).len())
            .ok_or_else(|| "no trace with a forward".to_owned())?;
        let pids: std::collections::BTreeSet<_> = best.iter().map(|span| span.pid).collect();
        match missing(best) {
            gaps if gaps.is_empty() && pids.len() >= 3 => Ok(()),
            gaps => Err(format!(
                "{} processes, missing {gaps:?}, spans {:?}",
                pids.len(),
                best.iter().map(|span| span.name.as_str()).collect::<Vec<_>>()
            )),
        }
    })
    .await;
}
